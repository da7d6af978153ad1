#include "engine/sequence/statistics.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace vitrine::sequence {

Moments moments(std::span<const double> sample) {
  if (sample.size() < 2)
    throw std::invalid_argument("a variance needs two numbers at least, not " +
                                std::to_string(sample.size()));
  double mean = 0, squares = 0, n = 0;
  for (const double x : sample) {
    const double away = x - mean;
    mean += away / ++n;
    squares += away * (x - mean);
  }
  return {mean, squares / (n - 1)};
}

double normal_density(double x, double mean, double variance) {
  const double away = x - mean;
  return std::exp(-away * away / (2 * variance)) / std::sqrt(2 * std::numbers::pi * variance);
}

double normal_share(double low, double high, double mean, double variance) {
  const double unit = std::sqrt(2 * variance);
  return (std::erf((high - mean) / unit) - std::erf((low - mean) / unit)) / 2;
}

Index bin_of(double x, double low, double high, Index bins) {
  if (!(x >= low && x <= high)) return -1;
  return std::min(static_cast<Index>((x - low) / (high - low) * static_cast<double>(bins)), bins - 1);
}

core::Tensor<Index> histogram(std::span<const double> sample, double low, double high, Index bins) {
  core::Tensor<Index> counts(core::Shape{bins}, 0);
  for (const double x : sample)
    if (const Index bin = bin_of(x, low, high, bins); bin >= 0) ++counts[bin];
  return counts;
}

}  // namespace vitrine::sequence
