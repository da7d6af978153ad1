// Lanes: one attention head of one image in each lane of a register, so that a product too small for a matrix
// kernel (17 x 8 by 8 x 17) runs for as many heads at once as a register has lanes.
#pragma once

#include "engine/nn/vector.h"

namespace vitrine::nn {

// A matrix of registers: in each lane an independent matrix. Strides count registers. Passed by value, so
// that its sizes need not be read again after every store.
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
  LaneMatrix row_part(Index first, Index count) const {
    return {at(first, 0), count, columns, row_stride, column_stride};
  }
  // The register's first number.
  T* at(Index row, Index column) const {
    return data + (row * row_stride + column * column_stride) * kLanes<T>;
  }
};

// What the heads of some images have in rows: token t of image b is row b * tokens + t; its columns are in
// (dim, head) order. (Image, head) pairs are counted image-major, and pair p is lane p of the registers.
template <class T>
struct HeadRows {
  T* data;  // of the first image's first token and dim 0, head 0
  Index to_next_row;
  Index heads, tokens, dims;

  T* at(Index image, Index token, Index dim, Index head) const {
    return data + (image * tokens + token) * to_next_row + dim * heads + head;
  }
};
// Between pairs [first, first + count), count <= kLanes, and registers [tokens][dims] at `lanes`. Lanes from
// `count` on are left as they are.
template <class T>
void rows_to_lanes(HeadRows<T> rows, Index first, Index count, T* lanes);
template <class T>
void lanes_to_rows(const T* lanes, Index first, Index count, HeadRows<T> rows);

// In every lane: c[i,j] = sum_p a[i,p] b[p,j], or that much more    a [m,k], b [k,n], c [m,n]
enum class Sum { kNew, kMore };
template <class T>
void lane_product(LaneMatrix<T> a, LaneMatrix<T> b, LaneMatrix<T> c, Sum sum = Sum::kNew);

// In every lane and row of s: s[i,:] = softmax(scale s[i,:]), scale > 0.
template <class T>
void lane_softmax(T scale, LaneMatrix<T> s);
// ds[i,j] = scale p[i,j] (dp[i,j] - sum_k dp[i,k] p[i,k]), p the softmax; written over dp.
template <class T>
void lane_softmax_backward(T scale, LaneMatrix<T> p, LaneMatrix<T> dp);

}  // namespace vitrine::nn
