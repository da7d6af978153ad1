// A gated recurrent net: each state is a mix of the last one and of what the input offers.
//   c[t] = sigmoid(Wc x[t] + Wh h[t-1]),  u[t] = Wx x[t],  h[t] = c[t]*h[t-1] + (1 - c[t])*u[t]
// A gated unit as in Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", without
// the reset gate and the tanh. Steps t = 1 .. T are rows 0 .. T-1 of every tensor; `m` numbers a state, `n`
// an input. Infinities and NaN are carried into everything that depends on them.
#pragma once

#include <stop_token>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

struct GatedWeights {
  core::Tensor<double> w_c;  // [m, n]
  core::Tensor<double> w_h;  // [m, m]
  core::Tensor<double> w_x;  // [m, n]
};

struct GatedStates {
  core::Tensor<double> gate_sum;   // Wc x[t] + Wh h[t-1], [T, m]
  core::Tensor<double> gate;       // c, [T, m]
  core::Tensor<double> candidate;  // u, [T, m]
  core::Tensor<double> h;          // [T, m]
  // dh[t]/dh[t-1] = diag(c) + diag((h[t-1] - u)*c*(1 - c)) Wh, [T, m, m]
  core::Tensor<double> jacobian;
};

// input [T, n], h0 [m]. A `nudge` [T, m] is added to each state once it is made: dL/dnudge[t] is the total
// dL/dh[t]. Empty for none. Throws ShapeError; core::Stopped. Cost T*m*(m + 2n).
GatedStates gated_rnn(const GatedWeights& weights, const core::Tensor<double>& input,
                      const core::Tensor<double>& h0, const core::Tensor<double>& nudge = {},
                      std::stop_token stop = {});

// Back-propagation through time. `local` is the loss's direct gradient on each h[t], before anything flows
// back. With delta[t] = dL/dh[t] in total:
//   delta[t] = local[t] + J[t+1]^T delta[t+1]
//   dL/dWx = sum_t ((1 - c[t])*delta[t]) x[t]^T
//   dL/dWc = sum_t a[t] x[t]^T,  dL/dWh = sum_t a[t] h[t-1]^T,  a = delta*(h[t-1] - u)*c*(1 - c)
//   dL/dx[t] = Wx^T ((1 - c[t])*delta[t]) + Wc^T a[t]
// Every sum's terms are there, one a step. Werbos 1990, "Backpropagation through time: what it does and how
// to do it".
struct GatedGradients {
  core::Tensor<double> carried;                          // J[t+1]^T delta[t+1], [T, m]; 0 at the last step
  core::Tensor<double> total;                            // delta, [T, m]
  core::Tensor<double> to_candidate, to_gate;            // (1 - c)*delta and a, [T, m]
  core::Tensor<double> w_c_terms, w_h_terms, w_x_terms;  // [T, m, n], [T, m, m], [T, m, n]
  core::Tensor<double> w_c, w_h, w_x;                    // their sums
  core::Tensor<double> input;                            // dL/dx, [T, n]
  core::Tensor<double> h0;                               // J[1]^T delta[1], [m]
};
// local [T, m]; `states` is what gated_rnn() made of the same weights, input and h0. Throws ShapeError.
GatedGradients gated_rnn_backward(const GatedWeights& weights, const core::Tensor<double>& input,
                                  const core::Tensor<double>& h0, const GatedStates& states,
                                  const core::Tensor<double>& local);

// The same gradients of L = sum_t local[t].h[t], by central differences of this relative step.
struct GatedDifferences {
  core::Tensor<double> total;          // [T, m]
  core::Tensor<double> w_c, w_h, w_x;  // shaped like the weights
  core::Tensor<double> input;          // [T, n]
  core::Tensor<double> h0;             // [m]
};
GatedDifferences gated_rnn_differences(const GatedWeights& weights, const core::Tensor<double>& input,
                                       const core::Tensor<double>& h0, const core::Tensor<double>& local,
                                       double step, std::stop_token stop = {});

// dh[t]/dh[0] = J[t] ... J[1] for t = 0 .. T, [T+1, m, m]: what is left of the first state. jacobian [T, m,
// m].
core::Tensor<double> products_from_start(const core::Tensor<double>& jacobian);
// dh[T]/dh[t] = J[T] ... J[t+1] for t = 0 .. T, [T+1, m, m]: what the last state owes to each.
core::Tensor<double> products_to_end(const core::Tensor<double>& jacobian);

}  // namespace vitrine::sequence
