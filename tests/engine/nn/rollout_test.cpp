#include "engine/nn/rollout.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/nn/numbers.h"

namespace vitrine::nn {
namespace {

using core::Tensor;

// One layer of two heads: the mean [[0.5, 0.5], [0.25, 0.75]], half of it and half of the identity. Then a
// second layer in which both tokens take the first one's: [[1, 0], [0.5, 0.5]].
TEST(Rollout, TwoLayersOfTwoTokensByHand) {
  const Tensor<double> attention({2, 2, 2, 2}, {1, 0, 0, 1, 0, 1, 0.5, 0.5,  // heads of layer 0
                                                1, 0, 1, 0, 1, 0, 1, 0});
  EXPECT_EQ(attention_rollout(attention), Tensor<double>({2, 2}, {0.75, 0.25, 0.4375, 0.5625}));
  EXPECT_EQ(mixed_with_residual(attention, 0), Tensor<double>({2, 2}, {0.75, 0.25, 0.125, 0.875}));
  EXPECT_EQ(mixed_with_residual(attention, 1), Tensor<double>({2, 2}, {1, 0, 0.5, 0.5}));
  EXPECT_EQ(attention_rollouts(attention),
            Tensor<double>({2, 2, 2}, {0.75, 0.25, 0.125, 0.875, 0.75, 0.25, 0.4375, 0.5625}));
}

TEST(Rollout, OfNoLayersIsTheIdentity) {
  EXPECT_EQ(attention_rollout(Tensor<float>({0, 1, 2, 2})), Tensor<float>({2, 2}, {1, 0, 0, 1}));
  EXPECT_EQ(attention_rollouts(Tensor<float>({0, 1, 2, 2})), Tensor<float>({0, 2, 2}));
}

// Random distributions: rows of the rollout are distributions, and it is the product from the last layer
// down.
TEST(Rollout, IsTheProductOfTheLayers) {
  constexpr Index kDepth = 3, kHeads = 2, kTokens = 5;
  Tensor<double> attention({kDepth, kHeads, kTokens, kTokens},
                           normal_numbers<double>(kDepth * kHeads * kTokens * kTokens, 1));
  for (Index row = 0; row < kDepth * kHeads * kTokens; ++row) {
    double sum = 0;
    for (Index j = 0; j < kTokens; ++j)
      sum += attention[row * kTokens + j] = std::exp(attention[row * kTokens + j]);
    for (Index j = 0; j < kTokens; ++j) attention[row * kTokens + j] /= sum;
  }
  Tensor<double> expected({kTokens, kTokens});
  for (Index i = 0; i < kTokens; ++i) expected(i, i) = 1;
  for (Index layer = kDepth; layer-- > 0;) {  // from the left: the last layer first
    Tensor<double> next({kTokens, kTokens});
    for (Index i = 0; i < kTokens; ++i)
      for (Index j = 0; j < kTokens; ++j)
        for (Index k = 0; k < kTokens; ++k)
          next(i, j) += expected(i, k) *
                        ((attention(layer, 0, k, j) + attention(layer, 1, k, j)) / 4 + (k == j ? 0.5 : 0));
    expected = next;
  }
  const Tensor<double> rollout = attention_rollout(attention);
  for (Index i = 0; i < kTokens; ++i) {
    double sum = 0;
    for (Index j = 0; j < kTokens; ++j) {
      EXPECT_NEAR(rollout(i, j), expected(i, j), 1e-14);
      sum += rollout(i, j);
    }
    EXPECT_NEAR(sum, 1, 1e-14);
  }
}

TEST(Rollout, RefusesWhatIsNoAttention) {
  EXPECT_THROW(attention_rollout(Tensor<float>({2, 2, 2})), core::ShapeError);
  EXPECT_THROW(attention_rollout(Tensor<float>({2, 2, 2, 3})), core::ShapeError);
  EXPECT_THROW(attention_rollout(Tensor<float>({2, 0, 2, 2})), core::ShapeError);
}

}  // namespace
}  // namespace vitrine::nn
