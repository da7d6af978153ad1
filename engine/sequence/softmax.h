// The softmax with an inverse temperature: y[i] = exp(beta*x[i]) / sum_j exp(beta*x[j]).
// Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
#pragma once

#include <cstdint>
#include <span>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

// One row: exps[i] = exp(beta*(x[i] - m)) with m the x that makes the largest exponent 0, exactly 0 where
// allowed[i] is 0 (an empty `allowed` allows all), and weights = exps / sum. Finite x and any beta (0,
// negative, 1e308) give finite weights; an infinite one gives the limit: the greatest x (the least at minus
// infinity) takes everything, and ties share it equally. `exps` may be `weights`. Returns the sum; 0, and all
// weights 0, if nothing is allowed.
double softmax_row(std::span<const double> x, double beta, std::span<const std::uint8_t> allowed,
                   std::span<double> exps, std::span<double> weights);

// Over the last axis of [n] or [T, n]; at an infinite beta its limit. Throws ShapeError (another rank, an
// empty axis) and std::invalid_argument if beta is NaN or an input not finite.
core::Tensor<double> softmax(const core::Tensor<double>& input, double beta = 1);

// dL/dx[i] = beta * y[i] * (g[i] - sum_j g[j]*y[j]), with y the softmax and g = dL/dy of the same shape;
// beta finite. Throws ShapeError.
core::Tensor<double> softmax_backward(const core::Tensor<double>& output,
                                      const core::Tensor<double>& grad_output, double beta = 1);

}  // namespace vitrine::sequence
