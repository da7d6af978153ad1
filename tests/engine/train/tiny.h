// A run small enough for a test: generated digits and a model of a few thousand parameters.
#pragma once

#include <sstream>
#include <string>

#include "engine/train/trainer.h"

namespace vitrine::train {

inline TrainConfig tiny_config() {
  TrainConfig config;
  config.dataset = {DatasetKind::kDigits, "", 600, 150};
  config.model.patch_size = 14;
  config.model.embed_dim = 16;
  config.model.depth = 2;
  config.model.heads = 2;
  config.model.head_dim = 0;
  config.model.mlp_dim = 24;
  config.epochs = 3;
  return config;
}

inline std::shared_ptr<const Dataset> tiny_dataset(const TrainConfig& config, core::Workers& workers) {
  return load_dataset(config.dataset, config.seed, workers);
}

// A metrics.csv without its last two columns, images a second and seconds.
inline std::string timeless(const std::string& metrics) {
  std::istringstream lines(metrics);
  std::string all;
  for (std::string line; std::getline(lines, line);)
    all += line.substr(0, line.rfind(',', line.rfind(',') - 1)) + "\n";
  return all;
}

}  // namespace vitrine::train
