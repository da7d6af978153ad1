#include "engine/train/shapes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/engine/train/linear_model.h"

namespace vitrine::train {
namespace {

using core::Index;

TEST(Shapes, DependOnSeedAndNumberOnly) {
  core::Workers one(1), three(3);
  const auto shapes = draw_shapes(5, 0, 200, one);
  EXPECT_EQ(shapes.images.shape(), (core::Shape{200, 3, 28, 28}));
  EXPECT_EQ(shapes.images, draw_shapes(5, 0, 200, three).images);
  const auto late = draw_shapes(5, 130, 10, three);
  EXPECT_TRUE(
      std::equal(late.images.values().begin(), late.images.values().end(), &shapes.images(130, 0, 0, 0)));
  EXPECT_FALSE(draw_shapes(6, 0, 200, one).images == shapes.images);
}

TEST(Shapes, EveryClassHasAsMany) {
  core::Workers workers(1);
  const auto shapes = draw_shapes(1, 0, 400, workers);
  for (int label = 0; label < 8; ++label)
    EXPECT_EQ(std::count(shapes.labels.values().begin(), shapes.labels.values().end(), label), 50);
}

// Beside noise: how far the pixel that differs most from the picture's corner does so.
TEST(Shapes, AreSeenAgainstTheirPaper) {
  core::Workers workers(1);
  const auto shapes = draw_shapes(1, 0, 400, workers);
  const auto brightness = [&](Index i, Index pixel) {
    const auto* first = &shapes.images(i, 0, 0, 0);
    return 0.3 * first[pixel] + 0.6 * first[784 + pixel] + 0.1 * first[1568 + pixel];
  };
  for (Index i = 0; i < 400; ++i) {
    double low = 255, high = 0;  // of means over 3 x 3 pixels
    for (Index row = 1; row < 27; ++row)
      for (Index column = 1; column < 27; ++column) {
        double sum = 0;
        for (Index k = 0; k < 9; ++k) sum += brightness(i, (row + k / 3 - 1) * 28 + column + k % 3 - 1);
        low = std::min(low, sum / 9);
        high = std::max(high, sum / 9);
      }
    EXPECT_GT(high - low, 30) << i;
  }
}

// Colours and places are drawn apart from the class, so that pixels alone tell little.
TEST(Shapes, AreHardForALinearModel) {
  core::Workers workers(2);
  const double accuracy = linear_model_accuracy(draw_shapes(3, 0, 5'000, workers), 4'000, 12);
  EXPECT_LT(accuracy, 0.5);
  EXPECT_GT(accuracy, 1.0 / 8);
}

}  // namespace
}  // namespace vitrine::train
