// LayerNorm taken apart: every row to mean 0 and variance 1, then scaled and shifted, each step a tensor.
// y[t,c] = g[c] (x[t,c] - mean[t]) / sqrt(variance[t] + eps) + b[c]; Ba, Kiros, Hinton 2016, "Layer
// normalization", section 3.
#pragma once

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

inline constexpr double kLayerNormEpsilon = 1e-5;  // PyTorch's default

struct LayerNorm {
  core::Tensor<double> mean;        // [T]
  core::Tensor<double> centred;     // [T, D] x - mean
  core::Tensor<double> variance;    // [T] mean of the centred squares: divided by D, not by D - 1
  core::Tensor<double> normalised;  // [T, D] centred / sqrt(variance + eps)
  core::Tensor<double> scaled;      // [T, D] g times that
  core::Tensor<double> output;      // [T, D] plus b
};

// input [T, D]; weight g and bias b [D], or empty: then g is 1 and b is 0. A NaN or an infinity is carried
// into its row. Throws ShapeError; std::invalid_argument unless eps is finite and > 0, and if the mean or the
// variance of a finite row passes a double's range.
LayerNorm layer_norm(const core::Tensor<double>& input, const core::Tensor<double>& weight,
                     const core::Tensor<double>& bias, double eps = kLayerNormEpsilon);

// The steps one by one; each has the shapes of LayerNorm's member of its name.
core::Tensor<double> row_means(const core::Tensor<double>& input);
core::Tensor<double> centred(const core::Tensor<double>& input, const core::Tensor<double>& mean);
core::Tensor<double> row_variances(const core::Tensor<double>& centred);
core::Tensor<double> normalised(const core::Tensor<double>& centred, const core::Tensor<double>& variance,
                                double eps);
// y[t,c] = g[c] n[t,c] and y[t,c] = s[t,c] + b[c]; an empty g or b changes nothing.
core::Tensor<double> scaled(const core::Tensor<double>& normalised, const core::Tensor<double>& weight);
core::Tensor<double> shifted(const core::Tensor<double>& scaled, const core::Tensor<double>& bias);

// dL/d of everything: of a step's tensor along all paths from it to the output.
struct LayerNormGradients {
  core::Tensor<double> mean, centred, variance, normalised, scaled;  // as in LayerNorm
  core::Tensor<double> input;                                        // [T, D]
  core::Tensor<double> weight, bias;                                 // [D], also where the layer has none
};

// With r = 1 / sqrt(variance + eps):
//   dL/dn = g dL/dy;  dL/dvariance = -r^3/2 sum_c dL/dn c;  dL/dcentred = r dL/dn + 2/D c dL/dvariance;
//   dL/dmean = -sum_c dL/dcentred;  dL/dx = dL/dcentred + dL/dmean / D;
//   dL/dg = sum_t n dL/dy;  dL/db = sum_t dL/dy
// `kept` as layer_norm() gave it for this weight and eps; grad_output [T, D]. Throws ShapeError.
LayerNormGradients layer_norm_backward(const LayerNorm& kept, const core::Tensor<double>& weight, double eps,
                                       const core::Tensor<double>& grad_output);

}  // namespace vitrine::sequence
