#include "engine/train/timeline.h"

#include <algorithm>
#include <cmath>

namespace vitrine::train {
namespace {

constexpr Index kNumbers = 3;  // of a state for each number of the weights: itself and two moments

Index bytes_of_state(const Trainer& trainer) {
  const auto numbers = static_cast<Index>(trainer.weights().values.size());
  return core::checked_mul(numbers, kNumbers * Index{sizeof(float)}) + Index{sizeof(TrainerState)};
}

// Of the states that fit, one is for the newest step.
Index slots_of(Index states) { return std::max<Index>(std::min<Index>(states, 1), states - 1); }

bool finite(const TrainerState& state) {
  const auto all = [](const core::AlignedVector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
  };
  return all(state.values) && all(state.moments.first) && all(state.moments.second);
}

// Null for a state that nothing good can come of.
std::shared_ptr<const TrainerState> good_state(const Trainer& trainer) {
  auto state = std::make_shared<const TrainerState>(trainer.state());
  return finite(*state) ? state : nullptr;
}

Trainer& restored(Trainer& trainer, const TrainerState& state) {
  trainer.restore(state);
  return trainer;
}

}  // namespace

Timeline::Timeline(Trainer& trainer, Index budget_bytes)
    : trainer_(trainer),
      state_bytes_(bytes_of_state(trainer)),
      first_(trainer.step()),
      newest_(first_),
      kept_(slots_of(budget_bytes / state_bytes_)),
      keeps_newest_(budget_bytes / state_bytes_ > 1) {
  keep();
}

Timeline::Timeline(Trainer& trainer, const Branch& branch, Index budget_bytes)
    : Timeline(restored(trainer, *branch.state), budget_bytes) {
  newest_ = branch.step;
  newest_validated_ = true;  // if at all, then by the run that it leaves
  changes_ = branch.changes;
  replay();
}

void Timeline::keep() {
  kept_.note(trainer_.step(), [&]() -> std::optional<State> {
    if (State state = good_state(trainer_)) return state;
    return std::nullopt;
  });
}

std::optional<MetricPoint> Timeline::advance() {
  const Index before = trainer_.step();
  std::optional<MetricPoint> point;
  try {
    point = trainer_.advance();
  } catch (const Divergence&) {
    replay();  // it is back at an earlier step
    throw;
  }
  const Index step = trainer_.step();
  if (step == before) {
    newest_validated_ = newest_validated_ || (point && point->split == MetricSplit::kValidation);
    return point;
  }
  if (step <= newest_) {
    replay();
    return std::nullopt;
  }
  newest_ = step;
  newest_validated_ = false;
  left_.reset();
  keep();
  return point;
}

// Brings the trainer, at a step of the past, to where it was when it left that step.
void Timeline::replay() {
  const Index step = trainer_.step();
  const auto change = std::lower_bound(changes_.begin(), changes_.end(), step,
                                       [](const Change& at, Index value) { return at.step < value; });
  if (change != changes_.end() && change->step == step) trainer_.set(change->hyper);
  if (step < newest_ || newest_validated_) trainer_.skip_validation();
}

bool Timeline::set(const HyperParams& hyper) {
  if (hyper == trainer_.config().hyper()) return false;
  trainer_.set(hyper);
  const bool dropped = drop_later();
  const Index step = trainer_.step();
  if (!changes_.empty() && changes_.back().step == step) changes_.pop_back();
  changes_.push_back({step, hyper});
  return dropped;
}

bool Timeline::drop_later() {
  const Index step = trainer_.step();
  if (step == newest_) return false;
  std::erase_if(changes_, [step](const Change& change) { return change.step > step; });
  newest_ = step;
  newest_validated_ = true;
  kept_.drop_after(step);
  left_.reset();
  return true;
}

Timeline::State Timeline::before(Index step) const {
  if (left_ && newest_ <= step) return left_;
  const State* kept = kept_.at_or_before(step);
  return kept ? *kept : nullptr;
}

void Timeline::return_before(Index step) {
  const State state = before(step);
  const Index at = trainer_.step();
  if (at <= step && (!state || state->step <= at)) return;
  if (!state)
    throw std::invalid_argument("step " + std::to_string(step) + ": no state at or before it is kept; " +
                                (step < first_ ? "the run begins at step " + std::to_string(first_)
                                               : "give the timeline more memory"));
  if (keeps_newest_ && at == newest_) left_ = good_state(trainer_);
  trainer_.restore(*state);
  replay();
}

std::vector<MetricPoint> Timeline::go_to(Index step, std::stop_token stop, core::Progress* progress) {
  return_before(step);
  std::vector<MetricPoint> points;
  if (progress) progress->begin(std::max<Index>(step - trainer_.step(), 1));
  while (trainer_.step() < step && !trainer_.done() && !stop.stop_requested()) {
    const Index before = trainer_.step();
    if (auto point = advance()) points.push_back(*point);
    if (progress) progress->advance(trainer_.step() - before);
  }
  return points;
}

Branch Timeline::branch(Index step) const {
  const Index at = trainer_.step();
  State state = step <= newest_ ? before(step) : nullptr;
  if (at <= step && step <= newest_ && (!state || state->step < at)) state = good_state(trainer_);
  if (!state)
    throw std::invalid_argument("step " + std::to_string(step) + ": the run has kept steps " +
                                std::to_string(first_) + " to " + std::to_string(newest_));
  Branch branch{trainer_.config(), step, std::move(state), {}};
  branch.config.set(branch.state->hyper);
  for (const Change& change : changes_)
    if (change.step <= step) branch.changes.push_back(change);
  return branch;
}

std::vector<KeptStep> Timeline::kept() const {
  const auto values = [](const State& state) {
    return std::shared_ptr<const core::AlignedVector<float>>(state, state ? &state->values : nullptr);
  };
  std::vector<KeptStep> steps;
  for (const auto& [step, state] : kept_.all()) steps.push_back({step, values(state)});
  const bool newest = left_ || trainer_.step() == newest_;
  if (newest && (steps.empty() || steps.back().step < newest_)) steps.push_back({newest_, values(left_)});
  return steps;
}

Recall::Recall(const Timeline& timeline, Index step, std::shared_ptr<const Dataset> dataset,
               core::Workers& workers)
    : step_(step),
      before_(step > timeline.first_step() ? step - 1 : step),
      trainer_(timeline.trainer().config(), std::move(dataset), workers),
      timeline_(trainer_, timeline.branch(before_), 0) {
  if (step > timeline.newest_step())
    throw std::invalid_argument("step " + std::to_string(step) + ": the run has done " +
                                std::to_string(timeline.newest_step()));
}

std::optional<Recalled> Recall::advance() {
  if (trainer_.step() < before_) timeline_.advance();
  if (trainer_.step() < before_) return std::nullopt;
  Recalled recalled{step_, {}, {}};
  if (before_ < step_) {
    recalled.batch = trainer_.next_batch();
    timeline_.advance();
  }
  recalled.state = std::make_shared<const TrainerState>(trainer_.state());
  return recalled;
}

}  // namespace vitrine::train
