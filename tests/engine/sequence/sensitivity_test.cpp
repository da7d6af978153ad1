#include "engine/sequence/sensitivity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/sequence/differences.h"
#include "engine/sequence/softmax.h"

namespace vitrine::sequence::sensitivity_test {
namespace {

using core::Tensor;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Sensitivity, TheJacobianAgreesWithCentralDifferences) {
  const Tensor<double> x({4}, {0.3, -1.2, 0.7, 0.69});
  for (const double beta : {0.0, 0.5, 1.0, 3.0, 20.0}) {
    const Tensor<double> jacobian = softmax_jacobian(softmax(x, beta).values(), beta);
    ASSERT_EQ(jacobian.shape(), (core::Shape{4, 4}));
    for (Index j = 0; j < 4; ++j) {
      const double step = 1e-5 / std::max(1.0, beta);
      Tensor<double> above = x, below = x;
      above[j] += step;
      below[j] -= step;
      const Tensor<double> up = softmax(above, beta), down = softmax(below, beta);
      double sum = 0;
      for (Index i = 0; i < 4; ++i) {
        EXPECT_NEAR(jacobian(i, j), (up[i] - down[i]) / (2 * step), 1e-8) << beta;
        EXPECT_EQ(jacobian(i, j), jacobian(j, i));
        sum += jacobian(i, j);
      }
      EXPECT_NEAR(sum, 0, 1e-14) << "what one weight gains the others lose";
    }
  }
}

TEST(Sensitivity, TheDifferencesAreTheJacobianWithoutItsFormula) {
  const double x[] = {0.3, -1.2, 0.7, 0.69};
  const std::uint8_t causal[] = {1, 1, 1, 0};
  for (const double beta : {0.0, 0.5, 1.0, 3.0, 1000.0}) {
    std::vector<double> weights(4);
    softmax_row(x, beta, causal, weights, weights);
    const Tensor<double> jacobian = softmax_jacobian(weights, beta),
                         differences = softmax_differences(x, causal, beta, 1e-5);
    EXPECT_LT(largest_difference(jacobian, differences), 1e-9 * std::max(1.0, beta)) << beta;
    for (Index i = 0; i < 4; ++i) EXPECT_EQ(differences(i, 3), 0) << "a hidden key moves nothing";
  }
  EXPECT_THROW(softmax_differences(x, std::span(causal, 2), 1, 1e-5), core::ShapeError);
  EXPECT_THROW(softmax_differences(x, {}, kInfinity, 1e-5), std::invalid_argument);
}

TEST(Sensitivity, ALargestDifferenceKeepsANan) {
  const Tensor<double> a({3}, {1, 2, 3});
  EXPECT_EQ(largest_difference(a, Tensor<double>({3}, {1, 2.5, 2})), 1);
  EXPECT_TRUE(std::isnan(largest_difference(a, Tensor<double>({3}, {1, std::nan(""), 9}))));
}

TEST(Sensitivity, AtATieTheSlopeIsAQuarterOfBeta) {
  const double tie[] = {0.5, 0.5};
  EXPECT_EQ(softmax_jacobian(tie, 8)(0, 0), 2);
  EXPECT_EQ(softmax_jacobian(tie, 8)(0, 1), -2);
}

TEST(Sensitivity, AtInfinityAChoiceDoesNotMoveAndATieJumps) {
  const double choice[] = {0, 1};
  const Tensor<double> still = softmax_jacobian(choice, kInfinity);
  for (const double slope : still.values()) EXPECT_EQ(slope, 0);
  const double tie[] = {0.5, 0.5};
  EXPECT_EQ(softmax_jacobian(tie, kInfinity)(0, 0), kInfinity);
  EXPECT_EQ(softmax_jacobian(tie, kInfinity)(1, 0), -kInfinity);
  const double near_tie[] = {1.000, 1.005};
  const Nudge jump = nudge(near_tie, {}, 0, 0.01, kInfinity);
  EXPECT_EQ(jump.change[0], 1);
  EXPECT_EQ(jump.predicted[0], 0);
}

TEST(Sensitivity, TheSameNudgeChangesMoreTheLargerBeta) {
  const double scores[] = {1.000, 1.005};
  struct Change {
    double beta, change, half_digit;
  };
  for (const auto [beta, change, half_digit] :
       {Change{0.1, 0.0002, 6e-5}, Change{1, 0.0025, 5e-5}, Change{10, 0.025, 5e-4}, Change{100, 0.245, 5e-4},
        Change{1000, 0.987, 5e-4}}) {
    const Nudge n = nudge(scores, {}, 0, 0.01, beta);
    EXPECT_NEAR(n.change[0], change, half_digit) << beta;
    EXPECT_NEAR(n.change[0] + n.change[1], 0, 1e-15);
    EXPECT_DOUBLE_EQ(n.predicted[0], beta * n.before[0] * (1 - n.before[0]) * 0.01);
    EXPECT_DOUBLE_EQ(n.predicted[1], -n.predicted[0]);
    EXPECT_EQ(n.after[0] - n.before[0], n.change[0]);
  }
}

TEST(Sensitivity, ASmallStepIsAsThePrediction) {
  const double scores[] = {4, 7, 8};
  const Nudge n = nudge(scores, {}, 1, 1e-6, 1 / std::sqrt(3));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(n.change[i], n.predicted[i], 1e-12);
}

TEST(Sensitivity, AHiddenKeyMovesNothing) {
  const double scores[] = {4, 7, 8};
  const std::uint8_t causal[] = {1, 1, 0};
  const Nudge hidden = nudge(scores, causal, 2, 5, 1);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(hidden.change[i], 0);
    EXPECT_EQ(hidden.predicted[i], 0);
  }
  EXPECT_THROW(nudge(scores, {}, 3, 1, 1), core::ShapeError);
  EXPECT_THROW(nudge(scores, std::span(causal, 2), 0, 1, 1), core::ShapeError);
}

TEST(Sensitivity, LogSpacedHasBothEndsAndEqualFactors) {
  const std::vector<double> values = log_spaced(0.01, 1000, 6);
  ASSERT_EQ(values.size(), 6u);
  EXPECT_EQ(values.front(), 0.01);
  EXPECT_EQ(values.back(), 1000);
  for (std::size_t i = 0; i + 1 < values.size(); ++i) EXPECT_NEAR(values[i + 1] / values[i], 10, 1e-12);
}

}  // namespace
}  // namespace vitrine::sequence::sensitivity_test
