// TrialStore: where a sweep's trials are while they do not run: in memory, or in folders.
#pragma once

#include <map>
#include <memory>

#include "engine/train/run_sink.h"

namespace vitrine::train {

// All functions may throw io::FileError.
class TrialStore {
 public:
  virtual ~TrialStore() = default;

  // What keeps a trial while it runs: told of all that happens to it, begin() first, which is at a later step
  // than 0 where it goes on.
  virtual std::unique_ptr<RunSink> open(Index trial) = 0;
  // As it was last saved; null: never.
  virtual std::shared_ptr<const TrainerState> state(Index trial) = 0;
  // It will not go on: its state is needed no more.
  virtual void release(Index trial) = 0;
};

// Keeps the states only. A save throws std::invalid_argument when its state would take more than half of the
// free memory.
class MemoryTrials final : public TrialStore {
 public:
  std::unique_ptr<RunSink> open(Index trial) override;
  std::shared_ptr<const TrainerState> state(Index trial) override;
  void release(Index trial) override { states_.erase(trial); }

 private:
  class Sink;
  std::map<Index, std::shared_ptr<const TrainerState>> states_;
};

}  // namespace vitrine::train
