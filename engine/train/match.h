// Match: models of different kinds made equally large, in parameters or in the work of a training step, so
// that a comparison is one of architectures and not of sizes.
#pragma once

#include "engine/nn/model.h"
#include "engine/train/config.h"

namespace vitrine::train {

enum class Equal { kParameters, kCompute };
inline constexpr std::array<std::string_view, 2> kEquals{"parameters", "compute"};

struct ModelSize {
  Index parameters = 0;  // frozen ones too
  // Of an image in training: forward, and twice as many backward through the layers from the first that
  // learns.
  Index multiply_adds = 0;

  Index of(Equal equal) const { return equal == Equal::kParameters ? parameters : multiply_adds; }
  bool operator==(const ModelSize&) const = default;
};

// Throws as make_model.
ModelSize size_of(const ModelConfig& config, const nn::ImageSizes& image, Index classes);

struct Match {
  ModelConfig model;
  ModelSize size;
  double off = 0;  // size / target - 1
};

inline constexpr double kMatchTolerance = 0.05;  // of |off|

// `shape` with its widths changed until its size is as near to `target` as can be: all of them (the filters
// of the convolutions, the units of the dense layers; of a ViT head_dim, embed_dim and mlp_dim) by one
// factor, then the last by itself. Throws std::invalid_argument when it has no width, when nothing is within
// kMatchTolerance, and as make_model.
Match match(const ModelConfig& shape, Index target, Equal equal, const nn::ImageSizes& image, Index classes);

// The same model with every layer's weights as they were drawn: only the head learns. Of a ViT, which has no
// list of layers: throws std::invalid_argument.
ModelConfig frozen(ModelConfig model);

}  // namespace vitrine::train
