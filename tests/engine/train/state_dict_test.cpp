#include "engine/train/state_dict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "engine/nn/layer_stack.h"
#include "engine/nn/vit.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::train {
namespace {

const nn::Vit<float> kVit({1, 6, 6, 3, 8, 2, 2, 4, 12, 5});
const nn::Weights<float> kWeights = nn::Weights<float>::initial(kVit.layout(), 3);

// What weights_from says about kVit's tensors after `spoil`; "": it took them.
template <class Spoil>
std::string refusal(Spoil spoil) {
  auto tensors = state_dict(kVit.layout(), kWeights);
  spoil(tensors);
  return io::error_of<std::invalid_argument>([&] { weights_from(kVit.layout(), tensors); });
}

TEST(StateDict, ReadsBackToTheSameBitsInAnyOrder) {
  auto tensors = state_dict(kVit.layout(), kWeights);
  for (int order = 0; order < 3; ++order) {
    const auto weights = weights_from(kVit.layout(), tensors);
    EXPECT_EQ(weights.values, kWeights.values);
    EXPECT_EQ(weights.transposed, kWeights.transposed);
    std::rotate(tensors.begin(), tensors.begin() + 5, tensors.end());
  }
}

TEST(StateDict, ACnnsAreReadBackAndNamed) {
  const nn::LayerStack<float> cnn({nn::LayerSpec::conv(3, 3, 1, 1), nn::LayerSpec::dense(4)}, {2, 5, 6}, 3);
  const auto weights = nn::Weights<float>::initial(cnn.layout(), 1);
  auto tensors = state_dict(cnn.layout(), weights);
  EXPECT_EQ(weights_from(cnn.layout(), tensors).values, weights.values);
  tensors[0].values = core::Tensor<float>({3, 2, 5, 5});
  EXPECT_EQ(
      io::error_of<std::invalid_argument>([&] { weights_from(cnn.layout(), tensors); }),
      "layers.0.weight: has shape [3, 2, 5, 5], the model's is [3, 2, 3, 3]; model.layers and the images' "
      "channels and size decide about it");
}

TEST(StateDict, NamesWhatIsMissingStrangeOrOfAnotherShape) {
  EXPECT_EQ(refusal([](auto& tensors) { tensors.pop_back(); }),
            "head.bias: missing; the number of classes and model.embed_dim decide about it");
  EXPECT_EQ(refusal([](auto& tensors) { tensors.clear(); }),
            "cls_token: missing (and " + std::to_string(kVit.layout().infos().size() - 1) +
                " more); model.pool and model.embed_dim decide about it");
  EXPECT_EQ(refusal([](auto& tensors) {
              tensors.push_back({"tail.bias", {}});
            }),
            "tail.bias: the model has no such parameter");
  EXPECT_EQ(refusal([](auto& tensors) {
              tensors.push_back({"fc_norm.weight", {}});
              tensors.push_back({"fc_norm.bias", {}});
            }),
            "fc_norm.weight: the model has no such parameter (and 1 more)");
  EXPECT_EQ(refusal([](auto& tensors) {
              tensors.push_back({"blocks.0.attn.qkv.bias", {}});
            }),
            "blocks.0.attn.qkv.bias: the model has no such parameter; model.qkv_bias, model.depth, "
            "model.heads and model.head_dim decide about it");
  EXPECT_EQ(refusal([](auto& tensors) { tensors.back().values = core::Tensor<float>({1000}); }),
            "head.bias: has shape [1000], the model's is [5]; the number of classes and model.embed_dim "
            "decide about it");
  EXPECT_EQ(refusal([](auto& tensors) {
              tensors[2].values = core::Tensor<float>({8, 9});
            }),
            "patch_embed.proj.weight: has shape [8, 9], the model's is [8, 1, 3, 3]; model.patch_size, "
            "model.embed_dim and the images' channels decide about it");
}

TEST(StateDict, RefusesNumbersThatAreNone) {
  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    EXPECT_EQ(refusal([&](auto& tensors) { tensors.back().values[4] = bad; }),
              "head.bias: holds a number that is not finite");
}

}  // namespace
}  // namespace vitrine::train
