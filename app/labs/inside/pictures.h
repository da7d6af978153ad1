// What the exhibits of "Inside the model" draw, laid out as pictures. Nothing here looks at a screen, and the
// exhibits compute nothing.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/labs/captioned_pictures.h"
#include "app/labs/probe_picture.h"
#include "app/labs/workbench/looked.h"
#include "app/widgets/matrix.h"
#include "app/widgets/plot.h"
#include "engine/core/progress.h"
#include "engine/train/evaluation.h"
#include "engine/train/filters.h"

namespace vitrine::labs::inside {

using core::Index;

// Of one head of one layer of a ViT, and of the rollout up to that layer.
struct HeadPictures {
  core::Tensor<float> weights, rollout;  // [tokens, tokens]
  // Of all heads: (layer, px), and of a layer's heads the mean; layers count from 1.
  std::vector<widgets::Sample> distances, mean_distances;
  double even_distance = 0;      // px: of a head that looks at all patches alike
  double greatest_distance = 0;  // px
};
HeadPictures head_pictures(const Looked& looked, HeadPlace head);

// Of one token of a ViT in that head, and of one class.
struct TokenPictures {
  core::Tensor<float> attention;  // [depth * rows, heads * columns], as train::attention_maps
  core::Tensor<float> rollouts;   // [rows, depth * columns]: the token's rollout up to each layer
  core::Tensor<float> lens;       // [rows, (depth + 1) * columns]: the class's probability at every patch
  core::Tensor<double> classes;   // [classes, depth + 1]: the lens of the token, or pooled
  std::vector<double> scores;     // [tokens]: what the softmax of its row is taken of,
  std::vector<double> exps;       // exp(score - the greatest),
  double exp_sum = 0, greatest = 0;
  std::vector<float> mixed;  // [tokens]: its row of the layer's mean over heads, half residual
};
// token: none for the lens of what is pooled; then the first token's attention.
TokenPictures token_pictures(const Looked& looked, HeadPlace head, std::optional<Index> token, Index label);

// Pictures of one size as tiles, row by row in a square of `across` x `across`.
struct Mosaic {
  core::Tensor<float> values;  // [across * rows, across * columns]; coloured ones [3, ...]
  Index across = 1, count = 0, rows = 1, columns = 1;
  float largest = 0;                        // magnitude
  std::vector<core::Tensor<float>> single;  // [count] each by itself: [rows, columns], or [3, rows, columns]
};
// pictures [count, channels, rows, columns]; three channels are red, green and blue, of more the first
// counts.
Mosaic mosaic_of(const core::Tensor<float>& pictures);

// Of the weights of a step, and what they make of the probe.
struct WeightPictures {
  std::int64_t run_id = 0;
  train::Filters filters;
  Mosaic filter_tiles;
  train::Components components;  // of a ViT
  Mosaic component_tiles;
  // What layers make of the probe, map by map. The first in the filters' order: a ViT's patch embedding
  // before positions, a CNN's and an MLP's first layer.
  struct Features {
    std::string layer;
    Mosaic maps;
  };
  std::vector<Features> features;
  std::vector<float> bias;  // [F] of the filters, in their order
  // Of learned positions, else empty.
  core::Tensor<double> products, cosines;        // [tokens, tokens]
  std::vector<double> lengths;                   // [tokens]
  core::Tensor<float> cosine_tiles;              // [rows * rows, columns * columns]
  std::vector<core::Tensor<float>> cosine_maps;  // [tokens] [rows, columns]
};
WeightPictures weight_pictures(const Looked& looked);

// How the model does on the whole validation split.
struct Judgement {
  std::int64_t run_id = 0;
  Index step = 0;
  std::shared_ptr<const train::Dataset> dataset;
  train::Evaluation evaluation;
  std::vector<train::ClassScores> scores;
  core::Tensor<float> confusion;  // [classes, classes]: of a class' images, the share taken for another
  widgets::Cell most_confused;    // the most images of one class that are taken for one other
};
// Throws core::Stopped.
Judgement judge(const Looked& looked, std::stop_token stop, core::Progress& progress);

// Some images of the validation split, ready to be drawn.
struct Gallery {
  std::vector<CaptionedPicture> images;
  Index among = 0;  // so many there are of the kind
};
inline constexpr Index kMostImages = 36;
// The worst mistakes, or of a cell of the confusion matrix (class, taken for) those of the largest loss.
Gallery gallery(const Judgement& judgement, std::optional<widgets::Cell> cell);

// The norm of every layer's weights at every kept step of a run.
struct NormHistory {
  std::int64_t run_id = 0;
  std::vector<std::string> layers;
  std::vector<Index> steps;
  core::Tensor<double> norms;  // [layers, steps]
  core::Tensor<float> shares;  // [layers, steps]: of each layer's largest
};

// Of the weights and of the probe's gradient (empty where its class is unknown), layer by layer.
struct NormsNow {
  std::vector<train::NormOfLayer> weights, gradients;
};
NormsNow norms_now(const Looked& looked);

}  // namespace vitrine::labs::inside
