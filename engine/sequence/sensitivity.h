// How a softmax's weights answer to its scores: the Jacobian, and one score moved by a step of any size.
//   J[i,j] = d a[i] / d x[j] = beta (a[i] [i = j] - a[i] a[j]),   a = softmax(beta x)
// On the diagonal beta a (1 - a), at most beta/4: large where beta is large and two scores tie.
// Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network outputs".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

// [S, S] of one row of weights [S]. At an infinite beta a weight of 0 or 1 has slope 0 and a tie an infinite
// one.
core::Tensor<double> softmax_jacobian(std::span<const double> weights, double beta);

// The same of a row's products x [S] (before beta) by central differences, which know nothing of the formula:
// column j is (a(x + e_j d) - a(x - e_j d)) / 2d with d = step / max(1, beta). Keys that are not allowed
// (empty: all are) take no part. Throws ShapeError if `allowed` does not fit x, std::invalid_argument unless
// beta is finite: at infinity a weight jumps.
core::Tensor<double> softmax_differences(std::span<const double> x, std::span<const std::uint8_t> allowed,
                                         double beta, double step);

// One score of a row moved by `step`, and what that does to the weights.
struct Nudge {
  double beta = 1;
  double step = 0;
  std::vector<double> before, after;  // [S] weights
  std::vector<double> change;         // [S] after - before
  std::vector<double> predicted;      // [S] J[i, moved] * step: the slope at `before`, followed that far
};

// The row's products x [S] (before beta), which of them take part (empty: all), the index of the one that
// moves. Throws ShapeError if `moved` or `allowed` does not fit x.
Nudge nudge(std::span<const double> x, std::span<const std::uint8_t> allowed, Index moved, double step,
            double beta);

// `count` >= 2 temperatures from low > 0 to high, each the same factor above the one before, both ends exact.
std::vector<double> log_spaced(double low, double high, Index count);

}  // namespace vitrine::sequence
