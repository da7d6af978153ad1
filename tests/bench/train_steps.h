// Training steps to measure: forward, backward, Adam. images_per_second counts; peak_share is how much of the
// processor's multiply-adds the products of the step keep busy.
#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/nn/batch_pass.h"
#include "engine/nn/optimizer.h"
#include "tests/bench/fma_peak.h"

namespace vitrine::bench {

inline constexpr nn::Index kBatch = 32;

// Any images of so many pixels each, of ten classes.
struct Batch {
  std::vector<float> images;
  std::vector<std::uint8_t> labels;

  explicit Batch(nn::Index pixels, nn::Index count = kBatch)
      : images(static_cast<std::size_t>(count * pixels)), labels(static_cast<std::size_t>(count)) {
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = std::sin(0.731f * static_cast<float>(i));
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 10);
  }
};

inline void train_steps(benchmark::State& state, const nn::Model<float>& model, int threads, double dropout,
                        nn::Index batch_size = kBatch) {
  core::Workers workers(threads);
  nn::BatchPass<float> batch(model, workers);
  auto weights = nn::Weights<float>::initial(model.layout(), 0);
  nn::Optimizer<float> optimizer(model.layout());
  const nn::UpdateRule rule{nn::OptimizerKind::kAdam};
  const Batch data(model.image().count(), batch_size);
  std::uint64_t step = 0;
  for (auto _ : state) {
    batch.loss_and_gradient(weights, data.images.data(), data.labels, {dropout, 0, step++});
    optimizer.update(rule, batch.gradient().data(), 1, workers, weights);
  }
  // Backward takes two products for each of forward's, and a multiply-add is two operations.
  const double flops = 6 * static_cast<double>(model.trained_multiply_adds() * batch_size);
  const auto rate = benchmark::Counter::kIsIterationInvariantRate;
  state.counters["images_per_second"] = benchmark::Counter(static_cast<double>(batch_size), rate);
  state.counters["peak_share"] = benchmark::Counter(flops / fma_peak(threads), rate);
}

}  // namespace vitrine::bench
