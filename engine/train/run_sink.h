// RunSink: what keeps a run outside of memory, as a folder does: told on the run's own thread of all that
// happens to it.
#pragma once

#include "engine/train/events.h"
#include "engine/train/trainer.h"

namespace vitrine::train {

// All but due() may throw io::FileError. The run goes on, and the next save() tries again: after begin() with
// another sink, which begins where the run then is.
class RunSink {
 public:
  virtual ~RunSink() = default;

  // Once, before all else: the run as it begins, which is at a later step than 0 where it is a fork.
  virtual void begin(const Trainer& trainer) = 0;
  // In order. A point of a step that had one before replaces it and all later ones.
  virtual void add(const MetricPoint& point) = 0;
  virtual void add(const Event& event) = 0;
  // The run could go on from here: everything added is to be on disk.
  virtual void save(const Trainer& trainer) = 0;
  // The last save is so long ago that it is time for one.
  virtual bool due() const = 0;
};

}  // namespace vitrine::train
