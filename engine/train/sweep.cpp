#include "engine/train/sweep.h"

#include <algorithm>

#include "engine/io/files.h"

namespace vitrine::train {

const MetricPoint* Trial::best() const {
  const auto found = std::max_element(validations.begin(), validations.end(),
                                      [](const auto& a, const auto& b) { return a.accuracy < b.accuracy; });
  return found == validations.end() ? nullptr : &*found;
}

bool stands_before(const MetricPoint* a, const MetricPoint* b) {
  if (a == nullptr || b == nullptr) return a != nullptr;
  if (a->accuracy != b->accuracy) return a->accuracy > b->accuracy;
  if (a->loss != b->loss) return a->loss < b->loss;
  return a->run_id < b->run_id;
}

std::optional<Index> best_trial(const std::vector<Trial>& trials) {
  const auto first = std::min_element(trials.begin(), trials.end(), [](const Trial& a, const Trial& b) {
    return stands_before(a.best(), b.best());
  });
  if (first == trials.end() || first->best() == nullptr) return std::nullopt;
  return first->number;
}

Sweep::Sweep(const SweepSpec& spec, core::Workers& workers, TrialStore* store, std::stop_token stop)
    : spec_(spec), workers_(workers), store_(store ? *store : memory_), stop_(std::move(stop)) {
  refuse(validate(spec_));
  for (Index number = 0; number < trial_count(spec_); ++number) {
    TrialPlan plan = plan_of(spec_, number);
    Trial trial;
    trial.number = number;
    trial.settings = std::move(plan.settings);
    trial.config = std::move(plan.config);
    if (!plan.impossible.empty()) {
      trial.status = TrialStatus::kImpossible;
      trial.message = std::move(plan.impossible);
    }
    trials_.push_back(std::move(trial));
  }
  enter_rung();
}

void Sweep::take_up(Index number, std::vector<MetricPoint> validations) {
  Trial& taken = trial(number);
  for (MetricPoint& point : validations) point.run_id = number;
  taken.validations = std::move(validations);
  if (const MetricPoint* last = taken.last()) {
    taken.steps = last->step;
    taken.seconds = last->seconds;
  }
}

std::optional<MetricPoint> Sweep::advance() {
  if (done()) return std::nullopt;
  if (!running_) {
    const auto next = std::find_if(trials_.begin(), trials_.end(), [&](const auto& t) { return waits(t); });
    if (next != trials_.end()) {
      begin(*next);
    } else {
      ++rung_;
      enter_rung();
    }
    return std::nullopt;
  }
  auto& [trial, run, sink] = *running_;
  try {
    if (!sink) open_sink();
    auto point = run.advance();
    trial.steps = run.trainer().step();
    if (point) {
      point->run_id = trial.number;
      trial.seconds = point->seconds;
      if (point->split == MetricSplit::kValidation) trial.validations.push_back(*point);
      sink->add(*point);
    }
    if (run.done()) {
      sink->save(run.trainer());
      end_trial(trial);
    } else if (sink->due()) {
      save();
    }
    return point;
  } catch (const Divergence& divergence) {
    sink->add(event_of(divergence, run.trainer().step()));
    sink->save(run.trainer());
    trial.steps = run.trainer().step();
    give_up(trial, TrialStatus::kDiverged, divergence.what());
  } catch (const std::invalid_argument& error) {
    give_up(trial, TrialStatus::kImpossible, error.what());
  }
  return std::nullopt;
}

void Sweep::save() {
  if (running_ && running_->sink) running_->sink->save(running_->run.trainer());
}

// What the trial reached at this rung's end; null: it has not been there, as far as its validations tell.
const MetricPoint* Sweep::rung_result(const Trial& trial) const {
  const Index steps = steps_of_rung(spec_, rung_);
  if (trial.rungs > rung_ && steps == 0) return trial.last();
  const MetricPoint* found = nullptr;
  for (const MetricPoint& point : trial.validations)
    if (point.step == steps || (trial.rungs > rung_ && point.step < steps)) found = &point;
  return found;
}

void Sweep::begin(Trial& next) {
  if (rung_result(next)) return end_trial(next);
  next.status = TrialStatus::kRunning;
  try {
    const auto state = store_.state(next.number);
    running_.reset(new Running{next,
                               {next.config, data_for(next.config), workers_, steps_of_rung(spec_, rung_),
                                state.get(), next.last() ? next.last()->step : 0}});
    if (running_->run.done()) end_trial(next);  // by an earlier sweep
  } catch (const std::invalid_argument& error) {
    give_up(next, TrialStatus::kImpossible, error.what());
  }
}

void Sweep::open_sink() {
  auto sink = store_.open(running_->trial.number);
  sink->begin(running_->run.trainer());
  running_->sink = std::move(sink);
}

std::shared_ptr<const Dataset> Sweep::data_for(const TrainConfig& config) {
  if (data_ && loaded_ == config.dataset && loaded_seed_ == config.seed) return data_;
  data_.reset();  // its memory first
  try {
    data_ = load_dataset(config.dataset, config.seed, workers_, stop_);
  } catch (const io::FileError& error) {
    throw std::invalid_argument(error.what());
  }
  loaded_ = config.dataset;
  loaded_seed_ = config.seed;
  return data_;
}

void Sweep::end_trial(Trial& ended) {
  ++ended.rungs;
  ended.status = ended.rungs == rung_count(spec_) ? TrialStatus::kDone : TrialStatus::kWaiting;
  running_.reset();
  if (ended.status == TrialStatus::kDone)
    store_.release(ended.number);
  else
    drop_worse();
}

// As soon as enough others are better, so that the states of those that go on are all that is kept.
void Sweep::drop_worse() {
  std::vector<Trial*> ended;
  for (Trial& trial : trials_)
    if (trial.status == TrialStatus::kWaiting && trial.rungs > rung_) ended.push_back(&trial);
  std::sort(ended.begin(), ended.end(),
            [&](const Trial* a, const Trial* b) { return stands_before(rung_result(*a), rung_result(*b)); });
  for (auto i = static_cast<std::size_t>(promoted(spec_, entered_)); i < ended.size(); ++i) {
    ended[i]->status = TrialStatus::kDropped;
    store_.release(ended[i]->number);
  }
}

void Sweep::enter_rung() {
  const auto entered = std::count_if(trials_.begin(), trials_.end(), [&](const auto& t) { return waits(t); });
  if (entered == 0)
    rung_ = rung_count(spec_);
  else
    entered_ = entered;
}

void Sweep::give_up(Trial& trial, TrialStatus status, const std::string& message) {
  running_.reset();
  trial.status = status;
  trial.message = message;
  store_.release(trial.number);
}

double Sweep::Place::fraction() const {
  if (entered == 0) return 1;
  const double of_trial = steps > 0 ? static_cast<double>(step) / static_cast<double>(steps) : 0;
  return (static_cast<double>(entered - left) + std::min(of_trial, 1.0)) / static_cast<double>(entered);
}

Sweep::Place Sweep::place() const {
  Place place{std::min(rung_, rung_count(spec_) - 1), rung_count(spec_), entered_};
  for (const Trial& t : trials_) place.left += waits(t) || t.status == TrialStatus::kRunning;
  if (!running_) return place;
  const Trainer& trainer = running_->run.trainer();
  const Index all = trainer.config().epochs * trainer.steps_of_epoch(), target = running_->run.target();
  place.trial = running_->trial.number;
  place.step = trainer.step();
  place.steps = target > 0 ? std::min(target, all) : all;
  return place;
}

}  // namespace vitrine::train
