// A training step's time against the model's sizes, each changed alone around the homework's: tokens, depth,
// width, batch. cost_of_size.py makes a table and a plot of it.
#include "engine/nn/vit.h"
#include "tests/bench/train_steps.h"

namespace {

using namespace vitrine;
using nn::Index;

struct Sizes {
  Index side = 4;  // of the image, in patches: tokens = side^2 + 1
  Index depth = 6, width = 64, batch = 32;
};

void cost_of_size(benchmark::State& state, const Sizes& sizes) {
  constexpr Index kPatch = 7, kHeadDim = 8;
  const nn::Vit<float> model({1, sizes.side * kPatch, sizes.side * kPatch, kPatch, sizes.width, sizes.depth,
                              sizes.width / kHeadDim, kHeadDim, 2 * sizes.width, 10});
  bench::train_steps(state, model, 1, 0.1, sizes.batch);
  state.counters["multiply_adds"] = static_cast<double>(3 * sizes.batch * model.multiply_adds());
}

void add(const char* what, Index size, const Sizes& sizes) {
  const std::string name = std::string("cost_of_size/") + what + ":" + std::to_string(size);
  benchmark::RegisterBenchmark(name.c_str(), cost_of_size, sizes)->Unit(benchmark::kMillisecond);
}

const int registered = [] {
  for (const Index side : {1, 2, 4, 8, 14}) add("tokens", side * side + 1, {.side = side});
  for (const Index depth : {1, 3, 6, 12, 24}) add("depth", depth, {.depth = depth});
  for (const Index width : {16, 32, 64, 128, 256}) add("width", width, {.width = width});
  for (const Index batch : {1, 8, 32, 128, 512}) add("batch", batch, {.batch = batch});
  return 0;
}();

}  // namespace
