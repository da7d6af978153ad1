#include "engine/signal/pool_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace vitrine::signal {
namespace {

using core::ShapeError;
using core::Tensor;

TEST(PoolWindow, IsWhatThePoolingsComputeAtEveryOutput) {
  const Tensor<double> x({2, 3, 4}, {3,  1, -4, 1, 5, -9, 2,  6, -5, 3, 5,  -8,  //
                                     -9, 7, 9,  3, 2, -3, -8, 4, 6,  2, -6, 4});
  const PoolSpec spec{2, 3, {.stride = 2, .padding_before = 1}, {.padding_before = 1, .padding_after = 1}};
  for (const CountPadding count : {CountPadding::kYes, CountPadding::kNo}) {
    const auto largest = max_pool(x, spec);
    const Tensor<double> mean = average_pool(x, spec, count);
    for (Index c = 0; c < 2; ++c)
      for (Index i = 0; i < mean.size(1); ++i)
        for (Index j = 0; j < mean.size(2); ++j) {
          const PoolWindow window = pool_window(x, spec, count, c, i, j);
          EXPECT_EQ(window.largest, largest.output(c, i, j));
          EXPECT_EQ(window.mean, mean(c, i, j));
          const Tap& winner = window.cells[window.winner].tap;
          EXPECT_EQ(winner.row * 4 + winner.column, largest.argmax(c, i, j));
          EXPECT_EQ(window.cells.size(), 6u);
        }
  }
}

TEST(PoolWindow, CountsThePaddingAsTold) {
  const Tensor<double> x({1, 1, 3}, {-3, -6, -9});
  const PoolSpec spec{1, 3, {}, {.padding_before = 1, .padding_after = 1}};
  const PoolWindow with = pool_window(x, spec, CountPadding::kYes, 0, 0, 0);
  EXPECT_EQ(with.sum, -9);
  EXPECT_EQ(with.count, 3);
  EXPECT_EQ(with.winner, 1u) << "padding never wins";
  EXPECT_EQ(pool_window(x, spec, CountPadding::kNo, 0, 0, 0).count, 2);
}

TEST(PoolWindow, TheFirstNaNWins) {
  const Tensor<double> x({1, 1, 4}, {2, std::nan(""), 9, std::nan("")});
  const PoolWindow window = pool_window(x, {1, 4, {}, {}}, CountPadding::kYes, 0, 0, 0);
  EXPECT_EQ(window.winner, 1u);
  EXPECT_TRUE(std::isnan(window.largest));
  EXPECT_TRUE(std::isnan(window.mean));
}

TEST(PoolWindow, RefusesWhatIsNotThere) {
  const Tensor<double> x({1, 2, 2}, {1, 2, 3, 4});
  EXPECT_THROW(pool_window(x, {}, CountPadding::kYes, 1, 0, 0), ShapeError);
  EXPECT_THROW(pool_window(x, {}, CountPadding::kYes, 0, 1, 0), ShapeError);
  const PoolSpec beside{1, 2, {}, {.padding_before = 2}};
  EXPECT_THROW(pool_window(x, beside, CountPadding::kYes, 0, 0, 0), ShapeError);
}

TEST(ExactRatio, IsInLowestTermsOrNotThere) {
  EXPECT_EQ(exact_ratio(8, 9), (Ratio{8, 9}));
  EXPECT_EQ(exact_ratio(6, 9), (Ratio{2, 3}));
  EXPECT_EQ(exact_ratio(-6, 9), (Ratio{-2, 3}));
  EXPECT_EQ(exact_ratio(0, 9), (Ratio{0, 1}));
  EXPECT_EQ(exact_ratio(12, 4), (Ratio{3, 1}));
  EXPECT_EQ(exact_ratio(0.5, 2), std::nullopt);
  EXPECT_EQ(exact_ratio(0x1p54, 2), std::nullopt) << "its neighbours are not all there";
  EXPECT_EQ(exact_ratio(std::nan(""), 2), std::nullopt);
}

}  // namespace
}  // namespace vitrine::signal
