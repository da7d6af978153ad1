#include "engine/train/range_test.h"

#include <gmock/gmock.h>

#include <cmath>

#include "engine/core/stop.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using testing::ElementsAre;

RangeTestSpec tiny_test() {
  RangeTestSpec spec;
  spec.config = tiny_config();
  spec.config.model.depth = 1;
  spec.config.schedule.kind = nn::ScheduleKind::kCosine;  // which the test leaves out
  spec.config.schedule.warmup_steps = 10;
  spec.low = 1e-5;
  spec.high = 10;
  spec.steps = 120;
  return spec;
}

RangeTestResult result_of(const RangeTestSpec& spec, int threads) {
  core::Workers workers(threads);
  return range_test(spec, workers);
}

TEST(RangeTest, TheRateRisesByTheSameFactorEachStep) {
  const RangeTestSpec spec = tiny_test();
  const RangeTestResult result = result_of(spec, 1);
  ASSERT_GT(result.points.size(), 60u);
  EXPECT_EQ(result.points[0].learning_rate, 1e-5);
  const double factor = std::pow(1e6, 1.0 / 119);
  for (std::size_t i = 1; i < result.points.size(); ++i)
    EXPECT_NEAR(result.points[i].learning_rate / result.points[i - 1].learning_rate, factor, 1e-12);
  EXPECT_NEAR(result.points[0].loss, std::log(10), 0.2) << "an untrained model's";
  // The smoothed loss is a mean over three to either side.
  EXPECT_EQ(result.reach, 3);
  double sum = 0;
  for (int i = 7; i <= 13; ++i) sum += result.points[static_cast<std::size_t>(i)].loss;
  EXPECT_NEAR(result.points[10].smoothed, sum / 7, 1e-12);
}

TEST(RangeTest, SuggestsARateThatLearns) {
  const RangeTestSpec spec = tiny_test();
  const RangeTestResult result = result_of(spec, 1);
  ASSERT_TRUE(result.suggested && result.lowest);
  EXPECT_LT(*result.suggested, *result.lowest);
  EXPECT_LT(result.slope, -0.1);
  EXPECT_GT(*result.suggested, 1e-4);
  EXPECT_LT(*result.suggested, 0.3);
  const auto loss_after = [&](double rate) {
    TrainConfig config = spec.config;
    config.schedule = {};
    config.optimizer.learning_rate = rate;
    core::Workers workers(1);
    Trainer trainer(config, tiny_dataset(config, workers), workers);
    double loss = 0;
    while (trainer.step() < 57)
      if (const auto point = trainer.advance(); point && point->split == MetricSplit::kValidation)
        loss = point->loss;
    return loss;
  };
  const double suggested = loss_after(*result.suggested);
  EXPECT_LT(suggested, loss_after(*result.suggested / 100));
  EXPECT_LT(suggested, loss_after(*result.suggested * 100));
}

TEST(RangeTest, TheSameBitsWhateverTheThreads) {
  const RangeTestResult one = result_of(tiny_test(), 1);
  EXPECT_EQ(result_of(tiny_test(), 3), one);
  EXPECT_EQ(result_of(tiny_test(), 1), one);
}

TEST(RangeTest, EndsWhereTheLossExplodes) {
  RangeTestSpec spec = tiny_test();
  spec.config.optimizer.kind = nn::OptimizerKind::kSgd;
  spec.low = 1e-3;
  spec.high = 1e6;
  const RangeTestResult result = result_of(spec, 1);
  ASSERT_TRUE(result.exploded);
  EXPECT_LT(result.points.size(), 120u);
  EXPECT_GE(*result.exploded, result.points.back().learning_rate);
  EXPECT_GT(*result.exploded, *result.lowest);
  for (const RangePoint& point : result.points) EXPECT_TRUE(std::isfinite(point.loss));
}

TEST(RangeTest, WithoutAFallItSuggestsNothing) {
  RangeTestSpec spec = tiny_test();
  spec.low = 1e-14;
  spec.high = 1e-12;
  const RangeTestResult result = result_of(spec, 1);
  EXPECT_FALSE(result.exploded);
  EXPECT_EQ(result.points.size(), 120u);
  EXPECT_FALSE(result.suggested);
}

TEST(RangeTest, RefusesWhatIsImpossible) {
  RangeTestSpec spec = tiny_test();
  spec.low = 0;
  spec.steps = 3;
  spec.config.epochs = 0;
  EXPECT_THAT(validate(spec), ElementsAre("epochs 0: must lie between 1 and 1000000",
                                          "learning rates 0 to 10: must rise, from above 0",
                                          "steps 3: must lie between 10 and 100000"));
  core::Workers workers(1);
  EXPECT_THROW(range_test(spec, workers), std::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(range_test(tiny_test(), workers, stop.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::train
