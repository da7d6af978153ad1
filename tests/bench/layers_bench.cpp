// A whole training step of the presets cnn and mlp on images of 28 x 28.
#include "engine/nn/layer_stack.h"
#include "tests/bench/train_steps.h"

namespace {

using namespace vitrine;
using nn::LayerKind;
using nn::LayerSpec;

void train_step_cnn(benchmark::State& state) {
  const LayerSpec relu = LayerSpec::of(LayerKind::kRelu), pool = LayerSpec::of(LayerKind::kMaxPool);
  const nn::LayerStack<float> model(
      {LayerSpec::conv(16, 5, 1, 2), relu, pool, LayerSpec::conv(32, 5, 1, 2), relu, pool}, {1, 28, 28}, 10);
  bench::train_steps(state, model, static_cast<int>(state.range(0)), 0);
}

void train_step_mlp(benchmark::State& state) {
  const nn::LayerStack<float> model({LayerSpec::dense(256), LayerSpec::of(LayerKind::kRelu)}, {1, 28, 28},
                                    10);
  bench::train_steps(state, model, static_cast<int>(state.range(0)), 0);
}

void options(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
}
BENCHMARK(train_step_cnn)->Apply(options);
BENCHMARK(train_step_mlp)->Apply(options);

}  // namespace
