// Matrix products of the sizes that a small model has: a register tile of sums, no packing, one thread.
// Source of the scheme: Goto, van de Geijn 2008, "Anatomy of high-performance matrix multiplication",
// section 6.
#pragma once

#include "engine/core/matrix.h"

namespace vitrine::core {

// c[i,j] = start[i,j] + sum_p a[i,p] b[p,j]    a [m,k], b [k,n], c and start [m,n].
// start: data null = zero; stride 0 = one row for all (a bias); c itself = accumulate.
// Throws ShapeError when the sizes do not fit.
template <class T>
void product(MatrixView<const T> a, MatrixView<const T> b, MatrixView<const T> start, MatrixView<T> c);

// c[i,j] = start[i,j] + sum_p a[p,i] b[p,j]    a [k,m], b [k,n]: the first factor transposed.
template <class T>
void product_transposed(MatrixView<const T> a, MatrixView<const T> b, MatrixView<const T> start,
                        MatrixView<T> c);

// The same two by their definition: the truth that tests compare with.
template <class T>
void naive_product(MatrixView<const T> a, MatrixView<const T> b, MatrixView<const T> start, MatrixView<T> c);
template <class T>
void naive_product_transposed(MatrixView<const T> a, MatrixView<const T> b, MatrixView<const T> start,
                              MatrixView<T> c);

// b[j,i] = a[i,j].
template <class T>
void transpose(MatrixView<const T> a, MatrixView<T> b);

}  // namespace vitrine::core
