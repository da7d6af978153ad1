#include "engine/train/moved.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "engine/train/models.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::train {
namespace {

using core::Shape;
using core::Tensor;
using testing::ElementsAre;
using testing::FloatEq;

Inside of(std::vector<float> logits, std::vector<nn::NamedActivation<float>> activations) {
  Inside inside;
  inside.probabilities = logits;
  inside.logits = std::move(logits);
  inside.activations = std::move(activations);
  return inside;
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Moved, IsEachPlacesChangeAgainstTheUsualLengthOfAPlace) {
  const Inside before = of({1, 2}, {{"tokens", Tensor<float>(Shape{2, 2}, {3, 0, 0, 5})},
                                    {"maps", Tensor<float>(Shape{2, 1, 2}, {1, 0, 1, 0})},
                                    {"dead", Tensor<float>(Shape{2}, {0, 0})},
                                    {"hidden", Tensor<float>(Shape{3}, {1, 1, 1})}});
  const Inside after = of({1, 5}, {{"tokens", Tensor<float>(Shape{2, 2}, {6, 4, 0, 5})},
                                   {"maps", Tensor<float>(Shape{2, 1, 2}, {1, 3, 1, 4})},
                                   {"dead", Tensor<float>(Shape{2}, {0, 2})},
                                   {"hidden", Tensor<float>(Shape{3}, {1, 1, 1})}});
  const Moved m = moved(before, after);
  EXPECT_THAT(m.logits, ElementsAre(0, 3));
  ASSERT_EQ(m.layers.size(), 4u);
  EXPECT_EQ(m.layers[0].name, "tokens");
  const auto r = static_cast<float>(std::sqrt((9 + 25) / 2.0));
  EXPECT_THAT(m.layers[0].places.values(), ElementsAre(FloatEq(5 / r), 0)) << "3, 4 of the first token";
  EXPECT_DOUBLE_EQ(m.layers[0].whole, 5 / std::sqrt(34.0));
  EXPECT_EQ(m.layers[1].places.shape(), (Shape{1, 2})) << "over the channels of a pixel";
  EXPECT_THAT(m.layers[1].places.values(), ElementsAre(0, FloatEq(5)));
  EXPECT_THAT(m.layers[2].places.values(), ElementsAre(0, kInfinity)) << "out of nothing";
  EXPECT_THAT(m.layers[3].places.values(), ElementsAre(0, 0, 0));
  EXPECT_EQ(m.layers[3].whole, 0);
}

TEST(Moved, OtherModelsAreRefused) {
  const Inside one = of({1}, {{"tokens", Tensor<float>(Shape{2, 2})}});
  EXPECT_THROW(moved(one, of({1, 2}, {{"tokens", Tensor<float>(Shape{2, 2})}})), core::ShapeError);
  EXPECT_THROW(moved(one, of({1}, {{"tokens", Tensor<float>(Shape{2, 3})}})), core::ShapeError);
  EXPECT_THROW(moved(one, of({1}, {})), core::ShapeError);
}

// Before the first block an edit is only where it was made; attention carries it to every token.
TEST(Moved, AnEditStaysInItsPatchUntilAttentionSpreadsIt) {
  constexpr nn::ImageSizes kImage{1, 8, 8};
  ModelConfig config;
  config.patch_size = 4;
  config.embed_dim = 12;
  config.depth = 2;
  config.heads = 2;
  config.head_dim = 5;
  config.mlp_dim = 20;
  const auto model = make_model<float>(config, kImage, 3);
  const auto weights = nn::wild_weights<float>(model->layout(), 7);
  Tensor<float> image({1, 8, 8}, nn::normal_numbers<float>(kImage.count(), 3));
  const Inside before = look_inside(*model, weights, image);
  image(0, 1, 6) += 1;  // of the second patch
  const Moved m = moved(before, look_inside(*model, weights, image));
  ASSERT_EQ(m.layers.front().name, "tokens");
  for (Index token = 0; token < 5; ++token) {
    if (token == 2)
      EXPECT_GT(m.layers.front().places[token], 0);
    else
      EXPECT_EQ(m.layers.front().places[token], 0) << token;
  }
  const auto output = std::ranges::find(m.layers, "blocks.0 output", &Moved::Layer::name);
  ASSERT_NE(output, m.layers.end());
  for (Index token = 0; token < 5; ++token) EXPECT_GT(output->places[token], 0) << token;
  EXPECT_NE(m.logits[0], 0);
}

}  // namespace
}  // namespace vitrine::train
