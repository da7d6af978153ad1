// What a run takes of the machine's memory, known before any of it is taken.
#pragma once

#include <string_view>

#include "engine/nn/model.h"

namespace vitrine::train {

using core::Index;

// In bytes, for numbers of type float.
struct MemoryNeeds {
  Index weights = 0;      // with the transposes that the passes read
  Index optimizer = 0;    // two moments
  Index states = 0;       // the last good one and, while it is made or saved, the next: weights and moments
  Index gradients = 0;    // of every shard, and their sum
  Index activations = 0;  // of one thread
  Index batch = 0;        // its images, and those of a piece of the validation
  int threads = 1;

  Index total() const;
};

// Throws ShapeError when a size passes 2^63.
MemoryNeeds memory_needs(const nn::Model<float>& model, int threads, Index batch_size);

// What the machine could give without swapping; unknown: no limit.
Index free_memory_bytes();

// Throws std::invalid_argument with both sizes when `needed_bytes` is more than half of the free memory:
// "model: needs about 70 MB, ...; make `cure` smaller".
void refuse_too_large(Index needed_bytes, std::string_view cure);

}  // namespace vitrine::train
