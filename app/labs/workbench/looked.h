// Looked: the model as it was after a step, and what it makes of the picture that is looked at.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "app/labs/layer_maps.h"
#include "engine/core/job.h"
#include "engine/train/dataset.h"
#include "engine/train/inside.h"
#include "engine/train/opened_model.h"
#include "engine/train/timeline.h"

namespace vitrine::labs {

// The picture: one of the validation images, or one of someone's own.
struct Probe {
  core::Index image = 0;  // its number, counted round
  core::Tensor<double> own =
      {};                  // [channels, height, width], 0 to 1; empty, or not of the data's shape: the image
  core::Index label = -1;  // of own: the class that it is meant to show; -1: unknown

  bool operator==(const Probe&) const = default;
  void describe(core::Fields& f);
  void fit();  // what a file may say and no hand can do
};

// What a look is asked for; equal where the answer is the same.
struct LookQuestion {
  std::int64_t run_id = 0;
  train::ModelConfig model;
  train::KeptStep at;
  std::shared_ptr<const train::Dataset> dataset;
  Probe probe;

  bool operator==(const LookQuestion& other) const {
    return at.values == other.at.values && dataset == other.dataset && probe == other.probe &&
           model == other.model;
  }
};

// Immutable.
struct Looked {
  std::int64_t run_id = 0;
  core::Index step = 0;
  std::shared_ptr<const train::Dataset> dataset;
  std::shared_ptr<const train::OpenedModel> opened;  // out of a file; null: of a run
  std::shared_ptr<const nn::Model<float>> model;
  std::shared_ptr<const nn::Weights<float>> weights;
  core::Tensor<float> pixels;  // [channels, height, width], 0 to 1
  core::Index image = -1;      // its number among the validation images; -1: of someone's own
  core::Index label = -1;      // -1: unknown
  train::Inside inside;
  // As they are drawn:
  core::Tensor<float> grey;      // [height, width]
  core::Tensor<float> mosaic;    // head_mosaic of a ViT's attention, else empty
  std::vector<LayerMap> layers;  // of another model

  // As the model takes them. pixels [channels, height, width], 0 to 1.
  core::Tensor<float> normalised(core::Tensor<float> of_pixels) const;
};

// Throws what make_model and look_inside throw.
Looked look(const LookQuestion& question);

}  // namespace vitrine::labs
