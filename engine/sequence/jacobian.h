// What becomes of numbers along a chain of steps: Jacobians, their products and how long those can make a
// gradient, and where a chain leaves a double's range.
#pragma once

#include <optional>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

// max |M x| / |x|, the largest singular value of M [m, n]: by how much M can lengthen a vector at most. NaN
// where M has one, else infinity where M has one. One-sided Jacobi rotations (Hestenes 1958, "Inversion of
// matrices by biorthogonalization"). Throws ShapeError unless M is a matrix.
double spectral_norm(const core::Tensor<double>& matrix);

// The same of each matrix of [N, m, n]: [N].
core::Tensor<double> spectral_norms(const core::Tensor<double>& matrices);

// A B, [l, m] times [m, n]. Throws ShapeError.
core::Tensor<double> product(const core::Tensor<double>& a, const core::Tensor<double>& b);

core::Tensor<double> identity_matrix(Index n);

// Matrix i of [N, m, n].
core::Tensor<double> matrix_at(const core::Tensor<double>& matrices, Index i);

// The first index along the outermost axis under which a number is not finite; none where all are.
std::optional<Index> first_not_finite(const core::Tensor<double>& values);

}  // namespace vitrine::sequence
