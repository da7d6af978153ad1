// The same attention as attention.h and multi_head.h, exact in double, without the numbers in between: blocks
// of queries whose scores stay in the cache while they become weights and are mixed, on several threads.
#pragma once

#include <stop_token>
#include <vector>

#include "engine/core/progress.h"
#include "engine/core/workers.h"
#include "engine/sequence/multi_head.h"

namespace vitrine::sequence {

// Which keys a query may see: those that both allow.
struct VisibleKeys {
  bool causal = false;         // the keys 0 to t
  const Mask* mask = nullptr;  // [T, S], not 0 = visible; null allows all. Outlives the call
};

// The weights are kept for who looks at them, or only used.
enum class Keep { kWeights, kOutput };

template <class Weight>
struct FastAttention {
  core::Tensor<Weight> weights;  // [T, S], exactly 0 where hidden; without numbers where not kept
  core::Tensor<double> output;   // [T, dv]
  core::Tensor<double> entropy;  // [T] -sum_s a ln a, in nats
};

// query [T, d], key [S, d], value [S, dv]; any finite scale. Each sum has the naive one's terms; weights
// below e^-708 of their row's largest are 0. The bits do not depend on the number of threads. A NaN is
// carried into every row that may see it. Weight: float or double. Throws as attention(), of products with
// hidden keys nothing.
template <class Weight = double>
FastAttention<Weight> attention_fast(const core::Tensor<double>& query, const core::Tensor<double>& key,
                                     const core::Tensor<double>& value, double scale,
                                     const VisibleKeys& visible, Keep keep, core::Workers& workers,
                                     std::stop_token stop = {}, core::Progress* progress = nullptr);

template <class Weight>
struct FastMultiHead {
  core::Tensor<double> query, key, value;     // [h, T, d], [h, S, d], [h, S, dv]: the projections by heads
  std::vector<core::Tensor<Weight>> weights;  // of each head: [T, S]; none where not kept
  core::Tensor<double> entropy;               // [h, T]
  core::Tensor<double> concat;                // [T, h dv]
  core::Tensor<double> output;                // [T, D], or the concatenation where there is no W_O
};

// The arguments of multi_head_attention(), which see for what it throws.
template <class Weight = double>
FastMultiHead<Weight> multi_head_attention_fast(const core::Tensor<double>& input,
                                                const core::Tensor<double>& context,
                                                const MultiHeadWeights& weights, Index heads, double scale,
                                                const VisibleKeys& visible, Keep keep, core::Workers& workers,
                                                std::stop_token stop = {},
                                                core::Progress* progress = nullptr);

// [S]: how much each key is looked at, the mean of its column. weights [T, S] with T >= 1.
std::vector<double> mean_of_rows(const core::Tensor<float>& weights);

}  // namespace vitrine::sequence
