// Kept runs: what the folders of earlier runs say of themselves, and one of them to go on with.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/train/checkpoint.h"
#include "engine/train/events.h"

namespace vitrine::train {

// The folder of a run that `path` is, or whose checkpoint it is; none: it is neither.
std::optional<std::filesystem::path> run_at(const std::filesystem::path& path);

struct KeptRun {
  std::filesystem::path folder;
  std::chrono::system_clock::time_point saved;  // its checkpoint
  TrainConfig config;                           // that it began with
  Index steps = 0;
  std::optional<double> best_accuracy = {};  // of a whole validation, 0 to 1; none: it had none

  bool operator==(const KeptRun&) const = default;
};

// The runs in the folders of `sessions`, the one last saved first. Left out are `except`, what has done no
// update and what cannot be read. Throws core::Stopped soon after a stop is requested.
std::vector<KeptRun> kept_runs(const std::filesystem::path& sessions, const std::filesystem::path& except,
                               std::stop_token stop = {});

// From where a run goes on, and its points and what happened to it until there.
struct WayBack {
  std::shared_ptr<const Checkpoint> from;
  std::vector<MetricPoint> points;
  std::vector<Event> events;
};
// Throws io::FileError: a file is missing or damaged.
WayBack way_back(const std::filesystem::path& folder);

}  // namespace vitrine::train
