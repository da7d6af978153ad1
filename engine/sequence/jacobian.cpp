#include "engine/sequence/jacobian.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "engine/core/orthogonal_rows.h"
#include "engine/core/product.h"
#include "engine/sequence/small_products.h"

namespace vitrine::sequence {

namespace {

using core::Shape;
using core::ShapeError;
using core::Tensor;

void check_rank(const Shape& shape, std::size_t rank, const char* expected) {
  if (shape.rank() != rank)
    throw ShapeError("shape " + to_string(shape) + " where " + expected + " is expected");
}

}  // namespace

double spectral_norm(const Tensor<double>& matrix) {
  check_rank(matrix.shape(), 2, "a matrix");
  double largest = 0;
  for (const double v : matrix.values()) {
    if (std::isnan(v)) return v;
    largest = std::max(largest, std::abs(v));
  }
  if (largest == 0 || std::isinf(largest)) return largest;
  Tensor<double> m = matrix;  // scaled, so that no square passes a double's range
  for (double& v : m.values()) v /= largest;
  core::turn_rows_apart(m);
  const Index columns = matrix.size(1);
  double longest = 0;
  for (Index i = 0; i < matrix.size(0); ++i) longest = std::max(longest, dot(&m(i, 0), &m(i, 0), columns));
  return largest * std::sqrt(longest);
}

Tensor<double> spectral_norms(const Tensor<double>& matrices) {
  check_rank(matrices.shape(), 3, "[N, m, n]");
  Tensor<double> norms(Shape{matrices.size(0)});
  for (Index i = 0; i < norms.count(); ++i) norms[i] = spectral_norm(matrix_at(matrices, i));
  return norms;
}

Tensor<double> product(const Tensor<double>& a, const Tensor<double>& b) {
  check_rank(a.shape(), 2, "a matrix");
  check_rank(b.shape(), 2, "a matrix");
  core::require_fit(a.size(1) == b.size(0), "matrix", b.shape(), "matrix", a.shape());
  Tensor<double> out({a.size(0), b.size(1)});
  core::product<double>(view(a), view(b), {nullptr, 0, b.size(1)}, view(out));
  return out;
}

Tensor<double> identity_matrix(Index n) {
  Tensor<double> out({n, n});
  for (Index i = 0; i < n; ++i) out(i, i) = 1;
  return out;
}

Tensor<double> matrix_at(const Tensor<double>& matrices, Index i) {
  check_rank(matrices.shape(), 3, "[N, m, n]");
  const Index count = matrices.size(1) * matrices.size(2);
  return Tensor<double>(
      {matrices.size(1), matrices.size(2)},
      std::span<const double>(matrices.data() + i * count, static_cast<std::size_t>(count)));
}

std::optional<Index> first_not_finite(const Tensor<double>& values) {
  for (Index i = 0; i < values.count(); ++i)
    if (!std::isfinite(values[i])) return i / (values.count() / values.size(0));
  return std::nullopt;
}

}  // namespace vitrine::sequence
