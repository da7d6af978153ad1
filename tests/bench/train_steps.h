// Training steps of batch 32 to measure: forward, backward, Adam. images_per_second counts.
#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/nn/batch_pass.h"
#include "engine/nn/optimizer.h"

namespace vitrine::bench {

inline constexpr nn::Index kBatch = 32;

// Any images of so many pixels, of ten classes.
struct Batch {
  std::vector<float> images;
  std::vector<std::uint8_t> labels;

  explicit Batch(nn::Index pixels) : images(static_cast<std::size_t>(kBatch * pixels)), labels(kBatch) {
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = std::sin(0.731f * static_cast<float>(i));
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 10);
  }
};

inline void train_steps(benchmark::State& state, const nn::Model<float>& model, int threads, double dropout) {
  core::Workers workers(threads);
  nn::BatchPass<float> batch(model, workers);
  auto weights = nn::Weights<float>::initial(model.layout(), 0);
  nn::Optimizer<float> optimizer(model.layout());
  const nn::UpdateRule rule{nn::OptimizerKind::kAdam};
  const Batch data(model.image().count());
  std::uint64_t step = 0;
  for (auto _ : state) {
    batch.loss_and_gradient(weights, data.images.data(), data.labels, {dropout, 0, step++});
    optimizer.update(rule, batch.gradient().data(), 1, workers, weights);
  }
  state.counters["images_per_second"] =
      benchmark::Counter(static_cast<double>(kBatch), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace vitrine::bench
