#include "engine/train/timm_vit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/engine/io/temporary_folder.h"

namespace vitrine::train {
namespace {

using io::error_of;
using io::TensorFacts;
using testing::HasSubstr;

using Tensors = std::vector<TensorFacts>;

constexpr nn::VitSizes kTiny{.channels = 3,
                             .height = 224,
                             .width = 224,
                             .patch_size = 16,
                             .embed_dim = 192,
                             .depth = 12,
                             .heads = 3,
                             .head_dim = 64,
                             .mlp_dim = 768,
                             .classes = 1000,
                             .qkv_bias = nn::Bias::kYes};

// What a file of timm's holds; written out, not asked of our model.
Tensors tensors_of(const nn::VitSizes& s) {
  const Index dim = s.embed_dim, inner = s.heads * s.head_dim, own = s.pool == nn::Pool::kClassToken ? 1 : 0,
              patches = (s.height / s.patch_size) * (s.width / s.patch_size);
  Tensors all{{"pos_embed", {1, own + patches, dim}},
              {"patch_embed.proj.weight", {dim, s.channels, s.patch_size, s.patch_size}},
              {"patch_embed.proj.bias", {dim}},
              {"norm.weight", {dim}},
              {"norm.bias", {dim}},
              {"head.weight", {s.classes, dim}},
              {"head.bias", {s.classes}}};
  if (own == 1) all.push_back({"cls_token", {1, 1, dim}});
  for (Index i = 0; i < s.depth; ++i) {
    const std::string block = "blocks." + std::to_string(i) + ".";
    for (const char* norm : {"norm1", "norm2"})
      for (const char* part : {".weight", ".bias"}) all.push_back({block + norm + part, {dim}});
    all.push_back({block + "attn.qkv.weight", {3 * inner, dim}});
    if (s.qkv_bias == nn::Bias::kYes) all.push_back({block + "attn.qkv.bias", {3 * inner}});
    all.push_back({block + "attn.proj.weight", {dim, inner}});
    all.push_back({block + "attn.proj.bias", {dim}});
    all.push_back({block + "mlp.fc1.weight", {s.mlp_dim, dim}});
    all.push_back({block + "mlp.fc1.bias", {s.mlp_dim}});
    all.push_back({block + "mlp.fc2.weight", {dim, s.mlp_dim}});
    all.push_back({block + "mlp.fc2.bias", {dim}});
  }
  return all;
}

core::Shape& shape_in(Tensors& tensors, const std::string& name) {
  return std::ranges::find(tensors, name, &TensorFacts::name)->shape;
}

std::string refusal(const Tensors& tensors, const VitHints& hints = {}) {
  return error_of<std::invalid_argument>([&] { timm_vit(tensors, hints); });
}

TEST(TimmVit, SizesAreReadOffTheTensors) {
  nn::VitSizes base = kTiny, mean = kTiny, small = kTiny, plain = kTiny;
  base.embed_dim = 768, base.heads = 12, base.mlp_dim = 3072;
  mean.pool = nn::Pool::kMean, mean.height = mean.width = 32, mean.patch_size = 4, mean.classes = 10;
  small.channels = 1, small.height = small.width = 28, small.patch_size = 7, small.depth = 11;
  plain.qkv_bias = nn::Bias::kNo, plain.embed_dim = 48, plain.heads = 2;
  for (const nn::VitSizes& s : {kTiny, base, mean, small, plain}) {
    const nn::VitSizes found = timm_vit(tensors_of(s), {}).sizes;
    EXPECT_EQ(found.channels, s.channels);
    EXPECT_EQ(found.height, s.height);
    EXPECT_EQ(found.width, s.width);
    EXPECT_EQ(found.patch_size, s.patch_size);
    EXPECT_EQ(found.embed_dim, s.embed_dim);
    EXPECT_EQ(found.depth, s.depth);
    EXPECT_EQ(found.heads, s.heads);
    EXPECT_EQ(found.head_dim, s.head_dim);
    EXPECT_EQ(found.mlp_dim, s.mlp_dim);
    EXPECT_EQ(found.classes, s.classes);
    EXPECT_EQ(found.qkv_bias, s.qkv_bias);
    EXPECT_EQ(found.pool, s.pool);
    EXPECT_EQ(found.norm_epsilon, 1e-6);
  }
}

TEST(TimmVit, HeadsHaveSixtyFourDimensionsOrTheMostBelowOrAreGiven) {
  nn::VitSizes s = kTiny;
  s.heads = 1;
  struct Row {
    Index inner;
    std::optional<Index> given;
    Index heads;
    const char* said;
  };
  for (const Row& row :
       {Row{192, {}, 3, "3 heads of 64, as timm's models have"}, Row{64, {}, 1, "1 head of 64"},
        Row{96, {}, 2, "2 heads of 48: the file does not say how many"}, Row{24, {}, 1, "1 head of 24"},
        Row{24, 3, 3, ""}, Row{192, 6, 6, ""}}) {
    s.head_dim = row.inner;
    const TimmVit vit = timm_vit(tensors_of(s), {.heads = row.given});
    EXPECT_EQ(vit.sizes.heads, row.heads) << row.inner;
    EXPECT_EQ(vit.sizes.heads * vit.sizes.head_dim, row.inner);
    EXPECT_THAT(vit.note, HasSubstr(row.said));
    EXPECT_EQ(vit.note.empty(), row.given.has_value());
  }
  EXPECT_THAT(refusal(tensors_of(kTiny), {.heads = 5}), HasSubstr("heads 5: must divide the 192 rows"));
  EXPECT_THAT(refusal(tensors_of(kTiny), {.heads = 0}), HasSubstr("heads 0"));
}

TEST(TimmVit, WithoutPositionsTheHintSaysHowLargePicturesAre) {
  Tensors tensors = tensors_of(kTiny);
  std::erase_if(tensors, [](const TensorFacts& tensor) { return tensor.name == "pos_embed"; });
  EXPECT_THAT(refusal(tensors), HasSubstr("pos_embed: missing"));
  EXPECT_THAT(refusal(tensors, {.positions = nn::Positions::kNone}), HasSubstr("pos_embed: missing"));
  const VitHints hints{.positions = nn::Positions::kSinusoidal, .image = nn::ImageSizes{3, 64, 32}};
  const nn::VitSizes sizes = timm_vit(tensors, hints).sizes;
  EXPECT_EQ(sizes.height, 64);
  EXPECT_EQ(sizes.width, 32);
  EXPECT_EQ(sizes.positions, nn::Positions::kSinusoidal);
}

TEST(TimmVit, WhatItDoesNotKnowIsRefusedByItsName) {
  for (const auto& [name, what] : {std::pair("fc_norm.weight", "a norm behind the pooling"),
                                   {"norm_pre.weight", "before the blocks"},
                                   {"dist_token", "a distillation token"},
                                   {"head_dist.weight", "a distillation head"},
                                   {"blocks.3.attn.q_norm.weight", "a norm of the queries"},
                                   {"reg_token", "register tokens"},
                                   {"blocks.0.gamma_1", "BEiT"},
                                   {"pre_logits.fc.weight", "before the head"},
                                   {"vit.something", "no such tensor"},
                                   {"blocks.2.extra", "no such tensor"},
                                   {"blocks.x.norm1.weight", "no such block"},
                                   {"blocks.99999.norm1.weight", "no such block"},
                                   {"blocks.-1.norm1.weight", "no such block"},
                                   {"blocks.0", "no such block"}}) {
    Tensors tensors = tensors_of(kTiny);
    tensors.push_back({name, {192}});
    EXPECT_THAT(refusal(tensors), testing::AllOf(testing::StartsWith(name), HasSubstr(what)));
  }
}

TEST(TimmVit, AnotherShapeIsSaidWithBoth) {
  struct Row {
    const char* name;
    core::Shape shape;
    const char* said;
  };
  for (const Row& row :
       {Row{"pos_embed", {1, 199, 192}, "[1, 199, 192] where [1, 1 + rows * rows, 192]"},
        Row{"pos_embed", {197, 192}, "[197, 192] where [1, tokens, embed_dim]"},
        Row{"patch_embed.proj.weight", {192, 3, 16, 8}, "[192, 3, 16, 8], its patches are not square"},
        Row{"patch_embed.proj.weight", {192, 768}, "[192, 768] where [embed_dim, channels, P, P]"},
        Row{"blocks.0.attn.qkv.weight", {575, 192}, "575 rows"},
        Row{"blocks.5.attn.qkv.weight", {570, 192}, "[570, 192], the model's is [576, 192]"},
        Row{"blocks.7.mlp.fc2.weight", {192, 760}, "[192, 760], the model's is [192, 768]"},
        Row{"cls_token", {1, 192}, "[1, 192], the model's is [1, 1, 192]"},
        Row{"head.weight", {0, 192}, "[0, 192] where [classes, embed_dim]"},
        Row{"head.bias", {999}, "[999], the model's is [1000]"}}) {
    Tensors tensors = tensors_of(kTiny);
    shape_in(tensors, row.name) = row.shape;
    EXPECT_THAT(refusal(tensors), testing::AllOf(testing::StartsWith(row.name), HasSubstr(row.said)));
  }
}

TEST(TimmVit, EveryMissingTensorIsNamed) {
  const Tensors all = tensors_of(kTiny);
  for (const TensorFacts& missing : all) {
    if (missing.name == "cls_token" || missing.name == "blocks.0.attn.qkv.bias") continue;  // another model
    Tensors tensors = all;
    std::erase_if(tensors, [&](const TensorFacts& tensor) { return tensor.name == missing.name; });
    EXPECT_THAT(refusal(tensors), testing::StartsWith(missing.name + ": missing"));
  }
  EXPECT_THAT(refusal({}), HasSubstr("the file is empty"));
  EXPECT_THAT(refusal({{"vit.embeddings.cls_token", {1, 1, 8}}}),
              HasSubstr("timm's names are expected, the file has vit.embeddings.cls_token"));
}

TEST(TimmVit, LayerScaleBecomesPartOfTheProjections) {
  using core::Tensor;
  std::vector<io::NamedTensor> tensors{
      {"blocks.0.ls1.gamma", Tensor<float>({2}, {2, 3})},
      {"blocks.0.attn.proj.weight", Tensor<float>({2, 3}, {1, 1, 1, 2, 2, 2})},
      {"blocks.0.attn.proj.bias", Tensor<float>({2}, {5, 7})},
      {"blocks.0.mlp.fc2.weight", Tensor<float>({2, 1}, {1, 2})},
      {"blocks.0.mlp.fc2.bias", Tensor<float>({2}, {1, 1})},
      {"norm.weight", Tensor<float>({2}, {1, 1})}};
  fold_layer_scale(tensors);
  ASSERT_EQ(tensors.size(), 5u);
  EXPECT_EQ(tensors[0].values, Tensor<float>({2, 3}, {2, 2, 2, 6, 6, 6}));
  EXPECT_EQ(tensors[1].values, Tensor<float>({2}, {10, 21}));
  EXPECT_EQ(tensors[2].values, Tensor<float>({2, 1}, {1, 2}));
  EXPECT_EQ(tensors[4].values, Tensor<float>({2}, {1, 1}));
}

}  // namespace
}  // namespace vitrine::train
