// Heads that do one understandable thing each, because their weights are made by hand: they look at the token
// before, at the same token, at the token after, or at all alike. The token's content and its position stand
// beside each other, so that a head can read the one and leave the other.
//   before by n: q.k = g sum_i cos(w_i (t - n - s)), the largest at s = t - n; w_i = 1 / base^(2i/P)
// Heads with such jobs in a trained net: Clark et al. 2019, "What does BERT look at?", section 3.
#pragma once

#include "engine/sequence/multi_head.h"

namespace vitrine::sequence {

struct HeadJob {
  enum class Kind : std::uint8_t { kBefore, kSame, kAfter, kEven };
  Kind kind = Kind::kBefore;
  Index distance = 1;  // of kBefore and kAfter
  bool operator==(const HeadJob&) const = default;
};
// The jobs in turn; from the fifth head on with twice the distance, and so on.
HeadJob head_job(Index head);

// Of D components of a token the first hold its content, the rest, an even number, its position: 0 for D < 4.
Index position_dim(Index dim);
inline Index content_dim(Index dim) { return dim - position_dim(dim); }

// content [T, content_dim(D)] and beside it the sinusoidal encoding of the positions, or zeros. Returns [T,
// D]. Throws ShapeError.
core::Tensor<double> with_position_beside(const core::Tensor<double>& content, Index dim, bool positions);

// W_q, W_k, W_v [heads*d, D] and W_O [D, heads*d] for tokens as above and a softmax scale of 1/sqrt(d). Each
// value is d components of the content. Throws ShapeError.
MultiHeadWeights head_job_weights(Index dim, Index heads, Index head_dim);

}  // namespace vitrine::sequence
