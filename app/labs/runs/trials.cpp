#include "app/labs/runs/trials.h"

namespace vitrine::labs::runs {

void Trials::begin(const train::SweepSpec& spec, int threads) {
  if (!thread_ || threads != threads_) {
    thread_ = std::make_unique<train::SweepThread>(train::SweepThread::Options{threads, wake_});
    threads_ = threads;
    begun_ = 0;
  }
  ++begun_;
  pending_ = true;
  snapshot_.reset();
  curves_.clear();
  send(train::BeginSweep{spec});
}

void Trials::send(train::SweepCommand command) {
  if (thread_) thread_->send(std::move(command));
}

void Trials::poll() {
  if (!thread_) return;
  for (const auto& [sweep, point] : thread_->drain_points())
    if (sweep == begun_) curves_[point.run_id].add(point);
  if (auto snapshot = thread_->take_snapshot(); snapshot && snapshot->sweep_id == begun_) {
    snapshot_ = std::move(snapshot);
    pending_ = false;
  }
}

train::SweepStatus Trials::status() const {
  return snapshot_ ? snapshot_->status : train::SweepStatus::kNone;
}

const Curves* Trials::curves(core::Index trial) const {
  const auto found = curves_.find(trial);
  return found == curves_.end() ? nullptr : &found->second;
}

}  // namespace vitrine::labs::runs
