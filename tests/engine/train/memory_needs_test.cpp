#include "engine/train/memory_needs.h"

#include <gmock/gmock.h>

#include <fstream>

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

void forget_the_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

TrainConfig with_model(const ModelConfig& model) {
  TrainConfig config = tiny_config();
  config.dataset.kind = DatasetKind::kShapes;
  config.dataset.train_limit = 160;
  config.dataset.validation_limit = 200;
  config.model = model;
  config.batch_size = 64;
  config.epochs = 2;
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

// From a trainer's beginning to its end, with validations and a state taken aside as a checkpoint is.
TEST(MemoryNeeds, AreWithin15PercentOfThePeak) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer takes memory of its own";
#endif
  for (const ModelKind kind : {ModelKind::kVit, ModelKind::kCnn, ModelKind::kMlp})
    for (const int threads : {1, 2}) {
      const TrainConfig config = with_model(large(kind));
      core::Workers workers(threads);
      const auto dataset = tiny_dataset(config, workers);
      forget_the_peak();
      const Index before = memory_bytes("VmRSS");
      Trainer trainer(config, dataset, workers);
      while (!trainer.done()) trainer.advance();
      EXPECT_EQ(trainer.state().step, trainer.step());
      const Index taken = memory_bytes("VmHWM") - before;
      const Index estimate = memory_needs(trainer.model(), threads, config.batch_size).total();
      printf("%d %d: %.2f %.2f %.3f\n", (int)kind, threads, taken/1e6, estimate/1e6, (double)estimate/(double)taken);
    }
}

}  // namespace
}  // namespace vitrine::train
