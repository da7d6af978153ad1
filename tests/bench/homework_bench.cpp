// A whole training step of the homework's models, batch 32: forward, backward, Adam. images_per_second
// counts.
#include "engine/nn/vit.h"
#include "tests/bench/train_steps.h"

namespace {

using namespace vitrine;
using bench::kBatch;

// Arguments: head_dim (8: homework, 64: homework-wide), threads.
void train_step(benchmark::State& state) {
  const nn::Vit<float> model({1, 28, 28, 7, 64, 6, 8, state.range(0), 128, 10});
  bench::train_steps(state, model, static_cast<int>(state.range(1)), 0.1);
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
  const bench::Batch data(model.sizes().embedding().image());
  for (auto _ : state) benchmark::DoNotOptimize(batch.loss(weights, data.images.data(), data.labels));
  state.counters["images_per_second"] =
      benchmark::Counter(static_cast<double>(kBatch), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(evaluate)->Unit(benchmark::kMillisecond);

}  // namespace
