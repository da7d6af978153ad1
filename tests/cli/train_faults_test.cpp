// A run is never lost: whatever call to the system fails, and whenever the program is killed, its folder goes
// on to the same bits.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <random>
#include <sstream>

#include "app/cli/train.h"
#include "engine/io/files.h"
#include "engine/train/checkpoint.h"
#include "tests/cli/subcommand.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/faults.h"
#include "tests/engine/io/temporary_folder.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::cli::train_faults_test {
namespace {

namespace fs = std::filesystem;
using io::Fault;
using io::FaultAt;
using std::chrono::microseconds;
using std::chrono::steady_clock;
using testing::EndsWith;
using testing::StartsWith;

Answer run(const std::vector<std::string>& args) { return answer_of(train_command, args); }

void expect_no_space(const std::string& err) {
  EXPECT_THAT(err, StartsWith("vitrine: train: "));
  EXPECT_THAT(err, EndsWith(": No space left on device\n"));
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
}

class TrainFaults : public testing::Test {
 protected:
  // Two updates an epoch, so that most of the time goes into the files.
  std::vector<std::string> begin(const std::string& epochs, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> args{"--preset", "demo", "--out", path().string()};
    for (const std::string change :
         {"dataset.train_limit=48", "dataset.validation_limit=16", "model.patch_size=14", "model.embed_dim=8",
          "model.mlp_dim=8", "model.depth=1", "threads=1"})
      args.insert(args.end(), {"--set", change});
    args.insert(args.end(), {"--set", "epochs=" + epochs});
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  std::vector<std::string> resume(const std::string& epochs) const {
    return {"--resume", path().string(), "--set", "epochs=" + epochs};
  }
  // Goes on, or begins where there is nothing to go on with, to the end.
  void finish(const std::string& epochs) const {
    const bool begun = fs::exists(path() / "checkpoint.bin");
    const Answer answer = run(begun ? resume(epochs) : begin(epochs));
    EXPECT_EQ(answer.code, 0) << answer.err;
  }
  fs::path path() const { return folder_ / "run"; }

  // What a run comes to.
  struct Results {
    std::string weights, metrics;
    bool operator==(const Results&) const = default;
  };
  Results results() const {
    return {io::read_file(path() / "weights.safetensors"),
            train::timeless(io::read_file(path() / "metrics.csv"))};
  }
  // Of a run that nothing disturbed; the folder is gone again.
  Results undisturbed(const std::string& epochs) const {
    EXPECT_EQ(run(begin(epochs)).code, 0);
    const Results all = results();
    fs::remove_all(path());
    return all;
  }

  io::TemporaryFolder folder_;
};

TEST_F(TrainFaults, ARunWithAnyCallFailingSaysSoAndGoesOn) {
  const Results expected = undisturbed("2");
  int errors = 0;
  bool happened = true;
  for (int call = 1; happened; ++call) {
    SCOPED_TRACE(call);
    Answer answer;
    {
      const FaultAt fault(Fault::kError, call);
      answer = run(begin("2"));
      happened = fault.happened();
    }
    ASSERT_TRUE(answer.code == 0 || answer.code == 2) << answer.code;
    if (answer.code == 2) {
      ++errors;
      expect_no_space(answer.err);
      finish("2");
    }
    ASSERT_TRUE(results() == expected);
    fs::remove_all(path());
  }
  EXPECT_GE(errors,
            60);  // six files at the beginning and four after each epoch, each with five calls or more
}

TEST_F(TrainFaults, ARunKilledAtAnyCallGoesOn) {
  const Results expected = undisturbed("2");
  bool was_killed = true;
  int call = 0;
  while (was_killed) {
    SCOPED_TRACE(++call);
    was_killed = io::killed([&] {
      const FaultAt fault(Fault::kKill, call);
      run(begin("2"));
    });
    if (was_killed) finish("2");
    ASSERT_TRUE(results() == expected);
    fs::remove_all(path());
  }
  EXPECT_GE(call, 80);
}

TEST_F(TrainFaults, GoingOnWithAnyCallFailingLosesNothing) {
  const Results expected = undisturbed("2");
  ASSERT_EQ(run(begin("1")).code, 0);
  fs::copy(path(), folder_ / "half");
  for (const Fault kind : {Fault::kError, Fault::kKill}) {
    bool happened = true;
    for (int call = 1; happened; ++call) {
      SCOPED_TRACE(call);
      fs::remove_all(path());
      fs::copy(folder_ / "half", path());
      if (kind == Fault::kKill) {
        happened = io::killed([&] {
          const FaultAt fault(kind, call);
          run(resume("2"));
        });
      } else {
        const FaultAt fault(kind, call);
        const Answer answer = run(resume("2"));
        happened = fault.happened();
        if (answer.code != 0) expect_no_space(answer.err);
      }
      finish("2");
      ASSERT_TRUE(results() == expected);
    }
  }
}

// The run that is to be replaced stays, whole, until the new one stands.
TEST_F(TrainFaults, ReplacingARunWithAnyCallFailingKeepsOneOfBoth) {
  const Results new_run = undisturbed("2");
  ASSERT_EQ(run(begin("2", {"--set", "seed=7"})).code, 0);
  const Results old_run = results();
  fs::copy(path(), folder_ / "old");
  int kept = 0, replaced = 0;
  bool happened = true;
  for (int call = 1; happened; ++call) {
    SCOPED_TRACE(call);
    fs::remove_all(path());
    fs::copy(folder_ / "old", path());
    happened = io::killed([&] {
      const FaultAt fault(Fault::kKill, call);
      run(begin("2", {"--force"}));
    });
    const bool is_old = train::read_checkpoint(path() / "checkpoint.bin").record.config.seed == 7;
    ++(is_old ? kept : replaced);
    finish("2");
    ASSERT_TRUE(results() == (is_old ? old_run : new_run));
  }
  EXPECT_GE(kept, 5);
  EXPECT_GE(replaced, 50);
}

// While it runs, and while it goes on. A run that was done before its instant does not count.
TEST_F(TrainFaults, ARunKilledAtAnyInstantGoesOnToTheSameBits) {
  constexpr int kKills = 20, kAttempts = 400;
  const std::string epochs = "8";
  auto whole = std::numeric_limits<microseconds::rep>::max();
  Results expected;
  for (int i = 0; i < 3; ++i) {  // of which one may have had to wait for other programs
    const auto start = steady_clock::now();
    expected = undisturbed(epochs);
    whole = std::min(whole, std::chrono::duration_cast<microseconds>(steady_clock::now() - start).count());
  }
  std::mt19937 random(1);
  int kills = 0;
  for (int attempt = 0; kills < kKills && attempt < kAttempts; ++attempt) {
    SCOPED_TRACE(attempt);
    const auto instant = [&](int share) { return microseconds(random() % (whole / share)); };
    kills += io::killed([&] { run(begin(epochs)); }, instant(1));
    kills += io::killed([&] { run(resume(epochs)); }, instant(2));
    finish(epochs);
    ASSERT_TRUE(results() == expected);
    fs::remove_all(path());
  }
  EXPECT_GE(kills, kKills);
}

}  // namespace
}  // namespace vitrine::cli::train_faults_test
