#include "engine/sequence/attention_rnn.h"

#include <numeric>
#include <span>

#include "engine/core/stop.h"
#include "engine/sequence/differences.h"
#include "engine/sequence/jacobian.h"
#include "engine/sequence/small_products.h"
#include "engine/sequence/softmax.h"

namespace vitrine::sequence {

namespace {

using core::Shape;
using core::Tensor;

void check(const AttentionRnnWeights& w, const Tensor<double>& input) {
  core::require_matrix("input", input.shape());
  if (w.memory) core::require_at_least(1, "memory", *w.memory);
  if (w.memory && *w.memory > core::kResultLimit)
    throw core::ShapeError("memory " + std::to_string(*w.memory) + " passes the limit of 2^28 numbers");
  const Index n = input.size(1);
  const Shape expected{w.memory ? *w.memory + 1 : 2, n, n};
  const std::string place = "input " + to_string(input.shape()) + " with memory " +
                            (w.memory ? std::to_string(*w.memory) : std::string("all")) + ", which needs";
  core::require_shape("w_query", w.query.shape(), place, expected);
  core::require_shape("w_key", w.key.shape(), place, expected);
  core::require_shape("w_value", w.value.shape(), place, expected);
}

// z_i of step t; null for a state before the first, which is zero.
const double* source_of(const Tensor<double>& input, const Tensor<double>& h, Index t, Index i) {
  return i == 0 ? &input(t, 0) : t >= i ? &h(t - i, 0) : nullptr;
}

std::vector<double> times(const Tensor<double>& matrices, Index which, const double* z, Index n) {
  std::vector<double> y(static_cast<std::size_t>(n));
  add_product(&matrices(which, 0, 0), z, n, n, y.data());
  return y;
}

// (Q^T K + K^T Q) z: how the score q.k turns with z.
std::vector<double> score_slope(const AttentionRnnWeights& w, Index which, const double* z, Index n) {
  std::vector<double> slope(static_cast<std::size_t>(n));
  if (z == nullptr) return slope;
  const std::vector<double> q = times(w.query, which, z, n), k = times(w.key, which, z, n);
  add_transposed_product(&w.query(which, 0, 0), k.data(), n, n, slope.data());
  add_transposed_product(&w.key(which, 0, 0), q.data(), n, n, slope.data());
  return slope;
}

// x += (dh[t]/dz_i)^T delta
void add_transposed_jacobian(const AttentionRnnWeights& w, const Tensor<double>& input,
                             const AttentionRnnStates& s, Index t, Index i, const double* delta, double* x) {
  const Index n = input.size(1), which = w.matrix_of(i);
  const double a = s.weights(t, i);
  const std::vector<double> slope = score_slope(w, which, source_of(input, s.h, t, i), n);
  double pull = 0;  // delta . (v_i - h)
  for (Index c = 0; c < n; ++c) pull += delta[c] * (s.values(t, i, c) - s.h(t, c));
  std::vector<double> back(static_cast<std::size_t>(n));
  add_transposed_product(&w.value(which, 0, 0), delta, n, n, back.data());
  for (std::size_t c = 0; c < back.size(); ++c) x[c] += a * (back[c] + pull * slope[c]);
}

// How many later states may read one.
Index most_readers(const AttentionRnnWeights& w, Index steps) { return w.memory ? *w.memory : steps - 1; }

}  // namespace

AttentionRnnStates attention_rnn(const AttentionRnnWeights& w, const Tensor<double>& input,
                                 const Tensor<double>& nudge, std::stop_token stop) {
  check(w, input);
  const Index steps = input.size(0), n = input.size(1), columns = w.sources(steps - 1);
  if (!nudge.empty()) core::require_shape("nudge", nudge.shape(), "states", input.shape());
  const Tensor<double> per_source(core::within_limit({steps, columns})),
      vectors(core::within_limit({steps, columns, n}));
  AttentionRnnStates s{.queries = vectors,
                       .keys = vectors,
                       .scores = per_source,
                       .weights = per_source,
                       .values = vectors,
                       .h = Tensor<double>(input.shape()),
                       .jacobian_previous = Tensor<double>(core::within_limit({steps, n, n}))};
  for (Index t = 0; t < steps; ++t) {
    core::throw_if_stopped(stop);
    const Index sources = w.sources(t);
    for (Index i = 0; i < sources; ++i) {
      const double* z = source_of(input, s.h, t, i);
      if (z == nullptr) continue;
      const Index which = w.matrix_of(i);
      add_product(&w.query(which, 0, 0), z, n, n, &s.queries(t, i, 0));
      add_product(&w.key(which, 0, 0), z, n, n, &s.keys(t, i, 0));
      s.scores(t, i) = dot(&s.queries(t, i, 0), &s.keys(t, i, 0), n);
      add_product(&w.value(which, 0, 0), z, n, n, &s.values(t, i, 0));
    }
    const auto first = static_cast<std::size_t>(t * columns), row = static_cast<std::size_t>(sources);
    const std::span<double> weights = s.weights.values().subspan(first, row);
    softmax_row(s.scores.values().subspan(first, row), 1, {}, weights, weights);
    for (Index i = 0; i < sources; ++i)
      for (Index c = 0; c < n; ++c) s.h(t, c) += s.weights(t, i) * s.values(t, i, c);
    if (sources > 1) {
      const Tensor<double> jacobian = source_jacobian(w, input, s, t, 1);
      std::copy_n(jacobian.data(), n * n, &s.jacobian_previous(t, 0, 0));
    }
    if (!nudge.empty())
      for (Index c = 0; c < n; ++c) s.h(t, c) += nudge(t, c);
  }
  return s;
}

Tensor<double> source_jacobian(const AttentionRnnWeights& w, const Tensor<double>& input,
                               const AttentionRnnStates& s, Index t, Index i) {
  const Index n = input.size(1), which = w.matrix_of(i);
  const double a = s.weights(t, i);
  const std::vector<double> slope = score_slope(w, which, source_of(input, s.h, t, i), n);
  Tensor<double> jacobian({n, n});
  for (Index r = 0; r < n; ++r)
    for (Index c = 0; c < n; ++c)
      jacobian(r, c) =
          a * w.value(which, r, c) + a * (s.values(t, i, r) - s.h(t, r)) * slope[static_cast<std::size_t>(c)];
  return jacobian;
}

AttentionRnnGradients attention_rnn_backward(const AttentionRnnWeights& w, const Tensor<double>& input,
                                             const AttentionRnnStates& s, const Tensor<double>& local,
                                             std::stop_token stop) {
  check(w, input);
  const Index steps = input.size(0), n = input.size(1), readers = most_readers(w, steps);
  core::require_shape("states", s.h.shape(), "input", input.shape());
  core::require_shape("grad_h", local.shape(), "states", s.h.shape());
  AttentionRnnGradients g{.terms = Tensor<double>(core::within_limit({steps, readers, n})),
                          .carried = Tensor<double>(local.shape()),
                          .total = local};
  for (Index t = steps - 1; t >= 0; --t) {
    core::throw_if_stopped(stop);
    for (Index i = 1; i <= readers && t + i < steps; ++i) {
      double* term = &g.terms(t, i - 1, 0);
      add_transposed_jacobian(w, input, s, t + i, i, &g.total(t + i, 0), term);
      for (Index c = 0; c < n; ++c) g.carried(t, c) += term[c];
    }
    for (Index c = 0; c < n; ++c) g.total(t, c) += g.carried(t, c);
  }
  return g;
}

Tensor<double> attention_rnn_differences(const AttentionRnnWeights& w, const Tensor<double>& input,
                                         const Tensor<double>& local, double step, std::stop_token stop) {
  Tensor<double> nudge(local.shape());
  const auto loss = [&] {
    const Tensor<double> h = attention_rnn(w, input, nudge, stop).h;
    return std::inner_product(h.values().begin(), h.values().end(), local.data(), 0.0);
  };
  return central_differences(nudge, loss, step);
}

Tensor<double> derivatives_of_last(const AttentionRnnWeights& w, const Tensor<double>& input,
                                   const AttentionRnnStates& s, std::stop_token stop) {
  check(w, input);
  const Index steps = input.size(0), n = input.size(1);
  Tensor<double> all(core::within_limit({steps, n, n}));
  // Row r of dh[T]/dh[t] is the gradient of the loss that is number r of the last state.
  for (Index r = 0; r < n; ++r) {
    Tensor<double> last(input.shape());
    last(steps - 1, r) = 1;
    const Tensor<double> total = attention_rnn_backward(w, input, s, last, stop).total;
    for (Index t = 0; t < steps; ++t) std::copy_n(&total(t, 0), n, &all(t, r, 0));
  }
  return all;
}

}  // namespace vitrine::sequence
