// Random tensors for the recurrent nets' tests, the same on every run, and how far two are apart.
#pragma once

#include <algorithm>
#include <cmath>

#include "engine/core/rng.h"
#include "engine/core/tensor.h"

namespace vitrine::sequence {

inline core::Tensor<double> drawn(const core::Shape& shape, std::uint64_t step, double scale = 1) {
  const core::Rng rng(7, core::RngStream::kTest);
  core::Tensor<double> t(shape);
  for (core::Index i = 0; i < t.count(); ++i) t[i] = scale * rng.normal(step, static_cast<std::uint64_t>(i));
  return t;
}

// The largest |a - b|, relative to the numbers where they are larger than 1; 1e300 where shapes differ.
inline double distance(const core::Tensor<double>& a, const core::Tensor<double>& b) {
  if (a.shape() != b.shape()) return 1e300;
  double most = 0;
  for (core::Index i = 0; i < a.count(); ++i)
    most = std::max(most, std::abs(a[i] - b[i]) / std::max(1.0, std::abs(b[i])));
  return most;
}

}  // namespace vitrine::sequence
