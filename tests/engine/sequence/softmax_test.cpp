#include "engine/sequence/softmax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace vitrine::sequence::softmax_test {
namespace {

using core::Tensor;

constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Edge {
  std::vector<double> x;
  double beta;
  std::vector<double> expected;
};

TEST(Softmax, EdgesAreExact) {
  const Edge edges[] = {
      {{5}, 1, {1}},
      {{0, 0, 0, 0}, 1, {0.25, 0.25, 0.25, 0.25}},
      {{4, 7, 8}, 0, {1.0 / 3, 1.0 / 3, 1.0 / 3}},
      {{4, 7, 8}, 1e30, {0, 0, 1}},
      {{4, 7, 8}, 1e308, {0, 0, 1}},
      {{4, 7, 8}, -1e308, {1, 0, 0}},
      {{8, 8, 4}, 1e308, {0.5, 0.5, 0}},
      {{1000, 1000}, 1, {0.5, 0.5}},
      {{-1000, -1000}, 1, {0.5, 0.5}},
      {{kLargest, -kLargest}, 1, {1, 0}},
      {{kLargest, -kLargest}, -1, {0, 1}},
      {{kLargest, -kLargest}, 0, {0.5, 0.5}},
      {{kLargest, -kLargest}, kLargest, {1, 0}},
      {{4, 7, 8}, kInfinity, {0, 0, 1}},
      {{4, 7, 8}, -kInfinity, {1, 0, 0}},
      {{8, 8, 4}, kInfinity, {0.5, 0.5, 0}},
      {{8, 8, 8, 8}, kInfinity, {0.25, 0.25, 0.25, 0.25}},
      {{kLargest, -kLargest}, kInfinity, {1, 0}},
      {{1, 1 + 2.3e-16}, kInfinity, {0, 1}},
      {{0, 745.2}, 1, {0, 1}},
      {{1e-320, 0}, 1, {0.5, 0.5}},
  };
  for (const Edge& edge : edges) {
    const Tensor<double> y = softmax(Tensor<double>({static_cast<Index>(edge.x.size())}, edge.x), edge.beta);
    for (std::size_t i = 0; i < edge.x.size(); ++i)
      EXPECT_NEAR(y[static_cast<Index>(i)], edge.expected[i], 1e-300) << edge.beta << " " << edge.x[0];
  }
  // The difference passes a double's range, its product with beta does not.
  const Tensor<double> far = softmax(Tensor<double>({2}, {1e308, -1e308}), 1e-308);
  EXPECT_DOUBLE_EQ(far[0], 1 / (1 + std::exp(-2)));
}

TEST(Softmax, RowsAreIndependentAndSumToOne) {
  const Tensor<double> y = softmax(Tensor<double>({2, 3}, {1, 2, 3, 0, std::log(2), std::log(5)}));
  EXPECT_DOUBLE_EQ(y(0, 0) + y(0, 1) + y(0, 2), 1);
  EXPECT_DOUBLE_EQ(y(0, 2) / y(0, 1), std::exp(1));
  EXPECT_DOUBLE_EQ(y(1, 0), 1.0 / 8);
  EXPECT_DOUBLE_EQ(y(1, 1), 2.0 / 8);
  EXPECT_DOUBLE_EQ(y(1, 2), 5.0 / 8);
}

TEST(Softmax, SensitivityFollowsBeta) {
  // Scores 1.000 and 1.005; the first moves by 0.01. The exercise's figures, to their last digit.
  struct Change {
    double beta, change, half_digit;
  };
  for (const auto [beta, change, half_digit] :
       {Change{0.1, 0.0002, 6e-5}, Change{1, 0.0025, 5e-5}, Change{10, 0.025, 5e-4}, Change{100, 0.245, 5e-4},
        Change{1000, 0.987, 5e-4}}) {
    const double before = softmax(Tensor<double>({2}, {1.000, 1.005}), beta)[0];
    const double after = softmax(Tensor<double>({2}, {1.010, 1.005}), beta)[0];
    EXPECT_NEAR(after - before, change, half_digit) << beta;
  }
}

TEST(Softmax, BackwardAgreesWithCentralDifferences) {
  const Tensor<double> x({2, 3}, {0.3, -1.2, 0.7, 2, 2, -1}), g({2, 3}, {1, -2, 0.5, 0.25, 3, -1});
  for (const double beta : {-1.5, 0.0, 0.5, 1.0, 3.0}) {
    const Tensor<double> grad = softmax_backward(softmax(x, beta), g, beta);
    for (Index i = 0; i < x.count(); ++i) {
      constexpr double kStep = 1e-5;
      const auto loss_at = [&](double value) {
        Tensor<double> moved = x;
        moved[i] = value;
        const Tensor<double> y = softmax(moved, beta);
        return std::inner_product(y.values().begin(), y.values().end(), g.values().begin(), 0.0);
      };
      EXPECT_NEAR(grad[i], (loss_at(x[i] + kStep) - loss_at(x[i] - kStep)) / (2 * kStep), 1e-9);
    }
  }
}

TEST(Softmax, RefusesWhatHasNoAnswer) {
  EXPECT_THROW(softmax(Tensor<double>({2}, {1, kInfinity})), std::invalid_argument);
  EXPECT_THROW(softmax(Tensor<double>({2}, {1, std::nan("")})), std::invalid_argument);
  EXPECT_THROW(softmax(Tensor<double>({2}, {1, 2}), std::nan("")), std::invalid_argument);
  EXPECT_THROW(softmax(Tensor<double>({0})), core::ShapeError);
  EXPECT_THROW(softmax(Tensor<double>({1, 1, 1})), core::ShapeError);
  EXPECT_THROW(softmax_backward(Tensor<double>({2}), Tensor<double>({3})), core::ShapeError);
}

}  // namespace
}  // namespace vitrine::sequence::softmax_test
