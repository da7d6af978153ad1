#include "engine/sequence/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "engine/sequence/softmax.h"

namespace vitrine::sequence {

using core::ShapeError;
using core::Tensor;

namespace {

// A factor of 0 wins over an infinite one: what does not change has no slope.
double times(double factor, double other) { return factor == 0 || other == 0 ? 0 : factor * other; }

std::vector<double> weights_of(std::span<const double> x, std::span<const std::uint8_t> allowed,
                               double beta) {
  std::vector<double> weights(x.size());
  softmax_row(x, beta, allowed, weights, weights);
  return weights;
}

void check_fits(std::span<const double> x, std::span<const std::uint8_t> allowed) {
  if (!allowed.empty() && allowed.size() != x.size())
    throw ShapeError("mask [" + std::to_string(allowed.size()) + "] does not fit scores [" +
                     std::to_string(x.size()) + "]");
}

}  // namespace

Tensor<double> softmax_jacobian(std::span<const double> a, double beta) {
  const auto keys = static_cast<Index>(a.size());
  Tensor<double> jacobian(core::within_limit({keys, keys}));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a.size(); ++j) jacobian(i, j) = times(a[i] * ((i == j ? 1 : 0) - a[j]), beta);
  return jacobian;
}

Tensor<double> softmax_differences(std::span<const double> x, std::span<const std::uint8_t> allowed,
                                   double beta, double step) {
  check_fits(x, allowed);
  if (!std::isfinite(beta)) throw std::invalid_argument("differences need a finite beta");
  const auto keys = static_cast<Index>(x.size());
  const double distance = step / std::max(1.0, beta);
  Tensor<double> slopes(core::within_limit({keys, keys}));
  std::vector<double> moved(x.begin(), x.end());
  for (std::size_t j = 0; j < x.size(); ++j) {
    moved[j] = x[j] + distance;
    const std::vector<double> above = weights_of(moved, allowed, beta);
    moved[j] = x[j] - distance;
    const std::vector<double> below = weights_of(moved, allowed, beta);
    moved[j] = x[j];
    for (std::size_t i = 0; i < x.size(); ++i) slopes(i, j) = (above[i] - below[i]) / (2 * distance);
  }
  return slopes;
}

Nudge nudge(std::span<const double> x, std::span<const std::uint8_t> allowed, Index moved, double step,
            double beta) {
  const auto keys = static_cast<Index>(x.size());
  if (moved < 0 || moved >= keys)
    throw ShapeError("key " + std::to_string(moved) + " is not one of " + std::to_string(keys));
  check_fits(x, allowed);
  Nudge n{.beta = beta,
          .step = step,
          .before = weights_of(x, allowed, beta),
          .after = {},
          .change = {},
          .predicted = {}};
  const auto at = static_cast<std::size_t>(moved);
  std::vector<double> there(x.begin(), x.end());
  there[at] += step;
  n.after = weights_of(there, allowed, beta);
  const double a = n.before[at];
  for (std::size_t i = 0; i < x.size(); ++i) {
    n.change.push_back(n.after[i] - n.before[i]);
    n.predicted.push_back(times(times(n.before[i] * ((i == at ? 1 : 0) - a), beta), step));
  }
  return n;
}

std::vector<double> log_spaced(double low, double high, Index count) {
  std::vector<double> values{low};
  for (Index i = 1; i + 1 < count; ++i)
    values.push_back(low * std::pow(high / low, static_cast<double>(i) / static_cast<double>(count - 1)));
  values.push_back(high);
  return values;
}

}  // namespace vitrine::sequence
