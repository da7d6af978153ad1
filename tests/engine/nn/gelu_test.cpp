#include "engine/nn/gelu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/core/vector_math.h"

namespace vitrine::nn {

using core::exp_of_nonpositive;
using core::kLanes;
using core::Vector;
namespace {

// The fast float path against erf and exp in double, from deep in the left tail to far right.
TEST(Gelu, FloatFollowsTheExactOne) {
  std::vector<float> u;
  for (int i = -12'000; i <= 12'000; ++i) u.push_back(static_cast<float>(i) / 1000);
  std::vector<float> slope(u.size()), y(u.size());
  Gelu<float>::forward(u.data(), static_cast<Index>(u.size()), slope.data(), y.data());
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double x = u[i];
    const double phi = std::erfc(-x / std::sqrt(2.0)) / 2;
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    EXPECT_NEAR(y[i], x * phi, 1e-6 + 1e-6 * std::abs(x * phi)) << x;
    EXPECT_NEAR(slope[i], phi + x * density, 2e-6) << x;
    if (x < -1 && x > -9) {  // the tail keeps its digits
      EXPECT_NEAR(y[i] / (x * phi), 1, 1e-5) << x;
    }
  }
}

TEST(Gelu, KnownValues) {
  const std::vector<double> u{0, 1, -1};
  std::vector<double> slope(3), y(3);
  Gelu<double>::forward(u.data(), 3, slope.data(), y.data());
  EXPECT_EQ(y[0], 0);
  EXPECT_NEAR(y[1], 0.8413447460685429, 1e-15);
  EXPECT_NEAR(y[2], -0.15865525393145707, 1e-15);
  EXPECT_EQ(slope[0], 0.5);
  EXPECT_NEAR(slope[1], 1.0833154705876864, 1e-14);
}

template <class T>
void expect_exp(T first, double tolerance) {
  for (int i = 0; i <= 10'000; ++i) {
    const T x = first * static_cast<T>(i) / 10'000;
    const T value = exp_of_nonpositive<T>(Vector<T>{} + x)[0];
    EXPECT_NEAR(value / std::exp(static_cast<long double>(x)), 1, tolerance) << x;
  }
  EXPECT_EQ(exp_of_nonpositive<T>(Vector<T>{})[0], 1);
  EXPECT_LT(exp_of_nonpositive<T>(Vector<T>{} - std::numeric_limits<T>::infinity())[0], 1e-37);
  EXPECT_TRUE(std::isnan(exp_of_nonpositive<T>(Vector<T>{} + std::numeric_limits<T>::quiet_NaN())[0]));
}

TEST(Exp, FloatHasSevenDigits) { expect_exp<float>(-86, 3e-7); }
TEST(Exp, DoubleHasFifteenDigits) { expect_exp<double>(-700, 1e-15); }

}  // namespace
}  // namespace vitrine::nn
