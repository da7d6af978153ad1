#include "engine/train/sweep_folder.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/sweep_results.h"
#include "tests/engine/io/temporary_folder.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;
using io::error_of;
using io::FileError;
using testing::HasSubstr;
using testing::StartsWith;

// Halving over rates of which one diverges, and combinations of which one is impossible.
SweepSpec tiny_sweep() {
  SweepSpec spec;
  spec.config = tiny_config();
  spec.config.model.depth = 1;
  spec.config.epochs = 4;
  spec.method = SweepMethod::kHalving;
  spec.axes.push_back({"optimizer.learning_rate", {"1e-06", "0.001", "0.005", "1e+30"}});
  spec.axes.push_back({"model.patch_size", {"14", "28", "9"}});
  spec.trials = 8;
  spec.halving = {12, 2, 3};  // 19 steps are an epoch: the second rung ends at 24, the third at 48
  return spec;
}

class InAFolder : public testing::Test {
 protected:
  std::string read(const std::string& name) const { return io::read_file(path_ / name); }
  // At most so many pieces of work, then left without a word; true: it came to its end.
  bool work(Existing existing, Index pieces, bool save = false) {
    SweepFolder folder(path_, existing);
    if (existing != Existing::kResume) folder.begin(tiny_sweep());
    Sweep sweep(folder.spec(), workers_, &folder);
    if (existing == Existing::kResume) folder.restore(sweep);
    while (!sweep.done() && pieces-- > 0) sweep.advance();
    if (save) sweep.save();
    folder.write_results(sweep);
    return sweep.done();
  }
  // All but the clock.
  std::string results() const {
    auto all = nlohmann::json::parse(read("results.json"));
    for (auto& trial : all["trials"]) trial.erase("seconds");
    return all.dump();
  }

  const io::TemporaryFolder parent_;
  const fs::path path_ = parent_ / "sweep";
  core::Workers workers_{1};
};

TEST_F(InAFolder, KeepsResultsAndARunForEveryTrial) {
  ASSERT_TRUE(work(Existing::kRefuse, 1'000'000));
  SweepSpec spec;
  io::from_json(read("sweep.json"), spec, io::Unknown::kRefuse);
  EXPECT_EQ(spec, tiny_sweep());
  Sweep sweep(tiny_sweep(), workers_);
  while (!sweep.done()) sweep.advance();
  const auto all = nlohmann::json::parse(read("results.json"));
  EXPECT_EQ(all["best"], *best_trial(sweep.trials()));
  EXPECT_EQ(all["done"], true);
  EXPECT_THAT(read("results.csv"),
              StartsWith("trial,status,rungs,steps,seconds,best_step,best_accuracy,best_loss,last_accuracy,"
                         "last_loss,optimizer.learning_rate,model.patch_size,message\n0,"));
  Index impossible = 0, diverged = 0;
  for (const Trial& trial : sweep.trials()) {
    const auto& found = all["trials"][static_cast<std::size_t>(trial.number)];
    EXPECT_EQ(found["status"], kTrialStatuses[static_cast<std::size_t>(trial.status)]);
    EXPECT_EQ(found["settings"]["model.patch_size"], trial.settings[1].value);
    impossible += trial.status == TrialStatus::kImpossible;
    diverged += trial.status == TrialStatus::kDiverged;
    const fs::path folder = path_ / trial_folder(trial.number);
    EXPECT_EQ(fs::exists(folder), trial.status != TrialStatus::kImpossible);
    if (trial.last() == nullptr) continue;
    EXPECT_EQ(found["last"]["loss"], trial.last()->loss);
    EXPECT_EQ(read_checkpoint(folder / "checkpoint.bin").state.step, trial.steps);
    EXPECT_EQ(read_record(folder / "config.json").config, trial.config);
  }
  EXPECT_GT(impossible, 0);
  EXPECT_GT(diverged, 0);
}

TEST_F(InAFolder, GoesOnWhereverItWasStopped) {
  ASSERT_TRUE(work(Existing::kRefuse, 1'000'000));
  const std::string whole = results();
  const std::string weights =
      read(trial_folder(nlohmann::json::parse(whole)["best"]) + "/weights.safetensors");
  ASSERT_FALSE(work(Existing::kReplace, 9));
  Index visits = 1;
  for (bool done = false; !done; ++visits) done = work(Existing::kResume, 31, visits % 2 == 0);
  EXPECT_GT(visits, 5);
  EXPECT_EQ(results(), whole);
  EXPECT_EQ(read(trial_folder(nlohmann::json::parse(whole)["best"]) + "/weights.safetensors"), weights);
  ASSERT_TRUE(work(Existing::kResume, 1'000'000)) << "once more of what is done";
  EXPECT_EQ(results(), whole);
}

TEST_F(InAFolder, RefusesWhatItCannotUse) {
  EXPECT_THAT(error_of<FileError>([&] { SweepFolder(path_, Existing::kResume); }), HasSubstr("sweep"));
  { SweepFolder nothing_begun(path_, Existing::kRefuse); }
  EXPECT_FALSE(fs::exists(path_));
  fs::create_directories(path_ / "trials");
  EXPECT_THAT(error_of<FileError>([&] { SweepFolder(path_, Existing::kReplace); }),
              HasSubstr("trials of something else"));
  fs::remove(path_ / "trials");
  EXPECT_THAT(error_of<FileError>([&] { SweepFolder(path_, Existing::kResume); }),
              HasSubstr("there is no sweep.json"));
  SweepFolder(path_, Existing::kRefuse).begin(tiny_sweep());
  EXPECT_THAT(error_of<FileError>([&] { SweepFolder(path_, Existing::kRefuse); }), HasSubstr("--force"));
  {
    const SweepFolder open(path_, Existing::kResume);
    EXPECT_THAT(error_of<FileError>([&] { SweepFolder(path_, Existing::kReplace); }),
                HasSubstr("another program"));
  }
  io::write_file(path_ / "sweep.json", "{\"trials\": 3, \"axis\": []}");
  EXPECT_THAT(error_of<FileError>([&] { SweepFolder(path_, Existing::kResume).spec(); }),
              HasSubstr("sweep.json: axis: unknown field"));
}

TEST(SweepResults, QuotesWhatACsvWouldBreakAt) {
  SweepSpec spec = tiny_sweep();
  spec.method = SweepMethod::kGrid;
  spec.axes = {{"optimizer.betas", {"[0.9, 0.95]"}}, {"model.patch_size", {"9"}}};
  core::Workers workers(1);
  const Sweep sweep(spec, workers);
  EXPECT_EQ(results_csv(sweep),
            "trial,status,rungs,steps,seconds,best_step,best_accuracy,best_loss,last_accuracy,last_loss,"
            "optimizer.betas,model.patch_size,message\n"
            "0,impossible,0,0,0,,,,,,\"[0.9, 0.95]\",9,"
            "model.patch_size 9: does not divide an image of 28 x 28\n");
  EXPECT_EQ(settings_text(sweep.trials()[0]), "optimizer.betas=[0.9, 0.95], model.patch_size=9");
}

}  // namespace
}  // namespace vitrine::train
