// A Vision Transformer's sizes, read off the names and shapes of its tensors as timm writes them.
// Source of the names: timm, vision_transformer.py; Touvron et al. 2021, "Going deeper with image
// transformers", section 2 (LayerScale).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/io/safetensors.h"
#include "engine/nn/vit.h"

namespace vitrine::train {

using core::Index;

// What tensors do not say.
struct VitHints {
  std::optional<Index> heads = {};                     // none: as many as have head_dim 64
  double norm_epsilon = 1e-6;                          // timm's
  nn::Positions positions = nn::Positions::kLearned;   // otherwise `image` is needed
  std::optional<nn::ImageSizes> image = std::nullopt;  // none: the square picture that pos_embed is for
};

struct TimmVit {
  nn::VitSizes sizes;
  std::string note;  // one line: what was taken for what the tensors do not say; empty: they say it
};

// The number of heads is inner / 64, with inner a third of qkv's rows; where 64 does not divide inner, the
// largest head_dim below does. Throws std::invalid_argument, and ShapeError for a tensor of another shape
// than the model's, in one line that names the tensor: it is missing, or of what no such model has
// ("norm_pre.weight: a norm before the blocks is not supported").
TimmVit timm_vit(const std::vector<io::TensorFacts>& tensors, const VitHints& hints);

// LayerScale, x + gamma f(x): gamma becomes part of the projection that ends f, and its tensors
// "blocks.N.ls1.gamma" and "blocks.N.ls2.gamma" are taken out. The shapes are timm_vit's.
void fold_layer_scale(std::vector<io::NamedTensor>& tensors);

}  // namespace vitrine::train
