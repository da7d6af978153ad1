#include "engine/nn/dropout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace vitrine::nn {
namespace {

constexpr Index kPerImage = 1000, kImages = 4;

Pass<float> pass_with(DropoutDraw draw, Index first_image = 0, Index images = kImages) {
  return {nullptr, nullptr, nullptr, images, first_image, kImages, draw};
}

std::vector<float> dropped(DropoutDraw draw, std::uint64_t layer = 0) {
  std::vector<float> ones(kImages * kPerImage, 1.0f);
  Dropout<float>(layer).forward(pass_with(draw), {ones.data(), kImages, kPerImage},
                                {ones.data(), kImages, kPerImage});
  return ones;
}

TEST(Dropout, DropsTheRateAndKeepsTheMean) {
  for (const double rate : {0.1, 0.5, 0.9}) {
    double zeros = 0, sum = 0;
    constexpr int kSteps = 50;
    for (std::uint64_t step = 0; step < kSteps; ++step) {
      const auto y = dropped({rate, 3, step});
      zeros += static_cast<double>(std::count(y.begin(), y.end(), 0.0f));
      for (const float value : y) sum += value;
    }
    constexpr double kCount = static_cast<double>(kSteps * kImages * kPerImage);
    const double deviation = std::sqrt(rate * (1 - rate) / kCount);
    EXPECT_NEAR(zeros / kCount, rate, 5 * deviation);
    EXPECT_NEAR(sum / kCount, 1, 5 * deviation / (1 - rate));
  }
}

TEST(Dropout, BitsDependOnSeedStepLayerAndImage) {
  const auto y = dropped({0.5, 1, 1});
  EXPECT_EQ(y, dropped({0.5, 1, 1}));
  EXPECT_NE(y, dropped({0.5, 2, 1}));
  EXPECT_NE(y, dropped({0.5, 1, 2}));
  EXPECT_NE(y, dropped({0.5, 1, 1}, 1));
  EXPECT_FALSE(std::equal(y.begin(), y.begin() + kPerImage, y.begin() + kPerImage));
}

// An image's bits do not depend on the chunk it is in.
TEST(Dropout, ChunksDrawWhatTheWholeBatchDraws) {
  const auto whole = dropped({0.3, 1, 1});
  std::vector<float> parts(kImages * kPerImage, 1.0f);
  const Dropout<float> layer(0);
  const core::MatrixView<float> first(parts.data(), 1, kPerImage), rest(&parts[kPerImage], 3, kPerImage);
  layer.forward(pass_with({0.3, 1, 1}, 0, 1), first, first);
  layer.forward(pass_with({0.3, 1, 1}, 1, 3), rest, rest);
  EXPECT_EQ(parts, whole);
}

// Neighbouring numbers fall independently: pairs that both fall come as often as rate^2.
TEST(Dropout, NeighboursAreIndependent) {
  for (const std::size_t distance : {1u, 2u, 15u, 16u, 17u, 32u}) {
    double both = 0, pairs = 0;
    for (std::uint64_t step = 0; step < 50; ++step) {
      const auto y = dropped({0.5, 9, step});
      for (std::size_t i = 0; i + distance < kPerImage; ++i, ++pairs)
        both += y[i] == 0 && y[i + distance] == 0;
    }
    EXPECT_NEAR(both / pairs, 0.25, 0.012) << distance;
  }
}

TEST(Dropout, RateZeroIsTheSum) {
  const std::vector<float> x{1, 2, 3}, residual{10, 20, 30};
  std::vector<float> y(3);
  Dropout<float>(0).forward_add(pass_with({}, 0, 1), {x.data(), 1, 3}, {residual.data(), 1, 3},
                                {y.data(), 1, 3});
  EXPECT_EQ(y, (std::vector<float>{11, 22, 33}));
}

}  // namespace
}  // namespace vitrine::nn
