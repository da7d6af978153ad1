// correlate for pictures, in float: the same sums in the same order, but a tile of them in registers at once,
// over rows that are copied with their padding, so that every tap reads consecutive numbers. Source of the
// tile: Goto, van de Geijn 2008, "Anatomy of high-performance matrix multiplication", section 6.
#pragma once

#include "engine/core/progress.h"
#include "engine/core/workers.h"
#include "engine/signal/convolution.h"

namespace vitrine::signal {

// y of correlate, written over `output`, which keeps its memory if it has the right shape and must not be
// input, weight or bias. The bits do not depend on the number of threads. Throws as correlate; after an
// exception the output's numbers are anything. A stop is answered after a row of a few filters at most.
void correlate_fast(const core::Tensor<float>& input, const core::Tensor<float>& weight,
                    const core::Tensor<float>& bias, const ConvSpec& spec, core::Workers& workers,
                    core::Tensor<float>& output, std::stop_token stop = {},
                    core::Progress* progress = nullptr);
// The same in a new tensor.
core::Tensor<float> correlate_fast(const core::Tensor<float>& input, const core::Tensor<float>& weight,
                                   const core::Tensor<float>& bias, const ConvSpec& spec,
                                   core::Workers& workers, std::stop_token stop = {},
                                   core::Progress* progress = nullptr);

}  // namespace vitrine::signal
