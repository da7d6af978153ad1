#include "engine/nn/cross_entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace vitrine::nn {
namespace {

// Before training every class is as likely: ln K, and the gradient pushes by 1 - 1/K and 1/K.
TEST(CrossEntropy, OfEqualLogits) {
  const std::vector<double> logits(4, 0.3);
  std::vector<double> d(4);
  const auto [loss, correct, prediction, probability] =
      cross_entropy<double>(logits.data(), 4, 2, 1, d.data());
  EXPECT_NEAR(loss, 1.386294361119891, 1e-15);
  EXPECT_FALSE(correct);
  EXPECT_EQ(prediction, 0);  // the first of equals
  EXPECT_NEAR(probability, 0.25, 1e-15);
  EXPECT_EQ(d, (std::vector<double>{0.25, 0.25, -0.75, 0.25}));
}

TEST(CrossEntropy, TellsWhatTheImageIsTakenForAndHowSurely) {
  const std::vector<double> logits{1, 3, 2};
  const ImageLoss found = cross_entropy<double>(logits.data(), 3, 2, 1, nullptr);
  EXPECT_FALSE(found.correct);
  EXPECT_EQ(found.prediction, 1);
  EXPECT_NEAR(found.probability, 0.6652409557748219, 1e-15);  // e / (1 + e + 1 / e)
  EXPECT_NEAR(found.loss, 1.4076059644443806, 1e-15);
}

TEST(CrossEntropy, HugeLogitsStayFinite) {
  const std::vector<float> logits{3e38f, -3e38f, 0};
  std::vector<float> d(3);
  const auto right = cross_entropy<float>(logits.data(), 3, 0, 1, d.data());
  EXPECT_EQ(right.loss, 0);
  EXPECT_TRUE(right.correct);
  EXPECT_EQ(d, (std::vector<float>{0, 0, 0}));
}

TEST(Softmax, SumsToOneAndKeepsRatios) {
  const std::vector<double> logits{1, 2, 4};
  std::vector<double> p(3);
  softmax<double>(logits.data(), 3, p.data());
  EXPECT_NEAR(p[0] + p[1] + p[2], 1, 1e-15);
  EXPECT_NEAR(p[2] / p[1], std::exp(2.0), 1e-12);
}

}  // namespace
}  // namespace vitrine::nn
