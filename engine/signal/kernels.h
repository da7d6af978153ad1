// The kernels that have names, for correlation on pictures (row, column).
// Gonzalez and Woods 2018, "Digital Image Processing", chapter 3; Sobel and Feldman 1968.
#pragma once

#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::signal {

enum class NamedKernel { kIdentity, kBox, kGaussian, kSobelX, kSobelY, kLaplacian, kSharpen, kEmboss };
inline constexpr std::string_view kNamedKernels[] = {"Identity", "Box",       "Gaussian", "Sobel x",
                                                     "Sobel y",  "Laplacian", "Sharpen",  "Emboss"};

// [K, K] for an odd or even K >= 1 (box, identity, Gaussian with sigma = K/5); the others are 3 x 3 by
// definition and come as [3, 3] whatever the size asked for. Box and Gaussian sum to 1. Throws
// std::invalid_argument if size < 1.
core::Tensor<double> named_kernel(NamedKernel kernel, core::Index size);

}  // namespace vitrine::signal
