#include "app/labs/gated_rnn/lights.h"

#include <algorithm>

namespace vitrine::labs {

using core::Index;

namespace {

using Part = GatedRnn::Part;
using Phase = GatedRnn::Phase;
using Result = GatedRnn::Result;
using Spot = GatedRnn::Spot;

Part part_of(Phase phase) {
  switch (phase) {
    case Phase::kGate:
      return Part::kGate;
    case Phase::kCandidate:
      return Part::kCandidate;
    case Phase::kBlend:
      return Part::kState;
    case Phase::kJacobian:
      return Part::kJacobian;
    case Phase::kCarry:
      return Part::kTotal;
    case Phase::kTerm:
      return Part::kTerm;
    case Phase::kSum:
      break;
  }
  return Part::kSum;
}

Part weight_part(GatedRnn::Weight weight) {
  return weight == GatedRnn::Weight::kInput  ? Part::kWeightX
         : weight == GatedRnn::Weight::kGate ? Part::kWeightC
                                             : Part::kWeightH;
}

class Causes {
 public:
  explicit Causes(const Result& r) : r_(r) {}
  std::vector<Spot> of(const Spot& s);

 private:
  void add(Part part, Index step, Index row, Index column = 0) {
    const Spot spot{part, step, row, column};
    if (r_.has(spot)) found_.push_back(spot);
  }
  void whole(Part part, Index step) {
    for (Index i = 0; i < r_.shape_of(part)[0]; ++i) add(part, step, i);
  }
  void row(Part part, Index i) {
    for (Index j = 0; j < r_.shape_of(part)[1]; ++j) add(part, 0, i, j);
  }
  void column(Part part, Index step, Index j) {
    for (Index i = 0; i < r_.shape_of(part)[0]; ++i) add(part, step, i, j);
  }

  const Result& r_;
  std::vector<Spot> found_;
};

std::vector<Spot> Causes::of(const Spot& s) {
  switch (s.part) {
    case Part::kGate:
      whole(Part::kInput, s.step), whole(Part::kState, s.step - 1);
      row(Part::kWeightC, s.row), row(Part::kWeightH, s.row);
      break;
    case Part::kCandidate:
      whole(Part::kInput, s.step), row(Part::kWeightX, s.row);
      break;
    case Part::kState:
      add(Part::kGate, s.step, s.row), add(Part::kCandidate, s.step, s.row);
      add(Part::kState, s.step - 1, s.row);
      break;
    case Part::kJacobian:
      add(Part::kGate, s.step, s.row), add(Part::kCandidate, s.step, s.row);
      add(Part::kState, s.step - 1, s.row), add(Part::kWeightH, 0, s.row, s.column);
      break;
    case Part::kTotal:
      add(Part::kLocal, s.step, s.row), add(Part::kCarried, s.step, s.row);
      [[fallthrough]];
    case Part::kCarried:
      column(Part::kJacobian, s.step + 1, s.row), whole(Part::kTotal, s.step + 1);
      break;
    case Part::kTerm:
      add(Part::kTotal, s.step, s.row);
      if (r_.params.weight == GatedRnn::Weight::kState)
        add(Part::kState, s.step - 1, s.column);
      else
        add(Part::kInput, s.step, s.column);
      break;
    case Part::kSum:
      for (Index t = 1; t <= r_.steps(); ++t) add(Part::kTerm, t, s.row, s.column);
      add(weight_part(r_.params.weight), 0, s.row, s.column);
      break;
    case Part::kWeightX:
      for (Index t = 1; t <= r_.steps(); ++t) add(Part::kCandidate, t, s.row);
      break;
    case Part::kWeightC:
    case Part::kWeightH:
      for (Index t = 1; t <= r_.steps(); ++t) add(Part::kGate, t, s.row);
      break;
    case Part::kScale:
      for (Index i = 0; i < r_.m(); ++i) row(Part::kWeightH, i);
      break;
    case Part::kInput:
      whole(Part::kGate, s.step), whole(Part::kCandidate, s.step);
      break;
    case Part::kLocal:
      add(Part::kTotal, s.step, s.row);
      break;
  }
  return std::move(found_);
}

bool contains(const std::vector<Spot>& spots, const Spot& s) {
  return std::find(spots.begin(), spots.end(), s) != spots.end();
}

}  // namespace

bool GatedLights::is_target(const Spot& s) const { return contains(targets, s); }
bool GatedLights::is_cause(const Spot& s) const { return contains(causes, s); }

GatedLights gated_lights(const Result& r, const GatedRnn::Focus& f) {
  GatedLights lights;
  if (f.spot) {
    lights.targets = {*f.spot};
  } else {
    const Part part = part_of(f.phase);
    const core::Shape shape = r.shape_of(part);
    const Index step = f.phase == Phase::kSum ? 0 : f.step;
    for (Index i = 0; i < shape[0]; ++i)
      for (Index j = 0; j < shape[1]; ++j) lights.targets.push_back({part, step, i, j});
  }
  for (const Spot& target : lights.targets) {
    const std::vector<Spot> causes = Causes(r).of(target);
    lights.causes.insert(lights.causes.end(), causes.begin(), causes.end());
  }
  return lights;
}

}  // namespace vitrine::labs
