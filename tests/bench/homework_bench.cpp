// A whole training step of the homework's models, batch 32: forward, backward, Adam. images_per_second
// counts.
#include <benchmark/benchmark.h>

#include <cmath>

#include "engine/nn/batch_pass.h"
#include "engine/nn/optimizer.h"
#include "engine/nn/vit.h"

namespace {

using namespace vitrine;

constexpr nn::Index kBatch = 32;

struct Batch {
  std::vector<float> images;
  std::vector<std::uint8_t> labels;

  explicit Batch(nn::Index pixels) : images(static_cast<std::size_t>(kBatch * pixels)), labels(kBatch) {
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = std::sin(0.731f * static_cast<float>(i));
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 10);
  }
};

// Arguments: head_dim (8: homework, 64: homework-wide), threads.
void train_step(benchmark::State& state) {
  const nn::Vit<float> model({1, 28, 28, 7, 64, 6, 8, state.range(0), 128, 10});
  core::Workers workers(static_cast<int>(state.range(1)));
  nn::BatchPass<float> batch(model, workers);
  auto weights = nn::Weights<float>::initial(model.layout(), 0);
  nn::Optimizer<float> optimizer(model.layout());
  const nn::UpdateRule rule{nn::OptimizerKind::kAdam};
  const Batch data(model.sizes().embedding().image());
  std::uint64_t step = 0;
  for (auto _ : state) {
    batch.loss_and_gradient(weights, data.images.data(), data.labels, {0.1, 0, step++});
    optimizer.update(rule, batch.gradient().data(), 1, workers, weights);
  }
  state.counters["images_per_second"] =
      benchmark::Counter(static_cast<double>(kBatch), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(train_step)
    ->ArgNames({"head_dim", "threads"})
    ->ArgsProduct({{8, 64}, {1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// The loss of 128 images without a gradient, as validation runs it.
void evaluate(benchmark::State& state) {
  const nn::Vit<float> model({1, 28, 28, 7, 64, 6, 8, 8, 128, 10});
  core::Workers workers(1);
  nn::BatchPass<float> batch(model, workers);
  const auto weights = nn::Weights<float>::initial(model.layout(), 0);
  const Batch data(model.sizes().embedding().image());
  for (auto _ : state) benchmark::DoNotOptimize(batch.loss(weights, data.images.data(), data.labels));
  state.counters["images_per_second"] =
      benchmark::Counter(static_cast<double>(kBatch), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(evaluate)->Unit(benchmark::kMillisecond);

}  // namespace
