// Progress: how much of a long computation is done, written by its threads and read by the window.
#pragma once

#include <algorithm>
#include <atomic>

#include "engine/core/shape.h"

namespace vitrine::core {

// One computation of one or more stages. Who starts the computation calls stage_until before each stage but
// the last; who computes a stage calls begin once, then advance from any thread.
class Progress {
 public:
  // What is done of the whole: 0 to 1, never falling. Any thread, any time.
  double fraction() const { return std::min(fraction_.load(std::memory_order_relaxed), 1.0); }

  // The next stage fills the fraction up to `until`, at most 1.
  void stage_until(double until) { until_ = until; }
  // The stage consists of `steps` >= 1 equal steps.
  void begin(Index steps) {
    step_ = std::max(0.0, until_ - fraction()) / static_cast<double>(steps);
    until_ = 1;
  }
  void advance(Index steps = 1) {
    fraction_.fetch_add(static_cast<double>(steps) * step_, std::memory_order_relaxed);
  }

 private:
  std::atomic<double> fraction_{0};
  double step_ = 0;   // what one step of the stage adds; written before its threads start
  double until_ = 1;  // where the next stage ends
};

}  // namespace vitrine::core
