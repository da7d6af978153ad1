#include "engine/signal/perturb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace vitrine::signal {
namespace {

using core::Rng;
using core::RngStream;
using core::ShapeError;
using core::Tensor;

const Tensor<double> kPicture({1, 2, 3}, {1, 2, 3, 4, 5, 6});

TEST(Shifted, MovesDownAndRightAndFillsWithZeros) {
  EXPECT_EQ(shifted(kPicture, 0, 1, ShiftFill::kZeros), Tensor<double>({1, 2, 3}, {0, 1, 2, 0, 4, 5}));
  EXPECT_EQ(shifted(kPicture, -1, 0, ShiftFill::kZeros), Tensor<double>({1, 2, 3}, {4, 5, 6, 0, 0, 0}));
  EXPECT_EQ(shifted(kPicture, 1, -2, ShiftFill::kZeros), Tensor<double>({1, 2, 3}, {0, 0, 0, 3, 0, 0}));
}

TEST(Shifted, WrapsAroundHoweverFar) {
  const Tensor<double> right({1, 2, 3}, {3, 1, 2, 6, 4, 5});
  EXPECT_EQ(shifted(kPicture, 0, 1, ShiftFill::kWrap), right);
  EXPECT_EQ(shifted(kPicture, 2, -2, ShiftFill::kWrap), right);
  EXPECT_EQ(shifted(kPicture, 0, 3'000'001, ShiftFill::kWrap), right);
  constexpr Index kFar = std::numeric_limits<Index>::min();
  EXPECT_EQ(shifted(kPicture, kFar, 0, ShiftFill::kZeros), Tensor<double>({1, 2, 3}));
  EXPECT_EQ(shifted(kPicture, 0, kFar, ShiftFill::kWrap), right);
}

TEST(Shifted, MovesEachChannelAndMasksToo) {
  const Tensor<std::uint8_t> mask({2, 1, 2}, {1, 0, 0, 1});
  EXPECT_EQ(shifted(mask, 0, 1, ShiftFill::kZeros), Tensor<std::uint8_t>({2, 1, 2}, {0, 1, 0, 0}));
  EXPECT_THROW(shifted(Tensor<float>({2, 2}, 0.0f), 0, 0, ShiftFill::kZeros), ShapeError);
}

TEST(WithValueAt, SetsTheMaskedCellsOfEveryChannel) {
  const Tensor<double> x({2, 1, 2}, {1, 2, 3, 4});
  const Tensor<std::uint8_t> mask({1, 2}, {0, 1});
  EXPECT_EQ(with_value_at(x, mask, 0), Tensor<double>({2, 1, 2}, {1, 0, 3, 0}));
  EXPECT_THROW(with_value_at(x, Tensor<std::uint8_t>({2, 1}, {0, 1}), 0), ShapeError);
}

TEST(RandomCells, AreAsManyAsAskedForAndRepeatable) {
  const Rng rng(7, RngStream::kTest);
  const auto set = [](const Tensor<std::uint8_t>& mask) {
    return std::accumulate(mask.values().begin(), mask.values().end(), Index{0});
  };
  for (const Index count : {0, 1, 7, 34, 35}) EXPECT_EQ(set(random_cells({5, 7}, count, rng, 0)), count);
  EXPECT_EQ(set(random_cells({5, 7}, 1'000'000, rng, 0)), 35);
  EXPECT_EQ(random_cells({5, 7}, 9, rng, 3), random_cells({5, 7}, 9, rng, 3));
  EXPECT_FALSE(random_cells({5, 7}, 9, rng, 3) == random_cells({5, 7}, 9, rng, 4));
  EXPECT_THROW(random_cells({5, 7}, -1, rng, 0), std::invalid_argument);
}

TEST(RandomCells, ReachEveryCellAlike) {
  const Rng rng(11, RngStream::kTest);
  std::vector<int> hits(10, 0);
  constexpr int kDraws = 20'000;
  for (int draw = 0; draw < kDraws; ++draw) {
    const auto mask = random_cells({2, 5}, 3, rng, static_cast<std::uint64_t>(draw));
    for (Index i = 0; i < 10; ++i) hits[static_cast<std::size_t>(i)] += mask[i];
  }
  // 3 of 10 cells: a binomial mean of 6000, standard deviation 65.
  for (const int count : hits) EXPECT_NEAR(count, 0.3 * kDraws, 5 * 65);
}

TEST(WithNoise, HasTheAmplitudeAndTheSeedSaysWhich) {
  const Tensor<double> x({1, 100, 100}, 2.0);
  const Rng rng(5, RngStream::kTest);
  const Tensor<double> noisy = with_noise(x, 0.5, rng, 0);
  double sum = 0, squares = 0;
  for (const double v : noisy.values()) {
    sum += v - 2;
    squares += (v - 2) * (v - 2);
  }
  EXPECT_NEAR(sum / 1e4, 0, 5 * 0.005);
  EXPECT_NEAR(std::sqrt(squares / 1e4), 0.5, 5 * 0.0036);
  EXPECT_EQ(noisy, with_noise(x, 0.5, rng, 0));
  EXPECT_FALSE(noisy == with_noise(x, 0.5, Rng(6, RngStream::kTest), 0));
  EXPECT_EQ(with_noise(x, 0, rng, 0), x);
}

TEST(DifferenceOf, CountsAndMeasures) {
  const Tensor<double> a({4}, {1, 2, 3, 6}), b({4}, {1, 2, 0, 2});
  const Difference d = difference(a, b);
  EXPECT_EQ(d.values, Tensor<double>({4}, {0, 0, 3, 4}));
  EXPECT_EQ(d.changed, 2);
  EXPECT_EQ(d.largest, 4);
  EXPECT_DOUBLE_EQ(d.relative, 5.0 / 3);
  EXPECT_EQ(difference(a, a).relative, 0);
  EXPECT_THROW(difference(a, Tensor<double>({2, 2}, 0.0)), ShapeError);
}

TEST(DifferenceOf, WhatIsNotANumberIsNotHidden) {
  const double nan = std::nan("");
  const Tensor<double> zero({2}, 0.0), one({2}, {1, 0}), none({2}, {nan, 1});
  EXPECT_EQ(difference(zero, zero).relative, 0);
  EXPECT_EQ(difference(one, zero).relative, std::numeric_limits<double>::infinity());
  const Difference broken = difference(none, zero);
  EXPECT_TRUE(std::isnan(broken.largest));
  EXPECT_TRUE(std::isnan(broken.relative));
  EXPECT_EQ(broken.changed, 2);
  EXPECT_EQ(difference(none, none).changed, 0);
  EXPECT_EQ(difference(none, none).largest, 0);
}

}  // namespace
}  // namespace vitrine::signal
