// The kernels of a training step at the homework's sizes: four images of 17 tokens, one thread.
#include <benchmark/benchmark.h>

#include "engine/core/product.h"
#include "engine/nn/attention.h"
#include "engine/nn/dropout.h"
#include "engine/nn/gelu.h"
#include "engine/nn/layer_norm.h"

namespace {

using namespace vitrine;
using core::MatrixView;
using nn::Index;

constexpr Index kImages = 4, kTokens = 17, kRows = kImages * kTokens, kDim = 64, kMlp = 128;

core::AlignedVector<float> numbers(Index count) {
  core::AlignedVector<float> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(i % 97) / 97 - 0.5f;
  return out;
}

void count_flops(benchmark::State& state, double flops) {
  state.counters["flops"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}

// Arguments: m, k, n.
void product(benchmark::State& state) {
  const Index m = state.range(0), k = state.range(1), n = state.range(2);
  const auto a = numbers(m * k), b = numbers(k * n);
  core::AlignedVector<float> c(static_cast<std::size_t>(m * n));
  for (auto _ : state) {
    core::product<float>({a.data(), m, k}, {b.data(), k, n}, {nullptr, 0, n}, {c.data(), m, n});
    benchmark::ClobberMemory();
  }
  count_flops(state, 2 * static_cast<double>(m * k * n));
}
BENCHMARK(product)
    ->Args({kRows, kDim, 3 * kDim})
    ->Args({kRows, kDim, kDim})
    ->Args({kRows, kMlp, kDim})
    ->Args({1024, 1024, 1024});

// A weight's gradient: k rows of tokens, m outputs, n inputs.
void product_transposed(benchmark::State& state) {
  const Index m = state.range(0), k = state.range(1), n = state.range(2);
  const auto a = numbers(k * m), b = numbers(k * n);
  core::AlignedVector<float> c(static_cast<std::size_t>(m * n));
  const MatrixView<float> out(c.data(), m, n);
  for (auto _ : state) {
    core::product_transposed<float>({a.data(), k, m}, {b.data(), k, n}, out, out);
    benchmark::ClobberMemory();
  }
  count_flops(state, 2 * static_cast<double>(m * k * n));
}
BENCHMARK(product_transposed)->Args({3 * kDim, kRows, kDim})->Args({kMlp, kRows, kDim});

// Argument: 0 forward, 1 with backward.
void attention(benchmark::State& state) {
  nn::ParameterLayout layout;
  nn::Arena<float> arena;
  const nn::MultiHeadAttention<float> layer(layout, "attn", {kDim, kTokens, 8, 8}, nn::Bias::kNo);
  const auto weights = nn::Weights<float>::initial(layout, 0);
  core::AlignedVector<float> gradient(static_cast<std::size_t>(layout.size()));
  const auto kept = layer.take_activations(arena, kImages);
  const auto scratch = layer.take_scratch(arena, kImages);
  const nn::Pass<float> pass{
      weights.values.data(), weights.transposed.data(), gradient.data(), kImages, 0, kImages, {}};
  const auto x = numbers(kRows * kDim);
  core::AlignedVector<float> y(x.size()), dx(x.size());
  const MatrixView<const float> in(x.data(), kRows, kDim);
  const MatrixView<float> out(y.data(), kRows, kDim);
  for (auto _ : state) {
    layer.forward(pass, in, kept, scratch, out);
    if (state.range(0)) layer.backward(pass, in, kept, scratch, out, {dx.data(), kRows, kDim});
    benchmark::ClobberMemory();
  }
}
BENCHMARK(attention)->ArgName("backward")->Arg(0)->Arg(1);

void layer_norm(benchmark::State& state) {
  nn::ParameterLayout layout;
  const nn::LayerNorm<float> layer(layout, "norm", kDim);
  const auto weights = nn::Weights<float>::initial(layout, 0);
  core::AlignedVector<float> gradient(static_cast<std::size_t>(layout.size()));
  const nn::Pass<float> pass{
      weights.values.data(), weights.transposed.data(), gradient.data(), kImages, 0, kImages, {}};
  const auto x = numbers(kRows * kDim);
  core::AlignedVector<float> y(x.size()), dx(x.size());
  std::vector<nn::LayerNorm<float>::Statistics> statistics(kRows);
  const MatrixView<const float> in(x.data(), kRows, kDim);
  const MatrixView<float> out(y.data(), kRows, kDim);
  for (auto _ : state) {
    layer.forward(pass, in, statistics.data(), out);
    if (state.range(0)) layer.backward(pass, in, statistics.data(), out, {dx.data(), kRows, kDim});
    benchmark::ClobberMemory();
  }
}
BENCHMARK(layer_norm)->ArgName("backward")->Arg(0)->Arg(1);

void gelu(benchmark::State& state) {
  const auto u = numbers(kRows * kMlp);
  core::AlignedVector<float> slope(u.size()), y(u.size());
  for (auto _ : state) {
    nn::Gelu<float>::forward(u.data(), kRows * kMlp, slope.data(), y.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(gelu);

void dropout(benchmark::State& state) {
  auto x = numbers(kRows * kMlp);
  const nn::Dropout<float> layer(0);
  const nn::Pass<float> pass{nullptr, nullptr, nullptr, kImages, 0, kImages, {0.1, 0, 0}};
  core::AlignedVector<float> y(x.size());
  for (auto _ : state) {
    layer.forward(pass, {x.data(), kImages, kTokens * kMlp}, {y.data(), kImages, kTokens * kMlp});
    benchmark::ClobberMemory();
  }
}
BENCHMARK(dropout);

}  // namespace
