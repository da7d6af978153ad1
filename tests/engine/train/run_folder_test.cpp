#include "engine/train/run_folder.h"

#include <gmock/gmock.h>

#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/state_dict.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;

class Folder : public testing::Test {
 protected:
  Folder() : path_(fs::temp_directory_path() / ("vitrine_run_" + std::to_string(getpid()))) {}
  ~Folder() override { fs::remove_all(path_); }

  fs::path path_;
  core::Workers workers_{1};
  Trainer trainer_{tiny_config(), tiny_dataset(tiny_config(), workers_), workers_};
};

TEST_F(Folder, WeightsReadBackToTheSameBits) {
  trainer_.advance();
  const RunFolder folder(path_, false);
  folder.write_weights(trainer_);
  const auto& layout = trainer_.model().layout();
  const auto weights = weights_from(layout, io::read_safetensors(path_ / "weights.safetensors"));
  EXPECT_EQ(weights.values, trainer_.weights().values);
  EXPECT_EQ(weights.transposed, trainer_.weights().transposed);
}

TEST_F(Folder, ConfigSaysWhatWasRunAndReadsBack) {
  const RunFolder folder(path_, false);
  folder.begin(trainer_, "1.2.3");
  RunRecord record;
  io::from_json(io::read_file(path_ / "config.json"), record, io::Unknown::kRefuse);
  EXPECT_EQ(record.config, tiny_config());
  EXPECT_EQ(record.run.version, "1.2.3");
  EXPECT_EQ(record.run.dataset_checksum, trainer_.dataset().checksum);
  EXPECT_EQ(record.run.mean, trainer_.dataset().mean);
  EXPECT_THROW(RunFolder(path_, false), io::FileError);
  EXPECT_NO_THROW(RunFolder(path_, true));
}

TEST_F(Folder, ARunThatIsReplacedLeavesNothing) {
  const RunFolder folder(path_, false);
  folder.begin(trainer_, "1");
  folder.write_metrics();
  folder.write_weights(trainer_);
  EXPECT_TRUE(fs::exists(path_ / "weights.safetensors"));
  RunFolder(path_, true).begin(trainer_, "2");
  EXPECT_TRUE(fs::exists(path_ / "config.json"));
  EXPECT_FALSE(fs::exists(path_ / "metrics.csv"));
  EXPECT_FALSE(fs::exists(path_ / "weights.safetensors"));
}

TEST_F(Folder, MetricsHaveTheSpecifiedColumns) {
  RunFolder folder(path_, false);
  folder.add({1, 7, 2, MetricSplit::kTrain, 0.5, 0.25, 1e-3, 2, 1000, 3.5});
  folder.add({1, 7, 2, MetricSplit::kQuick, 9, 9, 9, 9, 9, 9});
  folder.add({1, 8, 2, MetricSplit::kValidation, 0.125, 1, 1e-3, 0, 1000, 4});
  folder.write_metrics();
  EXPECT_EQ(io::read_file(path_ / "metrics.csv"),
            "step,epoch,split,loss,accuracy,learning_rate,grad_norm,images_per_second,seconds\n"
            "7,2,train,0.5,0.25,0.001,2,1000,3.5\n"
            "8,2,validation,0.125,1,0.001,0,1000,4\n");
}

TEST_F(Folder, PlaceThatCannotBeAFolderIsRefused) {
  io::write_file(path_, "a file");
  EXPECT_THROW(RunFolder(path_, true), io::FileError);
}

}  // namespace
}  // namespace vitrine::train
