// Going back and branching off on the trainer's thread: the same bits as a run that never did.
#include <gmock/gmock.h>

#include <atomic>
#include <cmath>

#include "engine/train/inside.h"
#include "tests/engine/train/straight_run.h"
#include "tests/engine/train/thread_driver.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

// Everything that a run's bits depend on: dropout, a schedule with a warm-up, moments, decay, clipping.
TrainConfig full_config() {
  TrainConfig config = tiny_config();
  config.schedule = {nn::ScheduleKind::kCosine, 5, 1e-5};
  config.optimizer.weight_decay = 0.05;
  config.optimizer.clip_norm = 1;
  config.model.dropout = 0.2;
  return config;
}

HyperParams with_rate(const TrainConfig& config, double rate) {
  HyperParams hyper = config.hyper();
  hyper.learning_rate = rate;
  return hyper;
}

class RewindTest : public testing::Test {
 protected:
  StraightRun straight(std::vector<Change> changes = {}) {
    return StraightRun(config_, tiny_dataset(config_, workers_), workers_, std::move(changes));
  }
  Index bytes() { return state_bytes(straight().trainer()); }
  TrainerThread::Options options(Index states) {
    TrainerThread::Options options;
    options.past_bytes = states * bytes();
    return options;
  }
  Snapshot run_to(TrainerThread& thread, Index step) {
    thread.send(Step{step - step_});
    step_ = step;
    return wait_for(thread, TrainStatus::kPaused, step);
  }
  Snapshot rewind_to(TrainerThread& thread, Index step) {
    thread.send(Rewind{step});
    step_ = step;
    return wait_for(thread, TrainStatus::kPaused, step);
  }

  TrainConfig config_ = full_config();
  core::Workers workers_{2};
  Index step_ = 0;  // where the thread was sent
};

// The 19th and 38th steps end an epoch: its validation comes after them.
TEST_F(RewindTest, FromAnyKeptStepForwardIsTheStraightRun) {
  StraightRun truth = straight();
  TrainerThread thread(config_, options(6));
  const auto before = run_to(thread, 45);
  EXPECT_EQ(before->past.first, 0);
  EXPECT_EQ(before->past.newest, 45);
  EXPECT_EQ(before->past.kept_bytes, std::ssize(before->past.kept) * bytes());
  EXPECT_LE(before->past.kept_bytes, 6 * bytes());
  ASSERT_GE(before->past.kept.size(), 3u);
  EXPECT_EQ(timeless(*recalled(thread, 45)->state), truth.after(45));
  for (const auto& [step, values] : before->past.kept) {
    const auto there = rewind_to(thread, step);
    EXPECT_EQ(there->past.newest, 45) << "nothing is dropped";
    if (step > 0) {
      EXPECT_EQ(timeless(*recalled(thread, step)->state), truth.after(step));
      EXPECT_EQ(*values, truth.after(step).values);
    }
    if (step < 45) run_to(thread, 45);
  }
  rewind_to(thread, 3);
  run_to(thread, 50);
  EXPECT_EQ(timeless(*recalled(thread, 50)->state), truth.after(50));
  thread.send(Start{});
  const auto end = wait_for(thread, TrainStatus::kDone);
  EXPECT_EQ(timeless(*recalled(thread, end->step)->state), truth.after(57));

  // Each point once, and the straight run's.
  truth.go_to(1000);
  Index updates = 0, validations = 0;
  for (const MetricPoint& point : thread.drain_metrics()) {
    updates += point.split == MetricSplit::kTrain;
    validations += point.split == MetricSplit::kValidation;
    const MetricPoint& expected = truth.points().at({point.step, point.split});
    EXPECT_EQ(point.loss, expected.loss) << point.step;
    EXPECT_EQ(point.grad_norm, expected.grad_norm);
    EXPECT_EQ(point.learning_rate, expected.learning_rate);
  }
  EXPECT_EQ(updates, 57);
  EXPECT_EQ(validations, 3);
}

TEST_F(RewindTest, GoesForwardAndBackToStepsThatAreNotKept) {
  StraightRun truth = straight({{10, with_rate(config_, 3e-3)}, {20, with_rate(config_, 1e-4)}});
  TrainerThread thread(config_, options(3));
  run_to(thread, 10);
  thread.send(SetHyper{with_rate(config_, 3e-3)});
  run_to(thread, 20);
  thread.send(SetHyper{with_rate(config_, 1e-4)});
  run_to(thread, 40);
  for (const Index step : {7, 31, 20, 40, 1, 10}) {
    const auto there = rewind_to(thread, step);
    truth.go_to(step);
    StraightRun fresh = straight({{10, with_rate(config_, 3e-3)}, {20, with_rate(config_, 1e-4)}});
    fresh.go_to(step);
    EXPECT_EQ(there->config, fresh.trainer().config()) << step;
    EXPECT_EQ(*there->values, fresh.trainer().weights().values) << step;
  }
  run_to(thread, 48);
  EXPECT_EQ(timeless(*recalled(thread, 48)->state), truth.after(48));
}

TEST_F(RewindTest, TellsHowMuchOfTheWayIsDone) {
  config_.dataset.train_limit = 3000;  // 94 steps an epoch
  TrainerThread thread(config_, options(1));
  EXPECT_THAT(run_to(thread, 200)->past.kept,
              ElementsAre(Field(&KeptStep::step, 0), Field(&KeptStep::step, 200)));
  thread.send(Rewind{190});
  const auto on_the_way = wait_for(thread, [&](const auto& s) {
    if (s.status == TrainStatus::kPaused) thread.send(Rewind{s.step == 0 ? 190 : 0});  // once more
    return s.status == TrainStatus::kRewinding && s.step > 0;
  });
  EXPECT_EQ(on_the_way->past.destination, 190);
  EXPECT_DOUBLE_EQ(on_the_way->past.way, static_cast<double>(on_the_way->step) / 190);
  EXPECT_EQ(on_the_way->past.newest, 200);
}

TEST_F(RewindTest, APauseEndsTheWayAndWhatWaitedForItsEnd) {
  std::atomic<bool> held = false, waits = false;
  TrainerThread::Options with_wake = options(1);
  with_wake.wake = [&] {
    if (!held) return;
    waits = true;
    held.wait(true);
  };
  TrainerThread thread(config_, with_wake);
  run_to(thread, 40);
  held = true;
  thread.send(Step{0});
  while (!waits) std::this_thread::yield();  // the trainer's thread, in its wake
  for (const Command& command : std::vector<Command>{Rewind{30}, SetHyper{with_rate(config_, 1)},
                                                     Fork{35, with_rate(config_, 1)}, Start{}, Pause{}})
    thread.send(command);
  held = false;
  held.notify_all();
  const auto paused = wait_for(thread, TrainStatus::kPaused, 0);
  EXPECT_EQ(paused->run_id, 1);
  EXPECT_EQ(paused->config, config_);
  EXPECT_EQ(paused->past.newest, 40);
  EXPECT_EQ(paused->past.way, 0);
  step_ = 0;
  EXPECT_EQ(run_to(thread, 3)->past.newest, 40);
}

TEST_F(RewindTest, WhatIsSentOnTheWayWaitsForTheArrival) {
  StraightRun truth = straight({{33, with_rate(config_, 1e-2)}});
  TrainerThread thread(config_, options(1));
  run_to(thread, 40);
  thread.drain_metrics();
  thread.send(Rewind{33});
  thread.send(SetHyper{with_rate(config_, 1e-2)});
  thread.send(Step{6});
  const auto there = wait_for(thread, TrainStatus::kPaused, 39);
  EXPECT_EQ(there->past.newest, 39) << "the change dropped what came after it";
  EXPECT_EQ(timeless(*recalled(thread, 39)->state), truth.after(39));
  const auto points = thread.drain_metrics();
  ASSERT_EQ(points.size(), 7u) << "six steps, and the validation at the end of the epoch";
  EXPECT_EQ(points.front().step, 34);
  EXPECT_EQ(points.front().loss, truth.points().at({34, MetricSplit::kTrain}).loss);
}

TEST_F(RewindTest, AForkIsARunOfItsOwnOnTheSameBatches) {
  const HyperParams other = with_rate(config_, 5e-3);
  StraightRun truth = straight({{12, other}});
  TrainerThread thread(config_, options(4));
  run_to(thread, 30);
  const auto batch = recalled(thread, 21)->batch;
  thread.drain_metrics();
  thread.drain_events();
  thread.send(Fork{12, other});
  const auto fork =
      wait_for(thread, [](const auto& s) { return s.status == TrainStatus::kPaused && s.step == 12; });
  EXPECT_EQ(fork->run_id, 2);
  EXPECT_EQ(fork->past.forked_from, 1);
  EXPECT_EQ(fork->past.forked_at, 12);
  EXPECT_EQ(fork->past.first, 0) << "it has the past before it";
  EXPECT_EQ(fork->past.newest, 12);
  EXPECT_EQ(fork->config.hyper(), other);
  step_ = 12;
  run_to(thread, 25);
  for (const MetricPoint& point : thread.drain_metrics()) {
    EXPECT_EQ(point.run_id, 2);
    truth.go_to(point.step + 1);
    EXPECT_EQ(point.loss, truth.points().at({point.step, point.split}).loss) << point.step;
  }
  const auto own = recalled(thread, 21)->batch;
  EXPECT_EQ(own->images, batch->images);
  EXPECT_NE(own->losses, batch->losses);
  EXPECT_EQ(own->run_id, 2);
  EXPECT_EQ(batch->run_id, 1);
  const auto events = thread.drain_events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].run_id, 2);
  EXPECT_EQ(to_line(events[0].event), R"({"step":12,"event":"fork","from":"run 1"})");
  EXPECT_EQ(events[1].event.field, "optimizer.learning_rate");
  EXPECT_EQ(events[1].event.step, 12);
  // Back behind the place where it branched off: there it is the first run.
  StraightRun first = straight();
  rewind_to(thread, 9);
  EXPECT_EQ(timeless(*recalled(thread, 9)->state), first.after(9));
  run_to(thread, 28);
  EXPECT_EQ(timeless(*recalled(thread, 28)->state), truth.after(28));
}

// The schedule is one of the things that a branch may have otherwise.
TEST_F(RewindTest, AForkWithAnotherScheduleIsTheStraightRunThatChangedIt) {
  HyperParams other = config_.hyper(), later = other;
  other.schedule = {nn::ScheduleKind::kLinear, 0, 0};
  later.schedule = {nn::ScheduleKind::kConstant, 40, 0};
  StraightRun truth = straight({{14, other}, {27, later}});
  TrainerThread thread(config_, options(4));
  run_to(thread, 20);
  thread.send(Fork{14, other});
  wait_for(thread, TrainStatus::kPaused, 14);
  step_ = 14;
  run_to(thread, 27);
  thread.send(SetHyper{later});
  run_to(thread, 35);
  EXPECT_EQ(timeless(*recalled(thread, 35)->state), truth.after(35));
  rewind_to(thread, 9);
  const auto there = run_to(thread, 32);
  EXPECT_EQ(timeless(*recalled(thread, 32)->state), truth.after(32));
  EXPECT_EQ(there->config.schedule, later.schedule);
  std::vector<std::string> changed;
  for (const RunEvent& event : thread.drain_events())
    if (event.event.kind == EventKind::kChange)
      changed.push_back(event.event.field + " " + words_of(event.event.old_value) + " " +
                        words_of(event.event.new_value));
  EXPECT_THAT(changed, ElementsAre("schedule.kind cosine linear", "schedule.warmup_steps 5 0",
                                   "schedule.min_learning_rate 1e−5 0", "schedule.kind linear constant",
                                   "schedule.warmup_steps 0 40"));
}

// All that can be made visible of a step, from its recalled state.
TEST_F(RewindTest, ARecalledStateCanBeLookedInside) {
  TrainerThread thread(config_, options(3));
  run_to(thread, 25);
  const auto then = rewind_to(thread, 17);
  run_to(thread, 40);
  const auto state = recalled(thread, 17)->state;
  StraightRun run = straight();
  const nn::Model<float>& model = run.trainer().model();
  const auto image = run.trainer().dataset().normalised(core::Tensor<float>({1, 28, 28}, 0.25f));
  const Inside inside = look_inside(model, weights_of(model, state->values), image, 3);
  const Inside same = look_inside(model, weights_of(model, *then->values), image, 3);
  EXPECT_EQ(inside.logits, same.logits);
  EXPECT_EQ(inside.gradient_norms, same.gradient_norms);
  EXPECT_GT(inside.loss, 0);
}

TEST_F(RewindTest, TellsEverythingThatHappens) {
  TrainerThread thread(config_, options(100));
  thread.send(Step{10});
  wait_for(thread, TrainStatus::kPaused, 10);
  thread.send(SetHyper{{2e-3, 0.05, 1, 0.2, 16, config_.schedule}});
  thread.send(Rewind{4});
  wait_for(thread, TrainStatus::kPaused, 4);
  thread.send(Start{});
  thread.send(Rewind{1'000});  // which no step is
  thread.send(Rewind{4});
  wait_for(thread, TrainStatus::kPaused, 4);
  std::vector<std::string> lines;
  for (const RunEvent& event : thread.drain_events()) {
    EXPECT_EQ(event.run_id, 1);
    lines.push_back(to_line(event.event));
  }
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0],
            R"({"step":10,"event":"change","field":"optimizer.learning_rate","old":0.001,"new":0.002})");
  EXPECT_EQ(lines[1], R"({"step":10,"event":"change","field":"batch_size","old":32,"new":16})");
  EXPECT_EQ(lines[2], R"({"step":10,"event":"rewind","to":4})");
  EXPECT_EQ(lines[3], R"({"step":4,"event":"start"})");
  EXPECT_THAT(lines[4], HasSubstr(R"("event":"rewind","to":4})"));
}

TEST_F(RewindTest, RefusesWhatTheRunHasNotDoneAndSaysSo) {
  TrainerThread thread(config_, options(5));
  run_to(thread, 8);
  const auto refusal = [&](const Command& command) {
    thread.send(command);
    return wait_for(thread, [](const auto& s) { return !s.message.empty(); })->message;
  };
  EXPECT_EQ(refusal(Rewind{9}), "step 9: the run has steps 0 to 8");
  EXPECT_EQ(refusal(Rewind{-1}), "step -1: the run has steps 0 to 8");
  EXPECT_EQ(refusal(Fork{9, config_.hyper()}), "step 9: the run has steps 0 to 8");
  EXPECT_EQ(refusal(Fork{3, {1e-3, 0, 0, 1, 32}}), "model.dropout 1: must be at least 0 and below 1");
  EXPECT_THAT(refusal(RecallStep{9}), HasSubstr("step 9"));
  run_to(thread, 9);
  TrainerThread forgetful(config_, options(0));
  forgetful.send(Step{5});
  wait_for(forgetful, TrainStatus::kPaused, 5);
  forgetful.send(Rewind{2});
  EXPECT_THAT(wait_for(forgetful, [](const auto& s) { return !s.message.empty(); })->message,
              HasSubstr("more memory"));
  forgetful.send(Step{1});
  wait_for(forgetful, TrainStatus::kPaused, 6);
}

TEST_F(RewindTest, ADoneRunGoesBackAndOn) {
  config_.epochs = 1;
  TrainerThread thread(config_, options(5));
  thread.send(Start{});
  const auto done = wait_for(thread, TrainStatus::kDone);
  EXPECT_EQ(done->step, 19);
  rewind_to(thread, 11);
  thread.send(Start{});
  const auto again = wait_for(thread, TrainStatus::kDone);
  EXPECT_EQ(*again->values, *done->values);
}

TEST_F(RewindTest, ADivergedBranchIsBackAtItsLastGoodState) {
  config_.epochs = 100;
  StraightRun truth = straight();
  TrainerThread thread(config_, options(100));
  run_to(thread, 60);
  thread.send(Fork{55, with_rate(config_, 1e30)});
  thread.send(Start{});
  const auto diverged = wait_for(thread, TrainStatus::kDiverged);
  EXPECT_THAT(diverged->message, HasSubstr("diverged at step 57"));
  EXPECT_EQ(diverged->run_id, 2);
  EXPECT_LE(diverged->step, 55);
  EXPECT_GE(diverged->step, 6);
  for (const float value : *diverged->values) ASSERT_TRUE(std::isfinite(value));
  const auto events = thread.drain_events();
  const Event& event = events.back().event;
  EXPECT_EQ(event.kind, EventKind::kDivergence);
  EXPECT_EQ(event.step, 56);
  EXPECT_EQ(event.last_good, diverged->step);
  EXPECT_EQ(event.message, diverged->message);
  EXPECT_NE(event.tensor, "");
  // Back before the change, and on with another.
  thread.send(Fork{55, config_.hyper()});
  const auto fork = wait_for(thread, TrainStatus::kPaused, 55);
  EXPECT_EQ(fork->run_id, 3);
  EXPECT_EQ(fork->message, "");
  step_ = 55;
  run_to(thread, 65);
  EXPECT_EQ(recalled(thread, 65)->state->values, truth.after(65).values);
}

// One result, whatever the number of threads, and whether somebody looks on or nobody does.
TEST_F(RewindTest, ThreadsAndWatchersChangeNoBit) {
  const HyperParams other = with_rate(config_, 2e-3);
  StraightRun truth = straight({{8, other}});
  const std::pair<int, bool> kinds[] = {{1, false}, {1, true}, {2, true}, {3, false}, {4, true}, {8, false}};
  for (const auto& [threads, is_watched] : kinds) {
    const bool watched = is_watched;
    config_.threads = threads;
    TrainerThread thread(config_, options(3));
    const auto reach = [&](Index step) {
      thread.send(Step{step - step_});
      step_ = step;
      wait_until([&]() -> std::shared_ptr<const Index> {
        if (watched) thread.send(Step{0});
        if (watched) thread.take_snapshot();
        for (const MetricPoint& point : thread.drain_metrics())
          if (point.step == step) return std::make_shared<Index>(step);
        return nullptr;
      });
    };
    step_ = 0;
    reach(8);
    thread.send(SetHyper{other});
    reach(30);
    EXPECT_EQ(timeless(*recalled(thread, 30)->state), truth.after(30))
        << threads << " threads, watched " << watched;
  }
}

}  // namespace
}  // namespace vitrine::train
