// A recurrent net whose state attends to what was: each step weighs its input and its past states by how
// each of them matches itself, and mixes their values.
//   z_0 = x[t], z_i = h[t-i];  q_i = Q_i z_i, k_i = K_i z_i, v_i = V_i z_i
//   w_i = q_i.k_i,  a = softmax(w),  h[t] = sum_i a_i v_i
// With a memory of k, i = 0 .. k, each with matrices of its own; states before the first are zero and take
// part. With all of the past, i = 0 .. t-1, one set of matrices for every state, and only states that exist.
// Steps t = 1 .. T are rows 0 .. T-1 of every tensor; `n` numbers an input and a state. Infinities and NaN
// are carried into everything that depends on them. Attention over a net's own past: Cheng et al. 2016,
// "Long short-term memory-networks for machine reading"; this form without queries across positions is an
// exercise's.
#pragma once

#include <optional>
#include <stop_token>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

struct AttentionRnnWeights {
  std::optional<Index> memory;  // k >= 1; empty: all of the past
  // [k+1, n, n], the first for x[t], matrix i for h[t-i]; of all the past [2, n, n], the second for every
  // state
  core::Tensor<double> query, key, value;

  // z_0, z_1, ... of step `t`, counted from 0: how many there are.
  Index sources(Index t) const { return memory ? *memory + 1 : t + 1; }
  // Which matrix of the three tensors z_i has.
  Index matrix_of(Index source) const { return memory || source == 0 ? source : 1; }
};

// Columns of sources: k+1, or of all the past T; cells of sources that are not there are 0.
struct AttentionRnnStates {
  core::Tensor<double> queries, keys;      // q and k, [T, sources, n]
  core::Tensor<double> scores;             // w, [T, sources]
  core::Tensor<double> weights;            // a, [T, sources]
  core::Tensor<double> values;             // v, [T, sources, n]
  core::Tensor<double> h;                  // [T, n]
  core::Tensor<double> jacobian_previous;  // dh[t]/dh[t-1], [T, n, n]; 0 where h[t-1] takes no part
};

// input [T, n]. A `nudge` [T, n] is added to each state once it is made: dL/dnudge[t] is the total dL/dh[t].
// Empty for none. Throws ShapeError (a memory below 1 or above 2^28 as well); core::Stopped. Cost
// T*sources*n*n.
AttentionRnnStates attention_rnn(const AttentionRnnWeights& weights, const core::Tensor<double>& input,
                                 const core::Tensor<double>& nudge = {}, std::stop_token stop = {});

// dh[t]/dz_i = a_i V_i + a_i (v_i - h[t]) ((Q_i^T K_i + K_i^T Q_i) z_i)^T, [n, n]; t from 0, i < sources(t).
core::Tensor<double> source_jacobian(const AttentionRnnWeights& weights, const core::Tensor<double>& input,
                                     const AttentionRnnStates& states, Index t, Index source);

// Back through time, where every state is read by several later ones:
//   delta[t] = local[t] + sum_i (dh[t+i]/dh[t])^T delta[t+i],   i = 1 .. k (or to the last step)
struct AttentionRnnGradients {
  core::Tensor<double> terms;    // [T, most i, n]: (t, i-1) is what comes from h[t+i]; 0 beyond the last step
  core::Tensor<double> carried;  // their sums, [T, n]
  core::Tensor<double> total;    // delta, [T, n]
};
// local [T, n]: the loss's direct gradient on each h[t]; `states` as attention_rnn() made them. Throws
// ShapeError; core::Stopped. Cost T*sources*n*n.
AttentionRnnGradients attention_rnn_backward(const AttentionRnnWeights& weights,
                                             const core::Tensor<double>& input,
                                             const AttentionRnnStates& states,
                                             const core::Tensor<double>& local, std::stop_token stop = {});

// The total dL/dh of L = sum_t local[t].h[t], [T, n], by central differences of this relative step.
core::Tensor<double> attention_rnn_differences(const AttentionRnnWeights& weights,
                                               const core::Tensor<double>& input,
                                               const core::Tensor<double>& local, double step,
                                               std::stop_token stop = {});

// dh[T]/dh[t] over every way from one to the other, t = 1 .. T, [T, n, n].
core::Tensor<double> derivatives_of_last(const AttentionRnnWeights& weights,
                                         const core::Tensor<double>& input, const AttentionRnnStates& states,
                                         std::stop_token stop = {});

}  // namespace vitrine::sequence
