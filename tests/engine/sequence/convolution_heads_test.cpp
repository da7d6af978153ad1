#include "engine/sequence/convolution_heads.h"

#include <gtest/gtest.h>

#include "tests/engine/sequence/numeric.h"

namespace vitrine::sequence {
namespace {

using core::Tensor;

Tensor<double> convolved(const Tensor<double>& signal, const Tensor<double>& kernel) {
  const ConvolutionHeads c = convolution_heads(signal, kernel);
  const Index tokens = c.tokens.size(0);
  return multi_head_attention(c.tokens, c.tokens, c.weights, kernel.count(), kChoosingScale,
                              no_mask(tokens, tokens))
      .output;
}

TEST(ConvolutionHeads, TheBoxOfTheExercise) {
  const Tensor<double> y = convolved(Tensor<double>({5}, {1, 2, 3, 4, 5}), Tensor<double>({3}, 1.0 / 3));
  const double expected[] = {1, 2, 3, 4, 3, 0};  // the last: the padding itself
  for (Index t = 0; t < 6; ++t) EXPECT_NEAR(y(t, 0), expected[t], 1e-15) << t;
}

TEST(ConvolutionHeads, IsTheSumOfShiftedSignals) {
  for (const Index taps : {1, 2, 4, 7}) {
    const Tensor<double> x = normal({9}, 1), k = normal({taps}, 2), y = convolved(x, k);
    for (Index t = 0; t < 9; ++t) {
      double sum = 0;
      for (Index j = 0; j < taps; ++j) {
        const Index from = t + j - (taps - 1) / 2;
        if (from >= 0 && from < 9) sum += k[j] * x[from];
      }
      EXPECT_NEAR(y(t, 0), sum, 1e-14) << taps << " taps, " << t;
    }
  }
}

TEST(ConvolutionHeads, EveryWeightIsZeroOrOne) {
  const ConvolutionHeads c = convolution_heads(normal({6}, 1), normal({3}, 2));
  const MultiHead m = multi_head_attention(c.tokens, c.tokens, c.weights, 3, kChoosingScale, no_mask(7, 7));
  for (const Attention& head : m.heads)
    for (const double w : head.weights.values()) EXPECT_TRUE(w == 0 || w == 1) << w;
  EXPECT_EQ(m.heads[0].weights(2, 1), 1);
  EXPECT_EQ(m.heads[2].weights(5, 6), 1) << "beyond the end stands the padding";
}

TEST(ConvolutionHeads, NeedsTwoVectors) {
  EXPECT_THROW(convolution_heads(Tensor<double>(), normal({3}, 1)), core::ShapeError);
  EXPECT_THROW(convolution_heads(normal({2, 2}, 1), normal({3}, 1)), core::ShapeError);
}

}  // namespace
}  // namespace vitrine::sequence
