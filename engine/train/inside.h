// Inside: all that a model computes on the way from one picture to its classes. Made on demand, out of
// weights that stand still, with memory of its own: whoever trains meanwhile is not touched and pays nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/nn/model.h"
#include "engine/nn/vit.h"
#include "engine/train/token_maps.h"

namespace vitrine::train {

using core::Index;

struct Inside {
  std::vector<float> logits, probabilities;             // [classes]
  std::vector<nn::NamedActivation<float>> activations;  // as Model::activations_of
  std::vector<double> weight_norms;                     // as tensor_norms
  std::vector<double> gradient_norms;                   // of the picture's loss; empty without a label
  double loss = 0;                                      // nats; 0 without a label
  // Of a ViT, else empty.
  PatchGrid grid;
  core::Tensor<float> attention;            // [depth, heads, tokens, tokens]
  core::Tensor<double> attention_distance;  // [depth, heads] px, as attention_distances
  core::Tensor<float> rollouts;             // [depth, tokens, tokens], as attention_rollouts
  core::Tensor<float> rollout;              // [tokens, tokens]: the last of them
  core::Tensor<float> lens;                 // logits [depth + 1, tokens, classes], as Vit::lens_of
  // What the model would say if a layer were its last, logits [depth + 1, classes]: the lens of the class
  // token, or its mean over the tokens. The last row is `logits`.
  core::Tensor<float> lens_pooled;
  core::Tensor<float> lens_probabilities, lens_pooled_probabilities;  // of the same shapes, softmax
};

// image [channels, height, width], as Dataset::normalised; without dropout. Throws ShapeError for an image of
// another shape, std::invalid_argument for a label outside the classes.
Inside look_inside(const nn::Model<float>& model, const nn::Weights<float>& weights,
                   const core::Tensor<float>& image, std::optional<Index> label = std::nullopt);

// sqrt(sum of squares) of every parameter (or its gradient, or a moment), in the order of layout.infos().
std::vector<double> tensor_norms(const nn::ParameterLayout& layout, std::span<const float> flat);

struct NormOfLayer {
  std::string layer;  // "blocks.0.attn"; what is of no layer, like "pos_embed", by itself
  double norm = 0;
};
// The norms of whole layers out of those of their tensors: sqrt(sum of squares), in the order of the layout.
// norms [layout.infos()].
std::vector<NormOfLayer> layer_norms(const nn::Model<float>& model, std::span<const double> norms);

// What the softmax of one attention row is taken of: q[query] . k[key] / sqrt(Dh) for every key, [tokens].
// Throws std::invalid_argument for a place outside the model.
std::vector<double> attention_scores(const nn::Vit<float>& vit, const nn::Weights<float>& weights,
                                     const Inside& inside, Index layer, Index head, Index query);

}  // namespace vitrine::train
