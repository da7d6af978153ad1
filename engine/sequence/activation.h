// What an MLP does to each number between its two products.
// ReLU: max(u, 0), Nair, Hinton 2010. GELU, the exact one: u Phi(u), Phi the normal distribution function;
// Hendrycks, Gimpel 2016, section 2.
#pragma once

#include <array>
#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

enum class Activation : std::uint8_t { kGelu, kRelu };
inline constexpr std::array<std::string_view, 2> kActivationNames{"gelu", "relu"};

// A NaN stays one.
double activated(Activation activation, double u);
// Its derivative: 1 above 0 and 0 elsewhere (ReLU); Phi(u) + u phi(u) with phi the density (GELU).
double slope(Activation activation, double u);

// The same for every number of a tensor.
core::Tensor<double> activated(Activation activation, const core::Tensor<double>& u);
core::Tensor<double> slopes(Activation activation, const core::Tensor<double>& u);

}  // namespace vitrine::sequence
