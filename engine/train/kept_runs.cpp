#include "engine/train/kept_runs.h"

#include <algorithm>

#include "engine/core/stop.h"
#include "engine/io/files.h"
#include "engine/train/run_folder.h"
#include "engine/train/run_metrics.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code unreadable, none;
  for (fs::directory_iterator at(folder, unreadable), end; !unreadable && at != end; at.increment(unreadable))
    if (at->is_directory(none)) found.push_back(at->path());
  return found;
}

std::optional<KeptRun> kept_run(const fs::path& folder) {
  std::error_code missing;
  const auto saved = fs::last_write_time(folder / kCheckpointFile, missing);
  if (missing) return std::nullopt;
  try {
    KeptRun run{folder,
                std::chrono::time_point_cast<std::chrono::system_clock::duration>(
                    std::chrono::file_clock::to_sys(saved)),
                read_record(folder / kConfigFile).config};
    for (const MetricPoint& point : read_metrics(folder / kMetricsFile)) {
      run.steps = std::max(run.steps, point.step);
      if (point.split == MetricSplit::kValidation)
        run.best_accuracy = std::max(run.best_accuracy.value_or(0), point.accuracy);
    }
    return run.steps > 0 ? std::optional(run) : std::nullopt;
  } catch (const io::FileError&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<fs::path> run_at(const fs::path& path) {
  if (path.filename() == kCheckpointFile) return path.parent_path();
  std::error_code none;
  const bool run = fs::exists(path / kCheckpointFile, none) || fs::exists(path / kMetricsFile, none);
  return run ? std::optional(path) : std::nullopt;
}

std::vector<KeptRun> kept_runs(const fs::path& sessions, const fs::path& except, std::stop_token stop) {
  std::vector<KeptRun> runs;
  for (const fs::path& session : folders_in(sessions))
    for (const fs::path& folder : folders_in(session)) {
      core::throw_if_stopped(stop);
      if (folder == except) continue;
      if (auto run = kept_run(folder)) runs.push_back(std::move(*run));
    }
  std::ranges::sort(runs, [](const KeptRun& a, const KeptRun& b) {
    return a.saved != b.saved ? a.saved > b.saved : a.folder > b.folder;
  });
  return runs;
}

WayBack way_back(const fs::path& folder) {
  WayBack way{std::make_shared<const Checkpoint>(read_checkpoint(folder / kCheckpointFile)),
              read_metrics(folder / kMetricsFile), read_events(folder / kEventsFile)};
  const auto later = [&](const auto& told) { return told.step > way.from->state.step; };
  std::erase_if(way.points, later);
  std::erase_if(way.events, later);
  return way;
}

}  // namespace vitrine::train
