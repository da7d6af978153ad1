// Thousands of commands in random order: the trainer's thread never hangs, and whatever it was sent, a run is
// bit for bit the one that never went back and made the same changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "engine/core/rng.h"
#include "engine/io/json_fields.h"
#include "engine/io/json_text.h"
#include "tests/engine/train/straight_run.h"
#include "tests/engine/train/thread_driver.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

constexpr Index kStates = 10;  // that the past may hold

TrainConfig quick_config(int threads) {
  TrainConfig config = tiny_config();
  config.dataset.train_limit = 300;
  config.dataset.validation_limit = 40;
  config.model.embed_dim = 8;
  config.model.mlp_dim = 8;
  config.model.depth = 1;
  config.epochs = 4;
  config.threads = threads;
  return config;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
    return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
  });
}

// The configuration with the change made that an event tells of.
TrainConfig changed(TrainConfig config, const Event& event) {
  const auto* number = std::get_if<double>(&event.new_value);
  io::set_field(config, event.field,
                number ? io::json_text(*number) : std::get<std::string>(event.new_value));
  return config;
}

// What the points and events tell of a run.
struct Told {
  Index begin = 0;  // of its own points; behind it the past of the run that it was forked from
  std::vector<Change> changes;
  std::map<std::pair<Index, MetricSplit>, MetricPoint> points;

  void change(const Event& event, TrainConfig config) {
    std::erase_if(changes, [&](const Change& change) { return change.step > event.step; });
    if (!changes.empty()) config.set(changes.back().hyper);
    if (!changes.empty() && changes.back().step == event.step) changes.pop_back();
    changes.push_back({event.step, changed(config, event).hyper()});
    begin = std::min(begin, event.step);
  }
  void add(const MetricPoint& point) {
    if (point.split == MetricSplit::kTrain)
      points.erase(points.lower_bound({point.step, point.split}), points.end());
    points[{point.step, point.split}] = point;
  }
};

class Monkey {
 public:
  Monkey(std::uint64_t seed, int threads)
      : rng_(seed, core::RngStream::kTest), config_(quick_config(threads)) {
    dataset_ = tiny_dataset(config_, workers_);
    past_bytes_ = kStates * state_bytes(StraightRun(config_, dataset_, workers_).trainer());
    TrainerThread::Options options;
    options.past_bytes = past_bytes_;
    thread_.emplace(config_, options);
  }

  // One command, and sometimes a moment for it.
  void act() {
    send(command());
    if (below(3) == 0) look(thread_->take_snapshot());
    if (below(9) == 0) thread_->take_recalled();
    if (below(4) == 0) std::this_thread::sleep_for(std::chrono::microseconds(below(2'500)));
  }

  // Stops where it is, or arrives and takes some steps, and compares.
  void check() {
    send(++checks_ % 2 == 0 ? Command(Pause{}) : Command(Step{5}));
    send(RecallStep{-1});  // refused: none is under way any more
    const Snapshot s = wait_for(*thread_, [this](const auto& each) {
      return each.commands == sent_ && each.status != TrainStatus::kRunning &&
             each.status != TrainStatus::kRewinding;
    });
    look(s);
    thread_->take_recalled();
    const Index step = s->past.newest == 0 ? 0 : 1 + below(s->past.newest);
    const auto past = recalled(*thread_, step);
    ++sent_;
    hear();
    Told& told = told_[s->run_id];
    StraightRun truth(config_, dataset_, workers_, told.changes);
    truth.go_to(s->step);
    ASSERT_EQ(s->config, truth.trainer().config());
    ASSERT_TRUE(same_bits(*s->values, truth.trainer().weights().values));
    truth.go_to(s->past.newest);
    if (step > 0) {
      const TrainerState& expected = truth.after(step);
      ASSERT_TRUE(same_bits(past->state->values, expected.values)) << "step " << step;
      ASSERT_TRUE(same_bits(past->state->moments.second, expected.moments.second));
      ASSERT_EQ(past->state->position, expected.position);
      ASSERT_EQ(past->batch->step, step);
    }
    compare_points(told, truth, s->past.newest);
  }

  void send(Command command) {
    ++sent_;
    thread_->send(std::move(command));
  }
  Index checked_steps() const { return checked_steps_; }

 private:
  Command command() {
    switch (below(19)) {
      case 0:
      case 1:
      case 2:
        return Start{};
      case 3:
      case 4:
        return Pause{};
      case 5:
      case 6:
      case 7:
        return Step{below(12)};
      case 8:
      case 9:
      case 10:
        return SetHyper{hyper()};
      case 11:
      case 12:
      case 13:
      case 14:
        return Rewind{below(newest_ + 3) - 1};
      case 15:
      case 16:
        return Fork{below(newest_ + 2), hyper()};
      case 17:
        return RecallStep{below(newest_ + 2)};
      default:
        if (below(4) == 0) return Reset{config_};
        return Start{};
    }
  }
  // Some are impossible, some diverge.
  HyperParams hyper() {
    HyperParams hyper = config_.hyper();
    hyper.learning_rate = below(30) == 0 ? 1e30 : 1e-3 * static_cast<double>(1 + below(5));
    hyper.weight_decay = 0.01 * static_cast<double>(below(3));
    hyper.clip_norm = static_cast<double>(below(2));
    hyper.dropout = below(20) == 0 ? 1 : 0.1 * static_cast<double>(below(4));
    hyper.batch_size = 8 + below(40);
    hyper.schedule = {static_cast<nn::ScheduleKind>(below(3)), below(10),
                      1e-4 * static_cast<double>(below(2))};
    return hyper;
  }

  // What holds of every snapshot.
  void look(const Snapshot& s) {
    if (!s || s->status == TrainStatus::kLoading) return;
    newest_ = s->past.newest;
    ASSERT_NE(s->status, TrainStatus::kFailed) << s->message;
    ASSERT_GE(s->run_id, run_id_);
    run_id_ = s->run_id;
    ASSERT_LE(s->past.first, s->step);
    ASSERT_LE(s->step, s->past.newest);
    const auto& kept = s->past.kept;
    ASSERT_FALSE(kept.empty());
    ASSERT_EQ(kept.front().step, s->past.first);
    ASSERT_LE(kept.back().step, s->past.newest);
    ASSERT_TRUE(std::is_sorted(kept.begin(), kept.end(),
                               [](const KeptStep& a, const KeptStep& b) { return a.step < b.step; }));
    for (const KeptStep& each : kept) ASSERT_TRUE(each.values);
    ASSERT_LE(s->past.kept_bytes, past_bytes_);
    ASSERT_LE(s->past.forked_at, s->past.newest);
    ASSERT_GE(s->past.way, 0);
    ASSERT_LE(s->past.way, 1);
  }

  void hear() {
    for (const auto& [run_id, event, forked_from] : thread_->drain_events()) {
      Told& told = told_[run_id];
      if (event.kind == EventKind::kFork) {
        told = {event.step, told_[forked_from].changes, {}};
        std::erase_if(told.changes, [&](const Change& change) { return change.step > event.step; });
      }
      if (event.kind == EventKind::kChange) told.change(event, config_);
    }
    for (const MetricPoint& point : thread_->drain_metrics()) told_[point.run_id].add(point);
  }

  // Every step of the run has the straight run's point.
  void compare_points(Told& told, const StraightRun& truth, Index newest) {
    told.points.erase(told.points.lower_bound({newest + 1, MetricSplit::kTrain}), told.points.end());
    Index updates = 0;
    for (const auto& [key, point] : told.points) {
      updates += point.split == MetricSplit::kTrain;
      if (key.first == newest && point.split == MetricSplit::kValidation) continue;  // it ends before that
      const MetricPoint& expected = truth.points().at(key);
      ASSERT_EQ(point.loss, expected.loss) << "step " << point.step;
      ASSERT_EQ(point.accuracy, expected.accuracy);
      ASSERT_EQ(point.learning_rate, expected.learning_rate);
    }
    ASSERT_EQ(updates, newest - told.begin);
    checked_steps_ += updates;
  }

  Index below(Index n) { return static_cast<Index>(rng_.below(static_cast<std::uint64_t>(n), 0, drawn_++)); }

  const core::Rng rng_;
  std::uint64_t drawn_ = 0;
  const TrainConfig config_;
  core::Workers workers_{1};
  std::shared_ptr<const Dataset> dataset_;
  Index past_bytes_ = 0;
  std::optional<TrainerThread> thread_;
  std::map<std::int64_t, Told> told_;  // by run
  Index newest_ = 0, checks_ = 0, checked_steps_ = 0;
  std::int64_t run_id_ = 0;
  std::int64_t sent_ = 1;  // commands, the Reset of the beginning included
};

// Each monkey's end stops the thread in the middle of whatever it does.
TEST(Commands, TenThousandInRandomOrder) {
  constexpr int kEach = 2'500, kBetweenChecks = 100;
  std::uint64_t seed = 0;
  for (const int threads : {1, 2, 3, 8}) {
    Monkey monkey(++seed, threads);
    for (int i = 1; i <= kEach; ++i) {
      monkey.act();
      if (i % kBetweenChecks == 0) monkey.check();
      ASSERT_FALSE(testing::Test::HasFatalFailure()) << "seed " << seed << ", command " << i;
    }
    EXPECT_GT(monkey.checked_steps(), 50);
    monkey.act();
  }
}

}  // namespace
}  // namespace vitrine::train
