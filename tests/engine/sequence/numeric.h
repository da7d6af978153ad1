// Gradients by central differences, the truth that every backward pass is held against.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "engine/core/rng.h"
#include "engine/core/tensor.h"

namespace vitrine::sequence {

// Normal numbers, the same on every run; `draw` tells tensors of one test apart.
inline core::Tensor<double> normal(core::Shape shape, std::uint64_t draw, double deviation = 1) {
  const core::Rng rng(17, core::RngStream::kTest);
  core::Tensor<double> tensor(std::move(shape));
  for (core::Index i = 0; i < tensor.count(); ++i)
    tensor[i] = deviation * rng.normal(draw, static_cast<std::uint64_t>(i));
  return tensor;
}

// sum_i a[i] b[i]: the loss whose gradient with respect to a is b.
inline double inner(const core::Tensor<double>& a, const core::Tensor<double>& b) {
  double sum = 0;
  for (core::Index i = 0; i < a.count(); ++i) sum += a[i] * b[i];
  return sum;
}

// Expects `gradient` to be that of loss() with respect to x, which loss() reads and which is put back.
inline void expect_gradient(core::Tensor<double>& x, const core::Tensor<double>& gradient,
                            const std::function<double()>& loss, const std::string& name,
                            double tolerance = 1e-7) {
  constexpr double kStep = 1e-5;
  ASSERT_EQ(to_string(x.shape()), to_string(gradient.shape())) << name;
  for (core::Index i = 0; i < x.count(); ++i) {
    const double before = x[i];
    x[i] = before + kStep;
    const double above = loss();
    x[i] = before - kStep;
    const double below = loss();
    x[i] = before;
    const double numeric = (above - below) / (2 * kStep);
    EXPECT_NEAR(gradient[i], numeric, tolerance * std::max(1.0, std::abs(numeric)))
        << name << "[" << i << "]";
  }
}

}  // namespace vitrine::sequence
