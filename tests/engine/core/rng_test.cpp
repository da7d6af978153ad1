#include "engine/core/rng.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vitrine::core {
namespace {

// Philox4x32-10 of a zero counter and key, from the known-answer table of Random123.
TEST(Rng, MatchesThePublishedVector) {
  const Rng rng(0, static_cast<RngStream>(0));
  const std::array<std::uint32_t, 4> expected{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u};
  EXPECT_EQ(rng.bits(0, 0), expected);
}

TEST(Rng, DrawDependsOnItsAddressOnly) {
  const Rng rng(42, RngStream::kInit);
  const double direct = rng.uniform(7, 1000);
  for (std::uint64_t i = 0; i < 1000; ++i) rng.uniform(7, i);
  EXPECT_EQ(rng.uniform(7, 1000), direct);
  EXPECT_NE(rng.uniform(8, 1000), direct);
  EXPECT_NE(Rng(42, RngStream::kShuffle).uniform(7, 1000), direct);
  EXPECT_NE(Rng(43, RngStream::kInit).uniform(7, 1000), direct);
}

TEST(Rng, NormalHasMeanZeroAndVarianceOne) {
  const Rng rng(1, RngStream::kTest);
  constexpr int kDraws = 200'000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal(0, i);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.01);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.02);
}

TEST(Rng, PermutationHoldsEveryIndexOnceAndChangesWithTheStep) {
  const Rng rng(3, RngStream::kShuffle);
  auto order = rng.permutation(1000, 0);
  EXPECT_NE(order, rng.permutation(1000, 1));
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(order[i], i);
}

}  // namespace
}  // namespace vitrine::core
