// Tensors of an edit at other sizes: what fits is kept. A size that a slider changes, and whatever sizes a
// file has, go through here.
#pragma once

#include <algorithm>

#include "engine/core/tensor.h"

namespace vitrine::labs {

// The tensor at another shape. Along the first `like_last` axes what is new is like the last one there, along
// the others it is `fill`. A tensor of another rank, or without numbers, holds nothing.
template <class T>
core::Tensor<T> resized(const core::Tensor<T>& t, const core::Shape& shape, std::size_t like_last, T fill) {
  core::Tensor<T> out(shape, fill);
  if (t.rank() != shape.rank() || t.empty()) return out;
  for (core::Index i = 0; i < out.count(); ++i) {
    core::Index rest = i, from = 0, step = 1;
    bool kept = true;
    for (std::size_t axis = shape.rank(); axis-- > 0; rest /= shape[axis], step *= t.size(axis)) {
      const core::Index at = rest % shape[axis], last = t.size(axis) - 1;
      kept &= at <= last || axis < like_last;
      from += std::min(at, last) * step;
    }
    if (kept) out[i] = t[from];
  }
  return out;
}

// The matrix with that many rows and columns: cut, or continued with `fill`.
template <class T>
core::Tensor<T> resized(const core::Tensor<T>& m, core::Index rows, core::Index columns, T fill) {
  return resized(m, core::Shape{rows, columns}, 0, fill);
}

// The vector with that many numbers: cut, or continued with `fill`.
template <class T>
core::Tensor<T> resized(const core::Tensor<T>& v, core::Index count, T fill) {
  core::Tensor<T> out(core::Shape{count}, fill);
  std::copy_n(v.data(), std::min(count, v.count()), out.data());
  return out;
}

// The size of an axis, kept within 1 .. most; 1 of what has not this rank: a matrix, unless it says another.
template <class T>
core::Index size_within(const core::Tensor<T>& t, std::size_t axis, core::Index most, std::size_t rank = 2) {
  return t.rank() == rank ? std::clamp<core::Index>(t.size(axis), 1, most) : 1;
}

}  // namespace vitrine::labs
