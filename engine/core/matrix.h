// MatrixView: a rectangle of numbers that someone else owns; rows lie `stride` apart, columns side by side.
#pragma once

#include "engine/core/tensor.h"

namespace vitrine::core {

template <class T>
struct MatrixView {
  T* data;
  Index rows, columns;
  Index stride;  // from one row to the next; 0 repeats one row

  MatrixView(T* values, Index row_count, Index column_count, Index row_stride)
      : data(values), rows(row_count), columns(column_count), stride(row_stride) {}
  // Rows without gaps.
  MatrixView(T* values, Index row_count, Index column_count)
      : MatrixView(values, row_count, column_count, column_count) {}
  T& operator()(Index row, Index column) const { return data[row * stride + column]; }
  operator MatrixView<const T>() const { return {data, rows, columns, stride}; }
};

// `count` of its rows, as far apart as they can be: the first of each group of rows / count.
template <class T>
MatrixView<T> each_nth(MatrixView<T> m, Index count) {
  return {m.data, count, m.columns, m.rows / count * m.stride};
}
// Rows without gaps, rows / count of them side by side in one; or the same rows where there are `count`.
template <class T>
MatrixView<T> row_groups(MatrixView<T> m, Index count) {
  const Index together = m.rows / count;
  return {m.data, count, together * m.columns, together * m.stride};
}

// All of a tensor [rows, columns], which must outlive the view.
template <class T>
MatrixView<const T> view(const Tensor<T>& matrix) {
  return {matrix.data(), matrix.size(0), matrix.size(1)};
}
template <class T>
MatrixView<T> view(Tensor<T>& matrix) {
  return {matrix.data(), matrix.size(0), matrix.size(1)};
}

}  // namespace vitrine::core
