// Timeline: a trainer's past. States are kept within a memory budget, thinned evenly in time, and every
// change of the hyperparameters is recorded with its step; so the run can go back to any step, its bits
// computed again from the kept state before it, and other runs can branch off there.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/core/progress.h"
#include "engine/train/thinned.h"
#include "engine/train/trainer.h"

namespace vitrine::train {

// Made when `step` updates were done; from the next one on `hyper` holds.
struct Change {
  Index step = 0;
  HyperParams hyper;

  bool operator==(const Change&) const = default;
};

// A step of a run and its parameters, as Weights::values.
struct KeptStep {
  Index step = 0;
  std::shared_ptr<const core::AlignedVector<float>> values;
};

// A place on a run's timeline from which another run goes on: with the same batches, since their order is a
// function of seed and epoch, and without further changes with the same bits.
struct Branch {
  TrainConfig config;
  Index step = 0;                             // where it leaves the run
  std::shared_ptr<const TrainerState> state;  // of `step` or the kept one before it
  std::vector<Change> changes;                // of the run up to `step`, that step's included
};

// While a timeline stands, its trainer advances and changes through it alone. Going back drops nothing: in
// the past the recorded changes are made again at their steps and the same bits are computed again. Only a
// change that the past did not have drops what came after it. Then the run's newest step is that of the
// change, and its next points replace those from there on.
class Timeline {
 public:
  // Begins where the trainer is; its states take at most `budget_bytes`, none where not even one fits.
  Timeline(Trainer& trainer, Index budget_bytes);
  // Brings the trainer, of the branch's configuration, to the branch's state; go_to(branch.step) then makes
  // up what is missing. Throws as Trainer::restore.
  Timeline(Trainer& trainer, const Branch& branch, Index budget_bytes);

  // The trainer's next piece of work. A point only of what was not done before: steps of the past give none,
  // and their evaluations are left out. Throws as Trainer::advance.
  std::optional<MetricPoint> advance();
  // Trainer::set, recorded. True when it dropped later steps.
  bool set(const HyperParams& hyper);
  // What came after the trainer's step is as if it had never been: another run branches off here. True when
  // there was something.
  bool drop_later();

  // Goes back to the latest state at or before `step`, unless the trainer stands between it and `step`
  // already. Throws std::invalid_argument for a step before the first.
  void return_before(Index step);
  // return_before() and then forward to `step`; beyond the newest that is training on. Ends early at the
  // run's end, and between two pieces when stop is requested. Returns the points as advance() gives them.
  std::vector<MetricPoint> go_to(Index step, std::stop_token stop = {}, core::Progress* progress = nullptr);
  // Leaves the run as it is. Throws std::invalid_argument for a step that the run has not done.
  Branch branch(Index step) const;

  const Trainer& trainer() const { return trainer_; }
  Index first_step() const { return first_; }
  Index newest_step() const { return newest_; }  // ahead of the trainer's where that is in the past
  // Where the run can return to without computing: ascending. The first and the newest are always among them
  // if two states fit (after a divergence the newest is not). Others lie evenly; Thinned says how far apart.
  // The newest one's values are null while only the trainer has them.
  std::vector<KeptStep> kept() const;
  Index kept_bytes() const { return std::ssize(kept()) * state_bytes_; }
  const std::vector<Change>& changes() const { return changes_; }  // by ascending step, at most one each

 private:
  using State = std::shared_ptr<const TrainerState>;
  void keep();
  void replay();
  State before(Index step) const;

  Trainer& trainer_;
  const Index state_bytes_;
  Index first_, newest_;
  bool newest_validated_ = false;  // the validation that the newest step led to, if any, is done
  Thinned<State> kept_;
  bool keeps_newest_;
  State left_;  // the newest step's, while the trainer is in the past
  std::vector<Change> changes_;
};

// One step of a run's past.
struct Recalled {
  Index step = 0;
  std::optional<Batch> batch;                 // what the update learnt from; none for the first of all steps
  std::shared_ptr<const TrainerState> state;  // after the update
};

// Recomputes a step of a run's past on a trainer of its own: the run is not touched.
class Recall {
 public:
  // Throws std::invalid_argument when the timeline cannot tell the step, or memory is short.
  Recall(const Timeline& timeline, Index step, std::shared_ptr<const Dataset> dataset,
         core::Workers& workers);

  // The next piece of work; the step when that was the last.
  std::optional<Recalled> advance();

 private:
  Index step_, before_;  // and the step whose next batch it is
  Trainer trainer_;
  Timeline timeline_;
};

}  // namespace vitrine::train
