// Statistics of a sample: its moments, its histogram, and the normal curve to hold it against.
//   m = sum_i x[i] / n,  s^2 = sum_i (x[i] - m)^2 / (n - 1),  p(x) = exp(-(x - mu)^2 / (2 v)) / sqrt(2 pi v)
#pragma once

#include <span>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

struct Moments {
  double mean = 0;
  double variance = 0;  // by n - 1, so that its expected value is the distribution's
};
// Welford 1962, "Note on a method for calculating corrected sums of squares and products": one pass, no
// cancellation. Throws std::invalid_argument for fewer than two numbers.
Moments moments(std::span<const double> sample);

// The density at x of a normal distribution; variance > 0.
double normal_density(double x, double mean, double variance);
// Its integral from low to high: what part of a sample is expected there.
double normal_share(double low, double high, double mean, double variance);

// [bins] how many numbers lie in each of `bins` >= 1 equal parts of [low, high), low < high; what lies
// outside (or is NaN) is in none. The last part holds `high` too.
core::Tensor<Index> histogram(std::span<const double> sample, double low, double high, Index bins);

// In which of these parts x lies; -1 where it lies in none.
Index bin_of(double x, double low, double high, Index bins);

}  // namespace vitrine::sequence
