#include "engine/core/progress.h"

#include <gtest/gtest.h>

#include "engine/core/workers.h"

namespace vitrine::core {
namespace {

TEST(Progress, OneStageCountsItsSteps) {
  Progress progress;
  EXPECT_EQ(progress.fraction(), 0);
  progress.begin(4);
  EXPECT_EQ(progress.fraction(), 0);
  progress.advance();
  EXPECT_EQ(progress.fraction(), 0.25);
  progress.advance(3);
  EXPECT_EQ(progress.fraction(), 1);
}

TEST(Progress, StagesShareTheWhole) {
  Progress progress;
  progress.stage_until(0.25);
  progress.begin(2);
  progress.advance();
  EXPECT_EQ(progress.fraction(), 0.125);
  progress.advance();
  progress.begin(3);  // the last stage: up to 1
  EXPECT_EQ(progress.fraction(), 0.25);
  progress.advance(2);
  EXPECT_DOUBLE_EQ(progress.fraction(), 0.75);
}

TEST(Progress, StepsOfSeveralThreadsAddUp) {
  Progress progress;
  Workers workers(3);
  progress.begin(1024);
  workers.run(1024, [&](int) { progress.advance(); });
  EXPECT_EQ(progress.fraction(), 1);  // 1/1024 is exact
}

TEST(Progress, NeverPassesOne) {
  Progress progress;
  progress.begin(1);
  progress.advance(2);
  EXPECT_EQ(progress.fraction(), 1);
}

}  // namespace
}  // namespace vitrine::core
