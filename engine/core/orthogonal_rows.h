// A matrix's singular values and right singular vectors, by turning its rows apart. One-sided Jacobi
// rotations: Hestenes 1958, "Inversion of matrices by biorthogonalization".
#pragma once

#include "engine/core/tensor.h"

namespace vitrine::core {

// M <- U^T M with that orthogonal U behind which every two rows of M [m, n] are at right angles. The rows'
// lengths are then the singular values, in no order, and their directions the right singular vectors. The
// values are finite and their squares within a double's range. Throws ShapeError unless M is a matrix. Cost
// about 10 m^2 n.
void turn_rows_apart(Tensor<double>& matrix);

}  // namespace vitrine::core
