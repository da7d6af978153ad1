// TrainerThread: a Trainer and its Timeline on a thread of their own. Commands go in; every metric point and
// event and, on demand, snapshots come out; nothing else is shared and nobody waits. What goes wrong becomes
// a status of the snapshot, and the thread parks and stays alive.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "engine/core/channels.h"
#include "engine/io/files.h"
#include "engine/train/checkpoint.h"
#include "engine/train/events.h"
#include "engine/train/run_sink.h"
#include "engine/train/timeline.h"

namespace vitrine::train {

// kRewinding: on the way to a step of the past. kDiverged: back at the last good state.
enum class TrainStatus { kLoading, kRunning, kPaused, kDone, kDiverged, kFailed, kRewinding };

// Immutable: a run at one moment.
struct TrainSnapshot {
  std::int64_t run_id = 0;    // counts from 1; a Reset or a Fork begins the next
  std::int64_t resets = 0;    // obeyed so far, the first run's included
  std::int64_t commands = 0;  // taken so far, the first run's Reset included
  TrainConfig config;         // with every change made while it ran
  TrainStatus status = TrainStatus::kLoading;
  std::string message;  // one line: why it diverged or failed, or what was last refused; else empty
  std::shared_ptr<const core::Progress> loading;  // of the data, live; null but for kLoading
  Index step = 0;                                 // updates done
  Index epoch = 0;                                // epochs done
  Index steps_left = 0;                           // of all epochs
  double images_per_second = 0;
  double seconds_left = 0;  // until the end, as fast as this; 0: unknown

  struct Past {
    Index first = 0, newest = 0;  // the run can go back to any step between
    std::vector<KeptStep> kept;   // of these without computing, ascending; each has its values
    Index kept_bytes = 0, most_bytes = 0;
    std::int64_t forked_from = 0;  // a run_id; 0: it is no fork
    Index forked_at = 0;           // the last step that the two have in common
    // Of kRewinding: how much of the way is done, 0 to 1, and its end.
    double way = 0;
    Index destination = 0;
  } past;
  struct ModelFacts {
    Index parameters = 0;
    Index tokens = 0, depth = 0, heads = 0;  // of a ViT
    Index first_patch = 0;                   // token number of the first patch: 1 behind a class token
    core::Tensor<float> position_table;      // pos_embed [tokens, D]; empty where none is learned
  } model;
  // What whoever wants to look into the model computes it from, on a thread of his own. Both null while
  // loading and after kFailed.
  std::shared_ptr<const Dataset> dataset;
  std::shared_ptr<const core::AlignedVector<float>> values;  // of the parameters at `step`
};

// Goes on. After kFailed only a Reset helps, after kDone and kDiverged a Rewind and a Fork do too. In the
// past the run is repeated first, without points.
struct Start {};
// Also ends a Rewind or Fork where it is on its way, and what waits for its end is dropped.
struct Pause {};
// So many updates, then paused.
struct Step {
  Index updates = 1;
};
// A new run, paused at step 0 or, where there is a checkpoint, at its step. Data that is already loaded is
// used again.
struct Reset {
  TrainConfig config;
  std::shared_ptr<const Checkpoint> from = {};  // of a run that may go on as config; else a failure
  std::optional<Index> past_bytes = {};         // of the states that are kept, from now on; none: as before
};
// From the next step. In the past a change drops what came after: newest is then the step of the change, and
// its next points replace those from there on.
struct SetHyper {
  HyperParams hyper;
};
// Back, or forward again, to any step of the run's past, and then paused; nothing is dropped. On the way
// Start, Step and SetHyper wait until it arrives.
struct Rewind {
  Index step = 0;
};
// As Rewind; there another run begins, on the same batches, with these hyperparameters. It has the past up to
// there and its own points and events; the run that it leaves keeps those it gave.
struct Fork {
  Index step = 0;
  HyperParams hyper;
};
// A step of the past, recomputed beside the run: take_recalled() has it when it is there. A later one
// replaces it.
struct RecallStep {
  Index step = 0;
};
using Command = std::variant<Start, Pause, Step, Reset, SetHyper, Rewind, Fork, RecallStep>;

struct RunEvent {
  std::int64_t run_id = 0;
  Event event;
  std::int64_t forked_from = 0;  // kFork: the run_id of the run that it left
};

inline constexpr Index kDefaultPast_bytes = Index{256} << 20;

class TrainerThread {
 public:
  struct Options {
    int reserved_threads = 1;  // left to others when config.threads is 0
    std::function<void()>
        wake;  // called on the trainer's thread when a parked trainer has news; may be empty
    Index past_bytes = kDefaultPast_bytes;  // at most, of the states that are kept
    // Makes what keeps a run, on the trainer's thread when it begins; empty or null: nothing does. What fails
    // then or later is the snapshot's message until a later save works.
    std::function<std::unique_ptr<RunSink>(std::int64_t run_id)> sink = {};
  };
  // Loads and then waits, paused at step 0. A new run's data set whose files are missing is replaced by
  // generated digits, and the snapshot's dataset.note says so; where it is loaded already, it is learnt from,
  // and the message says so.
  TrainerThread(const TrainConfig& config, Options options);
  // Stops what runs within one step.
  ~TrainerThread();
  TrainerThread(const TrainerThread&) = delete;
  TrainerThread& operator=(const TrainerThread&) = delete;

  void send(Command command) { commands_.push(std::move(command)); }
  // Every point since the last call, oldest first; none is lost. Points of an older run carry its run_id.
  std::vector<MetricPoint> drain_metrics() { return metrics_.drain(); }
  // What happened to the runs beside their steps, likewise.
  std::vector<RunEvent> drain_events() { return events_.drain(); }
  // Of the updates that is_examined() names and of one that diverged, likewise.
  std::vector<Health> drain_health() { return health_.drain(); }
  // The newest snapshot since the last call, or null. A running trainer makes one only after the last was
  // taken; a parked one when something changed.
  std::shared_ptr<const TrainSnapshot> take_snapshot() { return snapshots_.take(); }
  // What the newest RecallStep asked for, once; its batch carries the run_id.
  std::shared_ptr<const Recalled> take_recalled() { return recalled_.take(); }

 private:
  struct Quit {};
  using Message = std::variant<Command, Quit>;
  struct Destination {
    Index from = 0, to = 0;
    std::optional<HyperParams> fork;  // what it will go on with; none: it is a Rewind
  };
  // All that a Reset replaces.
  struct Run {
    Run(const Reset& reset, std::shared_ptr<const Dataset> dataset, core::Workers& workers, Index past_bytes);

    Trainer trainer;
    Timeline timeline;
    std::int64_t forked_from = 0;
    Index forked_at = 0;
    std::optional<Index> updates_left;  // of a Step command
    std::optional<Destination> destination;
    std::deque<Command> waiting;  // for the arrival there
    std::optional<Recall> recall;
    std::unique_ptr<RunSink> sink;
  };

  void work(std::stop_token quit);
  bool idle() const;
  void advance();
  void train();
  void rewind();
  void arrive();
  void recall();

  void handle(const Command& command, std::stop_token quit);
  void obey(const Command& command);
  void go_on(std::optional<Index> updates);
  void pause();
  void change(const HyperParams& hyper);
  void depart(Index step, const std::optional<HyperParams>& fork);
  void branch_off(const HyperParams& hyper);
  void begin_run(const Reset& reset, std::stop_token quit);
  void load(const Reset& reset, std::stop_token quit);

  void park(TrainStatus status, const std::string& message);
  void tell(const Event& event);
  void tell_health();
  void open_sink();
  void tell_unsaved(const io::FileError& error);
  void tell_saved();
  // Saves a run that stands at its newest step.
  void save();
  template <class Action>
  void with_sink(const Action& action);
  TrainSnapshot::Past past() const;
  void publish();

  const Options options_;
  core::Stream<Message> commands_;
  core::Stream<MetricPoint> metrics_;
  core::Stream<RunEvent> events_;
  core::Stream<Health> health_;
  core::Latest<TrainSnapshot> snapshots_;
  core::Latest<Recalled> recalled_;

  // The rest is the thread's alone.
  std::deque<Message> inbox_;
  bool news_ = false;  // that no snapshot tells yet
  std::int64_t run_id_ = 0, resets_ = 0, handled_ = 0;
  TrainConfig config_;
  Index past_bytes_;  // as the newest Reset that said so
  TrainStatus status_ = TrainStatus::kLoading;
  std::string message_;
  std::string unsaved_;  // the newest message that said so
  std::unique_ptr<core::Workers> workers_;
  std::shared_ptr<core::Progress> loading_;
  DatasetConfig loaded_;  // what dataset_ was asked for as
  std::int64_t loaded_seed_ = 0;
  std::shared_ptr<const Dataset> dataset_;
  std::unique_ptr<Run> run_;  // null while loading and after kFailed

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace vitrine::train
