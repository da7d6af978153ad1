#include "engine/sequence/late_mask.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vitrine::sequence::late_mask_test {
namespace {

using core::Tensor;

const Tensor<double> kQuery({3, 3}, {1, 0, 4, 2, -1, 3, 4, 6, 1});
const Tensor<double> kKey({3, 3}, {2, 0, 0, 3, -1, 0, 1, 0, 2});
const Tensor<double> kValue({3, 3}, {5, 4, 5, 3, 5, 5, 1, 2, 4});

TEST(LateMask, RowsNoLongerSumToOne) {
  const LateMask late = mask_after_softmax(kQuery, kKey, kValue, 1, causal_mask(3, 3));
  EXPECT_NEAR(late.weights(1, 0), 0.013213, 6e-7);
  EXPECT_NEAR(late.weights(1, 1), 0.265388, 6e-7);
  EXPECT_EQ(late.weights(1, 2), 0);
  EXPECT_NEAR(late.sums[1], 0.278601, 6e-7);
  EXPECT_NEAR(late.output(1, 0), 0.862228, 6e-7);
  EXPECT_NEAR(late.output(1, 1), 1.379791, 6e-7);
  EXPECT_NEAR(late.output(1, 2), 1.393004, 6e-7);
  EXPECT_NEAR(late.unmasked.weights(1, 2), 0.721399, 6e-7);
  EXPECT_NEAR(late.sums[2], 1, 1e-15) << "the last query sees everything";
}

TEST(LateMask, DividedByItsSumItIsTheRightOne) {
  for (const double beta : {0.0, 0.3, 1.0, 5.0}) {
    const LateMask late = mask_after_softmax(kQuery, kKey, kValue, beta, causal_mask(3, 3));
    const Attention right = attention(kQuery, kKey, kValue, beta, causal_mask(3, 3));
    for (Index t = 0; t < 3; ++t)
      for (Index s = 0; s < 3; ++s)
        EXPECT_NEAR(late.weights(t, s) / late.sums[t], right.weights(t, s), 1e-14) << beta;
  }
}

TEST(LateMask, NothingHiddenIsNoMistake) {
  const LateMask late = mask_after_softmax(kQuery, kKey, kValue, 1, no_mask(3, 3));
  EXPECT_EQ(late.weights, late.unmasked.weights);
  EXPECT_EQ(late.output, late.unmasked.output);
}

TEST(LateMask, AtInfinityAHiddenWinnerLeavesNothing) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const LateMask late = mask_after_softmax(kQuery, kKey, kValue, kInfinity, causal_mask(3, 3));
  EXPECT_EQ(late.sums[1], 0);
  EXPECT_EQ(late.output(1, 0), 0);
  Mask nothing = causal_mask(3, 3);
  nothing(0, 0) = 0;
  EXPECT_EQ(mask_after_softmax(kQuery, kKey, kValue, 1, nothing).sums[0], 0);
  EXPECT_THROW(mask_after_softmax(kQuery, kKey, kValue, 1, no_mask(3, 2)), core::ShapeError);
}

}  // namespace
}  // namespace vitrine::sequence::late_mask_test
