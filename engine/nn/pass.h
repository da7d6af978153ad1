// Pass: what a chunk of images carries through the layers. Layers themselves are constant: they know where
// their parameters lie; numbers come with the pass, so that threads share a model and nothing else.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/core/matrix.h"
#include "engine/core/tensor.h"

namespace vitrine::nn {

using core::each_nth;
using core::Index;
using core::MatrixView;
using core::row_groups;

// Which dropout bits are drawn. rate 0: none, as in evaluation.
struct DropoutDraw {
  double rate = 0;         // in [0, 1)
  std::uint64_t seed = 0;  // with the step, the layer, the image and the index it decides a bit
  std::uint64_t step = 0;
};

template <class T>
struct Pass {
  const T* values;      // Weights::values
  const T* transposed;  // Weights::transposed
  T* gradient;          // [layout.size()], added to by backward; null in a pass without one
  Index images;         // in this chunk
  Index first_image;    // this chunk's first within the batch
  Index batch;          // images of the whole batch: the loss is their mean
  DropoutDraw dropout;
  // Gradients of parameters with ParameterInfo::written are still undefined: to be written, not added to.
  bool begins_gradient = false;
  // Nobody looks at what the answer is not read from: it need not be computed.
  bool only_answer = false;
};

// Memory for the activations of one chunk: taken once, then used again in every step.
template <class T>
class Arena {
 public:
  // kMeasure: hands out null and only counts what it would take.
  enum class Mode { kAllocate, kMeasure };
  explicit Arena(Mode mode = Mode::kAllocate) : mode_(mode) {}

  // `count` numbers, zero, aligned to a cache line; they live as long as the arena. Throws ShapeError when
  // the sum of all counts passes 2^63.
  T* take(Index count) {
    constexpr Index kLine = 64 / sizeof(T);
    const Index rounded = core::checked_add(count, kLine - 1) / kLine * kLine;
    if (rounded > free_) {
      free_ = std::max(rounded, kSlab);
      taken_ = core::checked_add(taken_, free_);
      if (mode_ == Mode::kAllocate) next_ = slabs_.emplace_back(static_cast<std::size_t>(free_)).data();
    }
    free_ -= rounded;
    return mode_ == Mode::kMeasure ? nullptr : std::exchange(next_, next_ + rounded);
  }
  Index taken() const { return taken_; }  // numbers, of whole slabs

 private:
  static constexpr Index kSlab = Index{1} << 19;
  Mode mode_;
  std::vector<core::AlignedVector<T>> slabs_;
  T* next_ = nullptr;
  Index free_ = 0, taken_ = 0;
};

}  // namespace vitrine::nn
