#include "engine/train/trainer.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using testing::HasSubstr;

std::vector<MetricPoint> train(Trainer& trainer, Index steps) {
  std::vector<MetricPoint> points;
  while (trainer.step() < steps)
    if (const auto point = trainer.advance()) points.push_back(*point);
  return points;
}

core::AlignedVector<float> weights_after(const TrainConfig& config, int threads, Index steps) {
  core::Workers workers(threads);
  Trainer trainer(config, tiny_dataset(config, workers), workers);
  train(trainer, steps);
  return trainer.weights().values;
}

TEST(Trainer, SameSeedSameBitsForAnyNumberOfThreads) {
  TrainConfig config = tiny_config();
  config.batch_size = 48;
  const auto one = weights_after(config, 1, 30);  // more than two epochs, with validations between
  for (const int threads : {2, 4}) EXPECT_EQ(weights_after(config, threads, 30), one) << threads;
  EXPECT_EQ(weights_after(config, 1, 30), one);
  config.seed = 1;
  EXPECT_NE(weights_after(config, 1, 30), one);
}

// Two small convolutions, one of them frozen, with dropout; more than an epoch.
TEST(Trainer, ACnnsBitsAreTheSameForAnyNumberOfThreadsAndAfterAState) {
  TrainConfig config = tiny_config();
  config.model = ModelConfig::of(ModelKind::kCnn);
  config.model.layers[0].filters = 4;
  config.model.layers[0].frozen = true;
  config.model.layers[3].filters = 6;
  config.model.layers.push_back(nn::LayerSpec::of(nn::LayerKind::kDropout));
  config.model.dropout = 0.2;
  config.batch_size = 48;
  const auto one = weights_after(config, 1, 20);
  for (const int threads : {2, 3}) EXPECT_EQ(weights_after(config, threads, 20), one) << threads;
  core::Workers workers(2);
  const auto dataset = tiny_dataset(config, workers);
  Trainer first(config, dataset, workers), second(config, dataset, workers);
  train(first, 11);
  second.restore(first.state());
  train(second, 20);
  EXPECT_EQ(second.weights().values, one);
}

TEST(Trainer, AnMlpLearnsTheDigits) {
  TrainConfig config = *preset("mlp");
  config.dataset = {DatasetKind::kDigits, "", 2'000, 500};
  core::Workers workers(2);
  Trainer trainer(config, tiny_dataset(config, workers), workers);
  double accuracy = 0;
  while (!trainer.done() && accuracy < 0.4) {
    const auto point = trainer.advance();
    if (point && point->split == MetricSplit::kValidation) accuracy = point->accuracy;
  }
  EXPECT_GE(accuracy, 0.4);
}

// The first losses of seed 0. The instruction set changes the order of sums, and so the last digits.
TEST(Trainer, FirstLossesAreTheCommittedOnes) {
  constexpr double kExpected[] = {2.322928, 2.294043, 2.321953, 2.291615, 2.287495, 2.302971};
  constexpr double kTolerance = 2e-4;
  core::Workers workers(2);
  Trainer trainer(tiny_config(), tiny_dataset(tiny_config(), workers), workers);
  const auto points = train(trainer, std::size(kExpected));
  for (std::size_t i = 0; i < std::size(kExpected); ++i)
    EXPECT_NEAR(points[i].loss, kExpected[i], kTolerance) << i;
}

TEST(Trainer, CountsStepsEpochsAndValidatesAtEachEpochsEnd) {
  TrainConfig config = tiny_config();
  config.epochs = 2;
  config.batch_size = 250;  // 250, 250 and the last 100
  core::Workers workers(1);
  Trainer trainer(config, tiny_dataset(config, workers), workers, {7, false});
  std::vector<MetricPoint> points;
  EXPECT_EQ(trainer.steps_left(), 6);
  while (!trainer.done())
    if (const auto point = trainer.advance()) {
      points.push_back(*point);
      EXPECT_EQ(trainer.steps_left(), 6 - point->step);
    }
  ASSERT_EQ(points.size(), 8u);
  const Index steps[] = {1, 2, 3, 3, 4, 5, 6, 6}, epochs[] = {1, 1, 1, 1, 2, 2, 2, 2};
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(points[i].run_id, 7);
    EXPECT_EQ(points[i].step, steps[i]);
    EXPECT_EQ(points[i].epoch, epochs[i]);
    EXPECT_EQ(points[i].split, i % 4 == 3 ? MetricSplit::kValidation : MetricSplit::kTrain);
    EXPECT_EQ(points[i].grad_norm > 0, i % 4 != 3);
    EXPECT_GT(points[i].images_per_second, 0);
    if (i > 0) {
      EXPECT_GT(points[i].seconds, points[i - 1].seconds);
    }
  }
  EXPECT_FALSE(trainer.advance());
  EXPECT_NEAR(points[0].loss, std::log(10.0), 0.1);
}

TEST(Trainer, QuickEvaluationsChangeNoBit) {
  TrainConfig config = tiny_config();
  config.batch_size = 5;
  core::Workers workers(1);
  Trainer with(config, tiny_dataset(config, workers), workers, {1, true});
  const auto points = train(with, 110);
  const auto quick = [](const MetricPoint& point) { return point.split == MetricSplit::kQuick; };
  ASSERT_EQ(std::count_if(points.begin(), points.end(), quick), 1);
  EXPECT_EQ(std::find_if(points.begin(), points.end(), quick)->step, 100);
  EXPECT_EQ(with.weights().values, weights_after(config, 1, 110));
}

// A small model for a moment: far from guessing (0.1) is enough here.
TEST(Trainer, LearnsTheDigits) {
  TrainConfig config = *preset("demo");
  config.dataset.train_limit = 4'000;
  config.dataset.validation_limit = 500;
  config.model.depth = 1;
  config.model.embed_dim = 32;
  config.model.head_dim = 8;
  config.model.mlp_dim = 64;
  config.optimizer.learning_rate = 4e-3;
  config.epochs = 10;
  core::Workers workers(2);
  Trainer trainer(config, tiny_dataset(config, workers), workers);
  double accuracy = 0;
  while (!trainer.done() && accuracy < 0.3) {
    const auto point = trainer.advance();
    if (point && point->split == MetricSplit::kValidation) accuracy = point->accuracy;
  }
  EXPECT_GE(accuracy, 0.3);
}

TEST(Trainer, HyperParamsActAtTheNextStep) {
  core::Workers workers(1);
  Trainer trainer(tiny_config(), tiny_dataset(tiny_config(), workers), workers);
  train(trainer, 2);
  const auto before = trainer.weights().values;
  HyperParams hyper = trainer.config().hyper();
  hyper.learning_rate = 0;
  hyper.batch_size = 100;
  trainer.set(hyper);
  const auto point = trainer.advance();
  EXPECT_EQ(point->learning_rate, 0);
  EXPECT_EQ(std::fmod(point->accuracy * 100, 1), 0);  // of a hundred images
  EXPECT_EQ(trainer.weights().values, before);
  hyper.dropout = 2;
  EXPECT_THROW(trainer.set(hyper), std::invalid_argument);
  EXPECT_EQ(trainer.config().model.dropout, 0.1);
}

TEST(Trainer, AChangedScheduleIsOfTheWholeRun) {
  TrainConfig config = tiny_config();
  core::Workers workers(1);
  Trainer trainer(config, tiny_dataset(config, workers), workers);
  train(trainer, 10);
  HyperParams hyper = trainer.config().hyper();
  hyper.schedule = {nn::ScheduleKind::kLinear, 0, 0};
  trainer.set(hyper);
  const Index steps = trainer.steps_of_epoch() * config.epochs;
  EXPECT_DOUBLE_EQ(trainer.advance()->learning_rate, 1e-3 * (1 - 10.0 / static_cast<double>(steps)));
  hyper.schedule = {nn::ScheduleKind::kConstant, 19, 0};
  trainer.set(hyper);
  EXPECT_DOUBLE_EQ(trainer.advance()->learning_rate, 1e-3 * 12 / 20);
  hyper.schedule.warmup_steps = -1;
  EXPECT_THROW(trainer.set(hyper), std::invalid_argument);
  EXPECT_EQ(trainer.config().schedule.warmup_steps, 19);
}

TEST(Trainer, ClippingBoundsTheStep) {
  TrainConfig config = tiny_config();
  config.optimizer.kind = nn::OptimizerKind::kSgd;
  config.optimizer.learning_rate = 1;
  config.optimizer.clip_norm = 0.01;
  core::Workers workers(1);
  Trainer trainer(config, tiny_dataset(config, workers), workers);
  const auto before = trainer.weights().values;
  const auto point = trainer.advance();
  EXPECT_GT(point->grad_norm, 0.01);
  double squares = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    squares += std::pow(trainer.weights().values[i] - before[i], 2);
  EXPECT_NEAR(std::sqrt(squares), 0.01, 1e-5);
}

// Also across the end of an epoch, with a validation half done, and after a change of hyperparameters.
TEST(Trainer, GoesOnFromAStateWithTheSameBits) {
  const TrainConfig config = tiny_config();
  core::Workers workers(2);
  const auto dataset = tiny_dataset(config, workers);
  for (const int pieces : {0, 7, 19, 20, 30}) {  // 19 updates an epoch
    Trainer first(config, dataset, workers), second(config, dataset, workers);
    const auto advance = [](Trainer& trainer, int times) {
      std::vector<double> losses;
      for (int i = 0; i < times; ++i)
        if (const auto point = trainer.advance()) losses.push_back(point->loss);
      return losses;
    };
    advance(first, pieces);
    first.set({5e-4, 0.01, 1, 0.2, 16});
    const TrainerState state = first.state();
    advance(second, 3);
    second.restore(state);
    EXPECT_EQ(second.state(), state);
    if (!state.validating) {  // else the first is already in the middle of it
      EXPECT_EQ(advance(second, 25), advance(first, 25)) << pieces;
    }
    while (first.step() < 45) first.advance();
    while (second.step() < 45) second.advance();
    EXPECT_EQ(first.weights().values, second.weights().values) << pieces;
  }
}

TEST(Trainer, RefusesAStateThatIsNotItsOwn) {
  const TrainConfig config = tiny_config();
  core::Workers workers(1);
  Trainer trainer(config, tiny_dataset(config, workers), workers);
  TrainerState state = trainer.state();
  state.values.pop_back();
  EXPECT_THROW(trainer.restore(state), core::ShapeError);
  state = trainer.state();
  state.moments.first.clear();
  EXPECT_THROW(trainer.restore(state), core::ShapeError);
  state = trainer.state();
  state.position = 600;
  EXPECT_THROW(trainer.restore(state), std::invalid_argument);
  state = trainer.state();
  state.hyper.dropout = 1;
  EXPECT_THROW(trainer.restore(state), std::invalid_argument);
}

TEST(Trainer, DivergenceIsNamedAndLeavesGoodWeights) {
  for (const double rate : {1e30, 1e38}) {
    TrainConfig config = tiny_config();
    config.optimizer.learning_rate = rate;
    core::Workers workers(1);
    Trainer trainer(config, tiny_dataset(config, workers), workers);
    try {
      train(trainer, 10);
      FAIL() << "did not diverge";
    } catch (const Divergence& divergence) {
      EXPECT_THAT(divergence.what(), HasSubstr("diverged at step 2: loss "));
      EXPECT_THAT(divergence.what(), HasSubstr("first bad tensor " + divergence.tensor()));
      EXPECT_NE(divergence.tensor(), "");
      EXPECT_EQ(divergence.step(), 2);
    }
    for (const float weight : trainer.weights().values) ASSERT_TRUE(std::isfinite(weight));
  }
}

// The last update of an epoch may be the bad one.
TEST(Trainer, DivergenceIsFoundByTheValidationToo) {
  TrainConfig config = tiny_config();
  config.optimizer.learning_rate = 1e38;
  config.batch_size = 600;
  core::Workers workers(1);
  Trainer trainer(config, tiny_dataset(config, workers), workers);
  const auto before = trainer.weights().values;
  ASSERT_TRUE(trainer.advance());
  try {
    while (trainer.step() == 1) trainer.advance();
    FAIL() << "did not diverge";
  } catch (const Divergence& divergence) {
    EXPECT_EQ(trainer.step(), 0);
    EXPECT_THAT(divergence.what(), HasSubstr("diverged at step 2: loss "));
    EXPECT_EQ(divergence.step(), 2);
    EXPECT_FALSE(divergence.tensor().empty());
  }
  EXPECT_EQ(trainer.weights().values, before);
}

TEST(Trainer, RefusesWhatCannotRun) {
  core::Workers workers(1);
  const auto dataset = tiny_dataset(tiny_config(), workers);
  const auto refusal = [&](const std::function<void(TrainConfig&)>& spoil) -> std::string {
    TrainConfig config = tiny_config();
    spoil(config);
    try {
      Trainer(config, dataset, workers);
      return "accepted";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refusal([](auto& config) { config.model.patch_size = 9; }),
            "model.patch_size 9: does not divide an image of 28 x 28");
  EXPECT_THAT(refusal([](auto& config) {
                config.model.embed_dim = 1 << 14;
                config.model.mlp_dim = 1 << 16;
                config.model.depth = 256;
              }),
              HasSubstr("more than half of the free memory"));
}

TEST(ThreadsFor, LeavesSomeButHasOne) {
  TrainConfig config;
  EXPECT_EQ(threads_for(config, 0), core::available_threads());
  EXPECT_EQ(threads_for(config, 10'000), 1);
  config.threads = 3;
  EXPECT_EQ(threads_for(config, 10'000), 3);
}

}  // namespace
}  // namespace vitrine::train
