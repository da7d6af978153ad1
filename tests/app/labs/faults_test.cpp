// What the window says and keeps when the world fails it: files that go, a disk that is full, a window that
// closes in the middle of an update.
#include <gmock/gmock.h>

#include <filesystem>

#include "app/labs/training/lab.h"
#include "engine/io/files.h"
#include "engine/train/run_folder.h"
#include "engine/train/run_metrics.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::labs {
namespace {

namespace fs = std::filesystem;
using core::Index;
using testing::AllOf;
using testing::HasSubstr;
using train::TrainStatus;

Workbench::Params small() {
  Workbench::Params params;
  params.config = train::preset("demo").value();
  params.config.dataset = {train::DatasetKind::kDigits, "", 256, 64};
  params.config.model.depth = 1;
  params.config.model.embed_dim = 16;
  params.config.model.mlp_dim = 16;
  params.config.threads = 1;
  params.config.epochs = 1'000'000;
  return params;
}

struct Driver : AppDriver {
  explicit Driver(Workbench::Params params, const fs::path& runs_folder = {}) : AppDriver(one(runs_folder)) {
    bench().adopt(std::move(params));
    settle();
  }
  Workbench& bench() { return dynamic_cast<Training&>(lab()).bench(); }
  const train::TrainSnapshot& seen() { return *bench().snapshot(); }
  bool learns() {
    const Index before = seen().step;
    return until([&] { return seen().step > before + 2; });
  }

 private:
  static std::vector<std::unique_ptr<Lab>> one(const fs::path& runs_folder) {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<Training>(std::make_shared<Workbench>(nullptr, runs_folder)));
    return labs;
  }
};

// An IDX file of bytes 0, 1, 2, ...
void write_idx(const fs::path& file, const std::vector<std::uint32_t>& sizes, std::uint32_t modulus) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(sizes.size())};
  std::uint32_t count = 1;
  for (const auto size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
    count *= size;
  }
  for (std::uint32_t i = 0; i < count; ++i) bytes += static_cast<char>(i % modulus);
  io::write_file(file, bytes);
}

TEST(Faults, ADataSetThatIsRemovedIsLearntFromMemoryAndMissedAtTheNextReset) {
  const io::TemporaryFolder folder;
  const fs::path data = folder / "mine";
  fs::create_directory(data);
  write_idx(data / "train-images-idx3-ubyte", {40, 14, 14}, 251);
  write_idx(data / "train-labels-idx1-ubyte", {40}, 3);
  write_idx(data / "t10k-images-idx3-ubyte", {16, 14, 14}, 251);
  write_idx(data / "t10k-labels-idx1-ubyte", {16}, 3);
  Workbench::Params params = small();
  params.config.dataset = {train::DatasetKind::kIdx, data.string(), 0, 0};
  Driver d(params);
  ASSERT_EQ(d.seen().dataset->train.count(), 40);
  d.lab().toggle_play();
  ASSERT_TRUE(d.learns());
  fs::remove_all(data);
  EXPECT_TRUE(d.learns());
  EXPECT_EQ(d.app().message(), "");
  // The same again: it is in memory still.
  const auto loaded = d.seen().dataset;
  d.tap("Reset");
  ASSERT_TRUE(d.until([&] { return !d.app().message().empty(); }));
  EXPECT_THAT(d.app().message(), AllOf(HasSubstr("its files are gone from " + data.string()),
                                       HasSubstr("what was loaded before")));
  ASSERT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kPaused && d.seen().dataset; }));
  EXPECT_EQ(d.seen().dataset, loaded);
  // Another part of it would have to be read.
  params = d.bench().params();
  params.config.dataset.train_limit = 20;
  d.bench().adopt(params);
  ASSERT_TRUE(d.until([&] { return d.seen().dataset && !d.seen().dataset->note.empty(); }));
  EXPECT_THAT(d.seen().dataset->note, AllOf(HasSubstr("generated digits instead"), HasSubstr(data.string())));
  d.frames(2);
  EXPECT_TRUE(d.says(d.seen().dataset->note)) << d.app().transcript();
}

// A folder that cannot be written stands for a disk that is full: both are errors of the same calls.
TEST(Faults, ARunThatCannotBeSavedSaysSoOnceGoesOnAndIsSavedLater) {
  const io::TemporaryFolder folder;
  const fs::path session = folder / "session";
  Driver d(small(), session);
  const fs::path run = session / ("run " + std::to_string(d.seen().run_id));
  d.lab().toggle_play();
  ASSERT_TRUE(d.learns());
  fs::remove_all(session);
  io::write_file(session, "in the way");
  d.lab().toggle_play();  // a pause saves
  ASSERT_TRUE(d.until([&] { return !d.app().message().empty(); }));
  EXPECT_THAT(d.app().message(), AllOf(HasSubstr("the run cannot be saved: "), HasSubstr(run.string())));
  d.frames(1);
  EXPECT_TRUE(d.says("the run cannot be saved")) << "it stays in the inspector";
  d.key(shell::Key::kEscape);
  d.lab().toggle_play();
  EXPECT_TRUE(d.learns());
  EXPECT_EQ(d.app().message(), "") << "and is not said over and over";
  fs::remove(session);
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kPaused; }));
  EXPECT_EQ(d.seen().message, "");
  EXPECT_EQ(train::read_checkpoint(run / train::kCheckpointFile).state.step, d.seen().step);
  EXPECT_EQ(train::read_metrics(run / train::kMetricsFile).back().step, d.seen().step)
      << "nothing that came meanwhile is lost";
}

TEST(Faults, ARunThatCouldNotBeBegunOnDiskIsKeptLater) {
  const io::TemporaryFolder folder;
  const fs::path session = folder / "session";
  io::write_file(session, "in the way");
  Driver d(small(), session);
  ASSERT_TRUE(d.until([&] { return d.app().message().find("cannot be saved") != std::string::npos; }))
      << d.app().message();
  fs::remove(session);
  d.lab().toggle_play();
  ASSERT_TRUE(d.learns());
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kPaused; }));
  const fs::path run = session / ("run " + std::to_string(d.seen().run_id));
  EXPECT_EQ(train::read_checkpoint(run / train::kCheckpointFile).state.step, d.seen().step);
}

// Of a run without end whose updates take long: it ends with the update that is under way, saved.
TEST(Faults, AWindowThatClosesWithinAnUpdateWaitsForNoOther) {
  const io::TemporaryFolder folder;
  Index seen = 0;
  {
    Workbench::Params params = small();
    params.config.model.embed_dim = 128;
    params.config.model.mlp_dim = 512;
    params.config.model.depth = 4;
    params.config.model.patch_size = 4;
    params.config.batch_size = 128;
    Driver d(params, folder.path());
    d.lab().toggle_play();
    ASSERT_TRUE(d.until([&] { return d.seen().step >= 1; }));
    seen = d.seen().step;
  }
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    const Index saved = train::read_checkpoint(entry.path() / train::kCheckpointFile).state.step;
    if (saved == 0) continue;  // before the edit
    EXPECT_GE(saved, seen);
    EXPECT_LE(saved, seen + 2) << "the one under way, and perhaps one that ended before the window closed";
    EXPECT_EQ(train::read_metrics(entry.path() / train::kMetricsFile).back().step, saved);
    return;
  }
  ADD_FAILURE() << "no run is kept";
}

}  // namespace
}  // namespace vitrine::labs
