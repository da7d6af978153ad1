#include "app/labs/runs/rows.h"

#include <algorithm>
#include <limits>

#include "app/labs/workbench/differences.h"

namespace vitrine::labs::runs {
namespace {

using train::Trial;
using train::TrialStatus;

std::string words_for(const RowKey& key, const train::TrainConfig& first, const train::TrainConfig& config,
                      RowWords& words) {
  auto& [configs, text] = words[key];
  if (!(configs[0] == first) || !(configs[1] == config)) {
    configs = {first, config};
    text = labs::words_of(differences(first, config));
  }
  return text;
}

std::string status_of(const Trial& trial) {
  const bool early = trial.status == TrialStatus::kDropped || trial.status == TrialStatus::kDiverged ||
                     trial.status == TrialStatus::kImpossible;
  return early ? std::string(train::kTrialStatuses[static_cast<std::size_t>(trial.status)]) : "";
}

}  // namespace

std::string RowKey::name() const {
  constexpr std::array<const char*, 3> kKinds{"Run ", "Trial ", "Elsewhere "};
  return kKinds[static_cast<std::size_t>(kind)] + std::to_string(number);
}

std::optional<double> greatest(const widgets::CurvePyramid& curve) {
  constexpr double kEver = std::numeric_limits<double>::infinity();
  const auto range = curve.y_range({-kEver, kEver});
  return range ? std::optional(range->high) : std::nullopt;
}

std::vector<Row> rows_of(const std::vector<Workbench::Run>& runs, const Trials& trials,
                         const std::vector<ElsewhereRun>& others, RowWords& words) {
  std::vector<Row> rows;
  const train::TrainConfig* first = nullptr;
  for (const Workbench::Run& run : runs) {
    if (run.curves.empty()) continue;
    if (first == nullptr) first = &run.config;
    const RowKey key{RowKind::kRun, run.id};
    rows.push_back({key, key.name(), words_for(key, *first, run.config, words),
                    greatest(run.curves.validation_accuracy),
                    static_cast<core::Index>(run.curves.loss.raw().back().x), run.seconds, "", &run.curves});
  }
  if (trials.snapshot())
    for (const Trial& trial : trials.snapshot()->trials) {
      if (first == nullptr) first = &trial.config;
      const RowKey key{RowKind::kTrial, trial.number};
      const train::MetricPoint* best = trial.best();
      rows.push_back({key, key.name(), words_for(key, *first, trial.config, words),
                      best ? std::optional(best->accuracy) : std::nullopt, trial.steps, trial.seconds,
                      status_of(trial), trials.curves(trial.number)});
    }
  for (const ElsewhereRun& other : others) {
    const RowKey key{RowKind::kElsewhere, &other - others.data() + 1};
    rows.push_back({key, other.name, "not known", greatest(other.curves.validation_accuracy), other.steps,
                    other.seconds, "", &other.curves});
  }
  return rows;
}

void sort_rows(std::vector<Row>& rows, Column column, bool descending) {
  const auto before = [&](const Row& a, const Row& b) {
    switch (column) {
      case Column::kName:
        return a.key < b.key;
      case Column::kDiffers:
        return a.differs < b.differs;
      case Column::kAccuracy:
        return a.accuracy < b.accuracy;
      case Column::kSteps:
        return a.steps < b.steps;
      case Column::kTime:
        return a.seconds < b.seconds;
    }
    return false;
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    if (column == Column::kAccuracy && a.accuracy.has_value() != b.accuracy.has_value())
      return a.accuracy.has_value();
    return descending ? before(b, a) : before(a, b);
  });
}

}  // namespace vitrine::labs::runs
