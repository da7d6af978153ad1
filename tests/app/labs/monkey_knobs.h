// What the monkey turns and presses: knobs with values that are ordinary, extreme and impossible, on a model
// and data so small that nothing of it takes long.
#pragma once

#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "engine/train/config.h"

namespace vitrine::labs {

using core::Index;
using train::TrainConfig;

// Draws one after the other, each a function of the seed and its place.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : rng_(seed, core::RngStream::kTest) {}
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(rng_.below(n, ++drawn_, 0)); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  float between(float low, float high) {
    return low + (high - low) * static_cast<float>(rng_.uniform(++drawn_, 0));
  }
  template <class Value>
  Value pick(std::initializer_list<Value> values) {
    return std::data(values)[below(values.size())];
  }

 private:
  core::Rng rng_;
  std::uint64_t drawn_ = 0;
};

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max(),
                       kLeast = std::numeric_limits<std::int64_t>::min();

// A model and data so small that an update takes less than a frame.
inline TrainConfig tiny() {
  TrainConfig config = train::preset("demo").value();
  config.dataset = {train::DatasetKind::kDigits, "", 160, 64};
  config.model.patch_size = 14;
  config.model.embed_dim = 32;
  config.model.depth = 1;
  config.model.heads = 2;
  config.model.head_dim = 8;
  config.model.mlp_dim = 32;
  config.schedule = {};
  config.epochs = 60;
  config.threads = 1;
  return config;
}

// Nothing in it lets a small model's numbers become infinite.
inline bool tame(const TrainConfig& c) {
  const auto up_to = [](double value, double most) { return value >= 0 && value <= most; };
  const bool betas = c.optimizer.betas[0] == 0.9 || c.optimizer.betas[0] == 0;
  return up_to(c.optimizer.learning_rate, 0.01) && up_to(c.schedule.min_learning_rate, 0.01) &&
         up_to(c.optimizer.weight_decay, 1) && c.optimizer.eps == 1e-8 && betas;
}

// Changes one field, one time in four to what cannot be. Sizes that the program would take and a test would
// groan under are left out.
inline void shake(TrainConfig& config, Dice& dice) {
  const auto whole = [&](std::int64_t& field, std::initializer_list<std::int64_t> values) {
    field = dice.one_in(4) ? dice.pick({kMost, kLeast, std::int64_t{-1}}) : dice.pick(values);
  };
  const auto real = [&](double& field, std::initializer_list<double> values) {
    field = dice.one_in(4) ? dice.pick({-1.0, -1e300}) : dice.pick(values);
  };
  const auto any = [&](auto& field, std::size_t count) {
    field = static_cast<std::remove_reference_t<decltype(field)>>(dice.below(count));
  };
  auto& [dataset, model, optimizer, schedule, batch_size, epochs, seed, threads] = config;
  switch (dice.below(28)) {
    case 0:
      return real(model.dropout, {0, 0.1, 0.9, 1});
    case 1:
      return whole(batch_size, {1, 7, 32, 160, 512});
    case 2:
      return real(optimizer.weight_decay, {0, 0.01, 1, 1e300});
    case 3:
      return real(optimizer.clip_norm, {0, 1e-300, 1, 1e300});
    case 4:
      return any(schedule.kind, train::kScheduleKinds.size());
    case 5:
      return whole(schedule.warmup_steps, {0, 3, 1 << 30});
    case 6:
      return real(schedule.min_learning_rate, {0, 1e-4, 1e300});
    case 7:
      return any(optimizer.kind, train::kOptimizerKinds.size());
    case 8:
      optimizer.betas = {{2}, {dice.pick({0.0, 0.9, 1.0, -1.0}), 0.999}};
      return;
    case 9:
      return real(optimizer.eps, {0, 1e-8, 1e300});
    case 10:
      return real(optimizer.momentum, {0, 0.9, 1});
    case 11:
      return whole(epochs, {1, 2, 60});
    case 12:
      return whole(seed, {0, 1, 2});
    case 13:
      return whole(threads, {1, 2});
    case 14:
      return whole(dataset.train_limit, {1, 33, 160});
    case 15:
      return whole(dataset.validation_limit, {1, 64});
    case 16:
      dataset.kind =
          dice.pick({train::DatasetKind::kDigits, train::DatasetKind::kShapes, train::DatasetKind::kIdx});
      return;
    case 17:
      model = train::ModelConfig::of(static_cast<train::ModelKind>(dice.below(train::kModelKinds.size())));
      if (model.kind == train::ModelKind::kVit) model = tiny().model;
      for (nn::LayerSpec& layer : model.layers) layer.filters = 2, layer.units = 8;
      return;
    case 18:
      return whole(model.patch_size, {5, 7, 14, 28});
    case 19:
      return whole(model.heads, {1, 2, 3});
    case 20:
      return whole(model.head_dim, {0, 1, 8});
    case 21:
      return whole(model.depth, {0, 1, 3});
    case 22:
      return whole(model.embed_dim, {1, 8, 32});
    case 23:
      return any(model.pool, train::kPools.size());
    case 24:
      return any(model.positions, train::kPositions.size());
    default:
      return real(optimizer.learning_rate, {1e-4, 1e-3, 3e-3, 0, 1, 1e30});
  }
}

// Numbers of the inspectors and what may be typed over them, beside what is no number of theirs.
struct Typed {
  const char* control;
  std::vector<const char*> texts;
};
inline const std::vector<Typed> kTyped = {{"Learning rate", {"0.001", "0.01", "3", "1e-6"}},
                                          {"Batch size", {"1", "32", "512"}},
                                          {"Dropout", {"0", "0.5"}},
                                          {"Clip norm", {"0", "1"}},
                                          {"Weight decay", {"0", "0.1"}},
                                          {"Epochs", {"1", "60"}},
                                          {"Seed", {"0", "7"}},
                                          {"Images", {"33", "160"}},
                                          {"To validate", {"1", "64"}},
                                          {"Validation", {"1", "64"}},
                                          {"Patch size", {"5", "7", "14", "28"}},
                                          {"Heads", {"1", "2"}},
                                          {"Depth", {"1", "2"}},
                                          {"Embed dim", {"8", "32"}},
                                          {"Smoothing", {"0", "0.5", "0.99"}},
                                          {"Probe", {"0", "9999"}},
                                          {"Image", {"0", "63"}},
                                          {"Radius", {"0.5", "12"}},
                                          {"Window", {"1", "28"}},
                                          {"Updates", {"10", "20"}},
                                          {"From rate", {"1e-5", "1"}},
                                          {"To rate", {"1e-3", "1", "1000"}},
                                          {"Trials", {"1", "3"}},
                                          {"Trial's steps", {"1", "4"}},
                                          {"Sweep seed", {"0", "7"}},
                                          {"Reach", {"0", "1", "3"}},
                                          {"Moved", {"1", "16"}}};
inline const std::vector<const char*> kNoNumbers = {
    "", "-", "nan", "inf", "1e999", "-9223372036854775808", "0x10", "1,5,7"};

// Whatever stands on the stage may be pressed, and of the inspector these.
inline const std::vector<std::string> kButtons = {"Start",
                                                  "Pause",
                                                  "One step",
                                                  "Reset",
                                                  "Earlier",
                                                  "Later",
                                                  "Newest",
                                                  "Show all",
                                                  "Hide all",
                                                  "Previous",
                                                  "Next",
                                                  "Random",
                                                  "Next mistake",
                                                  "Clear",
                                                  "Invert",
                                                  "Original",
                                                  "Go on",
                                                  "Run it anew",
                                                  "Begin anew",
                                                  "Fit colours",
                                                  "Log scale",
                                                  "Run the test",
                                                  "Begin the sweep",
                                                  "Pause the sweep",
                                                  "Stop the sweep",
                                                  "Plot earlier runs",
                                                  "undo",
                                                  "redo",
                                                  "scrub"};
}  // namespace vitrine::labs
