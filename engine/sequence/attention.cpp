#include "engine/sequence/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/sequence/small_products.h"
#include "engine/sequence/softmax.h"

namespace vitrine::sequence {

namespace {

using core::Shape;
using core::Tensor;

void check_shapes(const Shape& query, const Shape& key, const Shape& value, const Shape& mask) {
  core::require_matrix("query", query);
  core::require_matrix("key", key);
  core::require_matrix("value", value);
  core::require_fit(key[1] == query[1], "key", key, "query", query);
  core::require_fit(value[0] == key[0], "value", value, "key", key);
  core::require_shape("mask", mask, "scores", {query[0], key[0]});
}

std::span<const double> row_of(const Tensor<double>& matrix, Index row) {
  return {&matrix(row, 0), static_cast<std::size_t>(matrix.size(1))};
}

// lim beta*(dot - top) as beta grows without bound.
double limit_score(double dot, double top) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (std::isnan(dot) || !std::isfinite(top)) return std::numeric_limits<double>::quiet_NaN();
  return dot == top ? 0 : dot > top ? kInfinity : -kInfinity;
}

// The greatest of the dots that the mask allows; NaN if one of them is.
double greatest_visible(const double* dots, const std::uint8_t* mask, Index keys) {
  double top = -std::numeric_limits<double>::infinity();
  for (Index s = 0; s < keys; ++s)
    if (mask[s] != 0 && !(dots[s] <= top)) top = std::isnan(top) ? top : dots[s];
  return top;
}

}  // namespace

Mask no_mask(Index queries, Index keys) { return Mask(core::within_limit({queries, keys}), 1); }

Mask causal_mask(Index queries, Index keys) {
  Mask mask(core::within_limit({queries, keys}));
  for (Index t = 0; t < queries; ++t)
    for (Index s = 0; s <= std::min(t, keys - 1); ++s) mask(t, s) = 1;
  return mask;
}

Tensor<double> entropy_limits(const Mask& mask) {
  const Index queries = mask.size(0), keys = mask.size(1);
  Tensor<double> limits({queries});
  for (Index t = 0; t < queries; ++t) {
    const std::uint8_t* row = &mask(t, 0);
    limits[t] = std::log(static_cast<double>(keys - std::count(row, row + keys, std::uint8_t{0})));
  }
  return limits;
}

double entropy_of(std::span<const double> weights) {
  double entropy = 0;
  for (const double weight : weights)
    if (weight != 0) entropy -= weight * std::log(weight);
  return entropy;
}

double query_times_key(std::span<const double> query, std::span<const double> key, Index t, Index s) {
  const double product = dot(query.data(), key.data(), std::ssize(query));
  if (!std::isfinite(product) && core::all_finite(query) && core::all_finite(key))
    throw std::invalid_argument("query " + std::to_string(t) + " times key " + std::to_string(s) +
                                " passes a double's range");
  return product;
}

double rsqrt_scale(Index d) { return 1 / std::sqrt(static_cast<double>(d)); }

Attention attention(const Tensor<double>& query, const Tensor<double>& key, const Tensor<double>& value,
                    double scale, const Mask& mask, std::stop_token stop) {
  check_shapes(query.shape(), key.shape(), value.shape(), mask.shape());
  const bool hard = scale == std::numeric_limits<double>::infinity();
  if (!hard && !std::isfinite(scale))
    throw std::invalid_argument("scale " + core::exact(scale) + " is neither finite nor infinity");
  const Index queries = query.size(0), keys = key.size(0), dv = value.size(1);
  const Shape square = core::within_limit({queries, keys});
  Attention a{.dots = Tensor<double>(square),
              .scores = Tensor<double>(square),
              .masked = Tensor<double>(square),
              .exps = Tensor<double>(square),
              .sums = Tensor<double>({queries}),
              .weights = Tensor<double>(square),
              .output = Tensor<double>(core::within_limit({queries, dv})),
              .entropy = Tensor<double>({queries})};
  for (Index t = 0; t < queries; ++t) {
    core::throw_if_stopped(stop);
    for (Index s = 0; s < keys; ++s) a.dots(t, s) = query_times_key(row_of(query, t), row_of(key, s), t, s);
    const double top = greatest_visible(&a.dots(t, 0), &mask(t, 0), keys);
    for (Index s = 0; s < keys; ++s) {
      a.scores(t, s) = hard ? limit_score(a.dots(t, s), top) : scale * a.dots(t, s);
      a.masked(t, s) = mask(t, s) != 0 ? a.scores(t, s) : -std::numeric_limits<double>::infinity();
    }
    const auto first = static_cast<std::size_t>(t * keys), row = static_cast<std::size_t>(keys);
    const auto weights = a.weights.values().subspan(first, row);
    a.sums[t] = softmax_row(a.dots.values().subspan(first, row), scale, mask.values().subspan(first, row),
                            a.exps.values().subspan(first, row), weights);
    if (a.sums[t] == 0)
      throw std::invalid_argument("row " + std::to_string(t) + " of the mask hides every key");
    a.entropy[t] = entropy_of(weights);
    for (Index s = 0; s < keys; ++s) {
      if (mask(t, s) == 0) continue;  // 0 times a NaN would be one
      for (Index i = 0; i < dv; ++i) a.output(t, i) += a.weights(t, s) * value(s, i);
    }
  }
  return a;
}

AttentionGradients attention_backward(const Tensor<double>& query, const Tensor<double>& key,
                                      const Tensor<double>& value, double scale, const Attention& forward,
                                      const Tensor<double>& grad_output) {
  check_shapes(query.shape(), key.shape(), value.shape(), forward.weights.shape());
  core::require_shape("grad_output", grad_output.shape(), "output", {query.size(0), value.size(1)});
  const Tensor<double>& weights = forward.weights;
  const Index queries = query.size(0), keys = key.size(0), d = query.size(1), dv = value.size(1);
  AttentionGradients grad{.weights = Tensor<double>(weights.shape()),
                          .scores = Tensor<double>(weights.shape()),
                          .dots = Tensor<double>(weights.shape()),
                          .query = Tensor<double>(query.shape()),
                          .key = Tensor<double>(key.shape()),
                          .value = Tensor<double>(value.shape())};
  for (Index t = 0; t < queries; ++t) {
    double mean = 0;
    for (Index s = 0; s < keys; ++s) {
      if (weights(t, s) == 0) continue;
      grad.weights(t, s) = dot(&grad_output(t, 0), &value(s, 0), dv);
      mean += weights(t, s) * grad.weights(t, s);
    }
    for (Index s = 0; s < keys; ++s) {
      if (weights(t, s) == 0) continue;
      grad.scores(t, s) = weights(t, s) * (grad.weights(t, s) - mean);
      grad.dots(t, s) = scale * grad.scores(t, s);
      for (Index i = 0; i < d; ++i) {
        grad.query(t, i) += grad.dots(t, s) * key(s, i);
        grad.key(s, i) += grad.dots(t, s) * query(t, i);
      }
      for (Index i = 0; i < dv; ++i) grad.value(s, i) += weights(t, s) * grad_output(t, i);
    }
  }
  return grad;
}

}  // namespace vitrine::sequence
