// Kernels to begin with: those that have names, for correlation on pictures (row, column), and random ones.
// Gonzalez and Woods 2018, "Digital Image Processing", chapter 3; Sobel and Feldman 1968.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core/rng.h"
#include "engine/core/tensor.h"

namespace vitrine::signal {

enum class NamedKernel { kIdentity, kBox, kGaussian, kSobelX, kSobelY, kLaplacian, kSharpen, kEmboss };
inline constexpr std::string_view kNamedKernels[] = {"Identity", "Box",       "Gaussian", "Sobel x",
                                                     "Sobel y",  "Laplacian", "Sharpen",  "Emboss"};

// [K, K] for an odd or even K >= 1 (box, identity, Gaussian with sigma = K/5); the others are 3 x 3 by
// definition and come as [3, 3] whatever the size asked for. Box and Gaussian sum to 1. Throws
// std::invalid_argument if size < 1.
core::Tensor<double> named_kernel(NamedKernel kernel, core::Index size);

// Weights of a layer that was never trained: independent N(0, gain / n), n the numbers that one output reads,
// drawn from (rng, step). Noise keeps its variance at gain 1, and through a ReLU behind the layer at gain 2.
// shape [F, C, Kh, Kw] with n = C Kh Kw, or [out, in] with n = in. Throws ShapeError if that is no weight or
// passes core::kResultLimit. Source: LeCun, Bottou, Orr, Müller 1998, "Efficient BackProp", section 4.6; He,
// Zhang, Ren, Sun 2015, "Delving deep into rectifiers", section 2.2.
core::Tensor<double> untrained_weights(const core::Shape& shape, double gain, const core::Rng& rng,
                                       std::uint64_t step);

// k divided so that it sums to 1; one that sums to 0 (its sum under 1e-9 of its magnitudes') so that its
// magnitudes do. All zeros stay.
core::Tensor<double> normalised(const core::Tensor<double>& kernel);

}  // namespace vitrine::signal
