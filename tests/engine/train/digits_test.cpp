#include "engine/train/digits.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/train/linear_model.h"

namespace vitrine::train {
namespace {

using core::Index;

TEST(Digits, DependOnSeedAndNumberOnly) {
  core::Workers one(1), three(3);
  const auto digits = draw_digits(5, 0, 200, one);
  const auto parts = draw_digits(5, 0, 200, three);
  EXPECT_EQ(digits.images, parts.images);
  EXPECT_EQ(digits.labels, parts.labels);
  const auto late = draw_digits(5, 130, 10, three);
  EXPECT_TRUE(
      std::equal(late.images.values().begin(), late.images.values().end(), &digits.images(130, 0, 0, 0)));
  EXPECT_FALSE(draw_digits(6, 0, 200, one).images == digits.images);
}

TEST(Digits, EveryPictureHasInkAndEveryClassAsMany) {
  core::Workers workers(1);
  const auto digits = draw_digits(1, 0, 500, workers);
  for (int label = 0; label < 10; ++label)
    EXPECT_EQ(std::count(digits.labels.values().begin(), digits.labels.values().end(), label), 50);
  for (Index i = 0; i < 500; ++i) {
    const auto* first = &digits.images(i, 0, 0, 0);
    EXPECT_GT(std::count_if(first, first + 784, [](std::uint8_t pixel) { return pixel > 100; }), 9) << i;
  }
}

// Hard enough that pixels alone do not tell, and no noise either. That a transformer learns them is in
// trainer_test.
TEST(Digits, AreHardForALinearModel) {
  core::Workers workers(2);
  const double accuracy = linear_model_accuracy(draw_digits(3, 0, 12'000, workers), 10'000, 12);
  EXPECT_LT(accuracy, 0.92);
  EXPECT_GT(accuracy, 0.25);
}

}  // namespace
}  // namespace vitrine::train
