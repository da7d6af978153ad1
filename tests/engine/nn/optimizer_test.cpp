#include "engine/nn/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vitrine::nn {
namespace {

// One weight that decays, w = 1, under the gradients 0.5 and -0.25.
double after_two_updates(const UpdateRule& rule) {
  ParameterLayout layout;
  layout.add({"w", {1}, Initial::kOne, 0, true});
  auto weights = Weights<double>::initial(layout, 0);
  core::Workers workers(1);
  Optimizer<double> optimizer(layout);
  std::vector<double> gradient(static_cast<std::size_t>(layout.size()));
  for (const double g : {0.5, -0.25}) {
    gradient[0] = g;
    optimizer.update(rule, gradient.data(), 1, workers, weights);
  }
  return weights.values[0];
}

// PyTorch's results for the same numbers (torch.optim in double).
TEST(Optimizer, SgdWithMomentumAndDecay) {
  UpdateRule rule{OptimizerKind::kSgd, 0.1};
  EXPECT_NEAR(after_two_updates(rule), 1 - 0.1 * 0.5 + 0.1 * 0.25, 1e-15);
  rule.momentum = 0.9;
  rule.weight_decay = 0.2;
  // g1 = 0.7, w = 0.93; g2 = -0.25 + 0.186, m = 0.63 - 0.064, w = 0.93 - 0.0566
  EXPECT_NEAR(after_two_updates(rule), 0.8734, 1e-15);
}

TEST(Optimizer, AdamFollowsItsDefinition) {
  const UpdateRule rule{OptimizerKind::kAdam, 0.1};
  // t = 1: m/(1-b1) = 0.5, v/(1-b2) = 0.25: a whole step of 0.1. t = 2: by hand.
  const double m = (0.9 * 0.05 - 0.1 * 0.25) / (1 - 0.81);
  const double v = (0.999 * 0.00025 + 0.001 * 0.0625) / (1 - 0.998001);
  const double expected = 1 - 0.1 * 0.5 / (0.5 + 1e-8) - 0.1 * m / (std::sqrt(v) + 1e-8);
  EXPECT_NEAR(after_two_updates(rule), expected, 1e-12);
}

TEST(Optimizer, AdamWDecaysTheWeightAndAdamTheGradient) {
  UpdateRule rule{OptimizerKind::kAdamW, 0.1};
  const double plain = after_two_updates(rule);
  rule.weight_decay = 0.5;
  const double first = 1 * (1 - 0.05) - 0.1 * 0.5 / (0.5 + 1e-8);
  const double second = after_two_updates(rule);
  const double plain_first = 1 - 0.1 * 0.5 / (0.5 + 1e-8);
  EXPECT_NEAR(second, first * (1 - 0.05) - (plain_first - plain), 1e-12);
  rule.kind = OptimizerKind::kAdam;
  EXPECT_GT(std::abs(after_two_updates(rule) - second), 1e-3);
}

TEST(Optimizer, BiasesDoNotDecay) {
  ParameterLayout layout;
  layout.add({"b", {1}, Initial::kOne});
  auto weights = Weights<double>::initial(layout, 0);
  core::Workers workers(1);
  Optimizer<double> optimizer(layout);
  UpdateRule rule;
  rule.weight_decay = 0.5;
  const std::vector<double> zero(static_cast<std::size_t>(layout.size()));
  optimizer.update(rule, zero.data(), 1, workers, weights);
  EXPECT_EQ(weights.values[0], 1);
}

TEST(ClipFactor, BringsTheNormToTheLimit) {
  EXPECT_EQ(clip_factor(5, 0), 1);
  EXPECT_EQ(clip_factor(0.5, 1), 1);
  EXPECT_EQ(clip_factor(4, 1), 1 / 4.000001);
}

}  // namespace
}  // namespace vitrine::nn
