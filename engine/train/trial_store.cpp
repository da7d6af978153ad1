#include "engine/train/trial_store.h"

#include "engine/train/memory_needs.h"

namespace vitrine::train {

class MemoryTrials::Sink final : public RunSink {
 public:
  Sink(MemoryTrials& trials, Index trial) : trials_(trials), trial_(trial) {}
  void begin(const Trainer&) override {}
  void add(const MetricPoint&) override {}
  void add(const Event&) override {}
  void save(const Trainer& trainer) override {
    constexpr Index kNumbers = 3;  // weights and two moments
    const Index bytes = core::checked_mul(std::ssize(trainer.weights().values), kNumbers * sizeof(float));
    refuse_too_large(bytes, "the model or the number of trials");
    trials_.states_.insert_or_assign(trial_, std::make_shared<const TrainerState>(trainer.state()));
  }
  bool due() const override { return false; }

 private:
  MemoryTrials& trials_;
  const Index trial_;
};

std::unique_ptr<RunSink> MemoryTrials::open(Index trial) { return std::make_unique<Sink>(*this, trial); }

std::shared_ptr<const TrainerState> MemoryTrials::state(Index trial) {
  const auto found = states_.find(trial);
  return found == states_.end() ? nullptr : found->second;
}

}  // namespace vitrine::train
