#include "engine/train/thinned.h"

#include <gmock/gmock.h>

#include "engine/core/rng.h"

namespace vitrine::train {
namespace {

using testing::ElementsAre;

template <class Value>
std::vector<Index> steps_of(const Thinned<Value>& kept) {
  std::vector<Index> steps;
  for (const auto& [step, value] : kept.all()) steps.push_back(step);
  return steps;
}

TEST(Thinned, KeepsWithinItsSlotsAndWithoutLargeGaps) {
  for (const Index slots : {1, 2, 3, 7, 64}) {
    Thinned<Index> kept(slots);
    for (Index step = 0; step <= 10'000; ++step) {
      kept.note(step, [&] { return std::optional(step); });
      const auto steps = steps_of(kept);
      ASSERT_LE(std::ssize(steps), slots);
      ASSERT_EQ(steps.front(), 0);
      const Index most = std::max<Index>(1, 2 * step / slots);
      for (std::size_t i = 1; i < steps.size(); ++i) ASSERT_LE(steps[i] - steps[i - 1], most) << step;
      ASSERT_LE(step - steps.back(), most) << slots;
      ASSERT_EQ(*kept.at_or_before(step), steps.back());
    }
  }
}

TEST(Thinned, KeepsItsPromiseWhenLaterStepsAreDropped) {
  const core::Rng rng(5, core::RngStream::kTest);
  for (std::uint64_t round = 0; round < 20; ++round) {
    const Index slots = 1 + rng.below(20, round, 0), first = rng.below(100, round, 1);
    Thinned<Index> kept(slots);
    Index length = 0;
    std::uint64_t drawn = 2;
    kept.note(first, [&] { return std::optional(first); });
    for (Index step = first + 1, times = 0; times < 500; ++step, ++times) {
      kept.note(step, [&] { return std::optional(step); });
      length = std::max(length, step - first);
      if (rng.below(40, round, drawn++) == 0) {
        step = first + rng.below(static_cast<std::uint32_t>(step - first), round, drawn++);
        kept.drop_after(step);
      }
      const auto steps = steps_of(kept);
      ASSERT_LE(std::ssize(steps), slots);
      ASSERT_EQ(steps.front(), first);
      const Index most = std::max<Index>(1, 2 * length / slots);
      for (std::size_t i = 1; i < steps.size(); ++i) ASSERT_LE(steps[i] - steps[i - 1], most);
      ASSERT_LE(step - steps.back(), most);
      ASSERT_LE(steps.back(), step);
    }
  }
}

TEST(Thinned, AsksForAValueOnlyWhenItKeepsItAndTakesNoForAnAnswer) {
  Thinned<int> kept(4);
  Index asked = 0;
  for (Index step = 0; step < 1000; ++step)
    kept.note(step, [&] {
      ++asked;
      return std::optional(1);
    });
  EXPECT_LT(asked, 4 + 2 * 9);  // four, then two for each doubling
  Thinned<int> none(0);
  none.note(0, [] { return std::optional(1); });
  EXPECT_TRUE(steps_of(none).empty());
  Thinned<int> some(9);
  for (Index step = 0; step < 4; ++step)
    some.note(step, [&] { return step == 2 ? std::nullopt : std::optional(1); });
  EXPECT_THAT(steps_of(some), ElementsAre(0, 1, 3));
  EXPECT_EQ(kept.at_or_before(-1), nullptr);
}

}  // namespace
}  // namespace vitrine::train
