// Tensors of an edit at other sizes: what fits is kept. A size that a slider changes, and whatever sizes a
// file has, go through here.
#pragma once

#include <algorithm>

#include "engine/core/tensor.h"

namespace vitrine::labs {

// The matrix with that many rows and columns: cut, or continued with `fill`. What is no matrix holds nothing.
template <class T>
core::Tensor<T> resized(const core::Tensor<T>& m, core::Index rows, core::Index columns, T fill) {
  core::Tensor<T> out(core::Shape{rows, columns}, fill);
  if (m.rank() != 2) return out;
  for (core::Index r = 0; r < std::min(rows, m.size(0)); ++r)
    for (core::Index c = 0; c < std::min(columns, m.size(1)); ++c) out(r, c) = m(r, c);
  return out;
}

// The vector with that many numbers: cut, or continued with `fill`.
template <class T>
core::Tensor<T> resized(const core::Tensor<T>& v, core::Index count, T fill) {
  core::Tensor<T> out(core::Shape{count}, fill);
  std::copy_n(v.data(), std::min(count, v.count()), out.data());
  return out;
}

// The size of a matrix's axis, kept within 1 .. most; 1 of what is no matrix.
template <class T>
core::Index size_within(const core::Tensor<T>& m, std::size_t axis, core::Index most) {
  return m.rank() == 2 ? std::clamp<core::Index>(m.size(axis), 1, most) : 1;
}

}  // namespace vitrine::labs
