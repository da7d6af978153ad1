#include "engine/train/memory_needs.h"

#include <gmock/gmock.h>
#include <malloc.h>

#include <fstream>
#include <tuple>

#include "engine/train/state_dict.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

// "VmRSS" or "VmHWM" (the peak) of this process, in bytes.
Index memory_bytes(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;)
    if (Index kilobytes = 0; word == name + ":" && file >> kilobytes) return kilobytes * 1024;
  return 0;
}

// What earlier tests freed goes back to the system, and the peak is what is taken from here on.
void forget_the_past() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

TrainConfig with_model(const ModelConfig& model) {
  TrainConfig config = tiny_config();
  config.dataset.kind = DatasetKind::kShapes;
  config.dataset.train_limit = 160;
  config.dataset.validation_limit = 200;
  config.model = model;
  config.batch_size = 64;
  config.epochs = 1;
  return config;
}

ModelConfig large(ModelKind kind) {
  ModelConfig model = ModelConfig::of(kind);
  if (kind == ModelKind::kVit) {
    model.embed_dim = 192;
    model.mlp_dim = 512;
  }
  if (kind == ModelKind::kCnn) {
    model.layers[0].filters = 64;
    model.layers[3].filters = 128;
  }
  if (kind == ModelKind::kMlp) model.layers[0].units = 1024;
  return model;
}

class MemoryNeedsOf : public testing::TestWithParam<std::tuple<ModelKind, int>> {};

// From a trainer's beginning to its end, with a validation and a state taken aside as a checkpoint is.
TEST_P(MemoryNeedsOf, AreWithin15PercentOfThePeak) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer takes memory of its own";
#endif
  const auto [kind, threads] = GetParam();
  const TrainConfig config = with_model(large(kind));
  core::Workers workers(threads);
  const auto dataset = tiny_dataset(config, workers);
  forget_the_past();
  const Index before = memory_bytes("VmRSS");
  Trainer trainer(config, dataset, workers);
  while (!trainer.done()) trainer.advance();
  EXPECT_EQ(trainer.state().step, trainer.step());
  const auto peak = static_cast<double>(memory_bytes("VmHWM") - before);
  const auto estimate = [&](int of_threads) {
    return static_cast<double>(memory_needs(trainer.model(), of_threads, config.batch_size).total());
  };
  RecordProperty("estimate_bytes", std::to_string(estimate(threads)));
  RecordProperty("peak_bytes", std::to_string(peak));
  EXPECT_LE(peak, estimate(threads) / 0.85);
  EXPECT_GE(peak, estimate(1) / 1.15);  // a thread that came too late for any chunk has taken nothing
}

INSTANTIATE_TEST_SUITE_P(, MemoryNeedsOf,
                         testing::Combine(testing::Values(ModelKind::kVit, ModelKind::kCnn, ModelKind::kMlp),
                                          testing::Values(1, 2)));

}  // namespace
}  // namespace vitrine::train
