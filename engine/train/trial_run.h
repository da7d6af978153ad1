// TrialRun: a run up to a given step, and there its validation: what a sweep compares. Its updates are a
// Trainer's, bit for bit, however often it is left and taken up again.
#pragma once

#include <memory>
#include <optional>

#include "engine/train/trainer.h"

namespace vitrine::train {

class TrialRun {
 public:
  // Up to `target` updates from the run's first, or the end of its epochs where that is earlier; 0: that end.
  // From a state of the same run, or from its first step (null); `validated` is the last step that the run
  // has had a validation of, 0 for none. Throws as Trainer and its restore().
  TrialRun(const TrainConfig& config, std::shared_ptr<const Dataset> dataset, core::Workers& workers,
           Index target, const TrainerState* from, Index validated);

  // The next piece of work, some ten milliseconds of it. A validation is over all validation images, at
  // every epoch's end and at the run's. Throws Divergence as Trainer::advance.
  std::optional<MetricPoint> advance();
  bool done() const { return at_end() && validated_ == trainer_.step(); }

  const Trainer& trainer() const { return trainer_; }
  Index target() const { return target_; }

 private:
  struct Validation {
    nn::BatchPass<float> batch;
    Evaluator evaluator;
  };

  bool at_end() const;
  // The trainer does the validation of an epoch's end itself.
  bool epoch_ended() const { return trainer_.steps_left_of_epoch() == trainer_.steps_of_epoch(); }
  std::optional<MetricPoint> validate_some();

  core::Workers& workers_;
  Trainer trainer_;
  const Index target_;
  Index validated_;
  double learning_rate_ = 0, seconds_ = 0;  // of the last update
  std::unique_ptr<Validation> validation_;  // of a step within an epoch, under way
};

}  // namespace vitrine::train
