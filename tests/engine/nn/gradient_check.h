// The gradient check: an analytic gradient in double beside central differences,
// (f(x + d) - f(x - d)) / (2 d), every tensor to a relative error of 1e-6.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "engine/nn/parameters.h"

namespace vitrine::nn {

inline constexpr double kDifference = 1e-5, kTolerance = 1e-6;

using Numbers = std::vector<double>;

// The norm of the difference over the norms; vectors that are zero up to rounding count as equal.
inline double relative_error(const Numbers& a, const Numbers& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += a[i] * a[i] + b[i] * b[i];
  }
  return std::sqrt(difference) / std::max(std::sqrt(size), 1e-3);
}

// d value / d at[i] for every i.
inline Numbers central_differences(double* at, Index count, const std::function<double()>& value) {
  Numbers out;
  for (Index i = 0; i < count; ++i) {
    const double middle = at[i];
    at[i] = middle + kDifference;
    const double above = value();
    at[i] = middle - kDifference;
    const double below = value();
    at[i] = middle;
    out.push_back((above - below) / (2 * kDifference));
  }
  return out;
}

// Of every parameter; the gradient of one that does not train is zero.
inline void expect_gradients(const ParameterLayout& layout, Weights<double>& weights, const double* gradient,
                             const std::function<double()>& value) {
  for (const auto& info : layout.infos()) {
    const Numbers analytic(gradient + info.offset, gradient + info.offset + info.shape.count());
    if (!info.trains) {
      EXPECT_EQ(analytic, Numbers(analytic.size())) << info.name;
      continue;
    }
    const auto numeric = central_differences(weights.values.data() + info.offset, info.shape.count(), [&] {
      weights.refresh_all(layout);
      return value();
    });
    EXPECT_LT(relative_error(analytic, numeric), kTolerance) << info.name;
  }
  weights.refresh_all(layout);
}

}  // namespace vitrine::nn
