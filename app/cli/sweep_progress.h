// What a person sees of a sweep: a line whenever a trial is done, on a terminal above a bar; at its end the
// trials by what they reached.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

#include "engine/train/sweep.h"

namespace vitrine::cli {

class SweepProgress {
 public:
  // Says what the sweep is made of. columns 0: no bar.
  SweepProgress(std::ostream& out, const train::Sweep& sweep, int columns);
  ~SweepProgress() { end(); }
  SweepProgress(const SweepProgress&) = delete;
  SweepProgress& operator=(const SweepProgress&) = delete;

  // After each piece of work.
  void show();
  // Leaves the bar's line, so that another can be written.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  void line(const train::Trial& trial);
  void bar();

  std::ostream& out_;
  const train::Sweep& sweep_;
  const int columns_;
  // Of every trial, as it was told.
  std::vector<train::Index> rungs_;
  std::vector<train::TrialStatus> statuses_;
  Clock::time_point drawn_{};
  bool on_bar_ = false;  // the bar is the line that was written last
};

// All trials, the best first, and which of them that is.
std::string sweep_table(const train::Sweep& sweep);

}  // namespace vitrine::cli
