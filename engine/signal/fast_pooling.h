// max_pool and average_pool for pictures, in float: along each axis on its own, in vector registers.
// max_{u,v} x = max_v max_u x, and the same of sums: Gonzalez and Woods 2018, "Digital Image Processing",
// section 3.4 (separable kernels).
#pragma once

#include "engine/core/progress.h"
#include "engine/core/workers.h"
#include "engine/signal/pooling.h"

namespace vitrine::signal {

// max_pool's output, written over `output`, which keeps its memory if it has the right shape and must not be
// the input. The bits do not depend on the number of threads. Throws as max_pool; after an exception the
// output's numbers are anything. A stop is answered after an output row.
void max_pool_fast(const core::Tensor<float>& input, const PoolSpec& spec, core::Workers& workers,
                   core::Tensor<float>& output, std::stop_token stop = {},
                   core::Progress* progress = nullptr);
// The same in a new tensor.
core::Tensor<float> max_pool_fast(const core::Tensor<float>& input, const PoolSpec& spec,
                                  core::Workers& workers, std::stop_token stop = {},
                                  core::Progress* progress = nullptr);

// average_pool, in the same ways. Each window is summed anew, so that a NaN stays in the windows that see it.
void average_pool_fast(const core::Tensor<float>& input, const PoolSpec& spec, CountPadding count,
                       core::Workers& workers, core::Tensor<float>& output, std::stop_token stop = {},
                       core::Progress* progress = nullptr);
core::Tensor<float> average_pool_fast(const core::Tensor<float>& input, const PoolSpec& spec,
                                      CountPadding count, core::Workers& workers, std::stop_token stop = {},
                                      core::Progress* progress = nullptr);

}  // namespace vitrine::signal
