#include "engine/nn/layer_norm.h"

#include <gtest/gtest.h>

#include <vector>

namespace vitrine::nn {
namespace {

// (1, 2, 3, 4): mean 2.5, standard deviation 1.118034.
TEST(LayerNorm, GivesTheExercisesNumbers) {
  ParameterLayout layout;
  const LayerNorm<double> layer(layout, "norm", 4);
  const auto weights = Weights<double>::initial(layout, 0);
  const Pass<double> pass{weights.values.data(), weights.transposed.data(), nullptr, 1, 0, 1, {}};
  const std::vector<double> x{1, 2, 3, 4}, expected{-1.341641, -0.447214, 0.447214, 1.341641};
  std::vector<double> y(4);
  LayerNorm<double>::Statistics statistics;
  layer.forward(pass, {x.data(), 1, 4}, &statistics, {y.data(), 1, 4});
  EXPECT_EQ(statistics.mean, 2.5);
  EXPECT_NEAR(1 / statistics.scale, 1.118034, 1e-5);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(y[i], expected[i], 1e-5);
}

TEST(LayerNorm, OfAConstantRowIsTheBias) {
  ParameterLayout layout;
  const LayerNorm<float> layer(layout, "norm", 70);
  const auto weights = Weights<float>::initial(layout, 0);
  const Pass<float> pass{weights.values.data(), weights.transposed.data(), nullptr, 1, 0, 1, {}};
  const std::vector<float> x(70, 3.25f);
  std::vector<float> y(70, 1);
  LayerNorm<float>::Statistics statistics;
  layer.forward(pass, {x.data(), 1, 70}, &statistics, {y.data(), 1, 70});
  EXPECT_EQ(y, std::vector<float>(70, 0.0f));
}

}  // namespace
}  // namespace vitrine::nn
