// max_pool and average_pool for pictures, in float: along each axis on its own, in vector registers.
// max_{u,v} x = max_v max_u x, and the same of sums: Gonzalez and Woods 2018, "Digital Image Processing",
// section 3.4 (separable kernels).
#pragma once

#include "engine/core/progress.h"
#include "engine/core/workers.h"
#include "engine/signal/pooling.h"

namespace vitrine::signal {

// max_pool's output, [C, Ho, Wo] of an input [C, H, W]. The bits do not depend on the number of threads.
// Throws as max_pool. A stop is answered after an output row.
core::Tensor<float> max_pool_fast(const core::Tensor<float>& input, const PoolSpec& spec,
                                  core::Workers& workers, std::stop_token stop = {},
                                  core::Progress* progress = nullptr);

// average_pool, in the same way. Each window is summed anew, so that a NaN stays in the windows that see it.
core::Tensor<float> average_pool_fast(const core::Tensor<float>& input, const PoolSpec& spec,
                                      CountPadding count, core::Workers& workers, std::stop_token stop = {},
                                      core::Progress* progress = nullptr);

}  // namespace vitrine::signal
