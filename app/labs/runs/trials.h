// Trials: a sweep in the background as the window sees it: what arrived of it, and every trial's curves.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "app/labs/workbench/curves.h"
#include "engine/train/sweep_thread.h"

namespace vitrine::labs::runs {

class Trials {
 public:
  // `wake` is called from another thread when a resting sweep has news.
  explicit Trials(std::function<void()> wake) : wake_(std::move(wake)) {}

  // A new sweep on so many threads; the last one is given up.
  void begin(const train::SweepSpec& spec, int threads);
  void pause() { send(train::PauseSweep{}); }
  void resume() { send(train::ResumeSweep{}); }
  void end() { send(train::EndSweep{}); }
  // Takes what arrived.
  void poll();

  // Null until a sweep has begun.
  const std::shared_ptr<const train::SweepSnapshot>& snapshot() const { return snapshot_; }
  train::SweepStatus status() const;
  // It works, or is about to.
  bool working() const { return pending_ || status() == train::SweepStatus::kRunning; }
  // Null: it has no point yet.
  const Curves* curves(core::Index trial) const;

 private:
  void send(train::SweepCommand command);

  const std::function<void()> wake_;
  int threads_ = 0;         // of thread_
  bool pending_ = false;    // a sweep was begun that no snapshot tells of yet
  std::int64_t begun_ = 0;  // sweeps on this thread
  std::shared_ptr<const train::SweepSnapshot> snapshot_;
  std::map<core::Index, Curves> curves_;
  std::unique_ptr<train::SweepThread> thread_;  // null before the first sweep
};

}  // namespace vitrine::labs::runs
