// TrainerThread: a Trainer on a thread of its own. Commands go in; every metric point and, on demand,
// snapshots come out; nothing else is shared. What goes wrong becomes a status of the snapshot, and the
// thread parks and stays alive.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "engine/core/channels.h"
#include "engine/train/trainer.h"

namespace vitrine::train {

enum class TrainStatus { kLoading, kRunning, kPaused, kDone, kDiverged, kFailed };

// Immutable: a run at one moment.
struct TrainSnapshot {
  std::int64_t run_id = 0;  // counts from 1; a Reset begins the next
  TrainConfig config;       // with every change made while it ran
  TrainStatus status = TrainStatus::kLoading;
  std::string message;  // one line: why it diverged or failed, or what was last refused; else empty
  std::shared_ptr<const core::Progress> loading;  // of the data, live; null but for kLoading
  Index step = 0;                                 // updates done
  Index epoch = 0;                                // epochs done
  double images_per_second = 0;

  struct ModelFacts {
    Index parameters = 0;
    Index tokens = 0, depth = 0, heads = 0;  // of a ViT
    Index first_patch = 0;                   // token number of the first patch: 1 behind a class token
    core::Tensor<float> position_table;      // pos_embed [tokens, D]; empty where none is learned
  } model;
  struct DatasetFacts {
    std::string name;
    std::string note;  // empty, or why these are generated digits instead, and what to install
    std::vector<std::string> class_names;  // [classes]
    Index classes = 0, channels = 0, height = 0, width = 0, train_count = 0, validation_count = 0;
  } dataset;
  struct Probe {
    Index image = -1;                  // its number among the validation images; -1: pixels of someone's own
    Index label = -1;                  // -1: unknown
    core::Tensor<float> pixels;        // [channels, height, width], 0 to 1
    std::vector<float> probabilities;  // [classes]
    double loss = 0;                   // -ln probabilities[label], where the label is known
    core::Tensor<float> attention;     // [depth][heads][tokens][tokens]
  } probe;                             // empty while loading and after kFailed
};

// Goes on; after kDone, kDiverged and kFailed only a Reset helps.
struct Start {};
struct Pause {};
// So many updates, then paused.
struct Step {
  Index updates = 1;
};
// A new run, paused at step 0. Data that is already loaded is used again.
struct Reset {
  TrainConfig config;
};
// From the next step.
struct SetHyper {
  HyperParams hyper;
};
// What the snapshots look at: pixels [channels, height, width] from 0 to 1, or where they are empty a
// validation image by its number (counted round).
struct SetProbe {
  Index image = 0;
  core::Tensor<float> pixels = {};
};
using Command = std::variant<Start, Pause, Step, Reset, SetHyper, SetProbe>;

class TrainerThread {
 public:
  struct Options {
    int reserved_threads = 1;  // left to others when config.threads is 0
    std::function<void()>
        wake;  // called on the trainer's thread when a parked trainer has news; may be empty
  };
  // Loads and then waits, paused at step 0. A data set whose files are missing is replaced by generated
  // digits, and the snapshot's dataset.note says so.
  TrainerThread(const TrainConfig& config, Options options);
  // Stops what runs within one step.
  ~TrainerThread();
  TrainerThread(const TrainerThread&) = delete;
  TrainerThread& operator=(const TrainerThread&) = delete;

  void send(Command command) { commands_.push(std::move(command)); }
  // Every point since the last call, oldest first; none is lost. Points of an older run carry its run_id.
  std::vector<MetricPoint> drain_metrics() { return metrics_.drain(); }
  // The newest snapshot since the last call, or null. A running trainer makes one only after the last was
  // taken; a parked one when something changed.
  std::shared_ptr<const TrainSnapshot> take_snapshot() { return snapshots_.take(); }

 private:
  struct Quit {};
  void work(std::stop_token quit);
  void handle(const Command& command, std::stop_token quit);
  void begin_run(const TrainConfig& config, std::stop_token quit);
  void load(const TrainConfig& config, std::stop_token quit);
  void advance();
  void set_probe(const SetProbe& probe);
  void park(TrainStatus status, const std::string& message);
  void publish();

  const Options options_;
  core::Stream<std::variant<Command, Quit>> commands_;
  core::Stream<MetricPoint> metrics_;
  core::Latest<TrainSnapshot> snapshots_;

  // The rest is the thread's alone.
  std::int64_t run_id_ = 0;
  TrainConfig config_;
  TrainStatus status_ = TrainStatus::kLoading;
  std::string message_;
  std::optional<Index> updates_left_;  // of a Step command
  std::unique_ptr<core::Workers> workers_;
  std::shared_ptr<core::Progress> loading_;
  DatasetConfig loaded_;  // what dataset_ was asked for as
  std::int64_t loaded_seed_ = 0;
  std::shared_ptr<const Dataset> dataset_;
  std::unique_ptr<Trainer> trainer_;
  SetProbe probe_;

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace vitrine::train
