// Tables that other programs wrote, whole and damaged.
#include "engine/train/foreign_runs.h"

#include <gmock/gmock.h>

#include <cmath>

#include "engine/core/stop.h"
#include "engine/io/files.h"
#include "engine/train/run_metrics.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

fs::path write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  io::write_file(file, text);
  return file;
}

TEST(ForeignRuns, OwnMetricsReadTheSame) {
  const io::TemporaryFolder folder;
  const MetricPoint train{0, 1, 1, MetricSplit::kTrain, 2.25, 0.5, 1e-3, 1.5, 100, 0.25},
      validation{0, 1, 1, MetricSplit::kValidation, 2.5, 0.25, 1e-3, 0, 100, 0.5};
  const std::string lines = metric_line(train) + metric_line(validation);
  const auto points =
      read_foreign_metrics(write(folder / "metrics.csv", std::string(kMetricColumns) + lines));
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(metric_line(points[0]) + metric_line(points[1]), lines);
}

TEST(ForeignRuns, ALongTableIsLeftWhenItIsStopped) {
  const io::TemporaryFolder folder;
  std::string text = "step,loss\n";
  for (int i = 0; i < 3000; ++i) text += std::to_string(i) + ",1\n";
  const auto file = write(folder / "a.csv", text);
  std::stop_source stop;
  EXPECT_EQ(read_foreign_metrics(file, stop.get_token()).size(), 3000u);
  stop.request_stop();
  EXPECT_THROW(read_foreign_metrics(file, stop.get_token()), core::Stopped);
}

TEST(ForeignRuns, ColumnsMayBeFewMoreAndInAnyOrder) {
  const io::TemporaryFolder folder;
  const auto file = write(folder / "a.csv",
                          "\xEF\xBB\xBFloss, \"note\",step,split,accuracy\r\n"
                          "0.5,\"slow, \"\"very\"\"\",10,,0.75\r\n"
                          "\r\n"
                          "nan,,20,val,");
  const auto points = read_foreign_metrics(file);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].step, 10);
  EXPECT_EQ(points[0].loss, 0.5);
  EXPECT_EQ(points[0].accuracy, 0.75);
  EXPECT_EQ(points[0].split, MetricSplit::kTrain);
  EXPECT_TRUE(std::isnan(points[0].learning_rate));
  EXPECT_EQ(points[0].seconds, 0);
  EXPECT_EQ(points[1].step, 20);
  EXPECT_EQ(points[1].split, MetricSplit::kValidation);
  EXPECT_TRUE(std::isnan(points[1].loss)) << "it diverged";
  EXPECT_TRUE(std::isnan(points[1].accuracy));
}

TEST(ForeignRuns, WhatIsWrongIsNamedByFileAndLine) {
  const io::TemporaryFolder folder;
  const struct {
    std::string text, reason;
  } rows[] = {
      {"step,accuracy\n1,0.5\n", "line 1: no column loss"},
      {"", "line 1: holds no points"},
      {"step,loss\n", "line 1: holds no points"},
      {"step,loss,step\n1,2,3\n", "line 1: the column step twice"},
      {"step,loss\n1,2\n2,abc\n", "line 3: loss \"abc\" is no number"},
      {"step,loss\n1,\n", "line 2: loss \"\" is no number"},
      {"step,loss\n1.5,2\n", "line 2: step \"1.5\" is no count"},
      {"step,loss\n-1,2\n", "line 2: step \"-1\" is no count"},
      {"step,loss\n1e300,2\n", "line 2: step \"1e300\" is no count"},
      {"step,loss\n\n1,2,3\n", "line 3: 3 cells under 2 columns"},
      {"step,loss,split\n1,2,other\n", "line 2: split \"other\" is neither train nor validation"},
      {"step,loss\n\"1,2\n", "line 2: a quote does not end"},
      {"step,loss\n1,\x1B[31m\n", "line 2: loss \"\\x1b[31m\" is no number"},
  };
  for (const auto& [text, reason] : rows) {
    const auto file = write(folder / "b.csv", text);
    EXPECT_EQ(io::error_of<io::FileError>([&] { read_foreign_metrics(file); }),
              file.string() + ": " + reason);
  }
}

TEST(ForeignRuns, AFolderGivesItsTablesByNameAndRefusesTheDamagedAlone) {
  const io::TemporaryFolder folder;
  const std::string good = "step,loss\n1,2\n";
  write(folder / "zebra" / "metrics.csv", good);
  write(folder / "table.csv", good);
  write(folder / "broken" / "metrics.csv", good + "2\n");
  write(folder / "notes.txt", "no table");
  write(folder / "empty" / "other.csv", good);  // of no run
  const ForeignRuns found = foreign_runs(folder.path());
  std::vector<std::string> names;
  for (const ForeignRun& run : found.runs) names.push_back(run.name);
  EXPECT_THAT(names, ElementsAre("table", "zebra"));
  EXPECT_THAT(found.refused,
              ElementsAre(AllOf(HasSubstr("broken"), EndsWith("line 3: 1 cells under 2 columns"))));
  EXPECT_THROW(foreign_runs(folder / "nowhere"), io::FileError);
  EXPECT_THROW(foreign_runs(folder / "table.csv"), io::FileError);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(foreign_runs(folder.path(), stop.get_token()), core::Stopped);
}

TEST(ForeignRuns, AFolderThatIsARunIsNamedAfterItself) {
  const io::TemporaryFolder folder;
  write(folder / "mine" / "metrics.csv", "step,loss\n1,2\n");
  const ForeignRuns found = foreign_runs(folder / "mine");
  ASSERT_EQ(found.runs.size(), 1u);
  EXPECT_EQ(found.runs[0].name, "mine");
}

}  // namespace
}  // namespace vitrine::train
