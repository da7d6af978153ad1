#include "engine/train/token_maps.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/core/numbers.h"

namespace vitrine::train {
namespace {

using core::Tensor;

constexpr PatchGrid kGrid{2, 3, 4, 1};  // six patches of 4 x 4 pixels behind a class token

// Positive rows that sum to 1.
Tensor<float> drawn_attention(Index depth, Index heads, Index tokens) {
  Tensor<float> attention({depth, heads, tokens, tokens},
                          core::normal_numbers<float>(depth * heads * tokens * tokens, 5));
  for (Index row = 0; row < attention.count() / tokens; ++row) {
    float sum = 0;
    for (Index j = 0; j < tokens; ++j)
      sum += attention[row * tokens + j] = std::exp(attention[row * tokens + j]);
    for (Index j = 0; j < tokens; ++j) attention[row * tokens + j] /= sum;
  }
  return attention;
}

TEST(TokenMaps, TheGridOfAVit) {
  nn::VitSizes sizes{1, 28, 14, 7, 8, 1, 1, 8, 8, 10};
  EXPECT_EQ(patch_grid(sizes), (PatchGrid{4, 2, 7, 1}));
  sizes.pool = nn::Pool::kMean;
  EXPECT_EQ(patch_grid(sizes), (PatchGrid{4, 2, 7, 0}));
  EXPECT_FALSE(kGrid.is_patch(0));
  EXPECT_TRUE(kGrid.is_patch(6));
  EXPECT_FALSE(kGrid.is_patch(7));
}

TEST(TokenMaps, AttentionOfAQueryStandsWhereTheKeysStand) {
  const Tensor<float> attention = drawn_attention(3, 2, 7);
  for (const Index query : {0, 4}) {
    const Tensor<float> maps = attention_maps(attention, kGrid, query);
    ASSERT_EQ(maps.shape(), (core::Shape{3 * 2, 2 * 3}));
    for (Index layer = 0; layer < 3; ++layer)
      for (Index head = 0; head < 2; ++head)
        for (Index row = 0; row < 2; ++row)
          for (Index column = 0; column < 3; ++column)
            EXPECT_EQ(maps(layer * 2 + row, head * 3 + column),
                      attention(layer, head, query, 1 + row * 3 + column));
  }
  EXPECT_THROW(attention_maps(attention, kGrid, 7), std::invalid_argument);
  EXPECT_THROW(attention_maps(attention, kGrid, -1), std::invalid_argument);
  EXPECT_THROW(attention_maps(attention, {2, 3, 4, 0}, 0), core::ShapeError);
  EXPECT_THROW(token_maps(Tensor<float>({7, 7}), kGrid), core::ShapeError);
}

TEST(TokenMaps, DistanceOfHeadsThatAreKnown) {
  Tensor<float> attention({1, 4, 7, 7});
  for (Index i = 0; i < 7; ++i) {
    attention(0, 0, i, i) = 1;                             // themselves
    attention(0, 1, i, i == 0 ? 0 : (i + 2) % 6 + 1) = 1;  // the other row's patch of the same column
    for (Index j = 0; j < 7; ++j) attention(0, 2, i, j) = 1.0f / 7;
    attention(0, 3, i, 0) = 1;  // the class token only
  }
  const Tensor<double> distances = attention_distances(attention, kGrid);
  ASSERT_EQ(distances.shape(), (core::Shape{1, 4}));
  EXPECT_EQ(distances(0, 0), 0);
  EXPECT_EQ(distances(0, 1), 4);
  EXPECT_TRUE(std::isnan(distances(0, 3)));
  double even = 0;
  for (Index i = 0; i < 6; ++i)
    for (Index j = 0; j < 6; ++j) even += std::hypot(4.0 * (i / 3 - j / 3), 4.0 * (i % 3 - j % 3)) / 36;
  EXPECT_NEAR(distances(0, 2), even, 1e-12);
}

TEST(TokenMaps, DistanceIsTheWeightedMeanOverThePatches) {
  const Tensor<float> attention = drawn_attention(2, 3, 7);
  const Tensor<double> distances = attention_distances(attention, kGrid);
  for (Index layer = 0; layer < 2; ++layer)
    for (Index head = 0; head < 3; ++head) {
      double mean = 0;
      for (Index i = 1; i < 7; ++i) {
        double far = 0, all = 0;
        for (Index j = 1; j < 7; ++j) {
          const double weight = attention(layer, head, i, j);
          far += weight * 4 *
                 std::sqrt(std::pow((i - 1) / 3 - (j - 1) / 3, 2) + std::pow((i - 1) % 3 - (j - 1) % 3, 2));
          all += weight;
        }
        mean += far / all / 6;
      }
      EXPECT_NEAR(distances(layer, head), mean, 1e-9);
    }
}

}  // namespace
}  // namespace vitrine::train
