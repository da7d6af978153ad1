// The truth that going back and branching off are compared with: a run that never did, with given changes.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "engine/train/timeline.h"

namespace vitrine::train {

// All but the clock.
inline TrainerState timeless(TrainerState state) {
  state.seconds = 0;
  return state;
}

// What a timeline's state of it takes.
inline Index state_bytes(const Trainer& trainer) {
  return std::ssize(trainer.weights().values) * 12 + Index{sizeof(TrainerState)};
}

class StraightRun {
 public:
  StraightRun(const TrainConfig& config, std::shared_ptr<const Dataset> dataset, core::Workers& workers,
              std::vector<Change> changes = {})
      : trainer_(config, std::move(dataset), workers, {0, true}), changes_(std::move(changes)) {
    change();
  }

  // Ends at the run's end, its last validation done. Behind a step its change is made.
  void go_to(Index step) {
    while (trainer_.step() < step && !trainer_.done()) {
      const Index before = trainer_.step();
      const auto point = trainer_.advance();
      if (point) points_[{point->step, point->split}] = *point;
      if (trainer_.step() == before) continue;
      after_.push_back(timeless(trainer_.state()));
      change();
    }
  }
  // After the update of a step, before its change; 1 <= step.
  const TrainerState& after(Index step) {
    go_to(step);
    return after_.at(static_cast<std::size_t>(step - 1));
  }
  Trainer& trainer() { return trainer_; }
  const std::map<std::pair<Index, MetricSplit>, MetricPoint>& points() const { return points_; }

 private:
  void change() {
    for (const Change& change : changes_)
      if (change.step == trainer_.step()) trainer_.set(change.hyper);
  }

  Trainer trainer_;
  std::vector<Change> changes_;
  std::vector<TrainerState> after_;
  std::map<std::pair<Index, MetricSplit>, MetricPoint> points_;
};

}  // namespace vitrine::train
