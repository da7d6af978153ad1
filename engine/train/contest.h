// Contest: a ViT, a CNN and an MLP made equally large, and the CNN with its random filters frozen: which of
// them learns the same pictures best, and is it the architecture?
#pragma once

#include "engine/train/match.h"
#include "engine/train/race_thread.h"

namespace vitrine::train {

struct ContestConfig {
  TrainConfig reference;  // the ViT, and how all of them are trained
  Equal equal = Equal::kParameters;
  Turns turns = Turns::kEqualImages;
  bool frozen = true;  // the CNN with frozen filters takes part

  void describe(core::Fields& f);
  bool operator==(const ContestConfig&) const = default;
};

struct Contestant {
  std::string name;  // "ViT", "CNN", "MLP", "Frozen CNN"
  ModelConfig model;
  ModelSize size;
  double off = 0;                      // of what is equal, against the ViT's: size / size of the ViT - 1
  std::vector<nn::LayerFacts> layers;  // as Model::layers
};

// In that order; the frozen CNN has the filters of the CNN, so where the compute is equal it takes less.
// Throws std::invalid_argument where the reference is no ViT, and as match() and make_model().
std::vector<Contestant> contestants(const ContestConfig& config, const nn::ImageSizes& image, Index classes);

RaceConfig race_of(const ContestConfig& config, const std::vector<Contestant>& contestants);

}  // namespace vitrine::train
