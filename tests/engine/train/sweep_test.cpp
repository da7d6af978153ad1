#include "engine/train/sweep.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/engine/train/straight_run.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train::sweep_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SweepAxis over(const std::string& field, std::vector<std::string> values) {
  SweepAxis axis;
  axis.field = field;
  axis.values = std::move(values);
  return axis;
}

SweepSpec tiny_sweep(SweepMethod method, std::vector<SweepAxis> axes) {
  SweepSpec spec;
  spec.config = tiny_config();
  spec.config.model.depth = 1;
  spec.method = method;
  spec.axes = std::move(axes);
  return spec;
}

// Four rates of which the third learns best; the first and the last nothing.
SweepAxis rates() { return over("optimizer.learning_rate", {"1e-6", "3e-4", "5e-3", "1"}); }

// A point without what the clock says.
MetricPoint timeless(MetricPoint point) {
  point.images_per_second = point.seconds = 0;
  return point;
}

bool same(const MetricPoint& a, const MetricPoint& b) {
  return a.run_id == b.run_id && a.step == b.step && a.epoch == b.epoch && a.split == b.split &&
         a.loss == b.loss && a.accuracy == b.accuracy && a.learning_rate == b.learning_rate &&
         a.grad_norm == b.grad_norm;
}

struct Done {
  std::vector<Trial> trials;
  std::vector<MetricPoint> points;
};

Done run(const SweepSpec& spec, int threads = 1) {
  core::Workers workers(threads);
  Sweep sweep(spec, workers);
  Done done;
  while (!sweep.done())
    if (const auto point = sweep.advance()) done.points.push_back(timeless(*point));
  done.trials = sweep.trials();
  return done;
}

std::vector<MetricPoint> of_trial(const std::vector<MetricPoint>& points, Index trial) {
  std::vector<MetricPoint> found;
  for (const auto& point : points)
    if (point.run_id == trial) found.push_back(point);
  return found;
}

// What a Trainer gives for the same configuration up to a step, with an evaluation there.
std::vector<MetricPoint> direct(const TrainConfig& config, Index trial, Index steps) {
  core::Workers workers(1);
  const auto dataset = tiny_dataset(config, workers);
  Trainer trainer(config, dataset, workers, {trial});
  std::vector<MetricPoint> points;
  while (trainer.step() < steps)
    if (const auto point = trainer.advance()) points.push_back(timeless(*point));
  const Evaluation found =
      evaluate(trainer.model(), trainer.weights(), *dataset, dataset->validation, workers);
  MetricPoint last{trial, steps, trainer.epoch() + 1, MetricSplit::kValidation, found.loss, found.accuracy};
  last.learning_rate = points.back().learning_rate;
  points.push_back(last);
  return points;
}

void expect_same(const std::vector<MetricPoint>& found, const std::vector<MetricPoint>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_TRUE(same(found[i], expected[i])) << i << ": step " << found[i].step;
}

// 19 steps are an epoch; 30 end within the second.
TEST(Sweep, ATrialIsATrainersRunToTheBit) {
  SweepSpec spec = tiny_sweep(SweepMethod::kGrid, {rates(), over("model.dropout", {"0", "0.2"})});
  spec.steps = 30;
  const Done done = run(spec);
  ASSERT_EQ(done.trials.size(), 8u);
  for (const Index trial : {2, 5}) {
    const TrainConfig& config = done.trials[static_cast<std::size_t>(trial)].config;
    expect_same(of_trial(done.points, trial), direct(config, trial, 30));
  }
  const Trial& third = done.trials[4];
  EXPECT_EQ(third.status, TrialStatus::kDone);
  EXPECT_EQ(third.steps, 30);
  EXPECT_THAT(third.settings,
              ElementsAre(Setting{"optimizer.learning_rate", "5e-3"}, Setting{"model.dropout", "0"}));
  ASSERT_EQ(third.validations.size(), 2u) << "of the first epoch and of the end";
  EXPECT_EQ(third.validations[0].step, 19);
  EXPECT_GT(third.best()->accuracy, 0.2);
  EXPECT_GT(third.seconds, 0);
}

TEST(Sweep, ItsResultsAreTheSameForAnyNumberOfThreads) {
  SweepSpec spec = tiny_sweep(SweepMethod::kHalving, {rates(), over("batch_size", {"32", "48"})});
  spec.trials = 6;
  spec.halving = {8, 2, 3};
  const Done one = run(spec, 1), three = run(spec, 3);
  expect_same(three.points, one.points);
  for (std::size_t i = 0; i < one.trials.size(); ++i) {
    EXPECT_EQ(three.trials[i].status, one.trials[i].status);
    EXPECT_EQ(three.trials[i].config, one.trials[i].config);
  }
}

TEST(Sweep, WithoutALimitATrialTakesAllItsEpochs) {
  SweepSpec spec = tiny_sweep(SweepMethod::kGrid, {over("epochs", {"1", "2"})});
  const Done done = run(spec);
  EXPECT_EQ(done.trials[0].steps, 19);
  EXPECT_EQ(done.trials[1].steps, 38);
  EXPECT_EQ(done.trials[1].validations.size(), 2u);
  spec.steps = 30;
  EXPECT_EQ(run(spec).trials[0].steps, 19) << "no more than there are";
}

// The run that was left and taken up again is the run that never was: halving's winner equals a Trainer's.
TEST(Sweep, HalvingGoesOnWithTheBestFromWhereTheyWere) {
  SweepSpec spec = tiny_sweep(SweepMethod::kHalving, {rates(), over("seed", {"0", "1"})});
  spec.trials = 9;
  spec.halving = {20, 3, 3};
  spec.config.epochs = 12;
  const Done done = run(spec);
  std::map<TrialStatus, Index> statuses;
  for (const Trial& trial : done.trials) ++statuses[trial.status];
  EXPECT_EQ(statuses[TrialStatus::kDropped], 8);
  EXPECT_EQ(statuses[TrialStatus::kDone], 1);
  Index steps = 0;
  for (const Trial& trial : done.trials) steps += trial.steps;
  EXPECT_EQ(steps, 6 * 20 + 2 * 60 + 180);
  const auto winner = best_trial(done.trials);
  ASSERT_TRUE(winner);
  const Trial& best = done.trials[static_cast<std::size_t>(*winner)];
  EXPECT_EQ(best.config.optimizer.learning_rate, 5e-3) << "the truly best of the rates";
  EXPECT_EQ(best.status, TrialStatus::kDone);
  std::vector<MetricPoint> updates, expected;
  for (const auto& point : of_trial(done.points, *winner))
    if (point.split == MetricSplit::kTrain) updates.push_back(point);
  for (const auto& point : direct(best.config, *winner, 180))
    if (point.split == MetricSplit::kTrain) expected.push_back(point);
  expect_same(updates, expected);
  // Of those that entered a rung, the better third went on.
  for (const Trial& trial : done.trials)
    for (const Trial& other : done.trials)
      if (trial.steps > 20 && other.steps == 20) {
        const auto at = [](const Trial& t, Index step) {
          for (const auto& point : t.validations)
            if (point.step == step) return &point;
          return static_cast<const MetricPoint*>(nullptr);
        };
        EXPECT_TRUE(stands_before(at(trial, 20), at(other, 20)));
      }
}

TEST(Sweep, ADivergedTrialDoesNotGoOn) {
  SweepSpec spec = tiny_sweep(SweepMethod::kHalving, {over("optimizer.learning_rate", {"1e30", "1e-3"})});
  spec.trials = 8;
  spec.halving = {5, 2, 2};
  const Done done = run(spec);
  Index diverged = 0, trained = 0;
  for (const Trial& trial : done.trials) {
    const bool wild = trial.config.optimizer.learning_rate > 1;
    EXPECT_EQ(trial.status == TrialStatus::kDiverged, wild);
    if (wild) {
      EXPECT_THAT(trial.message, HasSubstr("diverged at step 2: loss"));
    }
    diverged += wild;
    trained += trial.status == TrialStatus::kDone;
  }
  EXPECT_GT(diverged, 0);
  EXPECT_EQ(trained, std::min<Index>(4, 8 - diverged)) << "as many as the rung has places, if they live";
}

TEST(Sweep, ImpossibleTrialsAreSkippedAndSaySo) {
  SweepSpec spec = tiny_sweep(
      SweepMethod::kGrid, {over("model.patch_size", {"14", "9"}), over("dataset.kind", {"digits", "idx"})});
  spec.config.dataset.path = "/nonexistent";
  spec.steps = 3;
  const Done done = run(spec);
  EXPECT_EQ(done.trials[0].status, TrialStatus::kDone);
  EXPECT_EQ(done.trials[1].status, TrialStatus::kImpossible);
  EXPECT_THAT(done.trials[1].message, HasSubstr("/nonexistent"));
  EXPECT_EQ(done.trials[2].status, TrialStatus::kImpossible);
  EXPECT_THAT(done.trials[2].message, HasSubstr("model.patch_size 9: does not divide an image of 28 x 28"));
  EXPECT_EQ(best_trial(done.trials), 0);
  spec.axes = {over("model.patch_size", {"9"})};
  EXPECT_FALSE(best_trial(run(spec).trials));
}

TEST(Sweep, TellsHowFarItIs) {
  SweepSpec spec = tiny_sweep(SweepMethod::kHalving, {rates()});
  spec.trials = 4;
  spec.halving = {6, 2, 2};
  core::Workers workers(1);
  Sweep sweep(spec, workers);
  EXPECT_EQ(sweep.place().entered, 4);
  EXPECT_EQ(sweep.place().left, 4);
  EXPECT_EQ(sweep.place().fraction(), 0);
  while (!(sweep.place().trial == 1 && sweep.place().step == 3)) sweep.advance();
  EXPECT_EQ(sweep.place().left, 3);
  EXPECT_EQ(sweep.place().steps, 6);
  EXPECT_EQ(sweep.place().fraction(), 1.5 / 4);
  EXPECT_EQ(sweep.trials()[1].status, TrialStatus::kRunning);
  while (sweep.place().rung == 0) sweep.advance();
  EXPECT_EQ(sweep.place().entered, 2);
  EXPECT_EQ(sweep.place().rungs, 2);
  while (!sweep.done()) sweep.advance();
  EXPECT_EQ(sweep.place().rung, 1);
  EXPECT_EQ(sweep.place().entered, 2) << "of the last rung";
  EXPECT_EQ(sweep.place().fraction(), 1);
}

TEST(Sweep, RefusesAnImpossibleSpecWithAllItsProblems) {
  core::Workers workers(1);
  SweepSpec spec = tiny_sweep(SweepMethod::kRandom, {over("model.filters", {"1"}), over("seed", {})});
  try {
    const Sweep sweep(spec, workers);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("axes[0] model.filters: there is no such field"));
    EXPECT_THAT(error.what(), HasSubstr("; axes[1] seed: needs either values or a range"));
  }
}

}  // namespace
}  // namespace vitrine::train::sweep_test
