// One picture forward through ViT-Tiny (224 x 224, patches of 16), on one thread: as a look inside takes it.
// Beside PyTorch: torch_vit_forward.py.
#include <benchmark/benchmark.h>

#include "engine/nn/batch_pass.h"
#include "engine/nn/vit.h"

namespace {

using namespace vitrine;

void vit_tiny_forward(benchmark::State& state) {
  nn::VitSizes sizes{3, 224, 224, 16, 192, 12, 3, 64, 768, 1000, nn::Bias::kYes};
  sizes.norm_epsilon = 1e-6;
  const nn::Vit<float> vit(sizes);
  const auto weights = nn::Weights<float>::initial(vit.layout(), 1);
  const core::Tensor<float> image({3, 224, 224}, 0.5f);
  core::Workers alone(1);
  nn::BatchPass<float> pass(vit, alone);
  for (auto _ : state)
    pass.look(weights, image.data(), [](const auto& at) { benchmark::DoNotOptimize(at.logits[0]); });
}
BENCHMARK(vit_tiny_forward)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
