// correlate for pictures, in float: the same sums in the same order, but a tile of them in registers at once,
// over rows that are copied with their padding, so that every tap reads consecutive numbers. Source of the
// tile: Goto, van de Geijn 2008, "Anatomy of high-performance matrix multiplication", section 6.
#pragma once

#include "engine/core/progress.h"
#include "engine/core/workers.h"
#include "engine/signal/convolution.h"

namespace vitrine::signal {

// y of correlate: input [C, H, W], weight [F, C/groups, Kh, Kw], bias [F] or empty; returns [F, Ho, Wo]. The
// bits do not depend on the number of threads. Throws as correlate. A stop is answered after a row of a few
// filters at most.
core::Tensor<float> correlate_fast(const core::Tensor<float>& input, const core::Tensor<float>& weight,
                                   const core::Tensor<float>& bias, const ConvSpec& spec,
                                   core::Workers& workers, std::stop_token stop = {},
                                   core::Progress* progress = nullptr);

}  // namespace vitrine::signal
