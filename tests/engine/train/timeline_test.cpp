#include "engine/train/timeline.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/engine/train/straight_run.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using testing::HasSubstr;

constexpr Index kPlenty = Index{1} << 30;

constexpr Index kSteps = 45;

TrainerState timeless(const Trainer& trainer) { return timeless(trainer.state()); }

// Changes of everything that may change, at odd places: the first update, within an epoch, at its end with a
// validation due, twice in a row.
void change_at(Timeline& timeline) {
  switch (timeline.trainer().step()) {
    case 0:
      timeline.set({2e-3, 0.02, 1, 0.3, 32});
      return;
    case 7:
      timeline.set({1e-3, 0, 0, 0, 11});
      return;
    case 8:
      timeline.set({1e-3, 0, 0.5, 0.5, 50, {nn::ScheduleKind::kLinear, 0, 0}});
      return;
    case 16:  // an epoch's last: 600 = 7 * 32 + 11 + 7 * 50 + 15
      timeline.set({4e-3, 0.1, 0, 0.2, 27, {nn::ScheduleKind::kCosine, 20, 1e-5}});
      return;
    default:
      return;
  }
}

struct Past {
  std::vector<TrainerState> states;  // by step, before that step's change
  std::vector<MetricPoint> points;
};

// A run of kSteps with its changes.
Past live(Timeline& timeline) {
  Past past;
  past.states.push_back(timeless(timeline.trainer()));
  change_at(timeline);
  while (timeline.trainer().step() < kSteps) {
    const Index before = timeline.trainer().step();
    if (const auto point = timeline.advance()) past.points.push_back(*point);
    if (timeline.trainer().step() == before) continue;
    past.states.push_back(timeless(timeline.trainer()));
    change_at(timeline);
  }
  return past;
}

class TimelineTest : public testing::Test {
 protected:
  Trainer make() { return Trainer(config_, dataset_, workers_, {1, true}); }

  TrainConfig config_ = tiny_config();
  core::Workers workers_{2};
  std::shared_ptr<const Dataset> dataset_ = tiny_dataset(config_, workers_);
};

TEST_F(TimelineTest, GoesToAnyStepWithTheFirstTimesBits) {
  for (const Index slots : {Index{100}, Index{4}, Index{1}}) {
    Trainer trainer = make();
    Timeline timeline(trainer, slots * state_bytes(trainer));
    const Past past = live(timeline);
    EXPECT_EQ(timeline.changes().size(), 4u);
    for (const Index step : {0, 45, 3, 8, 16, 17, 44, 7, 16, 45, 18}) {
      EXPECT_TRUE(timeline.go_to(step).empty()) << "its points were given out the first time";
      TrainerState expected = past.states[static_cast<std::size_t>(step)];
      // As it left that step: the change made, the validation done.
      for (const Change& change : timeline.changes())
        if (change.step == step) expected.hyper = change.hyper;
      expected.validating = false;
      EXPECT_EQ(timeless(trainer), expected) << "step " << step << ", slots " << slots;
      EXPECT_EQ(timeline.newest_step(), kSteps);
      EXPECT_LE(std::ssize(timeline.kept()), std::max<Index>(slots, 2)) << "the trainer's own is one";
    }
  }
}

TEST_F(TimelineTest, GoesOnBehindTheNewestStepAsIfItHadNeverGoneBack) {
  Trainer straight = make(), wandering = make();
  Timeline one(straight, 0), two(wandering, 5 * state_bytes(wandering));
  live(one);
  live(two);
  two.go_to(12);
  two.go_to(30);
  two.go_to(2);
  const auto expected = one.go_to(57), points = two.go_to(57);
  EXPECT_EQ(timeless(wandering), timeless(straight));
  ASSERT_EQ(points.size(), expected.size());
  ASSERT_GE(points.size(), 12u);
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(points[i].step, expected[i].step);
    EXPECT_EQ(points[i].loss, expected[i].loss);
  }
  EXPECT_EQ(two.newest_step(), 57);
}

// Back and forth around the end of an epoch: the validation's point comes once.
TEST_F(TimelineTest, EveryPointIsGivenOnce) {
  Trainer trainer = make(), plain = make();
  Timeline timeline(trainer, 6 * state_bytes(trainer));
  std::vector<std::pair<Index, double>> points, expected;
  const auto add = [](auto& to, const std::vector<MetricPoint>& from) {
    for (const MetricPoint& point : from) to.emplace_back(point.step, point.loss);
  };
  add(points, timeline.go_to(19));  // an update, its validation not begun
  timeline.go_to(5);
  add(points, timeline.go_to(19));
  add(points, {timeline.advance().value_or(MetricPoint{})});  // a half of it (150 images)
  points.pop_back();
  timeline.go_to(18);
  add(points, timeline.go_to(20));
  timeline.go_to(19);
  add(points, timeline.go_to(40));
  while (plain.step() < 40)
    if (const auto point = plain.advance()) add(expected, {*point});
  EXPECT_EQ(points, expected);
}

TEST_F(TimelineTest, ADoneRunGoesBackAndIsDoneAgain) {
  config_.epochs = 2;
  Trainer trainer = make();
  Timeline timeline(trainer, kPlenty);
  while (!trainer.done()) timeline.advance();
  const TrainerState end = timeless(trainer);
  timeline.go_to(20);
  EXPECT_FALSE(trainer.done());
  EXPECT_TRUE(timeline.go_to(1000).empty());
  EXPECT_TRUE(trainer.done());
  EXPECT_EQ(timeless(trainer), end);
}

TEST_F(TimelineTest, AChangeInThePastDropsWhatCameAfter) {
  Trainer trainer = make(), other = make();
  Timeline timeline(trainer, kPlenty);
  live(timeline);
  timeline.go_to(10);
  EXPECT_FALSE(timeline.set(trainer.config().hyper())) << "no difference, nothing dropped";
  EXPECT_EQ(timeline.newest_step(), kSteps);
  EXPECT_THROW(timeline.set({-1, 0, 0, 0, 1}), std::invalid_argument);
  EXPECT_EQ(timeline.newest_step(), kSteps);
  const HyperParams hyper{5e-4, 0, 0, 0.1, 40};
  EXPECT_TRUE(timeline.set(hyper));
  EXPECT_EQ(timeline.newest_step(), 10);
  EXPECT_EQ(timeline.kept().back().step, 10);
  EXPECT_EQ(timeline.changes().back(), (Change{10, hyper}));
  EXPECT_EQ(timeline.changes().size(), 4u);
  const auto points = timeline.go_to(30);
  EXPECT_EQ(points.front().step, 11);
  // The same from the beginning.
  Timeline straight(other, 0);
  while (other.step() < 30) {
    if (other.step() < 10) change_at(straight);
    if (other.step() == 10) straight.set(hyper);
    straight.advance();
  }
  EXPECT_EQ(timeless(trainer), timeless(other));
  EXPECT_EQ(timeline.changes(), straight.changes());
}

// As a run that only ever came so far: the later changes too are forgotten.
TEST_F(TimelineTest, WhatIsLaterIsDroppedForAnotherRun) {
  Trainer trainer = make(), other = make();
  Timeline timeline(trainer, kPlenty), straight(other, 0);
  live(timeline);
  EXPECT_FALSE(timeline.drop_later());
  const Index all = timeline.kept_bytes();
  EXPECT_EQ(all, (kSteps + 1) * state_bytes(trainer));
  timeline.go_to(12);
  EXPECT_TRUE(timeline.drop_later());
  EXPECT_EQ(timeline.newest_step(), 12);
  EXPECT_EQ(timeline.kept_bytes(), 13 * state_bytes(trainer));
  EXPECT_EQ(timeline.changes().size(), 3u);
  EXPECT_EQ(timeline.go_to(30).front().step, 13);
  while (other.step() < 30) {
    if (other.step() < 16) change_at(straight);
    straight.advance();
  }
  EXPECT_EQ(timeless(trainer), timeless(other));
}

TEST_F(TimelineTest, RefusesStepsItCannotGoTo) {
  Trainer trainer = make();
  Timeline timeline(trainer, 0);
  timeline.go_to(3);
  const auto refusal = [](const auto& action) -> std::string {
    try {
      action();
      return "accepted";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refusal([&] { timeline.go_to(-1); }), HasSubstr("step -1: no state"));
  EXPECT_THAT(refusal([&] { timeline.go_to(1); }), HasSubstr("more memory"));
  EXPECT_THAT(refusal([&] { timeline.branch(4); }), HasSubstr("step 4: the run has kept steps 0 to 3"));
  EXPECT_EQ(trainer.step(), 3);
}

TEST_F(TimelineTest, StopsBetweenTwoPiecesAndSaysHowFarItIs) {
  Trainer trainer = make();
  Timeline timeline(trainer, state_bytes(trainer));  // the first only
  timeline.go_to(30);
  std::stop_source stop;
  stop.request_stop();
  core::Progress progress;
  timeline.go_to(20, stop.get_token(), &progress);
  EXPECT_EQ(trainer.step(), 0);
  EXPECT_EQ(progress.fraction(), 0);
  timeline.go_to(20, {}, &progress);
  EXPECT_EQ(trainer.step(), 20);
  EXPECT_NEAR(progress.fraction(), 1, 1e-9);
}

// A branch goes on as the run does, with the same images also where it learns from them differently; the run
// it leaves is not touched.
TEST_F(TimelineTest, ABranchGetsTheSameBatches) {
  config_.epochs = 100;
  Trainer trainer = make();
  Timeline timeline(trainer, 4 * state_bytes(trainer));
  const Past past = live(timeline);
  timeline.go_to(30);
  const TrainerState before = timeless(trainer);
  for (const Index step : {Index{0}, Index{8}, Index{16}, Index{23}, kSteps}) {
    const Branch branch = timeline.branch(step);
    EXPECT_EQ(branch.step, step);
    EXPECT_LE(branch.state->step, step);
    Trainer same(branch.config, dataset_, workers_, {2, false});
    Trainer different(branch.config, dataset_, workers_, {3, false});
    Timeline twin(same, branch, 0), fork(different, branch, kPlenty);
    EXPECT_TRUE(twin.go_to(step).empty()) << "these points are the first run's";
    fork.go_to(step);
    EXPECT_EQ(same.state().values, past.states[static_cast<std::size_t>(step)].values);
    HyperParams hyper = different.config().hyper();
    hyper.learning_rate *= 4;
    EXPECT_FALSE(fork.set(hyper));
    for (Index next = step + 1; next < step + 25; ++next) {
      const Batch a = same.next_batch(), b = different.next_batch();
      EXPECT_EQ(a.step, next);
      ASSERT_EQ(a.images, b.images);
      if (next > step + 1) {
        EXPECT_NE(a.losses, b.losses);
      }
      twin.go_to(next);
      EXPECT_EQ(fork.go_to(next).back().run_id, 3);
    }
  }
  EXPECT_EQ(timeless(trainer), before);
  EXPECT_EQ(timeline.newest_step(), kSteps);
  // Behind the last change the twin is the run itself.
  const Branch branch = timeline.branch(23);
  Trainer same(branch.config, dataset_, workers_);
  Timeline twin(same, branch, 0);
  twin.go_to(kSteps);
  EXPECT_EQ(timeless(same), past.states[kSteps]);
}

TEST_F(TimelineTest, RecallsTheBatchOfAStepAndTheStateAfterIt) {
  Trainer trainer = make();
  Timeline timeline(trainer, 3 * state_bytes(trainer));
  const Past past = live(timeline);
  const TrainerState before = timeless(trainer);
  const auto recalled = [&](Index step) {
    Recall recall(timeline, step, dataset_, workers_);
    std::optional<Recalled> answer;
    while (!answer) answer = recall.advance();
    EXPECT_EQ(answer->step, step);
    EXPECT_EQ(answer->state->values, past.states[static_cast<std::size_t>(step)].values);
    EXPECT_EQ(answer->state->step, step);
    return answer->batch;
  };
  EXPECT_FALSE(recalled(0)) << "no update led there";
  for (const Index step : {1, 8, 9, 16, 17, 45}) {
    const auto batch = recalled(step);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->step, step);
    const auto count = std::ssize(batch->images);
    ASSERT_EQ(batch->pixels.shape(), (core::Shape{count, 1, 28, 28}));
    ASSERT_EQ(batch->probabilities.shape(), (core::Shape{count, 10}));
    for (Index i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const Index image = batch->images[at];
      EXPECT_EQ(batch->labels[at], dataset_->train.labels[image]);
      ASSERT_TRUE(std::equal(&batch->pixels(i, 0, 0, 0), &batch->pixels(i, 0, 0, 0) + 784,
                             dataset_->train.images.data() + image * 784));
      double sum = 0;
      for (Index k = 0; k < 10; ++k) sum += batch->probabilities(i, k);
      EXPECT_NEAR(sum, 1, 1e-5);
    }
    const double mean =
        std::accumulate(batch->losses.begin(), batch->losses.end(), 0.0) / static_cast<double>(count);
    Index points = 0;
    for (const MetricPoint& point : past.points) {
      if (point.split != MetricSplit::kTrain || point.step != step) continue;
      ++points;
      EXPECT_EQ(mean, point.loss) << "step " << step;
      EXPECT_EQ(batch->epoch, point.epoch);
    }
    EXPECT_EQ(points, 1);
  }
  EXPECT_EQ(timeless(trainer), before);
  EXPECT_THROW(Recall(timeline, -1, dataset_, workers_), std::invalid_argument);
  EXPECT_THROW(Recall(timeline, 46, dataset_, workers_), std::invalid_argument);
}

// Without dropout the losses are those of the probabilities.
TEST_F(TimelineTest, ABatchsLossesAreItsImages) {
  config_.model.dropout = 0;
  Trainer trainer = make();
  const TrainerState before = trainer.state();
  const Batch batch = trainer.next_batch();
  for (std::size_t i = 0; i < batch.images.size(); ++i)
    EXPECT_NEAR(batch.losses[i], -std::log(batch.probabilities(static_cast<Index>(i), batch.labels[i])),
                1e-5);
  EXPECT_EQ(trainer.state(), before);
  EXPECT_EQ(trainer.advance()->step, batch.step);
}

TEST_F(TimelineTest, DivergenceLeavesOnlyFiniteStates) {
  config_.epochs = 100;
  for (const double rate : {1e30, 1e38}) {
    Trainer trainer = make();
    Timeline timeline(trainer, kPlenty);
    timeline.go_to(60);
    HyperParams hyper = trainer.config().hyper();
    hyper.learning_rate = rate;
    timeline.set(hyper);
    EXPECT_THROW(timeline.go_to(70), Divergence);
    EXPECT_GE(trainer.step(), timeline.newest_step() - 50) << "the last good state is at most 50 steps old";
    for (const auto& [step, values] : timeline.kept()) {
      const Branch branch = timeline.branch(step);
      ASSERT_EQ(branch.state->step, step);
      for (const float value : branch.state->values) ASSERT_TRUE(std::isfinite(value)) << step;
      for (const float value : branch.state->moments.second) ASSERT_TRUE(std::isfinite(value)) << step;
    }
    timeline.go_to(60);
    hyper.learning_rate = 1e-3;
    timeline.set(hyper);
    EXPECT_EQ(timeline.go_to(70).back().step, 70) << "another rate helps";
  }
}

// What a divergence falls back to belongs to the run as it is now, not to what it was before it went back.
TEST_F(TimelineTest, DivergenceAfterGoingBackDoesNotLeapAhead) {
  config_.epochs = 100;
  Trainer trainer = make();
  Timeline timeline(trainer, kPlenty);
  timeline.go_to(149);
  timeline.go_to(30);
  HyperParams hyper = trainer.config().hyper();
  hyper.learning_rate = 1e30;
  timeline.set(hyper);
  EXPECT_THROW(timeline.go_to(40), Divergence);
  EXPECT_EQ(trainer.step(), 30);
  EXPECT_EQ(trainer.config().hyper(), hyper) << "as it was when it left that step";
}

}  // namespace
}  // namespace vitrine::train
