// The four products of one matrix, one row at a time, on rows of numbers that someone else owns: what small
// recurrent nets and attention by hand are made of. Whole matrices are multiplied by engine/core/product.h.
// Matrices are row-major [rows, columns]; every function adds to what is there.
#pragma once

#include "engine/core/shape.h"

namespace vitrine::sequence {

using core::Index;

// sum_i a[i] b[i]
inline double dot(const double* a, const double* b, Index n) {
  double sum = 0;
  for (Index i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// y += M x
inline void add_product(const double* m, const double* x, Index rows, Index columns, double* y) {
  for (Index i = 0; i < rows; ++i) y[i] += dot(m + i * columns, x, columns);
}

// x += M^T y
inline void add_transposed_product(const double* m, const double* y, Index rows, Index columns, double* x) {
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) x[j] += m[i * columns + j] * y[i];
}

// M += y x^T
inline void add_outer_product(const double* y, const double* x, Index rows, Index columns, double* m) {
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) m[i * columns + j] += y[i] * x[j];
}

}  // namespace vitrine::sequence
