#include "engine/train/trainer_thread.h"

#include <gmock/gmock.h>

#include <chrono>
#include <cmath>

#include "engine/core/rng.h"
#include "tests/engine/train/thread_driver.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train::trainer_thread_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(TrainerThread, BeginsPausedWithAnUntrainedModel) {
  TrainerThread trainer(tiny_config(), {});
  const auto snapshot = wait_for(trainer, TrainStatus::kPaused);
  EXPECT_EQ(snapshot->run_id, 1);
  EXPECT_EQ(snapshot->step, 0);
  EXPECT_EQ(snapshot->config, tiny_config());
  EXPECT_EQ(snapshot->model.tokens, 5);
  EXPECT_EQ(snapshot->dataset->name, "digits");
  EXPECT_EQ(snapshot->dataset->note, "");
  EXPECT_EQ(snapshot->dataset->train.count(), 600);
  core::Workers workers(1);
  const Trainer plain(tiny_config(), snapshot->dataset, workers);
  EXPECT_EQ(*snapshot->values, plain.weights().values);
  EXPECT_TRUE(trainer.drain_metrics().empty());
}

TEST(TrainerThread, TellsHowMuchIsLoaded) {
  const TrainConfig config = tiny_config();
  std::atomic<bool> seen = false;
  TrainerThread trainer(config, {1, [&] { seen.wait(false); }});  // nothing is loaded before it is seen
  const auto loading = wait_for(trainer, TrainStatus::kLoading)->loading;
  seen = true;
  seen.notify_all();
  ASSERT_NE(loading, nullptr);
  EXPECT_EQ(wait_for(trainer, TrainStatus::kPaused)->loading, nullptr);
  EXPECT_NEAR(loading->fraction(), 1, 1e-6);
}

TEST(TrainerThread, SnapshotsHoldTheLearnedPositions) {
  TrainConfig config = tiny_config();
  TrainerThread trainer(config, {});
  const auto before = wait_for(trainer, TrainStatus::kPaused);
  const auto& table = before->model.position_table;
  ASSERT_EQ(table.shape(), (core::Shape{5, config.model.embed_dim}));
  EXPECT_EQ(before->model.first_patch, 1);
  for (const float value : table.values()) EXPECT_LT(std::abs(value), 0.2f) << "normal, deviation 0.02";
  trainer.send(Step{3});
  const auto after =
      wait_for(trainer, [](const auto& s) { return s.status == TrainStatus::kPaused && s.step == 3; });
  EXPECT_FALSE(after->model.position_table == table) << "it learns";
  config.model.positions = nn::Positions::kSinusoidal;
  trainer.send(Reset{config});
  const auto fixed =
      wait_for(trainer, [](const auto& s) { return s.status == TrainStatus::kPaused && s.run_id == 2; });
  EXPECT_TRUE(fixed->model.position_table.empty());
}

TEST(TrainerThread, StepTakesSoManyAndNoPointIsLost) {
  TrainConfig config = tiny_config();
  config.epochs = 100;
  TrainerThread trainer(config, {});
  trainer.send(Step{50});
  wait_for(trainer, [](const auto& s) { return s.status == TrainStatus::kPaused && s.step == 50; });
  trainer.send(Step{});
  wait_for(trainer, [](const auto& s) { return s.status == TrainStatus::kPaused && s.step == 51; });
  Index expected = 0, validations = 0;
  for (const auto& point : trainer.drain_metrics()) {
    if (point.split == MetricSplit::kTrain) {
      EXPECT_EQ(point.step, ++expected);
    }
    validations += point.split == MetricSplit::kValidation;
  }
  EXPECT_EQ(expected, 51);
  EXPECT_EQ(validations, 2);  // after 19 and 38 steps
}

// The same run as without a thread, whatever the window does meanwhile.
TEST(TrainerThread, GivesTheTrainersBits) {
  const TrainConfig config = tiny_config();
  core::Workers workers(1);
  Trainer plain(config, tiny_dataset(config, workers), workers);
  std::vector<double> losses;
  while (!plain.done())
    if (const auto point = plain.advance(); point && point->split == MetricSplit::kTrain)
      losses.push_back(point->loss);
  TrainerThread trainer(config, {});
  trainer.send(Start{});
  trainer.send(Pause{});
  trainer.send(Start{});
  const auto snapshot = wait_for(trainer, TrainStatus::kDone);
  EXPECT_EQ(snapshot->epoch, 3);
  std::vector<double> seen;
  for (const auto& point : trainer.drain_metrics())
    if (point.split == MetricSplit::kTrain) seen.push_back(point.loss);
  EXPECT_EQ(seen, losses);
}

TEST(TrainerThread, DivergenceParksAndAResetHelps) {
  TrainConfig config = tiny_config();
  config.optimizer.learning_rate = 1e30;
  TrainerThread trainer(config, {});
  trainer.send(Start{});
  const auto diverged = wait_for(trainer, TrainStatus::kDiverged);
  EXPECT_THAT(diverged->message, HasSubstr("diverged at step 2"));
  trainer.send(Start{});  // does not help
  EXPECT_EQ(wait_for(trainer, [](const auto&) { return true; })->status, TrainStatus::kDiverged);
  trainer.send(Reset{tiny_config()});
  trainer.send(Step{3});
  const auto again = wait_for(trainer, [](const auto& s) { return s.run_id == 2 && s.step == 3; });
  EXPECT_EQ(again->message, "");
}

TEST(TrainerThread, WrongConfigurationBecomesAStatus) {
  TrainConfig config = tiny_config();
  config.model.patch_size = 5;
  TrainerThread trainer(config, {});
  EXPECT_THAT(wait_for(trainer, TrainStatus::kFailed)->message, HasSubstr("model.patch_size 5"));
  trainer.send(Step{});
  trainer.send(Reset{tiny_config()});
  EXPECT_EQ(wait_for(trainer, TrainStatus::kPaused)->step, 0);
}

TEST(TrainerThread, MissingFilesFallBackToDigitsAndSaySo) {
  TrainConfig config = tiny_config();
  config.dataset.kind = DatasetKind::kMnist;
  config.dataset.path = "/nonexistent";
  TrainerThread trainer(config, {});
  const auto snapshot = wait_for(trainer, TrainStatus::kPaused);
  EXPECT_EQ(snapshot->dataset->name, "digits");
  EXPECT_THAT(snapshot->dataset->note, HasSubstr("generated digits instead"));
  EXPECT_THAT(snapshot->dataset->note, HasSubstr("train-images-idx3-ubyte"));
}

// Those of the past that is repeated after a Rewind do not come again.
TEST(TrainerThread, HealthComesOnceOfEachExaminedStepAndOfADivergence) {
  TrainConfig config = tiny_config();
  config.epochs = 2;
  TrainerThread trainer(config, {});
  trainer.send(Step{20});
  wait_for(trainer, TrainStatus::kPaused, 20);
  trainer.send(Rewind{5});
  wait_for(trainer, TrainStatus::kPaused, 5);
  trainer.send(Start{});
  wait_for(trainer, TrainStatus::kDone);
  std::vector<Index> steps;
  for (const Health& health : trainer.drain_health()) {
    EXPECT_EQ(health.run_id, 1);
    EXPECT_EQ(health.tensors.front().name, "cls_token");
    steps.push_back(health.step);
  }
  EXPECT_THAT(steps, testing::ElementsAre(1, 2, 4, 8, 16, 32));

  config.optimizer.learning_rate = 1e30;
  trainer.send(Reset{config});
  trainer.send(Start{});
  wait_for(trainer, TrainStatus::kDiverged);
  const auto events = trainer.drain_events();
  const auto last = trainer.drain_health();
  ASSERT_FALSE(last.empty());
  EXPECT_EQ(last.back().run_id, 2);
  EXPECT_EQ(events.back().event.kind, EventKind::kDivergence);
  EXPECT_EQ(last.back().step, events.back().event.step + 1);
  EXPECT_EQ(last.back().tensors.back().update_norm, 0);
}

TEST(TrainerThread, HyperParamsApplyWhileItRunsAndBadOnesAreRefused) {
  TrainConfig config = tiny_config();
  config.epochs = 1000;
  TrainerThread trainer(config, {});
  trainer.send(Start{});
  HyperParams hyper = config.hyper();
  hyper.learning_rate = 0.0625;
  trainer.send(SetHyper{hyper});
  wait_for(trainer, [](const auto& s) { return s.config.optimizer.learning_rate == 0.0625 && s.step > 0; });
  hyper.dropout = -1;
  trainer.send(Pause{});
  trainer.send(SetHyper{hyper});
  const auto refused = wait_for(trainer, [](const auto& s) { return !s.message.empty(); });
  EXPECT_EQ(refused->message, "model.dropout -1: must be at least 0 and below 1");
  EXPECT_EQ(refused->config.model.dropout, 0.1);
}

// A few hundred commands in random order: no deadlock, every run's steps without a gap, quick to stop.
TEST(TrainerThread, SurvivesWhateverIsSent) {
  const core::Rng rng(2, core::RngStream::kTest);
  for (std::uint64_t round = 0; round < 4; ++round) {
    TrainConfig config = tiny_config();
    config.threads = static_cast<std::int64_t>(round % 2) + 1;
    std::vector<MetricPoint> points;
    {
      TrainerThread trainer(config, {});
      for (std::uint64_t i = 0; i < 100; ++i) {
        switch (rng.below(7, round, i)) {
          case 0:
          case 1:
            trainer.send(Start{});
            break;
          case 2:
            trainer.send(Pause{});
            break;
          case 3:
            trainer.send(Step{static_cast<Index>(i % 4)});
            break;
          case 4:
            config.model.heads = 1 + static_cast<std::int64_t>(i % 2);
            trainer.send(Reset{config});
            break;
          case 5:
            trainer.send(SetHyper{{1e-3 * static_cast<double>(i), 0, 1, 0.2, 1 + static_cast<Index>(i)}});
            break;
          default:
            trainer.take_snapshot();
        }
        std::this_thread::sleep_for(std::chrono::microseconds(rng.below(3000, round + 100, i)));
        for (const auto& point : trainer.drain_metrics()) points.push_back(point);
      }
      config.dataset.train_limit = 601;  // loads again
      trainer.send(Reset{config});
      trainer.send(Step{2});
      wait_for(trainer, [](const auto& s) { return s.step == 2 && s.dataset->train.count() == 601; });
    }
    Index step = 0;
    std::int64_t run = 0;
    for (const auto& point : points) {
      if (point.split != MetricSplit::kTrain) continue;
      step = point.run_id == run ? step + 1 : 1;
      run = point.run_id;
      ASSERT_EQ(point.step, step);
    }
  }
}

TEST(TrainerThread, StopsWhileItLoadsAndWhileItTrains) {
  TrainConfig config = tiny_config();
  config.dataset.train_limit = 3'000;
  config.epochs = 1'000'000;  // this test would not end if the thread went on
  for (const auto delay : {0ms, 50ms, 300ms}) {
    auto trainer = std::make_unique<TrainerThread>(config, TrainerThread::Options{});
    trainer->send(Start{});
    std::this_thread::sleep_for(delay);
    trainer.reset();
  }
}

TEST(TrainerThread, WakesAfterEachSnapshot) {
  std::atomic<int> woken{0};
  TrainerThread trainer(tiny_config(), {1, [&] { ++woken; }});
  wait_for(trainer, TrainStatus::kPaused);
  EXPECT_TRUE(wait_until([&] { return woken >= 2 ? &woken : nullptr; })) << "loading, and then paused";
}

}  // namespace
}  // namespace vitrine::train::trainer_thread_test
