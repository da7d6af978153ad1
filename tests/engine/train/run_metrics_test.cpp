#include "engine/train/run_metrics.h"

#include <gmock/gmock.h>

#include "engine/io/files.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::train {
namespace {

using testing::EndsWith;

TEST(RunMetrics, APointReadsBackExactly) {
  MetricPoint point{0, 120, 3, MetricSplit::kValidation, 0.1, 0.975, 3e-4, 0, 1234.5, 6.25};
  EXPECT_EQ(metric_line(point), "120,3,validation,0.1,0.975,3e-04,0,1234.5,6.25\n");
  for (const auto split : {MetricSplit::kValidation, MetricSplit::kTrain}) {
    point.split = split;
    const std::string line = metric_line(point);
    EXPECT_EQ(metric_line(metric_from(line.substr(0, line.size() - 1))), line);
    EXPECT_EQ(metric_from(line.substr(0, line.size() - 1)).split, split);
  }
}

TEST(RunMetrics, RefusesAnythingElse) {
  const std::string good = "1,1,train,2.3,0.1,0.001,1.5,100,0.5";
  EXPECT_EQ(metric_from(good).loss, 2.3);
  for (const std::string bad :
       {"", "1", "1,1,test,2.3,0.1,0.001,1.5,100,0.5", "1,1,train,x,0.1,0.001,1.5,100,0.5",
        "1,1,train,2.3,0.1,0.001,1.5,100", "1,1,train,2.3,0.1,0.001,1.5,100,0.5,7"})
    EXPECT_THROW(metric_from(bad), io::FormatError) << bad;
  const io::TemporaryFolder folder;
  const auto file = folder / "metrics.csv";
  const auto error = [&](const std::string& text) {
    io::write_file(file, text);
    return io::error_of<io::FileError>([&] { read_metrics(file); });
  };
  const std::string columns(kMetricColumns);
  EXPECT_EQ(error(columns + good + "\n"), "");
  EXPECT_EQ(read_metrics(file).size(), 1u);
  EXPECT_THAT(error("step\n"), EndsWith("has not a run's columns"));
  EXPECT_THAT(error(columns + good), EndsWith("ends within a line"));
  EXPECT_THAT(error(columns + "nonsense\n"), EndsWith("holds a line that is no step's"));
}

}  // namespace
}  // namespace vitrine::train
