#include "engine/sequence/gated_rnn.h"

#include <cmath>
#include <numeric>

#include "engine/core/stop.h"
#include "engine/sequence/differences.h"
#include "engine/sequence/jacobian.h"
#include "engine/sequence/small_products.h"

namespace vitrine::sequence {

namespace {

using core::Shape;
using core::Tensor;

struct Sizes {
  Index steps, m, n;
};

Sizes checked_sizes(const GatedWeights& w, const Tensor<double>& input, const Tensor<double>& h0) {
  core::require_matrix("w_c", w.w_c.shape());
  core::require_matrix("w_h", w.w_h.shape());
  core::require_matrix("w_x", w.w_x.shape());
  core::require_matrix("input", input.shape());
  const Index m = w.w_c.size(0), n = w.w_c.size(1);
  core::require_fit(w.w_h.shape() == Shape{m, m}, "w_h", w.w_h.shape(), "w_c", w.w_c.shape());
  core::require_fit(w.w_x.shape() == w.w_c.shape(), "w_x", w.w_x.shape(), "w_c", w.w_c.shape());
  core::require_fit(input.size(1) == n, "input", input.shape(), "w_c", w.w_c.shape());
  core::require_fit(h0.shape() == Shape{m}, "h0", h0.shape(), "w_h", w.w_h.shape());
  return {input.size(0), m, n};
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// h[t-1]
const double* before(const Tensor<double>& h, const Tensor<double>& h0, Index t) {
  return t > 0 ? &h(t - 1, 0) : h0.data();
}

// (h[t-1] - u)*c*(1 - c): how much h[t] turns when the gate's sum does.
double gate_slope(double previous, double candidate, double gate) {
  return (previous - candidate) * (gate * (1 - gate));
}

Tensor<double> sum_of_terms(const Tensor<double>& terms) {
  Tensor<double> sum({terms.size(1), terms.size(2)});
  for (Index i = 0; i < terms.count(); ++i) sum[i % sum.count()] += terms[i];
  return sum;
}

}  // namespace

GatedStates gated_rnn(const GatedWeights& w, const Tensor<double>& input, const Tensor<double>& h0,
                      const Tensor<double>& nudge, std::stop_token stop) {
  const auto [steps, m, n] = checked_sizes(w, input, h0);
  const Shape row_a_step{steps, m};
  if (!nudge.empty())
    core::require_fit(nudge.shape() == row_a_step, "nudge", nudge.shape(), "states", row_a_step);
  GatedStates s{.gate_sum = Tensor<double>(core::within_limit(row_a_step)),
                .gate = Tensor<double>(row_a_step),
                .candidate = Tensor<double>(row_a_step),
                .h = Tensor<double>(row_a_step),
                .jacobian = Tensor<double>(core::within_limit({steps, m, m}))};
  for (Index t = 0; t < steps; ++t) {
    core::throw_if_stopped(stop);
    const double *x = &input(t, 0), *previous = before(s.h, h0, t);
    add_product(w.w_c.data(), x, m, n, &s.gate_sum(t, 0));
    add_product(w.w_h.data(), previous, m, m, &s.gate_sum(t, 0));
    add_product(w.w_x.data(), x, m, n, &s.candidate(t, 0));
    for (Index i = 0; i < m; ++i) {
      const double c = sigmoid(s.gate_sum(t, i)), u = s.candidate(t, i);
      const double slope = gate_slope(previous[i], u, c);
      s.gate(t, i) = c;
      s.h(t, i) = c * previous[i] + (1 - c) * u + (nudge.empty() ? 0 : nudge(t, i));
      for (Index j = 0; j < m; ++j) s.jacobian(t, i, j) = (i == j ? c : 0) + slope * w.w_h(i, j);
    }
  }
  return s;
}

GatedGradients gated_rnn_backward(const GatedWeights& w, const Tensor<double>& input,
                                  const Tensor<double>& h0, const GatedStates& s,
                                  const Tensor<double>& local) {
  const auto [steps, m, n] = checked_sizes(w, input, h0);
  const Shape row_a_step{steps, m};
  core::require_fit(s.h.shape() == row_a_step, "states", s.h.shape(), "input", input.shape());
  core::require_fit(local.shape() == row_a_step, "grad_h", local.shape(), "states", row_a_step);
  const Tensor<double> rows(row_a_step), in_terms(core::within_limit({steps, m, n}));
  GatedGradients g{.carried = rows,
                   .total = local,
                   .to_candidate = rows,
                   .to_gate = rows,
                   .w_c_terms = in_terms,
                   .w_h_terms = Tensor<double>(core::within_limit({steps, m, m})),
                   .w_x_terms = in_terms,
                   .w_c = {},
                   .w_h = {},
                   .w_x = {},
                   .input = Tensor<double>({steps, n}),
                   .h0 = Tensor<double>({m})};
  for (Index t = steps - 1; t >= 0; --t) {
    const double* previous = before(s.h, h0, t);
    for (Index i = 0; i < m; ++i) {
      g.total(t, i) += g.carried(t, i);
      const double c = s.gate(t, i);
      g.to_candidate(t, i) = (1 - c) * g.total(t, i);
      g.to_gate(t, i) = gate_slope(previous[i], s.candidate(t, i), c) * g.total(t, i);
    }
    add_outer_product(&g.to_candidate(t, 0), &input(t, 0), m, n, &g.w_x_terms(t, 0, 0));
    add_outer_product(&g.to_gate(t, 0), &input(t, 0), m, n, &g.w_c_terms(t, 0, 0));
    add_outer_product(&g.to_gate(t, 0), previous, m, m, &g.w_h_terms(t, 0, 0));
    add_transposed_product(w.w_x.data(), &g.to_candidate(t, 0), m, n, &g.input(t, 0));
    add_transposed_product(w.w_c.data(), &g.to_gate(t, 0), m, n, &g.input(t, 0));
    add_transposed_product(&s.jacobian(t, 0, 0), &g.total(t, 0), m, m,
                           t > 0 ? &g.carried(t - 1, 0) : g.h0.data());
  }
  g.w_c = sum_of_terms(g.w_c_terms);
  g.w_h = sum_of_terms(g.w_h_terms);
  g.w_x = sum_of_terms(g.w_x_terms);
  return g;
}

GatedDifferences gated_rnn_differences(const GatedWeights& weights, const Tensor<double>& input,
                                       const Tensor<double>& h0, const Tensor<double>& local, double step,
                                       std::stop_token stop) {
  GatedWeights w = weights;
  Tensor<double> x = input, first = h0, nudge(local.shape());
  const auto loss = [&] {
    const Tensor<double> h = gated_rnn(w, x, first, nudge, stop).h;
    return std::inner_product(h.values().begin(), h.values().end(), local.data(), 0.0);
  };
  const auto slopes = [&](Tensor<double>& values) { return central_differences(values, loss, step); };
  return {.total = slopes(nudge),
          .w_c = slopes(w.w_c),
          .w_h = slopes(w.w_h),
          .w_x = slopes(w.w_x),
          .input = slopes(x),
          .h0 = slopes(first)};
}

Tensor<double> products_from_start(const Tensor<double>& jacobian) {
  const Index steps = jacobian.size(0), m = jacobian.size(1);
  Tensor<double> all(core::within_limit({steps + 1, m, m}));
  Tensor<double> now = identity_matrix(m);
  for (Index t = 0; t <= steps; ++t) {
    std::copy_n(now.data(), m * m, &all(t, 0, 0));
    if (t < steps) now = product(matrix_at(jacobian, t), now);
  }
  return all;
}

Tensor<double> products_to_end(const Tensor<double>& jacobian) {
  const Index steps = jacobian.size(0), m = jacobian.size(1);
  Tensor<double> all(core::within_limit({steps + 1, m, m}));
  Tensor<double> now = identity_matrix(m);
  for (Index t = steps; t >= 0; --t) {
    std::copy_n(now.data(), m * m, &all(t, 0, 0));
    if (t > 0) now = product(now, matrix_at(jacobian, t - 1));
  }
  return all;
}

}  // namespace vitrine::sequence
