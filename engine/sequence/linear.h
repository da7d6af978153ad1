// A linear layer on every row: y[t,o] = b[o] + sum_i x[t,i] w[o,i].
// The same weights at every position t, so it is also a convolution with kernel size 1.
#pragma once

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

// input [T, in], weight [out, in], bias [out] or empty for none -> [T, out].
// Throws ShapeError naming both shapes. Cost T*in*out.
core::Tensor<double> linear(const core::Tensor<double>& input, const core::Tensor<double>& weight,
                            const core::Tensor<double>& bias = {});

// With g = dL/dy [T, out].
struct LinearGradients {
  core::Tensor<double> input;   // [T, in]   dL/dx[t,i] = sum_o g[t,o] w[o,i]
  core::Tensor<double> weight;  // [out, in] dL/dw[o,i] = sum_t g[t,o] x[t,i]
  core::Tensor<double> bias;    // [out]     dL/db[o] = sum_t g[t,o]
};
// Throws ShapeError.
LinearGradients linear_backward(const core::Tensor<double>& input, const core::Tensor<double>& weight,
                                const core::Tensor<double>& grad_output);

}  // namespace vitrine::sequence
