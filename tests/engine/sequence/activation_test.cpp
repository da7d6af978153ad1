#include "engine/sequence/activation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/sequence/dropout.h"
#include "tests/engine/sequence/numeric.h"

namespace vitrine::sequence {
namespace {

using core::Index;
using core::Tensor;
using testing::ElementsAre;

TEST(Activation, ReluCutsAtZero) {
  const Tensor<double> u({5}, {-2, -0.5, 0, 0.5, 3});
  EXPECT_THAT(activated(Activation::kRelu, u).values(), ElementsAre(0, 0, 0, 0.5, 3));
  EXPECT_THAT(slopes(Activation::kRelu, u).values(), ElementsAre(0, 0, 0, 1, 1));
}

// Values of the normal distribution's table: Phi(1) = 0.8413447461, Phi(2) = 0.9772498681.
TEST(Activation, GeluIsTheExactOne) {
  EXPECT_EQ(activated(Activation::kGelu, 0), 0);
  EXPECT_NEAR(activated(Activation::kGelu, 1), 0.8413447460685429, 1e-15);
  EXPECT_NEAR(activated(Activation::kGelu, -2), -2 * (1 - 0.9772498680518208), 1e-15);
  EXPECT_NEAR(activated(Activation::kGelu, -40), 0, 1e-300);
  EXPECT_EQ(activated(Activation::kGelu, 40), 40);
  EXPECT_EQ(slope(Activation::kGelu, 0), 0.5);
  for (const double u : {-3.0, -1.2, -0.3, 0.4, 0.75, 2.5}) {
    constexpr double kStep = 1e-5;
    const double numeric =
        (activated(Activation::kGelu, u + kStep) - activated(Activation::kGelu, u - kStep)) / (2 * kStep);
    EXPECT_NEAR(slope(Activation::kGelu, u), numeric, 1e-9) << u;
  }
}

TEST(Activation, CarriesNan) {
  for (const Activation activation : {Activation::kGelu, Activation::kRelu}) {
    EXPECT_TRUE(std::isnan(activated(activation, std::nan(""))));
    EXPECT_TRUE(std::isnan(slope(activation, std::nan(""))));
  }
}

TEST(Dropout, DropsAboutTheRateAndKeepsTheMean) {
  constexpr Index kCount = 20'000;
  for (const double rate : {0.1, 0.5, 0.9}) {
    const Tensor<double> factors = dropout_factors({kCount}, {rate, 3, 0}, 0);
    double kept = 0;
    for (const double f : factors.values()) {
      if (f != 0) {
        EXPECT_DOUBLE_EQ(f, 1 / (1 - rate));
        ++kept;
      }
    }
    // Within five standard deviations of a binomial.
    EXPECT_NEAR(kept / kCount, 1 - rate, 5 * std::sqrt(rate * (1 - rate) / kCount)) << rate;
  }
}

TEST(Dropout, IsAFunctionOfSeedStepPlaceAndIndex) {
  const Dropout dropout{0.5, 7, 2};
  const Tensor<double> factors = dropout_factors({8, 8}, dropout, 1);
  EXPECT_EQ(dropout_factors({8, 8}, dropout, 1), factors);
  EXPECT_FALSE(dropout_factors({8, 8}, dropout, 2) == factors);
  EXPECT_FALSE(dropout_factors({8, 8}, {0.5, 7, 3}, 1) == factors);
  EXPECT_FALSE(dropout_factors({8, 8}, {0.5, 8, 2}, 1) == factors);
  // A higher rate drops what a lower one dropped, and more.
  const Tensor<double> more = dropout_factors({8, 8}, {0.8, 7, 2}, 1);
  for (Index i = 0; i < factors.count(); ++i) EXPECT_TRUE(factors[i] != 0 || more[i] == 0) << i;
  EXPECT_EQ(dropout_factors({2, 2}, {0, 7, 2}, 1), Tensor<double>({2, 2}, 1.0));
}

TEST(Dropout, RefusesARateThatLeavesNothing) {
  for (const double rate : {1.0, -0.1, std::nan("")})
    EXPECT_THROW(dropout_factors({2}, {rate, 0, 0}, 0), std::invalid_argument);
}

}  // namespace
}  // namespace vitrine::sequence
