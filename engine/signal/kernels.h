// The kernels that have names, for correlation on pictures (row, column).
// Gonzalez and Woods 2018, "Digital Image Processing", chapter 3; Sobel and Feldman 1968.
#pragma once

#include <cstdint>
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

// Kernels of a layer that was never trained: independent N(0, 1/n), n = C Kh Kw, so that noise keeps its
// variance. shape [F, C, Kh, Kw]. LeCun, Bottou, Orr, Müller 1998, "Efficient BackProp", section 4.6.
core::Tensor<double> random_kernels(const core::Shape& shape, std::uint64_t seed);

// k divided so that it sums to 1; one that sums to 0 (its sum under 1e-9 of its magnitudes') so that its
// magnitudes do. All zeros stay.
core::Tensor<double> normalised(const core::Tensor<double>& kernel);

}  // namespace vitrine::signal
