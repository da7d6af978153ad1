// What is found of the runs that folders keep.
#include "engine/train/kept_runs.h"

#include <gtest/gtest.h>

#include "engine/core/stop.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/run_folder.h"
#include "engine/train/run_metrics.h"
#include "tests/engine/io/temporary_folder.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;

std::string line(Index step, MetricSplit split, double accuracy) {
  MetricPoint point;
  point.step = step;
  point.split = split;
  point.accuracy = accuracy;
  return metric_line(point);
}

// Saved so many minutes ago. The checkpoint itself is read only by who goes on.
fs::path keep(const fs::path& folder, int minutes_ago, const std::string& lines) {
  fs::create_directories(folder);
  RunRecord record{tiny_config(), {}};
  io::write_file(folder / kConfigFile, io::to_json(record));
  io::write_file(folder / kMetricsFile, std::string(kMetricColumns) + lines);
  io::write_file(folder / kCheckpointFile, "");
  fs::last_write_time(folder / kCheckpointFile,
                      fs::file_time_type::clock::now() - std::chrono::minutes(minutes_ago));
  return folder;
}

TEST(KeptRuns, TheNewestFirstWithWhatTheyReached) {
  const io::TemporaryFolder folder;
  constexpr auto kTrain = MetricSplit::kTrain, kValidation = MetricSplit::kValidation;
  const auto old = keep(folder / "monday" / "run 1", 30,
                        line(1, kTrain, 0.9) + line(2, kTrain, 0.9) + line(2, kValidation, 0.5) +
                            line(3, kTrain, 0.9) + line(3, kValidation, 0.25));
  const auto newer = keep(folder / "tuesday" / "run 2", 10, line(1, kTrain, 0.1));
  const auto middle = keep(folder / "tuesday" / "run 1", 20, line(1, kTrain, 0.1));
  const auto own = keep(folder / "today" / "run 1", 0, line(1, kTrain, 0.1));
  keep(folder / "today" / "run 2", 0, "");  // nothing was done
  io::write_file(keep(folder / "today" / "run 3", 0, line(1, kTrain, 0)) / kConfigFile, "{");
  io::write_file(keep(folder / "today" / "run 4", 0, "") / kMetricsFile, "step,loss\n");
  fs::remove(keep(folder / "today" / "run 5", 0, line(1, kTrain, 0)) / kCheckpointFile);
  io::write_file(folder / "a file", "");

  const auto runs = kept_runs(folder.path(), own);
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].folder, newer);
  EXPECT_EQ(runs[1].folder, middle);
  EXPECT_EQ(runs[2].folder, old);
  EXPECT_EQ(runs[2].steps, 3);
  EXPECT_EQ(runs[2].best_accuracy, 0.5) << "of a validation, and not the last";
  EXPECT_EQ(runs[2].config, tiny_config());
  EXPECT_EQ(runs[0].best_accuracy, std::nullopt);
  EXPECT_EQ(runs[0].saved - runs[2].saved,
            fs::last_write_time(newer / kCheckpointFile) - fs::last_write_time(old / kCheckpointFile));
  EXPECT_TRUE(kept_runs(folder / "nowhere", "").empty());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(kept_runs(folder.path(), "", stop.get_token()), core::Stopped);
}

TEST(KeptRuns, AFolderOfARunIsToldByItsFiles) {
  const io::TemporaryFolder folder;
  const auto run = keep(folder / "run", 0, "");
  EXPECT_EQ(run_at(run), run);
  EXPECT_EQ(run_at(run / kCheckpointFile), run);
  EXPECT_EQ(run_at(run / kConfigFile), std::nullopt);
  fs::remove(run / kCheckpointFile);
  EXPECT_EQ(run_at(run), run) << "its checkpoint is missing";
  EXPECT_EQ(run_at(folder.path()), std::nullopt);
  EXPECT_EQ(run_at(folder / "nowhere"), std::nullopt);
}

}  // namespace
}  // namespace vitrine::train
