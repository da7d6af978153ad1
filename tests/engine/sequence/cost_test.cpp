#include "engine/sequence/cost.h"

#include <gtest/gtest.h>

#include <limits>

namespace vitrine::sequence {
namespace {

TEST(AttentionCost, CountsOfTheExercise) {
  const AttentionCost digits = attention_cost(17, 64), vit = attention_cost(197, 768),
                      book = attention_cost(10'000, 64);
  EXPECT_EQ(digits.projections, 208'896);
  EXPECT_EQ(digits.mixing, 36'992);
  EXPECT_EQ(digits.total, 245'888);
  EXPECT_EQ(vit.projections, 348'585'984);
  EXPECT_EQ(vit.mixing, 59'610'624);
  EXPECT_EQ(book.projections, 122'880'000);
  EXPECT_EQ(book.mixing, 12'800'000'000);
}

TEST(AttentionCost, BothAreEqualAtOneAndAHalfTimesTheSize) {
  EXPECT_EQ(attention_cost(1, 64).equal_tokens, 96);
  const AttentionCost equal = attention_cost(96, 64);
  EXPECT_EQ(equal.projections, equal.mixing);
}

TEST(AttentionCost, RefusesWhatCannotBeCounted) {
  EXPECT_NO_THROW(attention_cost(1'000'000, 1'000'000));
  EXPECT_THROW(attention_cost(10'000'000, 1'000'000), core::ShapeError);
  EXPECT_THROW(attention_cost(std::numeric_limits<Index>::max(), 2), core::ShapeError);
  EXPECT_THROW(attention_cost(0, 64), core::ShapeError);
  EXPECT_THROW(attention_cost(5, 0), core::ShapeError);
}

}  // namespace
}  // namespace vitrine::sequence
