#include "engine/sequence/positions.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "engine/core/stop.h"
#include "engine/core/text.h"

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

// base^(2i/D) for each pair of columns.
std::vector<double> divisors(Index dim, double base) {
  std::vector<double> values(static_cast<std::size_t>(dim / 2));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::pow(base, 2 * static_cast<double>(i) / static_cast<double>(dim));
  return values;
}

void check_positions(Index length, Index start) {
  core::require_at_least(1, "length", length);
  if (start < -kLargestPosition || start > kLargestPosition - length)
    throw std::invalid_argument("start " + std::to_string(start) + " with length " + std::to_string(length) +
                                " passes the positions from -2^53 to 2^53");
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
  const std::vector<double> divisor = divisors(dim, base);
  for (Index row = 0; row < length; ++row) {
    core::throw_if_stopped(stop);
    const auto position = static_cast<double>(start + row);
    for (Index i = 0; i < dim / 2; ++i) {
      const double angle = position / divisor[static_cast<std::size_t>(i)];
      if (!std::isfinite(angle))
        throw std::invalid_argument("base " + core::exact(base) + " turns position " + core::exact(position) +
                                    " by more than a double holds");
      encoding(row, 2 * i) = std::sin(angle);
      encoding(row, 2 * i + 1) = std::cos(angle);
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

Tensor<double> wavelengths(Index dim, double base) {
  check_columns(dim, base);
  Tensor<double> lengths(core::within_limit({dim / 2}));
  const std::vector<double> divisor = divisors(dim, base);
  for (Index i = 0; i < dim / 2; ++i)
    lengths[i] = 2 * std::numbers::pi * divisor[static_cast<std::size_t>(i)];
  return lengths;
}

Tensor<double> row_products(const Tensor<double>& encoding, std::stop_token stop) {
  if (encoding.rank() != 2 || encoding.empty())
    throw ShapeError("encoding " + to_string(encoding.shape()) + " is not a matrix with rows and columns");
  const Index rows = encoding.size(0), dim = encoding.size(1);
  Tensor<double> products(core::within_limit({rows, rows}));
  for (Index a = 0; a < rows; ++a) {
    core::throw_if_stopped(stop);
    for (Index b = 0; b <= a; ++b) {
      const double* const x = &encoding(a, 0);
      products(a, b) = products(b, a) = std::inner_product(x, x + dim, &encoding(b, 0), 0.0);
    }
  }
  return products;
}

}  // namespace vitrine::sequence
