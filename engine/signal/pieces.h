// What fast_convolution and fast_pooling share: room for an output, and pieces of it that threads compute.
#pragma once

#include <algorithm>
#include <atomic>

#include "engine/core/progress.h"
#include "engine/core/tensor.h"
#include "engine/core/workers.h"

namespace vitrine::signal {

using core::Index;

// Gives output this shape, its numbers uninitialised; its memory stays if it has the shape already.
inline void make_room(const core::Shape& shape, core::Tensor<float>& output) {
  if (output.shape() == shape) return;
  output = core::Tensor<float>();  // the old memory goes before the new comes
  output = core::Tensor<float>::uninitialized(shape);
}

// compute(piece, scratch) for each piece in [0, pieces), on all threads if `operations`, of the whole, are
// enough to be worth it. scratch: scratch_size numbers of the thread's own, zero before its first piece.
template <class Compute>
void share_pieces(Index pieces, double operations, Index scratch_size, core::Workers& workers,
                  core::Progress* progress, const Compute& compute) {
  constexpr double kWorthSharing = 1e6;  // some ten microseconds
  std::atomic<Index> next = 0;
  if (progress) progress->begin(pieces);
  const auto take_pieces = [&](int) {
    core::AlignedVector<float> scratch(static_cast<std::size_t>(scratch_size));
    for (Index piece; (piece = next.fetch_add(1)) < pieces;) {
      compute(piece, scratch.data());
      if (progress) progress->advance();
    }
  };
  if (operations < kWorthSharing)
    take_pieces(0);
  else
    workers.run(static_cast<int>(std::min<Index>(workers.threads(), pieces)), take_pieces);
}

}  // namespace vitrine::signal
