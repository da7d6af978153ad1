// What fast_convolution and fast_pooling share: an output is computed in pieces, on several threads.
#pragma once

#include <algorithm>
#include <atomic>

#include "engine/core/progress.h"
#include "engine/core/tensor.h"
#include "engine/core/workers.h"

namespace vitrine::signal {

using core::Index;

// compute() as the one step of its stage: where the naive loops are better.
template <class Compute>
auto in_one_step(core::Progress* progress, const Compute& compute) {
  if (progress) progress->begin(1);
  auto output = compute();
  if (progress) progress->advance();
  return output;
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
