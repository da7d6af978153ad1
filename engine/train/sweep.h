// Sweep: the trials of a SweepSpec, one after the other and step by step, without a thread of its own. A
// trial is a Trainer's run, bit for bit; halving goes on with trials from where they were left. The same spec
// gives the same results, whatever the number of threads and however often it is interrupted.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/train/sweep_spec.h"
#include "engine/train/trial_run.h"
#include "engine/train/trial_store.h"

namespace vitrine::train {

// kWaiting: for its turn, or for the rung's end. kDropped: halving goes on without it. kDiverged: parked at
// its last good state. kImpossible: breaks a rule, or its data or memory are not there.
enum class TrialStatus { kWaiting, kRunning, kDone, kDropped, kDiverged, kImpossible };
inline constexpr std::array<std::string_view, 6> kTrialStatuses{"waiting", "running",  "done",
                                                                "dropped", "diverged", "impossible"};

struct Trial {
  Index number = 0;
  std::vector<Setting> settings;  // that it differs by, one an axis
  TrainConfig config;
  TrialStatus status = TrialStatus::kWaiting;
  std::string message;                   // why it diverged or is impossible: one line
  Index rungs = 0;                       // done
  Index steps = 0;                       // updates done
  double seconds = 0;                    // of training
  std::vector<MetricPoint> validations;  // over all validation images, by ascending step

  // The highest validation accuracy, of equal ones the first; the newest. Null: there is none yet.
  const MetricPoint* best() const;
  const MetricPoint* last() const { return validations.empty() ? nullptr : &validations.back(); }
};

// Whether a trial stands before another by what a validation found: higher accuracy, then lower loss, then
// lower number. A trial without one comes last.
bool stands_before(const MetricPoint* a, const MetricPoint* b);

// The number of the trial whose best() stands before all others'; nothing: none has one.
std::optional<Index> best_trial(const std::vector<Trial>& trials);

class Sweep {
 public:
  // The store outlives the sweep; null: the sweep keeps states in memory. `stop` ends the loading of data.
  // Throws std::invalid_argument with every problem of the spec.
  Sweep(const SweepSpec& spec, core::Workers& workers, TrialStore* store = nullptr,
        std::stop_token stop = {});

  // A trial of an earlier sweep of this spec, which `store` has the state of. Before the first advance().
  void take_up(Index trial, std::vector<MetricPoint> validations);

  // The next piece of work: some ten milliseconds of training, or the loading of a trial's data. A point's
  // run_id is the trial's number. Throws io::FileError of the store, core::Stopped.
  std::optional<MetricPoint> advance();
  bool done() const { return rung_ == rung_count(spec_); }
  // So that the trial that runs goes on from here. Throws io::FileError.
  void save();

  const SweepSpec& spec() const { return spec_; }
  const std::vector<Trial>& trials() const { return trials_; }
  // Where the work is.
  struct Place {
    Index rung = 0, rungs = 1;    // this one; of all
    Index entered = 0, left = 0;  // trials that take part in the rung; that have not done it
    Index trial = -1;             // that runs; -1: none
    Index step = 0, steps = 0;    // its updates done, and at the rung's end
    double fraction() const;      // of the rung that is done
  };
  Place place() const;

 private:
  struct Running {
    Trial& trial;
    TrialRun run;
    std::unique_ptr<RunSink> sink = nullptr;  // null until the run's first piece
  };

  Trial& trial(Index number) { return trials_[static_cast<std::size_t>(number)]; }
  const Trial& trial(Index number) const { return trials_[static_cast<std::size_t>(number)]; }
  bool waits(const Trial& trial) const {
    return trial.status == TrialStatus::kWaiting && trial.rungs == rung_;
  }
  const MetricPoint* rung_result(const Trial& trial) const;
  void begin(Trial& next);
  void open_sink();
  std::shared_ptr<const Dataset> data_for(const TrainConfig& config);
  void end_trial(Trial& ended);
  void drop_worse();
  void enter_rung();
  void give_up(Trial& trial, TrialStatus status, const std::string& message);

  const SweepSpec spec_;
  core::Workers& workers_;
  MemoryTrials memory_;
  TrialStore& store_;
  const std::stop_token stop_;
  std::vector<Trial> trials_;
  Index rung_ = 0, entered_ = 0;
  DatasetConfig loaded_;  // what data_ is
  std::int64_t loaded_seed_ = 0;
  std::shared_ptr<const Dataset> data_;
  std::unique_ptr<Running> running_;
};

}  // namespace vitrine::train
