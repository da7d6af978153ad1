// Convolution and pooling of pictures in float, at the sizes that compare_torch.py asks PyTorch for. Each
// call makes its output anew. The last argument is the number of threads.
#include <benchmark/benchmark.h>

#include <cmath>

#include "engine/signal/fast_convolution.h"
#include "engine/signal/fast_pooling.h"

namespace {

using namespace vitrine;
using core::Index;
using core::Tensor;

Tensor<float> numbers(const core::Shape& shape) {
  Tensor<float> t(shape);
  for (Index i = 0; i < t.count(); ++i) t[i] = std::sin(0.731f * static_cast<float>(i % 4099));
  return t;
}

// A picture [channels, height, width] and square kernels, or rows where the height is 1.
struct Convolution {
  const char* name;
  Index channels, height, width, filters, kernel, stride, groups;
};
constexpr Convolution kConvolutions[] = {
    {"conv2d 3x256x256, 32 of 5x5, stride 2", 3, 256, 256, 32, 5, 2, 1},
    {"conv2d 3x1024x1024, 32 of 5x5", 3, 1024, 1024, 32, 5, 1, 1},
    {"depthwise 15x15 on 1x1024x1024", 1, 1024, 1024, 1, 15, 1, 1},
    {"depthwise 15x15 on 3x1024x1024", 3, 1024, 1024, 3, 15, 1, 3},
    {"depthwise 15x15 on 32x1024x1024", 32, 1024, 1024, 32, 15, 1, 32},
    {"conv1d 1x200, 8 of 4", 1, 1, 200, 8, 4, 1, 1},
    {"conv1d 1x200, 8 of 4, stride 2", 1, 1, 200, 8, 4, 2, 1},
};

void convolution(benchmark::State& state, const Convolution& c) {
  const Index rows = c.height == 1 ? 1 : c.kernel;
  const auto input = numbers({c.channels, c.height, c.width});
  const auto weight = numbers({c.filters, c.channels / c.groups, rows, c.kernel}),
             bias = numbers({c.filters});
  const signal::WindowSpec window{.stride = c.stride};
  const signal::ConvSpec spec{
      .rows = rows == 1 ? signal::WindowSpec{} : window, .columns = window, .groups = c.groups};
  core::Workers workers(static_cast<int>(state.range(0)));
  Index outputs = 0;
  for (auto _ : state) {
    const auto output = signal::correlate_fast(input, weight, bias, spec, workers);
    benchmark::DoNotOptimize(output.data());
    outputs = output.count();
  }
  state.counters["flops"] =
      benchmark::Counter(2.0 * static_cast<double>(outputs * weight.count() / c.filters),
                         benchmark::Counter::kIsIterationInvariantRate);
}

// 3x3 windows over 32x512x512.
struct Pooling {
  const char* name;
  bool maximum;
  Index stride;
};
constexpr Pooling kPoolings[] = {
    {"max pool 3x3 on 32x512x512, stride 3", true, 3},
    {"max pool 3x3 on 32x512x512, stride 2", true, 2},
    {"max pool 3x3 on 32x512x512, stride 1", true, 1},
    {"average pool 3x3 on 32x512x512, stride 3", false, 3},
    {"average pool 3x3 on 32x512x512, stride 2", false, 2},
    {"average pool 3x3 on 32x512x512, stride 1", false, 1},
};

void pooling(benchmark::State& state, const Pooling& p) {
  const auto input = numbers({32, 512, 512});
  const signal::WindowSpec window{.stride = p.stride};
  const signal::PoolSpec spec{3, 3, window, window};
  core::Workers workers(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const auto output = p.maximum
                            ? signal::max_pool_fast(input, spec, workers)
                            : signal::average_pool_fast(input, spec, signal::CountPadding::kYes, workers);
    benchmark::DoNotOptimize(output.data());
  }
}

template <class Operation>
void add(const Operation& operation, void (*run)(benchmark::State&, const Operation&)) {
  benchmark::RegisterBenchmark(operation.name,
                               [&operation, run](benchmark::State& state) { run(state, operation); })
      ->ArgName("threads")
      ->Arg(1)
      ->Arg(2)
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

void register_all() {
  for (const Convolution& c : kConvolutions) add(c, convolution);
  for (const Pooling& p : kPoolings) add(p, pooling);
}

}  // namespace

int main(int argc, char** argv) {
  register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
