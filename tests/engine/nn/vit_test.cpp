#include "engine/nn/vit.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/nn/batch_pass.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::nn {
namespace {

// The homework's model: 28 x 28, patch 7, 6 layers, 8 heads, MLP 128, ten classes.
VitSizes homework(Index head_dim) { return {1, 28, 28, 7, 64, 6, 8, head_dim, 128, 10}; }

TEST(Vit, HasTheExercisesParameters) {
  EXPECT_EQ(Vit<float>(homework(8)).layout().count(), 204'810);
  EXPECT_EQ(Vit<float>(homework(64)).layout().count(), 892'938);
  EXPECT_EQ(Vit<float>(homework(8)).tokens(), 17);
}

// 16 patches of 49 by 64; six blocks of 4 x 17 x 64 x 64 + 2 x 17 x 17 x 64 and 2 x 17 x 64 x 128; a head.
TEST(Vit, CountsItsMultiplyAdds) {
  const Vit<float> model(homework(8));
  EXPECT_EQ(model.multiply_adds(), 50'176 + 6 * (278'528 + 36'992 + 278'528) + 640);
  // Sixteen tokens have no scores, no sum of values, no projection and no MLP in the last block.
  EXPECT_EQ(model.trained_multiply_adds(),
            model.multiply_adds() - 16 * (2 * 17 * 64 + 64 * 64 + 2 * 64 * 128));
  Index parameters = 0;
  for (const auto& layer : model.layers()) parameters += layer.parameters;
  EXPECT_EQ(parameters, 204'810);
  EXPECT_EQ(model.layers()[2].name, "blocks.0.attn");
  EXPECT_EQ(model.layers()[2].output, (core::Shape{17, 64}));
}

TEST(Vit, NamesAndShapesAreTimms) {
  VitSizes sizes = homework(64);
  sizes.depth = 1;
  sizes.qkv_bias = Bias::kYes;
  const Vit<float> model(sizes);
  std::vector<std::string> lines;
  for (const auto& info : model.layout().infos()) lines.push_back(info.name + " " + to_string(info.shape));
  EXPECT_EQ(lines, (std::vector<std::string>{"cls_token [1, 1, 64]",
                                             "pos_embed [1, 17, 64]",
                                             "patch_embed.proj.weight [64, 1, 7, 7]",
                                             "patch_embed.proj.bias [64]",
                                             "blocks.0.norm1.weight [64]",
                                             "blocks.0.norm1.bias [64]",
                                             "blocks.0.attn.qkv.weight [1536, 64]",
                                             "blocks.0.attn.qkv.bias [1536]",
                                             "blocks.0.attn.proj.weight [64, 512]",
                                             "blocks.0.attn.proj.bias [64]",
                                             "blocks.0.norm2.weight [64]",
                                             "blocks.0.norm2.bias [64]",
                                             "blocks.0.mlp.fc1.weight [128, 64]",
                                             "blocks.0.mlp.fc1.bias [128]",
                                             "blocks.0.mlp.fc2.weight [64, 128]",
                                             "blocks.0.mlp.fc2.bias [64]",
                                             "norm.weight [64]",
                                             "norm.bias [64]",
                                             "head.weight [10, 64]",
                                             "head.bias [10]"}));
}

// Before training every class is as likely: ln 10.
TEST(Vit, StartsNearTheLossOfGuessing) {
  const Vit<float> model(homework(8));
  core::Workers workers(1);
  BatchPass<float> batch(model, workers);
  const auto images = normal_numbers<float>(32 * 784, 1);
  std::vector<std::uint8_t> labels(32);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 10);
  const auto loss = batch.loss(Weights<float>::initial(model.layout(), 0), images.data(), labels);
  EXPECT_NEAR(loss.loss, 2.302585, 0.1);
}

std::string refusal_of(const VitSizes& sizes) {
  try {
    const Vit<float> model(sizes);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(Vit, PatchesThatDoNotFitTheImageAreNamed) {
  VitSizes sizes = homework(8);
  sizes.patch_size = 5;
  EXPECT_EQ(refusal_of(sizes), "patch_size 5 does not divide an image of 28 x 28");
  sizes.patch_size = 1;
  EXPECT_EQ(refusal_of(sizes), "");
  sizes.height = sizes.width = Index{1} << 16;
  EXPECT_EQ(refusal_of(sizes),
            "patch_size 1 makes 4294967296 tokens of an image of 65536 x 65536, the limit is 16383");
  sizes.height = sizes.width = Index{1} << 32;
  EXPECT_EQ(refusal_of(sizes), "4294967296 x 4294967296 passes 2^63");
}

TEST(Vit, AttentionOfAnImageSumsToOne) {
  const Vit<float> model(homework(8));
  core::Workers workers(1);
  BatchPass<float> batch(model, workers);
  std::vector<float> attention(6 * 8 * 17 * 17);
  batch.look(wild_weights<float>(model.layout(), 1), normal_numbers<float>(784, 1).data(),
             [&](const auto& at) { model.attention_of(at, 0, attention.data()); });
  for (std::size_t row = 0; row < attention.size() / 17; ++row) {
    float sum = 0;
    for (std::size_t j = 0; j < 17; ++j) sum += attention[row * 17 + j];
    ASSERT_NEAR(sum, 1, 1e-5);
  }
}

}  // namespace
}  // namespace vitrine::nn
