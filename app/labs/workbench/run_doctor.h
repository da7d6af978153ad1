// RunDoctor: a run's doctor, and what it was at some of the steps behind it, so that the doctor of a fork
// begins with what was known there and with nothing of what came later.
#pragma once

#include <span>
#include <vector>

#include "app/labs/workbench/curves.h"
#include "engine/train/doctor.h"
#include "engine/train/thinned.h"

namespace vitrine::labs {

class RunDoctor {
 public:
  explicit RunDoctor(train::Subject subject) : begun_(std::move(subject)), now_(begun_) {}

  // As train::Doctor.
  void add(const train::MetricPoint& point);
  void add(const train::Event& event) { now_.add(event); }
  void add(const train::Health& health) { now_.add(health); }
  std::vector<train::Remark> remarks() const { return now_.remarks(); }

  // As it was behind `step`: what was kept before it, and since then the run's points and changes. Only the
  // health since then is lost.
  RunDoctor fork(core::Index step, const Curves& curves, std::span<const train::Event> events) const;

 private:
  static constexpr core::Index kSlots = 32;

  train::Doctor begun_, now_;
  train::Thinned<train::Doctor> earlier_{kSlots};
};

}  // namespace vitrine::labs
