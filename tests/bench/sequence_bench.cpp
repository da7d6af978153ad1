// Attention in double with its weights kept, at the sizes that compare_torch.py asks PyTorch for. Each call
// makes its output anew. The last argument is the number of threads.
#include <benchmark/benchmark.h>

#include "engine/core/rng.h"
#include "engine/sequence/fast_attention.h"

namespace {

using namespace vitrine;
using core::Index;
using core::Tensor;

Tensor<double> numbers(const core::Shape& shape, std::uint64_t draw, double size = 1) {
  Tensor<double> t(shape);
  const core::Rng rng(1, core::RngStream::kTest);
  for (Index i = 0; i < t.count(); ++i) t[i] = size * rng.normal(draw, static_cast<std::uint64_t>(i));
  return t;
}

void attention(benchmark::State& state) {
  constexpr Index kTokens = 1024, kDim = 64;
  const auto query = numbers({kTokens, kDim}, 1), key = numbers({kTokens, kDim}, 2),
             value = numbers({kTokens, kDim}, 3);
  core::Workers workers(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const auto a = sequence::attention_fast(query, key, value, sequence::rsqrt_scale(kDim), {},
                                            sequence::Keep::kWeights, workers);
    benchmark::DoNotOptimize(a.output.data());
  }
}

void multi_head(benchmark::State& state) {
  constexpr Index kTokens = 2048, kDim = 512, kHeads = 8;
  const auto input = numbers({kTokens, kDim}, 1);
  const sequence::MultiHeadWeights weights{.query = numbers({kDim, kDim}, 2, 0.05),
                                           .key = numbers({kDim, kDim}, 3, 0.05),
                                           .value = numbers({kDim, kDim}, 4, 0.05),
                                           .out = numbers({kDim, kDim}, 5, 0.05),
                                           .query_bias = numbers({kDim}, 6),
                                           .key_bias = numbers({kDim}, 7),
                                           .value_bias = numbers({kDim}, 8),
                                           .out_bias = numbers({kDim}, 9)};
  core::Workers workers(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const auto m = sequence::multi_head_attention_fast(input, input, weights, kHeads,
                                                       sequence::rsqrt_scale(kDim / kHeads), {},
                                                       sequence::Keep::kWeights, workers);
    benchmark::DoNotOptimize(m.output.data());
  }
}

void add(const char* name, void (*run)(benchmark::State&)) {
  benchmark::RegisterBenchmark(name, run)
      ->ArgName("threads")
      ->Arg(1)
      ->Arg(2)
      ->UseRealTime()
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

int main(int argc, char** argv) {
  add("one head, 1024 tokens, d 64", attention);
  add("8 heads, 2048 tokens, D 512", multi_head);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
