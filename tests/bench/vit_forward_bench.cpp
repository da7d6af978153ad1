// One picture forward through ViT-Tiny (224 x 224, patches of 16) on one thread: to its answer, and as a look
// inside takes it, with all tokens of the last block. Beside PyTorch: torch_vit_forward.py.
#include <benchmark/benchmark.h>

#include "engine/nn/batch_pass.h"
#include "engine/nn/vit.h"

namespace {

using namespace vitrine;

nn::VitSizes vit_tiny() {
  nn::VitSizes sizes{3, 224, 224, 16, 192, 12, 3, 64, 768, 1000, nn::Bias::kYes};
  sizes.norm_epsilon = 1e-6;
  return sizes;
}

struct OnePicture {
  const nn::Vit<float> vit{vit_tiny()};
  const nn::Weights<float> weights = nn::Weights<float>::initial(vit.layout(), 1);
  const core::Tensor<float> image{{3, 224, 224}, 0.5f};
  core::Workers alone{1};
  nn::BatchPass<float> pass{vit, alone};
};

void vit_tiny_forward(benchmark::State& state) {
  OnePicture one;
  const std::uint8_t label = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(one.pass.loss(one.weights, one.image.data(), {&label, 1}).loss);
}
BENCHMARK(vit_tiny_forward)->UseRealTime()->Unit(benchmark::kMillisecond);

void vit_tiny_look(benchmark::State& state) {
  OnePicture one;
  for (auto _ : state)
    one.pass.look(one.weights, one.image.data(),
                  [](const auto& at) { benchmark::DoNotOptimize(at.logits[0]); });
}
BENCHMARK(vit_tiny_look)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
