// Central differences: what a derivative is held against by something that knows nothing of it.
//   dL/dx[i] = (L(x + e_i d) - L(x - e_i d)) / 2d,   d = step * max(1, |x[i]|)
#pragma once

#include <algorithm>
#include <cmath>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

// loss() sees `values` while each of its numbers is varied in turn; afterwards they are what they were.
template <class Loss>
core::Tensor<double> central_differences(core::Tensor<double>& values, const Loss& loss, double step) {
  core::Tensor<double> slopes(values.shape());
  for (core::Index i = 0; i < values.count(); ++i) {
    const double value = values[i], distance = step * std::max(1.0, std::abs(value));
    values[i] = value + distance;
    const double above = loss();
    values[i] = value - distance;
    slopes[i] = (above - loss()) / (2 * distance);
    values[i] = value;
  }
  return slopes;
}

// max |a - b| over two tensors of one shape; NaN where one has a NaN.
inline double largest_difference(const core::Tensor<double>& a, const core::Tensor<double>& b) {
  double most = 0;
  for (core::Index i = 0; i < a.count(); ++i)
    if (const double error = std::abs(a[i] - b[i]); std::isnan(error) || error > most)
      most = error;  // NaN stays
  return most;
}

}  // namespace vitrine::sequence
