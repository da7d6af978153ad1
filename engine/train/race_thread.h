// RaceThread: a Race on a thread of its own. Commands go in; every point and, on demand, snapshots come out;
// nothing else is shared and nobody waits. What goes wrong becomes a status of the snapshot, and the thread
// parks and stays alive.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "engine/train/command_loop.h"
#include "engine/train/race.h"
#include "engine/train/trainer_thread.h"

namespace vitrine::train {

// One data set, seed and number of threads for all: the first runner's.
struct RaceConfig {
  std::vector<TrainConfig> runners;
  Turns turns = Turns::kEqualImages;

  bool operator==(const RaceConfig&) const = default;
};

// Immutable: a race at one moment. kDone: every runner is done or out.
struct RaceSnapshot {
  std::int64_t race_id = 0;  // counts from 1; a ResetRace begins the next
  RaceConfig config;
  TrainStatus status = TrainStatus::kLoading;
  std::string message;                            // one line: why it failed; else empty
  std::shared_ptr<const core::Progress> loading;  // of the data, live; null but for kLoading
  std::shared_ptr<const Dataset> dataset;         // null while loading and after kFailed

  struct Runner {
    Index step = 0, epoch = 0;     // done
    Index images = 0;              // learnt from
    double seconds = 0;            // of work
    double images_per_second = 0;  // of training
    bool done = false;
    std::string trouble;  // why it is out; else empty
    std::shared_ptr<const nn::Weights<float>> weights;
  };
  std::vector<Runner> runners;      // empty while loading and after kFailed
  std::optional<std::size_t> next;  // whose turn it is
};

// A new race, paused at its start. Data that is already loaded is used again.
struct ResetRace {
  RaceConfig config;
};
struct SetTurns {
  Turns turns;
};
// Start and Pause as of a TrainerThread; a Step's update is one round.
using RaceCommand = std::variant<Start, Pause, Step, ResetRace, SetTurns>;

class RaceThread {
 public:
  struct Options {
    int reserved_threads = 1;    // left to others when threads is 0
    std::function<void()> wake;  // called on the race's thread when a parked race has news; may be empty
  };
  // Loads and then waits, paused. A data set whose files are missing is replaced by generated digits, and its
  // note says so.
  RaceThread(const RaceConfig& config, Options options);
  // Stops what runs within one step.
  ~RaceThread();
  RaceThread(const RaceThread&) = delete;
  RaceThread& operator=(const RaceThread&) = delete;

  void send(RaceCommand command) { loop_.send(std::move(command)); }
  // Every point since the last call, oldest first; none is lost.
  std::vector<RacePoint> drain_points() { return points_.drain(); }
  // The newest snapshot since the last call, or null. A running race makes one only after the last was taken;
  // a parked one when something changed.
  std::shared_ptr<const RaceSnapshot> take_snapshot() { return snapshots_.take(); }

 private:
  friend class CommandLoop<RaceCommand>;
  void handle(const RaceCommand& command);
  bool idle() const { return status_ != TrainStatus::kRunning; }
  void advance();
  void fail(const std::exception& error);
  void publish();

  void begin(const RaceConfig& config);
  void load();
  void go_on(std::optional<Index> rounds);
  void park(TrainStatus status);
  std::shared_ptr<const nn::Weights<float>> weights_of(std::size_t runner);

  const Options options_;
  CommandLoop<RaceCommand> loop_;
  core::Stream<RacePoint> points_;
  core::Latest<RaceSnapshot> snapshots_;

  // The rest is the thread's alone.
  std::stop_token stop_;
  std::int64_t race_id_ = 0;
  RaceConfig config_;
  TrainStatus status_ = TrainStatus::kLoading;
  std::string message_;
  std::unique_ptr<core::Workers> workers_;
  std::shared_ptr<core::Progress> loading_;
  DatasetConfig loaded_;  // what dataset_ was asked for as
  std::int64_t loaded_seed_ = 0;
  std::shared_ptr<const Dataset> dataset_;
  std::unique_ptr<Race> race_;         // null while loading and after kFailed
  std::optional<Index> updates_left_;  // of a Step command
  // A runner's weights at the step that they are of: made again only when it has moved on.
  struct Copy {
    Index step = -1;
    std::shared_ptr<const nn::Weights<float>> weights;
  };
  std::vector<Copy> copies_;  // [runners]

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace vitrine::train
