#include "engine/sequence/positions.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/sequence/small_products.h"

namespace vitrine::sequence {

namespace {

using core::ShapeError;
using core::Tensor;

constexpr Index kLargestPosition = Index{1} << 53;  // every whole number up to it is a double

void check_columns(Index dim, double base) {
  core::require_at_least(1, "dim", dim);
  if (dim % 2 != 0)
    throw ShapeError("dim " + std::to_string(dim) + " is odd: sines and cosines come in pairs");
  if (!std::isfinite(base) || base <= 0)
    throw std::invalid_argument("base " + core::exact(base) + " is not a finite number above 0");
}

void check_positions(Index length, Index start) {
  core::require_at_least(1, "length", length);
  if (start < -kLargestPosition || start > kLargestPosition - length)
    throw std::invalid_argument("start " + std::to_string(start) + " with length " + std::to_string(length) +
                                " passes the positions from -2^53 to 2^53");
}

double sinusoid(double position, Index column, double divisor) {
  return column % 2 == 0 ? std::sin(position / divisor) : std::cos(position / divisor);
}

Index require_square(const Tensor<double>& products) {
  if (products.rank() != 2 || products.size(0) != products.size(1) || products.empty())
    throw ShapeError("products " + to_string(products.shape()) + " are not as many rows as columns");
  return products.size(0);
}

Tensor<double> count_up(Index length) {
  core::require_at_least(1, "length", length);
  Tensor<double> encoding(core::within_limit({length}));
  std::iota(encoding.data(), encoding.data() + length, 1.0);
  return encoding;
}

}  // namespace

Tensor<double> sinusoidal_encoding(Index length, Index dim, double base, Index start, std::stop_token stop) {
  check_positions(length, start);
  check_columns(dim, base);
  Tensor<double> encoding(core::within_limit({length, dim}));
  const Tensor<double> divisor = divisors(dim, base);
  for (Index row = 0; row < length; ++row) {
    core::throw_if_stopped(stop);
    const auto position = static_cast<double>(start + row);
    for (Index i = 0; i < dim / 2; ++i) {
      if (!std::isfinite(position / divisor[i]))
        throw std::invalid_argument("base " + core::exact(base) + " turns position " + core::exact(position) +
                                    " by more than a double holds");
      encoding(row, 2 * i) = sinusoid(position, 2 * i, divisor[i]);
      encoding(row, 2 * i + 1) = sinusoid(position, 2 * i + 1, divisor[i]);
    }
  }
  return encoding;
}

Tensor<double> index_encoding(Index length) { return count_up(length); }

Tensor<double> normalized_encoding(Index length) {
  Tensor<double> encoding = count_up(length);
  for (double& value : encoding.values()) value /= static_cast<double>(length);
  return encoding;
}

Tensor<double> divisors(Index dim, double base) {
  check_columns(dim, base);
  Tensor<double> values(core::within_limit({dim / 2}));
  for (Index i = 0; i < dim / 2; ++i)
    values[i] = std::pow(base, 2 * static_cast<double>(i) / static_cast<double>(dim));
  return values;
}

Tensor<double> wavelengths(const Tensor<double>& divisors) {
  Tensor<double> lengths = divisors;
  for (double& length : lengths.values()) length *= 2 * std::numbers::pi;
  return lengths;
}

std::vector<double> sinusoidal_wave(double first, double last, Index count, Index column, double divisor) {
  std::vector<double> wave(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < wave.size(); ++i)
    wave[i] = sinusoid(first + (last - first) * static_cast<double>(i) / static_cast<double>(count - 1),
                       column, divisor);
  return wave;
}

Tensor<double> distance_terms(Index distances, const Tensor<double>& divisors) {
  Tensor<double> terms(core::within_limit({distances, divisors.count()}));
  for (Index k = 0; k < distances; ++k)
    for (Index i = 0; i < divisors.count(); ++i) terms(k, i) = std::cos(static_cast<double>(k) / divisors[i]);
  return terms;
}

Tensor<double> row_products(const Tensor<double>& encoding, std::stop_token stop) {
  core::require_matrix("encoding", encoding.shape());
  const Index rows = encoding.size(0), dim = encoding.size(1);
  Tensor<double> products(core::within_limit({rows, rows}));
  for (Index a = 0; a < rows; ++a) {
    core::throw_if_stopped(stop);
    for (Index b = 0; b <= a; ++b) {
      const double* const x = &encoding(a, 0);
      products(a, b) = products(b, a) = dot(x, &encoding(b, 0), dim);
    }
  }
  return products;
}

Tensor<double> row_lengths(const Tensor<double>& products) {
  const Index count = require_square(products);
  Tensor<double> lengths(core::Shape{count});
  for (Index t = 0; t < count; ++t) lengths[t] = std::sqrt(products(t, t));
  return lengths;
}

Tensor<double> cosines(const Tensor<double>& products) {
  const Tensor<double> lengths = row_lengths(products);
  Tensor<double> cosines(products.shape());
  for (Index a = 0; a < lengths.count(); ++a)
    for (Index b = 0; b < lengths.count(); ++b) cosines(a, b) = products(a, b) / lengths[a] / lengths[b];
  return cosines;
}

Tensor<double> spread_by_distance(const Tensor<double>& products) {
  const Index count = require_square(products);
  Tensor<double> spread(core::Shape{count});
  for (Index k = 0; k < count; ++k) {
    double least = products(0, k), most = least;
    for (Index t = 1; t + k < count; ++t) {
      const double product = products(t, t + k);
      if (!(product >= least)) least = product;  // a NaN stays
      if (product > most) most = product;
    }
    spread[k] = most - least;
  }
  return spread;
}

}  // namespace vitrine::sequence
