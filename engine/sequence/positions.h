// Positions as numbers, for what would otherwise not know the order of its tokens.
// PE[t, 2i] = sin(t / base^(2i/D)), PE[t, 2i+1] = cos(t / base^(2i/D)); so PE[t].PE[t+k] = sum_i
// cos(k / base^(2i/D)), whatever t is. Source: Vaswani et al. 2017, "Attention is all you need", section 3.5.
#pragma once

#include <stop_token>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

inline constexpr double kSinusoidalBase = 10000;

// [length, D]: row r is PE[start + r]. dim is D, even. Throws ShapeError (length or dim below 1, an odd dim,
// too many numbers), std::invalid_argument (a base that is not above 0 or not finite, a position beyond 2^53,
// which a double would round, or one whose angle passes a double's range) and core::Stopped.
core::Tensor<double> sinusoidal_encoding(Index length, Index dim, double base = kSinusoidalBase,
                                         Index start = 0, std::stop_token stop = {});

// [length]: 1, 2, ..., length. Throws ShapeError if length is below 1 or too large.
core::Tensor<double> index_encoding(Index length);
// [length]: 1/length, 2/length, ..., 1: each position by the largest. Throws as index_encoding.
core::Tensor<double> normalized_encoding(Index length);

// [D/2] in positions: 2 pi base^(2i/D), after which the pair of columns 2i and 2i+1 repeats. Throws as
// sinusoidal_encoding.
core::Tensor<double> wavelengths(Index dim, double base = kSinusoidalBase);

// [T, T]: the dot product of every two rows of an encoding [T, D]. Throws ShapeError and core::Stopped. Cost
// T*T*D/2.
core::Tensor<double> row_products(const core::Tensor<double>& encoding, std::stop_token stop = {});

}  // namespace vitrine::sequence
