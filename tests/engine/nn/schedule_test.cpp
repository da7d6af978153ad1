#include "engine/nn/schedule.h"

#include <gtest/gtest.h>

namespace vitrine::nn {
namespace {

TEST(Schedule, ConstantIsThePeakAfterTheWarmUp) {
  const Schedule schedule{ScheduleKind::kConstant, 4, 100, 0};
  EXPECT_DOUBLE_EQ(schedule.rate(1, 0), 0.2);
  EXPECT_DOUBLE_EQ(schedule.rate(1, 3), 0.8);
  EXPECT_DOUBLE_EQ(schedule.rate(1, 4), 1);
  EXPECT_DOUBLE_EQ(schedule.rate(1, 1000), 1);
}

TEST(Schedule, CosineFallsFromThePeakToTheSmallest) {
  const Schedule schedule{ScheduleKind::kCosine, 10, 110, 0.1};
  EXPECT_DOUBLE_EQ(schedule.rate(1, 10), 1);
  EXPECT_DOUBLE_EQ(schedule.rate(1, 60), 0.55);
  EXPECT_DOUBLE_EQ(schedule.rate(1, 110), 0.1);
  EXPECT_DOUBLE_EQ(schedule.rate(1, 200), 0.1);
}

TEST(Schedule, LinearFallsEvenly) {
  const Schedule schedule{ScheduleKind::kLinear, 0, 10, 0};
  EXPECT_DOUBLE_EQ(schedule.rate(2, 0), 2);
  EXPECT_DOUBLE_EQ(schedule.rate(2, 5), 1);
  EXPECT_DOUBLE_EQ(schedule.rate(2, 10), 0);
}

}  // namespace
}  // namespace vitrine::nn
