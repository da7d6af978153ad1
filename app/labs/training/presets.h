// The training lab's presets: the exercise's models, and some that go wrong in a way worth seeing. Each says
// what to watch; the figures are of these very settings, whose seed fixes them.
#pragma once

#include <span>
#include <string_view>

#include "engine/train/config.h"

namespace vitrine::labs {

struct TrainingPreset {
  std::string_view name;
  std::string_view watch;  // one sentence or two
  train::TrainConfig (*config)();
};

std::span<const TrainingPreset> training_presets();
// The one of this name; null when there is none.
const TrainingPreset* training_preset(std::string_view name);
// The one that a configuration is, but for its threads; null when it is none.
const TrainingPreset* training_preset(const train::TrainConfig& config);

}  // namespace vitrine::labs
