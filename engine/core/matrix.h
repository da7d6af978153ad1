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
