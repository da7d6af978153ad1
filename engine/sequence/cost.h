// What self-attention of n tokens of size d costs, in multiply-accumulates (MACs).
//   making Q, K and V: 3 n d^2      scores and mix: 2 n^2 d      equal at n = 1.5 d
// Source: Vaswani et al. 2017, "Attention is all you need", section 4, table 1.
#pragma once

#include "engine/core/shape.h"

namespace vitrine::sequence {

using core::Index;

struct AttentionCost {
  Index projections = 0;  // MACs of Q, K and V, each n d^2
  Index mixing = 0;       // MACs of the scores and of the weighted sums, each n^2 d
  Index total = 0;
  double equal_tokens = 0;  // n at which the first two are equal
};

// Throws ShapeError if n or d is smaller than 1 or a count passes 2^63 - 1.
AttentionCost attention_cost(Index tokens, Index dim);

}  // namespace vitrine::sequence
