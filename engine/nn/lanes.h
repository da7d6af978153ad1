// Lanes: one attention head of one image in each lane of a register, so that a product too small for a matrix
// kernel (17 x 8 by 8 x 17) runs for as many heads at once as a register has lanes.
#pragma once

#include "engine/nn/vector.h"

namespace vitrine::nn {

// A matrix of registers: in each lane an independent matrix. Strides count registers.
template <class T>
struct LaneMatrix {
  T* data;
  Index rows, columns, row_stride, column_stride;

  LaneMatrix(T* values, Index row_count, Index column_count)
      : LaneMatrix(values, row_count, column_count, column_count, 1) {}
  LaneMatrix(T* values, Index row_count, Index column_count, Index to_next_row, Index to_next_column)
      : data(values),
        rows(row_count),
        columns(column_count),
        row_stride(to_next_row),
        column_stride(to_next_column) {}
  LaneMatrix transposed() const { return {data, columns, rows, column_stride, row_stride}; }
  // The register's first number.
  T* at(Index row, Index column) const {
    return data + (row * row_stride + column * column_stride) * kLanes<T>;
  }
};

// In every lane: c[i,j] = sum_p a[i,p] b[p,j]    a [m,k], b [k,n], c [m,n]
template <class T>
void lane_product(const LaneMatrix<T>& a, const LaneMatrix<T>& b, const LaneMatrix<T>& c);

// In every lane and row of s: s[i,:] = softmax(s[i,:]).
template <class T>
void lane_softmax(const LaneMatrix<T>& s);
// ds[i,j] = p[i,j] (dp[i,j] - sum_k dp[i,k] p[i,k]), p the softmax; written over dp.
template <class T>
void lane_softmax_backward(const LaneMatrix<T>& p, const LaneMatrix<T>& dp);

}  // namespace vitrine::nn
