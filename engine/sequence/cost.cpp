#include "engine/sequence/cost.h"

namespace vitrine::sequence {

using core::checked_mul;

AttentionCost attention_cost(Index tokens, Index dim) {
  core::require_at_least(1, "tokens", tokens);
  core::require_at_least(1, "dim", dim);
  const Index plane = checked_mul(tokens, dim);
  AttentionCost cost;
  cost.projections = checked_mul(3, checked_mul(plane, dim));
  cost.mixing = checked_mul(2, checked_mul(plane, tokens));
  cost.total = core::checked_add(cost.projections, cost.mixing);
  cost.equal_tokens = 1.5 * static_cast<double>(dim);
  return cost;
}

}  // namespace vitrine::sequence
