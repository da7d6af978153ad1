// SweepThread: a Sweep on a thread of its own, in the background: it steps back before everything else that
// runs on the machine. Commands go in; every metric point and, on demand, snapshots come out; nothing else is
// shared and nobody waits.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "engine/core/channels.h"
#include "engine/train/sweep.h"

namespace vitrine::train {

// kNone: no sweep was begun, or it was ended. kFailed: the message says why.
enum class SweepStatus { kNone, kPaused, kRunning, kDone, kFailed };

// Immutable: a sweep at one moment.
struct SweepSnapshot {
  std::int64_t sweep_id = 0;  // counts from 1
  SweepSpec spec;
  SweepStatus status = SweepStatus::kNone;
  std::string message;  // one line, of kFailed
  std::vector<Trial> trials;
  Sweep::Place place;
};

struct SweepPoint {
  std::int64_t sweep_id = 0;
  MetricPoint point;  // its run_id is the trial's number
};

// A new sweep, running; the last one is given up.
struct BeginSweep {
  SweepSpec spec;
};
struct PauseSweep {};
struct ResumeSweep {};
// Given up; what it found so far stays in the last snapshot.
struct EndSweep {};
using SweepCommand = std::variant<BeginSweep, PauseSweep, ResumeSweep, EndSweep>;

class SweepThread {
 public:
  struct Options {
    int threads = 1;             // that the trials are trained on
    std::function<void()> wake;  // called on the sweep's thread when a resting sweep has news; may be empty
  };
  explicit SweepThread(Options options);
  // Stops what runs within one step.
  ~SweepThread();
  SweepThread(const SweepThread&) = delete;
  SweepThread& operator=(const SweepThread&) = delete;

  void send(SweepCommand command) { commands_.push(std::move(command)); }
  // Every point since the last call, oldest first; none is lost.
  std::vector<SweepPoint> drain_points() { return points_.drain(); }
  // The newest snapshot since the last call, or null. A running sweep makes one only after the last was
  // taken; a resting one when something changed.
  std::shared_ptr<const SweepSnapshot> take_snapshot() { return snapshots_.take(); }

 private:
  struct Quit {};
  using Message = std::variant<SweepCommand, Quit>;

  void work(std::stop_token quit);
  void handle(const SweepCommand& command, std::stop_token quit);
  void begin(const SweepSpec& spec, std::stop_token quit);
  void advance();
  void rest(SweepStatus status, const std::string& message = "");
  void publish();

  const Options options_;
  core::Stream<Message> commands_;
  core::Stream<SweepPoint> points_;
  core::Latest<SweepSnapshot> snapshots_;

  // The rest is the thread's alone.
  std::int64_t sweep_id_ = 0;
  SweepStatus status_ = SweepStatus::kNone;
  std::string message_;
  SweepSpec spec_;
  std::unique_ptr<core::Workers> workers_;
  std::unique_ptr<Sweep> sweep_;  // null before the first

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace vitrine::train
