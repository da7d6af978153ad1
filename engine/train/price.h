// The price of a configuration before it runs: parameters by part, multiply-adds, steps, memory and, measured
// on this machine, time. Everything but the time is a function of the question alone.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/train/dataset.h"
#include "engine/train/memory_needs.h"

namespace vitrine::train {

// A data set as far as a price depends on it.
struct Pictures {
  nn::ImageSizes image{1, 28, 28};
  Index classes = 0, train_count = 0, validation_count = 0;

  bool operator==(const Pictures&) const = default;
};

// What is known before anything is loaded; nothing of idx and folder.
std::optional<Pictures> known_pictures(const DatasetConfig& config);
Pictures pictures_of(const Dataset& dataset);

// All that a price depends on.
struct PriceQuestion {
  ModelConfig model;
  nn::OptimizerKind optimizer = nn::OptimizerKind::kAdamW;
  Index batch_size = 32;
  int threads = 1;
  Pictures pictures;

  bool operator==(const PriceQuestion&) const = default;
};
PriceQuestion question_of(const TrainConfig& config, int threads, const Pictures& pictures);

// What a model's parameters and products are for. Equal ones of all blocks together.
struct Part {
  std::string name;     // "patch embedding", "attention"; of a CNN or an MLP "layers.0 (conv 5 x 5, ...)"
  Index copies = 1;     // the attention of 6 blocks: 6
  Index parameters;     // of all copies
  Index multiply_adds;  // likewise, of one image forward

  bool operator==(const Part&) const = default;
};
std::vector<Part> parts_of(const nn::Model<float>& model);

struct Price {
  Pictures pictures;
  std::vector<nn::LayerFacts> layers;
  std::vector<Part> parts;  // with parameters or products, in the order of computing; their sums are the next
  Index parameters = 0, multiply_adds = 0;
  Index trained_multiply_adds = 0;  // of one image of a step, forward and backward
  Index tokens = 0;                 // of a ViT, its class token included; else 0
  Index steps_of_epoch = 0;
  MemoryNeeds memory;
};
// Throws std::invalid_argument when the model does not suit the pictures, ShapeError when sizes overflow.
Price price_of(const PriceQuestion& question);

// How long real updates and evaluations took: medians.
struct Speed {
  Index updates = 0;  // that were timed
  Index images = 0;   // of each
  int threads = 1;
  // Seconds an image: forward, backward and its share of the optimizer's work for a whole batch; forward.
  double trained_image_s = 0, validated_image_s = 0;
};
// "12 updates of 32 images on 1 thread"
std::string words_of(const Speed& speed);

// Builds the model and times it on images of noise, for a fifth of a second or so, on threads of its own; no
// run knows of it. Batches whose one update would take too long are timed with fewer images. Throws as
// price_of and when memory is short, core::Stopped between two updates after a stop is requested.
Speed measure_speed(const PriceQuestion& question, std::stop_token stop);

// Seconds: all training images learnt from, all validation images looked at.
double epoch_s(const Pictures& pictures, const Speed& speed);

}  // namespace vitrine::train
