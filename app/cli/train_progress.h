// What a person sees of a run: a bar on a terminal, else a line an epoch.
#pragma once

#include <iosfwd>
#include <string>

#include "engine/train/trainer.h"

namespace vitrine::cli {

// The columns of the terminal that `out` writes to; 0: it is none.
int terminal_columns(const std::ostream& out);

class TrainProgress {
 public:
  // Says what the run is made of. columns 0: no bar.
  TrainProgress(std::ostream& out, const train::Trainer& trainer, int columns);
  ~TrainProgress() { end(); }
  TrainProgress(const TrainProgress&) = delete;
  TrainProgress& operator=(const TrainProgress&) = delete;

  void show(const train::MetricPoint& point);
  // Leaves the bar's line, so that another can be written.
  void end();

 private:
  void bar(const train::MetricPoint& point);
  void epoch(const train::MetricPoint& point);
  double mean_loss() const;

  std::ostream& out_;
  const train::Trainer& trainer_;
  const int columns_;
  double loss_ = 0;  // sum over the steps of this epoch that were shown
  train::Index steps_ = 0;
  train::MetricPoint first_;  // shown: time left is reckoned from there
  double drawn_s_ = -1;       // the run's seconds when the bar was drawn
  bool on_bar_ = false;       // the bar is the line that was written last
};

}  // namespace vitrine::cli
