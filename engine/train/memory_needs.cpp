#include "engine/train/memory_needs.h"

#include <fstream>
#include <limits>
#include <stdexcept>

#include "engine/core/text.h"
#include "engine/nn/batch_pass.h"
#include "engine/train/evaluation.h"

namespace vitrine::train {
namespace {

using core::checked_add;
using core::checked_mul;

}  // namespace

Index MemoryNeeds::total() const {
  const Index of_the_model = checked_add(checked_add(weights, optimizer), checked_add(states, gradients));
  return checked_add(checked_add(of_the_model, batch), checked_mul(activations, threads));
}

MemoryNeeds memory_needs(const nn::Model<float>& model, int threads, Index batch_size) {
  constexpr Index kMoments = 2, kStates = 2;
  const auto bytes = [](Index numbers) { return checked_mul(numbers, sizeof(float)); };
  const auto pass_bytes = [&](int of_threads) {
    return nn::BatchPass<float>::needed_bytes(model, of_threads, batch_size);
  };
  const Index size = model.layout().size();
  MemoryNeeds needs;
  needs.weights = bytes(checked_add(size, model.layout().transposed_size()));
  needs.optimizer = bytes(checked_mul(size, kMoments));
  needs.states = bytes(checked_mul(size, kStates * (1 + kMoments)));
  needs.gradients = pass_bytes(0);
  needs.activations = pass_bytes(1) - needs.gradients;
  needs.batch = bytes(checked_mul(checked_add(batch_size, kEvaluationPiece), model.image().count()));
  needs.threads = threads;
  return needs;
}

Index free_memory_bytes() {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;)
    if (Index kilobytes = 0; word == "MemAvailable:" && file >> kilobytes) return kilobytes * 1024;
  return std::numeric_limits<Index>::max();
}

void refuse_too_large(Index needed_bytes, std::string_view cure) {
  const Index free = free_memory_bytes();
  const auto megabytes = [](Index bytes) { return core::grouped(bytes / 1'000'000) + " MB"; };
  if (needed_bytes > free / 2)
    throw std::invalid_argument("model: needs about " + megabytes(needed_bytes) +
                                ", more than half of the free memory (" + megabytes(free) + "); make " +
                                std::string(cure) + " smaller");
}

}  // namespace vitrine::train
