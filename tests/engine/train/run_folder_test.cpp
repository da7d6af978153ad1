#include "engine/train/run_folder.h"

#include <gmock/gmock.h>

#include "engine/core/instruction_set.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/resume.h"
#include "engine/train/run_metrics.h"
#include "engine/train/state_dict.h"
#include "tests/engine/io/temporary_folder.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;
using io::error_of;
using io::FileError;
using testing::ElementsAre;
using testing::HasSubstr;

class Folder : public testing::Test {
 protected:
  std::string read(const char* name) const { return io::read_file(path_ / name); }
  // Trains on to the step and through a validation that is then due.
  static void train(Trainer& trainer, RunFolder& folder, Index steps) {
    while (!trainer.done() && (trainer.step() < steps || trainer.state().validating))
      if (const auto point = trainer.advance()) folder.add(*point);
  }
  Trainer new_trainer() { return Trainer(tiny_config(), dataset_, workers_); }
  static std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  const io::TemporaryFolder parent_;
  const fs::path path_ = parent_ / "run";
  core::Workers workers_{1};
  std::shared_ptr<const Dataset> dataset_ = tiny_dataset(tiny_config(), workers_);
  Trainer trainer_ = new_trainer();
};

TEST_F(Folder, GoesOnFromItsBeginning) {
  RunFolder folder(path_, Existing::kRefuse);
  folder.begin(trainer_);
  EXPECT_THAT(names_in(path_),
              ElementsAre("checkpoint.bin", "config.json", "metrics.csv", "weights.safetensors"));
  EXPECT_EQ(read("metrics.csv"),
            "step,epoch,split,loss,accuracy,learning_rate,grad_norm,images_per_second,seconds\n");
  EXPECT_EQ(folder.checkpoint(), (Checkpoint{record_of(trainer_), trainer_.state()}));
}

TEST_F(Folder, ConfigSaysWhatWasRunAndReadsBack) {
  RunFolder(path_, Existing::kRefuse).begin(trainer_);
  RunRecord record;
  io::from_json(read("config.json"), record, io::Unknown::kRefuse);
  EXPECT_EQ(record.config, tiny_config());
  EXPECT_FALSE(record.run.version.empty());
  EXPECT_EQ(record.run.instruction_set, core::instruction_set());
  EXPECT_EQ(record.run.dataset_checksum, trainer_.dataset().checksum);
  EXPECT_EQ(record.run.mean, trainer_.dataset().mean);
  EXPECT_EQ(record.run.deviation, trainer_.dataset().deviation);
  EXPECT_EQ(record.run.parameters, trainer_.model().layout().count());
}

// Removed by somebody while the run goes on: saved again, with what came since.
TEST_F(Folder, AFolderThatIsGoneIsMadeAgain) {
  RunFolder folder(path_, Existing::kRefuse);
  folder.begin(trainer_);
  train(trainer_, folder, 3);
  folder.save(trainer_);
  fs::remove_all(path_);
  train(trainer_, folder, 5);
  folder.save(trainer_);
  EXPECT_THAT(names_in(path_),
              ElementsAre("checkpoint.bin", "config.json", "metrics.csv", "weights.safetensors"));
  const auto points = read_metrics(path_ / kMetricsFile);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].step, 4);
  EXPECT_EQ(points[1].step, 5);
  EXPECT_EQ(folder.checkpoint().state, trainer_.state());
  // Where no folder can be, each save says so until one can.
  fs::remove_all(path_);
  io::write_file(path_, "");
  train(trainer_, folder, 6);
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT(error_of<FileError>([&] { folder.save(trainer_); }), HasSubstr("run: cannot be made"));
  fs::remove(path_);
  folder.save(trainer_);
  EXPECT_EQ(read_metrics(path_ / kMetricsFile).at(0).step, 6);
}

TEST_F(Folder, SavedWeightsReadBackToTheSameBits) {
  RunFolder folder(path_, Existing::kRefuse);
  folder.begin(trainer_);
  train(trainer_, folder, 5);
  folder.save(trainer_);
  const auto& layout = trainer_.model().layout();
  const auto weights = weights_from(layout, io::read_safetensors(path_ / "weights.safetensors"));
  EXPECT_EQ(weights.values, trainer_.weights().values);
  EXPECT_EQ(weights.transposed, trainer_.weights().transposed);
  EXPECT_EQ(folder.checkpoint().state, trainer_.state());
}

TEST_F(Folder, MetricsHaveTheSpecifiedColumns) {
  RunFolder folder(path_, Existing::kRefuse);
  folder.begin(trainer_);
  folder.add(MetricPoint{1, 7, 2, MetricSplit::kTrain, 0.5, 0.25, 1e-3, 2, 1000, 3.5});
  folder.add(MetricPoint{1, 7, 2, MetricSplit::kQuick, 9, 9, 9, 9, 9, 9});
  folder.save(trainer_);
  folder.add(MetricPoint{1, 8, 2, MetricSplit::kValidation, 0.125, 1, 1e-3, 0, 1000, 4});
  folder.save(trainer_);
  EXPECT_EQ(read("metrics.csv"),
            "step,epoch,split,loss,accuracy,learning_rate,grad_norm,images_per_second,seconds\n"
            "7,2,train,0.5,0.25,0.001,2,1000,3.5\n"
            "8,2,validation,0.125,1,0.001,0,1000,4\n");
}

// As a run does that goes back and takes another way.
TEST_F(Folder, APointReplacesThoseFromItsStepOn) {
  RunFolder folder(path_, Existing::kRefuse);
  folder.begin(trainer_);
  const std::string columns = read("metrics.csv");
  const auto step = [&](Index at, double loss) {
    folder.add(MetricPoint{1, at, 1, MetricSplit::kTrain, loss});
  };
  const auto validation = [&](Index at, double loss) {
    folder.add(MetricPoint{1, at, 1, MetricSplit::kValidation, loss});
  };
  const auto losses = [&] {
    std::istringstream lines(read("metrics.csv"));
    std::string all, line;
    std::getline(lines, line);
    while (std::getline(lines, line)) all += line.substr(0, line.find(",0,0")) + " ";
    return all;
  };
  for (const Index at : {1, 2, 3, 4}) step(at, 0.5);
  validation(4, 0.25);
  folder.save(trainer_);
  step(5, 0.5);
  step(4, 1);  // in the file and behind it
  step(5, 2);
  step(3, 4);
  step(4, 8);
  validation(4, 16);
  validation(4, 32);
  folder.save(trainer_);
  EXPECT_EQ(losses(), "1,1,train,0.5 2,1,train,0.5 3,1,train,4 4,1,train,8 4,1,validation,32 ");
}

TEST_F(Folder, AForkBeginsAtItsStep) {
  RunFolder folder(path_, Existing::kRefuse);
  while (trainer_.step() < 7) trainer_.advance();
  folder.begin(trainer_);
  RunRecord record = folder.checkpoint().record;
  EXPECT_EQ(record.run.first_step, 7);
  io::write_file(path_ / "metrics.csv", "an earlier run's");  // as if killed while it began
  folder.resume(record, trainer_);
  train(trainer_, folder, 8);
  folder.save(trainer_);
  EXPECT_THAT(read("metrics.csv"), HasSubstr("seconds\n8,1,train,"));
  EXPECT_EQ(folder.checkpoint().record.run.first_step, 7);
}

// 19 updates an epoch; the program ends after a save and some steps more, which are lost.
TEST_F(Folder, GoesOnAsIfItHadNeverStopped) {
  {
    RunFolder folder(path_, Existing::kRefuse);
    folder.begin(trainer_);
    train(trainer_, folder, 57);
    folder.save(trainer_);
  }
  const std::string metrics = timeless(read("metrics.csv")), weights = read("weights.safetensors");
  for (const Index saved : {0, 5, 19, 30}) {
    Trainer first = new_trainer(), second = new_trainer();
    {
      RunFolder folder(path_, Existing::kReplace);
      folder.begin(first);
      train(first, folder, saved);
      folder.save(first);
      const std::string checkpoint = read("checkpoint.bin");
      train(first, folder, saved + 20);
      folder.save(first);
      io::write_file(path_ / "checkpoint.bin", checkpoint);  // as if that last save had been cut off
    }
    RunFolder folder(path_, Existing::kResume);
    resume(second, folder.checkpoint());
    EXPECT_EQ(second.step(), saved);
    folder.resume(record_of(second), second);
    train(second, folder, 57);
    folder.save(second);
    EXPECT_EQ(timeless(read("metrics.csv")), metrics) << saved;
    EXPECT_EQ(read("weights.safetensors"), weights) << saved;
  }
}

TEST_F(Folder, AValidationCutOffIsDoneAgainAndSaidOnce) {
  RunFolder folder(path_, Existing::kRefuse);
  folder.begin(trainer_);
  while (trainer_.epoch() == 0) folder.add(*trainer_.advance());
  folder.save(trainer_);
  ASSERT_TRUE(trainer_.state().validating);
  const std::string metrics = read("metrics.csv");
  folder.add(MetricPoint{0, 19, 1, MetricSplit::kValidation, 2, 0.5});
  folder.save(trainer_);
  folder.resume(record_of(trainer_), trainer_);
  EXPECT_EQ(read("metrics.csv"), metrics);
}

TEST_F(Folder, EventsTellTheWholeStory) {
  RunFolder folder(path_, Existing::kRefuse);
  folder.begin(trainer_);
  folder.add(Event{0, EventKind::kStart});
  train(trainer_, folder, 3);
  folder.add(Event{3, EventKind::kPause});
  folder.save(trainer_);
  const RunRecord before = record_of(trainer_);
  HyperParams hyper = before.config.hyper();
  hyper.learning_rate = 0.5;
  trainer_.set(hyper);
  folder.resume(before, trainer_);
  EXPECT_EQ(
      read("events.jsonl"),
      "{\"step\":0,\"event\":\"start\"}\n"
      "{\"step\":3,\"event\":\"pause\"}\n"
      "{\"step\":3,\"event\":\"resume\"}\n"
      "{\"step\":3,\"event\":\"change\",\"field\":\"optimizer.learning_rate\",\"old\":0.001,\"new\":0.5}"
      "\n");
  EXPECT_EQ(folder.checkpoint().record.config.optimizer.learning_rate, 0.5);
  EXPECT_THAT(read("config.json"), HasSubstr("\"learning_rate\": 0.5"));
}

TEST_F(Folder, WeightsThatAreNotFiniteAreNeverSaved) {
  RunFolder folder(path_, Existing::kRefuse);
  folder.begin(trainer_);
  TrainerState state = trainer_.state();
  state.values[3] = std::numeric_limits<float>::quiet_NaN();
  trainer_.restore(state);
  const std::string checkpoint = read("checkpoint.bin"), weights = read("weights.safetensors");
  folder.save(trainer_);
  EXPECT_EQ(read("checkpoint.bin"), checkpoint);
  EXPECT_EQ(read("weights.safetensors"), weights);
}

TEST_F(Folder, ARunIsKeptUnlessReplaced) {
  { RunFolder(path_, Existing::kRefuse).begin(trainer_); }
  EXPECT_EQ(error_of<FileError>([&] { RunFolder(path_, Existing::kRefuse); }),
            path_.string() + ": holds a run already; --resume goes on with it, --force replaces it");
  io::write_file(path_ / "metrics.csv", "of the old run");
  io::write_file(path_ / ".vitrine-1.tmp", "of a killed writer");
  RunFolder(path_, Existing::kReplace).begin(trainer_);
  EXPECT_THAT(read("metrics.csv"), testing::StartsWith("step,epoch,"));
  EXPECT_EQ(names_in(path_).size(), 4u);
}

TEST_F(Folder, IsDueWhenItsTimeHasPassed) {
  using std::chrono::seconds;
  EXPECT_TRUE(RunFolder(path_, Existing::kRefuse, seconds(0)).due());
  RunFolder folder(path_, Existing::kRefuse, seconds(3600));
  EXPECT_FALSE(folder.due());
  folder.begin(trainer_);
  folder.save(trainer_);
  EXPECT_FALSE(folder.due());
}

TEST_F(Folder, IsWrittenByOneProgramAtATime) {
  const RunFolder first(path_, Existing::kRefuse);
  for (const Existing existing : {Existing::kRefuse, Existing::kReplace})
    EXPECT_THAT(error_of<FileError>([&] { RunFolder(path_, existing); }),
                HasSubstr("another program writes into it"));
}

TEST_F(Folder, OfARunThatNeverBeganIsGone) {
  { RunFolder folder(path_, Existing::kRefuse); }
  EXPECT_FALSE(fs::exists(path_));
  fs::create_directory(path_);
  { RunFolder folder(path_, Existing::kRefuse); }
  EXPECT_TRUE(fs::exists(path_));  // somebody else's
}

TEST_F(Folder, PlacesThatAreNoRunAreRefused) {
  EXPECT_THAT(error_of<FileError>([&] { RunFolder(path_, Existing::kResume); }),
              HasSubstr("No such file or directory"));
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_THAT(error_of<FileError>([&] { RunFolder(parent_.path(), Existing::kResume); }),
              HasSubstr("holds no run that could go on: there is no checkpoint.bin"));
  io::write_file(path_, "a file");
  EXPECT_THROW(RunFolder(path_, Existing::kReplace), FileError);
}

TEST_F(Folder, MetricsThatAreNotOursAreRefused) {
  RunFolder folder(path_, Existing::kRefuse);
  folder.begin(trainer_);
  train(trainer_, folder, 2);
  folder.save(trainer_);
  const std::string metrics = read("metrics.csv");
  const auto reason = [&](const std::string& text) {
    io::write_file(path_ / "metrics.csv", text);
    return error_of<FileError>([&] { folder.resume(record_of(trainer_), trainer_); });
  };
  EXPECT_THAT(reason("my own notes\n"), HasSubstr("metrics.csv: has not a run's columns"));
  EXPECT_THAT(reason(metrics + "?\n"), HasSubstr("metrics.csv: holds a line that is no step's"));
  EXPECT_EQ(reason(metrics + "3,1,tra"), "");  // a line without an end is cut
  EXPECT_EQ(read("metrics.csv"), metrics);
  fs::remove(path_ / "metrics.csv");
  folder.resume(record_of(trainer_), trainer_);
  EXPECT_EQ(read("metrics.csv"), metrics.substr(0, metrics.find('\n') + 1));
}

}  // namespace
}  // namespace vitrine::train
