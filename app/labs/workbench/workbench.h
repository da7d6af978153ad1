// Workbench: the training that the labs of the learning wing share: one edit, one trainer, every run's
// curves, and the step that is looked at. Time here is the optimizer's: the playhead stands at a step of the
// run, at its end while nothing is done about it, and walks the kept steps of the past otherwise.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/labs/history.h"
#include "app/labs/workbench/curves.h"
#include "app/labs/workbench/earlier_runs.h"
#include "app/labs/workbench/looked.h"
#include "app/labs/workbench/opened_look.h"
#include "app/labs/workbench/run_doctor.h"
#include "app/labs/workbench/setup_problems.h"
#include "app/widgets/playhead.h"
#include "engine/train/trainer_thread.h"

namespace vitrine::labs {

class Workbench {
 public:
  static constexpr core::Index kDefaultPast_mib = train::kDefaultPast_bytes >> 20, kMostPast_mib = 1 << 16;
  // What to compute: a configuration, the picture that is looked at, and how much of the past is kept.
  struct Params {
    train::TrainConfig config;
    Probe probe;
    core::Index past_mib = kDefaultPast_mib;  // of the next new run

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
  };
  // What arrived of a run. A fork begins with what the run that it leaves had done up to there.
  struct Run {
    std::int64_t id = 0;
    train::TrainConfig config;     // the newest known
    std::int64_t forked_from = 0;  // another's id; 0: it is no fork
    core::Index forked_at = 0;
    Curves curves;       // its own points
    double seconds = 0;  // of training, a fork's with those of the run that it leaves
    std::vector<train::Event> events;
    std::optional<RunDoctor> doctor;     // once the data are known
    std::vector<train::Remark> remarks;  // the doctor's, worst first
  };

  // `wake` is called from other threads when there is news. Every run is kept in a folder of its own in
  // `runs_folder`; empty: in memory only.
  explicit Workbench(std::function<void()> wake, std::filesystem::path runs_folder = {});

  // Takes what arrived, and waits at most `patience` for a look. The trainer begins with the first.
  void poll(std::chrono::microseconds patience);

  const Params& params() const { return params_; }
  // As part of the last edit, or one of its own to undo. What is live reaches a run that is looked at where
  // it stands; the rest waits for reset().
  void edit(Params params, bool same_gesture);
  // One edit, and a new run where it needs one.
  void adopt(Params params);
  void adopt(train::TrainConfig config);
  // What is impossible about the edit. While anything is, no run begins or goes on with it: toggle_play(),
  // step() and reset() leave all as it is, and take_words() says refusal().
  std::vector<Problem> problems() const;
  std::string refusal() const;  // in one line; empty: there is no problem
  // A new run with what was edited; the others stay in runs().
  void reset();
  // The run that a folder keeps goes on here, from its checkpoint and as a run of its own, as soon as that is
  // read. When it cannot be, all stays as it is, and take_words() says why.
  void go_on(std::filesystem::path folder) { earlier_.read(std::move(folder)); }
  // Those kept in the runs folder and in the folders beside it, but the one that goes on. Null until they are
  // found, which the first call begins.
  std::shared_ptr<const std::vector<train::KeptRun>> kept_runs();
  // What there is to be said, once, in one line: what was refused, what the trainer could not do. Mostly
  // empty.
  std::string take_words() { return std::exchange(words_, ""); }
  // The edit differs from the run in what is built into it.
  bool needs_reset() const;
  bool can_undo() const { return history_.can_undo(); }
  bool can_redo() const { return history_.can_redo(); }
  void undo();
  void redo();

  widgets::Playhead& playhead() { return playhead_; }
  core::Index last_step() const;
  core::Index end_step() const;  // of the run, when it has learnt all its epochs
  // The step that is looked at is the run's newest, and goes on with it.
  bool live() const { return live_; }
  core::Index at() const;
  void look_at(core::Index step);
  bool playing() const;
  // In the past, and at the last good step after a divergence, a fork goes on from there.
  void toggle_play();
  // An update where nothing runs, and in the past from one kept step to the next.
  void step(int direction);
  // Updates up to this one, and then it pauses; nothing when so many are done. False: the run is still on its
  // way.
  bool train_to(core::Index step);
  std::string time_words() const;
  double sleep_s() const;
  // t updates of the run, waited for; a step that is done already is looked at.
  void settle(double t);

  // The newest snapshot; null until the trainer has made one.
  const std::shared_ptr<const train::TrainSnapshot>& snapshot() const { return snapshot_; }
  // The same for another lab that looks on: takes what has arrived, where anything was begun.
  std::shared_ptr<const train::TrainSnapshot> newest();
  // What was looked at last, at the kept step at or before at(); null until there was something to look at.
  const std::shared_ptr<const Looked>& looked() const { return looked_; }
  // Why it cannot be looked at; mostly empty.
  const std::string& look_error() const { return look_error_; }
  // A model of someone else's, which the labs that look into a model show instead of the run's.
  OpenedLook& opened() { return opened_; }
  const OpenedLook& opened() const { return opened_; }
  bool shows_opened() const { return opened_.model() != nullptr; }
  // What such labs show: looked(), or what the opened model makes of its picture; and why it cannot be shown.
  const std::shared_ptr<const Looked>& shown() const { return shows_opened() ? opened_.looked() : looked_; }
  const std::string& shown_error() const { return shows_opened() ? opened_.error() : look_error_; }
  // Asks for a step of the past, recomputed; recalled() has it when it is there.
  void recall(core::Index step);
  const std::shared_ptr<const train::Recalled>& recalled() const { return recalled_; }
  // By ascending id; the last is the one that goes on. Empty until something arrived.
  const std::vector<Run>& runs() const { return runs_; }
  // As Curves::smooth, of every run, a piece at each call.
  void smooth(double factor);

 private:
  using Look = core::Job<LookQuestion, Looked>;

  void begin();
  bool refuse();  // says the refusal, where there is one
  void take_earlier_run();
  std::filesystem::path folder_of(std::int64_t run) const;
  void send_reset(std::shared_ptr<const train::Checkpoint> from);
  void set(Params params);
  void receive();
  void receive_snapshot();
  void inherit(Run& fork);  // what was known of the run that it left
  // Everything of one drain, to each run's doctor in the order of its steps.
  void tell_doctors(std::span<const train::MetricPoint> points, std::span<const train::Health> health,
                    std::span<const train::RunEvent> events);
  void follow();  // the playhead: where a hand put it, or the newest step
  void ask();
  void fork();
  bool reset_pending() const;
  bool over() const;
  train::KeptStep kept() const;  // that is looked at
  Run& run_of(std::int64_t id);

  const std::function<void()> wake_;
  const std::filesystem::path runs_folder_;
  Params params_;
  History<Params> history_;
  widgets::Playhead playhead_;
  double placed_ = 0;  // playhead_.t as it was left here
  bool live_ = true;
  train::TrainConfig begun_;  // what the newest new run was begun with
  std::int64_t resets_ = 0;   // sent so far
  train::WayBack before_;     // of the run that is to go on here: what it has done elsewhere
  std::string words_, told_;  // told_: of the snapshots
  std::vector<Run> runs_;
  bool smoothed_ = true;  // every run's means are whole
  std::shared_ptr<const train::TrainSnapshot> snapshot_;
  std::shared_ptr<const Looked> looked_;
  std::string look_error_;
  std::shared_ptr<const train::Recalled> recalled_;
  std::atomic<bool> moves_ = false;  // it is drawn again soon, whatever a look says
  Look look_;
  EarlierRuns earlier_;
  OpenedLook opened_;
  std::unique_ptr<train::TrainerThread> trainer_;  // null until the first poll
};

// What a file may say and no control can: numbers that are none, betas that are not two.
void fit(train::TrainConfig& config);

// "at rest", "running", ...
std::string_view words_of(train::TrainStatus status);
bool is_over(train::TrainStatus status);

}  // namespace vitrine::labs
