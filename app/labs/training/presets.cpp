#include "app/labs/training/presets.h"

#include <algorithm>

namespace vitrine::labs {
namespace {

using train::DatasetKind;
using train::TrainConfig;

TrainConfig named(std::string_view name, DatasetKind data) {
  TrainConfig config = train::preset(name).value();
  config.dataset.kind = data;
  return config;
}

// The demo's model for so many epochs, at a constant rate and without a warm-up.
TrainConfig plain(std::int64_t epochs) {
  TrainConfig config = named("demo", DatasetKind::kDigits);
  config.epochs = epochs;
  config.schedule = {};
  return config;
}

TrainConfig rate_too_high() {
  TrainConfig config = plain(3);
  config.optimizer.learning_rate = 1;
  return config;
}

TrainConfig no_positions() {
  TrainConfig config = plain(3);
  config.model.positions = nn::Positions::kNone;
  return config;
}

TrainConfig one_patch() {
  TrainConfig config = named("demo", DatasetKind::kShapes);
  config.epochs = 5;
  config.model.patch_size = 28;
  return config;
}

TrainConfig no_warm_up() {
  TrainConfig config = plain(3);
  config.model.depth = 12;
  config.optimizer.learning_rate = 3e-3;
  return config;
}

constexpr TrainingPreset kPresets[] = {
    {"Homework, Fashion-MNIST",
     "The exercise's model on clothes: watch the loss leave ln 10 = 2.30, where a guess would be, at once, "
     "and be near 1.4 after a hundred updates.",
     [] { return named("homework", DatasetKind::kFashionMnist); }},
    {"Homework, MNIST",
     "The exercise's model on handwritten digits: watch whether it learns them faster than clothes.",
     [] { return named("homework", DatasetKind::kMnist); }},
    {"Homework wide, Fashion-MNIST",
     "The exercise read the other way, with heads of 64 numbers, not 8: watch the price, more than four "
     "times "
     "the parameters, and whether the curves tell.",
     [] { return named("homework-wide", DatasetKind::kFashionMnist); }},
    {"Demo, digits",
     "A small model on drawn digits: watch the loss creep from ln 10 = 2.30 to 2.0 in 300 updates and then "
     "fall "
     "faster; 60 % of the validation images are right after one epoch, 94 % after three.",
     [] { return named("demo", DatasetKind::kDigits); }},
    {"Rate far too high",
     "Watch the loss leap from 2.30 to 88 in seven updates and the accuracy stay at chance. Turned down to "
     "0.001 after three epochs it did not come back in three more (11 %): go back to a step before the leap.",
     rate_too_high},
    {"No positions",
     "Every patch is seen, but not where it is from: watch the validation accuracy come to 81 % in three "
     "epochs, and to 93 % with learned positions.",
     no_positions},
    {"One patch",
     "The whole picture is one token, so attention has nothing to compare: watch shapes that lie anywhere "
     "come to 68 % in five epochs, and to 88 % with patches of 7 px.",
     one_patch},
    {"No warm-up",
     "Twelve blocks at a high rate from the first step: watch the loss stay above 2 for 700 updates. With a "
     "warm-up of 300 steps it is at 1 by then, and 94 % come out after three epochs, not 76 %.",
     no_warm_up},
};

}  // namespace

std::span<const TrainingPreset> training_presets() { return kPresets; }

const TrainingPreset* training_preset(std::string_view name) {
  const auto found = std::find_if(std::begin(kPresets), std::end(kPresets),
                                  [&](const TrainingPreset& preset) { return preset.name == name; });
  return found == std::end(kPresets) ? nullptr : found;
}

const TrainingPreset* training_preset(const TrainConfig& config) {
  const auto is = [&](const TrainingPreset& preset) {
    TrainConfig same = preset.config();
    same.threads = config.threads;
    return same == config;
  };
  const auto found = std::find_if(std::begin(kPresets), std::end(kPresets), is);
  return found == std::end(kPresets) ? nullptr : found;
}

}  // namespace vitrine::labs
