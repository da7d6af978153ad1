#include "app/cli/sweep_progress.h"

#include <algorithm>
#include <iostream>

#include "app/cli/table.h"
#include "app/cli/train_progress.h"
#include "engine/core/text.h"
#include "engine/train/sweep_results.h"

namespace vitrine::cli {
namespace {

using namespace train;

bool ended_badly(const Trial& trial) {
  return trial.status == TrialStatus::kDiverged || trial.status == TrialStatus::kImpossible;
}

std::string percent(const MetricPoint* point) {
  return point ? core::shown(100 * point->accuracy, 4) + " %" : "";
}

std::string loss_of(const MetricPoint* point) { return point ? core::shown(point->loss, 4) : ""; }

}  // namespace

SweepProgress::SweepProgress(std::ostream& out, const Sweep& sweep, int columns)
    : out_(out), sweep_(sweep), columns_(columns) {
  const SweepSpec& spec = sweep.spec();
  out_ << kSweepMethods[static_cast<std::size_t>(spec.method)] << ": "
       << core::grouped(std::ssize(sweep.trials())) << " trials over";
  for (const SweepAxis& axis : spec.axes) out_ << (&axis == &spec.axes.front() ? " " : ", ") << axis.field;
  if (rung_count(spec) > 1) out_ << "; " << rung_count(spec) << " rungs";
  const Index steps = steps_of_rung(spec, rung_count(spec) - 1);
  out_ << "; at most " << (steps > 0 ? core::grouped(steps) + " steps" : "all epochs") << " a trial\n"
       << std::flush;
  for (const Trial& trial : sweep.trials()) {
    rungs_.push_back(trial.rungs);
    statuses_.push_back(TrialStatus::kWaiting);
  }
}

void SweepProgress::show() {
  for (const Trial& trial : sweep_.trials()) {
    const auto at = static_cast<std::size_t>(trial.number);
    if (rungs_[at] != trial.rungs || (ended_badly(trial) && statuses_[at] != trial.status)) line(trial);
    rungs_[at] = trial.rungs;
    statuses_[at] = trial.status;
  }
  if (columns_ > 0) bar();
}

void SweepProgress::end() {
  if (on_bar_) out_ << '\n' << std::flush;
  on_bar_ = false;
}

void SweepProgress::line(const Trial& trial) {
  out_ << (on_bar_ ? "\r\x1b[K" : "") << "trial " << trial.number << "  ";
  if (ended_badly(trial)) {
    const bool impossible = trial.status == TrialStatus::kImpossible;
    out_ << (impossible ? "impossible: " : "") << core::printable(trial.message);
  } else {
    if (sweep_.place().rungs > 1) out_ << "rung " << trial.rungs << "/" << sweep_.place().rungs << "  ";
    out_ << "step " << core::grouped(trial.steps) << "  accuracy " << percent(trial.last()) << "  loss "
         << loss_of(trial.last()) << "  " << core::shown(trial.seconds, 3) << " s";
  }
  out_ << "  " << settings_text(trial) << "\n" << std::flush;
  on_bar_ = false;
}

void SweepProgress::bar() {
  constexpr std::chrono::milliseconds kRedraw(100);
  const auto now = Clock::now();
  if (on_bar_ && now - drawn_ < kRedraw) return;
  drawn_ = now;
  constexpr int kCells = 20;
  const Sweep::Place place = sweep_.place();
  const auto filled = static_cast<std::size_t>(kCells * place.fraction());
  std::string line = place.rungs > 1
                         ? "rung " + std::to_string(place.rung + 1) + "/" + std::to_string(place.rungs) + "  "
                         : "";
  line += std::to_string(place.entered - place.left) + "/" + std::to_string(place.entered) + " trials [" +
          std::string(filled, '#') + std::string(kCells - filled, '.') + "]";
  if (place.trial >= 0)
    line += " trial " + std::to_string(place.trial) + " step " + core::grouped(place.step) + "/" +
            core::grouped(place.steps);
  if (const auto best = best_trial(sweep_.trials()))
    line += "  best " + percent(sweep_.trials()[static_cast<std::size_t>(*best)].best());
  out_ << "\r\x1b[K" << line.substr(0, static_cast<std::size_t>(columns_ - 1)) << std::flush;
  on_bar_ = true;
}

std::string sweep_table(const Sweep& sweep) {
  std::vector<std::string> titles{"trial", "accuracy", "loss", "at step", "steps", "time", "status"};
  for (const SweepAxis& axis : sweep.spec().axes) titles.push_back(axis.field);
  Table table(titles);
  std::vector<const Trial*> order;
  for (const Trial& trial : sweep.trials()) order.push_back(&trial);
  std::stable_sort(order.begin(), order.end(),
                   [](const Trial* a, const Trial* b) { return stands_before(a->best(), b->best()); });
  for (const Trial* trial : order) {
    const MetricPoint* best = trial->best();
    std::vector<std::string> cells{std::to_string(trial->number),
                                   percent(best),
                                   loss_of(best),
                                   best ? core::grouped(best->step) : "",
                                   core::grouped(trial->steps),
                                   core::clock_text(trial->seconds),
                                   std::string(kTrialStatuses[static_cast<std::size_t>(trial->status)])};
    for (const Setting& setting : trial->settings) cells.push_back(core::printable(setting.value, 40));
    table.add(std::move(cells));
  }
  std::string text = table.text();
  if (const auto best = best_trial(sweep.trials())) {
    const Trial& trial = sweep.trials()[static_cast<std::size_t>(*best)];
    text += "best: trial " + std::to_string(*best) + ", " + percent(trial.best()) + " at step " +
            core::grouped(trial.best()->step) + ", " + settings_text(trial) + "\n";
  }
  return text;
}

}  // namespace vitrine::cli
