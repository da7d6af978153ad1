// Positions as numbers, for what would otherwise not know the order of its tokens.
// PE[t, 2i] = sin(t / base^(2i/D)), PE[t, 2i+1] = cos(t / base^(2i/D)); so PE[t].PE[t+k] = sum_i
// cos(k / base^(2i/D)), whatever t is. Source: Vaswani et al. 2017, "Attention is all you need", section 3.5.
#pragma once

#include <stop_token>
#include <vector>

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

// [D/2]: base^(2i/D), by which the angle of the pair of columns 2i and 2i+1 is divided. Throws as
// sinusoidal_encoding.
core::Tensor<double> divisors(Index dim, double base = kSinusoidalBase);
// [D/2] in positions: 2 pi divisor[i], after which that pair repeats.
core::Tensor<double> wavelengths(const core::Tensor<double>& divisors);

// [positions]: one column at `count` >= 2 places, from position `first` to `last` in equal steps: the wave
// that the encoding samples at whole positions.
std::vector<double> sinusoidal_wave(double first, double last, Index count, Index column, double divisor);

// [distances, D/2]: cos(k / divisor[i]) for k = 0 to distances - 1; row k sums to PE[t].PE[t+k].
core::Tensor<double> distance_terms(Index distances, const core::Tensor<double>& divisors);

// [T, T]: the dot product of every two rows of an encoding [T, D]. Throws ShapeError and core::Stopped. Cost
// T*T*D/2.
core::Tensor<double> row_products(const core::Tensor<double>& encoding, std::stop_token stop = {});

// Of products [T, T] of rows: the rows' lengths [T], |x[t]| = sqrt(products[t, t]), and the cosine of every
// two, cosines[a, b] = products[a, b] / (|x[a]| |x[b]|): NaN where a row is 0 and has no direction. What
// Dosovitskiy et al. 2020, figure 7, draw of a learned table. Throw ShapeError.
core::Tensor<double> row_lengths(const core::Tensor<double>& products);
core::Tensor<double> cosines(const core::Tensor<double>& products);

// [T]: of all products of two positions k apart the greatest minus the least; 0 where distance alone decides.
// NaN where one is. products [T, T]. Throws ShapeError.
core::Tensor<double> spread_by_distance(const core::Tensor<double>& products);

}  // namespace vitrine::sequence
