#include "app/cli/train.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <thread>

#include "app/cli/interrupt.h"
#include "engine/io/files.h"
#include "engine/io/folder_lock.h"
#include "engine/io/json_fields.h"
#include "engine/io/safetensors.h"
#include "engine/train/run_folder.h"
#include "tests/cli/subcommand.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli::train_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

Answer run(const std::vector<std::string>& args) { return answer_of(train_command, args); }

class TrainCommand : public testing::Test {
 protected:
  // demo made tiny, with more changes.
  std::vector<std::string> tiny(std::vector<std::string> more = {}) const {
    std::vector<std::string> args{"--preset", "demo", "--out", (folder_ / "run").string()};
    for (const char* change : {"dataset.train_limit=300", "dataset.validation_limit=50",
                               "model.patch_size=14", "model.embed_dim=16", "model.depth=1", "epochs=2"})
      args.insert(args.end(), {"--set", change});
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  std::vector<std::string> resume(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--resume", (folder_ / "run").string()});
    return more;
  }
  std::string read(const std::string& name) const { return io::read_file(folder_ / "run" / name); }
  // Presses Ctrl-C once the run has begun.
  std::jthread interrupter() const {
    return std::jthread([file = folder_ / "run/weights.safetensors"] {
      while (!fs::exists(file)) std::this_thread::yield();
      std::raise(SIGINT);
    });
  }

  const io::TemporaryFolder folder_;
};

void expect_refused(const std::vector<std::string>& args, const std::string& reason) {
  expect_refusal(run(args), "vitrine: train: ", reason);
}

TEST_F(TrainCommand, WritesARunAndSaysALineAnEpoch) {
  const auto [code, out, err] = run(tiny());
  EXPECT_EQ(code, 0);
  EXPECT_EQ(err, "");
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3) << out;
  EXPECT_THAT(out, HasSubstr("epoch 2/2  step 20  train loss "));
  const std::string metrics = read("metrics.csv");
  EXPECT_THAT(
      metrics,
      StartsWith(
          "step,epoch,split,loss,accuracy,learning_rate,grad_norm,images_per_second,seconds\n1,1,train,"));
  EXPECT_EQ(std::count(metrics.begin(), metrics.end(), '\n'), 1 + 20 + 2);
  EXPECT_EQ(io::read_safetensors(folder_ / "run/weights.safetensors").front().name, "cls_token");
}

TEST_F(TrainCommand, ItsConfigurationRunsAgainToTheSameWeights) {
  ASSERT_EQ(run(tiny({"--set", "optimizer.learning_rate=2e-3", "--set", "threads=1"})).code, 0);
  const std::string weights = read("weights.safetensors");
  const std::string config = (folder_ / "run/config.json").string();
  train::RunRecord record;
  io::from_json(io::read_file(config), record, io::Unknown::kRefuse);
  EXPECT_EQ(record.config.optimizer.learning_rate, 2e-3);
  EXPECT_EQ(record.run.parameters, 9786);
  ASSERT_EQ(run({config, "--out", (folder_ / "again").string(), "--set", "threads=2"}).code, 0);
  EXPECT_EQ(io::read_file(folder_ / "again/weights.safetensors"), weights);
}

TEST_F(TrainCommand, PrintsAFullConfiguration) {
  const auto [code, out, err] = run({"--print-config", "homework", "--set", "epochs=4"});
  EXPECT_EQ(code, 0);
  EXPECT_EQ(err, "");
  train::TrainConfig config;
  io::from_json(out, config, io::Unknown::kRefuse);
  EXPECT_EQ(config.epochs, 4);
  config.epochs = 10;
  EXPECT_EQ(config, *train::preset("homework"));
}

TEST_F(TrainCommand, RefusesWhatIsWrongInOneLine) {
  expect_refused({}, "--preset");
  expect_refused({"--nonsense"}, "--nonsense");
  expect_refused({"--resume"}, "--resume");
  expect_refused({"--preset", "homework"}, "--out");
  expect_refused({"--preset", "hausaufgabe", "--out", "x"},
                 "homework, homework-wide, homework-fine, demo, cnn, mlp");
  expect_refused({"--print-config", "hausaufgabe"}, "homework");
  expect_refused({"/nonexistent.json", "--out", "x"}, "/nonexistent.json");
  expect_refused(tiny({"--set", "model.kind=rnn"}), "vit, cnn, mlp");
  expect_refused(tiny({"--set", "model.filters=3"}), "model.filters");
  expect_refused(tiny({"--set", "epochs"}), "field=value");
  expect_refused(tiny({"--set", "epochs=many"}), "epochs: a whole number is expected, not \"many\"");
  expect_refused(tiny({"--set", "model.patch_size=5"}), "does not divide an image of 28 x 28");
  expect_refused(tiny({"--set", "dataset.kind=idx"}), "dataset.path");
  expect_refused(tiny({"--set", "dataset.kind=mnist", "--set", "dataset.path=/nonexistent"}), "/nonexistent");
  io::write_file(folder_ / "bad.json", "{\"epochs\": }");
  expect_refused({(folder_ / "bad.json").string(), "--out", "x"}, "bad.json");
  io::write_file(folder_ / "file", "");
  expect_refused({"--preset", "demo", "--out", (folder_ / "file/run").string()}, "file/run");
}

TEST_F(TrainCommand, RefusesImpossibleConfigurationsInOneLine) {
  const auto refused = [&](const std::string& change, const std::string& reason) {
    expect_refused(tiny({"--set", change}), reason);
  };
  refused("model.depth=1000000000", "model.depth 1000000000: must lie between 1 and 256");
  refused("model.depth=99999999999999999999", "model.depth");
  refused("model.heads=0", "model.heads 0: must lie between");
  refused("model.embed_dim=-1", "model.embed_dim -1: must lie between");
  refused("optimizer.learning_rate=NaN", "optimizer.learning_rate");
  refused("optimizer.learning_rate=\"NaN\"", "optimizer.learning_rate nan: must be at least 0 and finite");
  refused("optimizer.learning_rate=1e999", "optimizer.learning_rate");
  refused("optimizer.betas=[0.9]", "optimizer.betas [1]: must be two numbers");
  refused("model.dropout=1", "model.dropout 1: must be at least 0 and below 1");
  refused("batch_size=0", "batch_size 0: must lie between");
  refused("epochs=0", "epochs 0: must lie between");
  refused("epochs=1.5", "epochs");
  refused("threads=-1", "threads -1: must lie between");
  refused("seed=\"zero\"", "seed");
  for (const auto& [text, reason] : {std::pair{"{\"epoch\": 3}", "epoch"},
                                     {"{\"epochs\": \"3\"}", "epochs"},
                                     {"{\"epochs\": 3, \"epochs\": 4}", "epochs"},
                                     {"{\"model\": []}", "model"},
                                     {"[1]", "bad.json"},
                                     {"", "bad.json"}}) {
    io::write_file(folder_ / "bad.json", text);
    expect_refused({(folder_ / "bad.json").string(), "--out", (folder_ / "run").string()}, reason);
  }
  EXPECT_FALSE(fs::exists(folder_ / "run"));
}

TEST_F(TrainCommand, RefusesAFolderThatCannotBeWritten) {
  if (geteuid() == 0) GTEST_SKIP() << "nothing is read-only for root";
  ASSERT_EQ(run(tiny()).code, 0);
  fs::permissions(folder_ / "run", fs::perms::owner_read | fs::perms::owner_exec);
  expect_refused(tiny({"--force"}), "Permission denied");
  expect_refused(resume({"--set", "epochs=3"}), "Permission denied");
  fs::permissions(folder_ / "run", fs::perms::owner_all);
  EXPECT_EQ(run(resume({"--set", "epochs=3"})).code, 0);
}

TEST_F(TrainCommand, KeepsARunUnlessForced) {
  ASSERT_EQ(run(tiny()).code, 0);
  expect_refused(tiny(), "--force");
  EXPECT_EQ(run(tiny({"--force"})).code, 0);
}

TEST_F(TrainCommand, DivergenceExitsWithThree) {
  const auto [code, out, err] =
      run(tiny({"--set", "optimizer.learning_rate=1e30", "--set", "schedule.warmup_steps=0"}));
  EXPECT_EQ(code, 3);
  EXPECT_THAT(err, StartsWith("vitrine: diverged at step 2: loss "));
  EXPECT_THAT(err,
              HasSubstr("first bad tensor blocks.0.attn weights; step 0, the last good one, is kept in "));
  EXPECT_THAT(err, HasSubstr("--set optimizer.learning_rate=1e29 goes on more slowly\n"));
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1);
  EXPECT_THAT(read("events.jsonl"), HasSubstr("{\"step\":1,\"event\":\"divergence\","));
  for (const auto& tensor : io::read_safetensors(folder_ / "run/weights.safetensors"))
    EXPECT_TRUE(core::all_finite(tensor.values)) << tensor.name;
  EXPECT_EQ(run(resume({"--set", "optimizer.learning_rate=1e-3"})).code, 0);
}

TEST_F(TrainCommand, CtrlCWritesACheckpointThatGoesOnToTheSameWeights) {
  {
    const std::jthread presses = interrupter();
    const auto [code, out, err] = run(tiny({"--set", "epochs=100000"}));
    ASSERT_EQ(code, 130);
    EXPECT_THAT(err, StartsWith("vitrine: interrupted at step "));
    EXPECT_THAT(err, HasSubstr("--resume"));
    EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1);
  }
  EXPECT_THAT(read("events.jsonl"), HasSubstr("\"event\":\"interrupt\""));
  const auto stopped = train::read_checkpoint(folder_ / "run/checkpoint.bin").state;
  const std::string epochs = "epochs=" + std::to_string(stopped.epoch + 2);
  ASSERT_EQ(run(resume({"--set", epochs})).code, 0);
  const std::string weights = read("weights.safetensors");
  ASSERT_EQ(run(tiny({"--force", "--set", epochs})).code, 0);
  EXPECT_EQ(read("weights.safetensors"), weights);
}

TEST(InterruptTest, NotesWhatWouldEndTheProgram) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    const Interrupt interrupt;
    EXPECT_FALSE(interrupt.requested());
    std::raise(signal);
    EXPECT_TRUE(interrupt.requested()) << signal;
  }
}

TEST_F(TrainCommand, ARunThatIsDoneGoesOnWithMoreEpochs) {
  ASSERT_EQ(run(tiny({"--set", "epochs=3"})).code, 0);
  const std::string weights = read("weights.safetensors");
  ASSERT_EQ(run(tiny({"--force"})).code, 0);
  const auto done = run(resume());
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.out, "the run is done: epochs 2; --set epochs=3 goes on with it\n");
  const auto [code, out, err] = run(resume({"--set", "epochs=3", "--set", "threads=1"}));
  EXPECT_EQ(code, 0);
  EXPECT_EQ(err, "");
  EXPECT_THAT(out, HasSubstr("goes on after step 20, in epoch 3\n"));
  EXPECT_EQ(read("weights.safetensors"), weights);
  EXPECT_EQ(read("events.jsonl"),
            "{\"step\":0,\"event\":\"start\"}\n"
            "{\"step\":20,\"event\":\"resume\"}\n"
            "{\"step\":20,\"event\":\"change\",\"field\":\"epochs\",\"old\":2,\"new\":3}\n"
            "{\"step\":20,\"event\":\"change\",\"field\":\"threads\",\"old\":0,\"new\":1}\n");
}

TEST_F(TrainCommand, RefusesToGoOnWithAnotherRun) {
  ASSERT_EQ(run(tiny()).code, 0);
  for (const char* change : {"model.depth=2", "seed=1", "batch_size=16", "dataset.train_limit=200",
                             "dataset.kind=shapes", "optimizer.kind=sgd"})
    expect_refused(resume({"--set", change}), "may change only epochs, threads, optimizer.learning_rate");
  expect_refused(resume({"--set", "epochs=1"}), "epochs 1: the run has done 2");
  expect_refused(resume({"--set", "optimizer.learning_rate=NaN"}), "optimizer.learning_rate");
  expect_refused(resume({"--preset", "demo"}), "--resume");
  expect_refused(resume({"--out", "x"}), "--resume");
  expect_refused(resume({"--force"}), "--resume");
  expect_refused(resume({"--describe"}), "--resume");
  expect_refused(resume({"--print-config", "demo"}), "--resume");
  expect_refused({"--resume", (folder_ / "none").string()}, "No such file or directory");
  expect_refused({"--resume", folder_.path().string()}, "no checkpoint.bin");
  std::string checkpoint = read("checkpoint.bin");
  checkpoint[checkpoint.size() / 2] ^= 1;
  io::write_file(folder_ / "run/checkpoint.bin", checkpoint);
  expect_refused(resume({"--set", "epochs=3"}), "checkpoint.bin: is cut or damaged");
}

TEST_F(TrainCommand, RefusesAFolderThatAnotherWritesInto) {
  fs::create_directory(folder_ / "run");
  const io::FolderLock another(folder_ / "run");
  expect_refused(tiny(), "another program writes into it");
  expect_refused(tiny({"--force"}), "another program writes into it");
  expect_refused(resume(), "another program writes into it");
}

TEST_F(TrainCommand, LeavesNothingOfARunThatCannotBegin) {
  expect_refused(
      tiny({"--set", "model.embed_dim=16384", "--set", "model.mlp_dim=65536", "--set", "model.depth=256"}),
      "more than half of the free memory");
  EXPECT_FALSE(fs::exists(folder_ / "run"));
}

TEST_F(TrainCommand, OneHashForAnyNumberOfThreads) {
  std::string weights;
  for (const char* threads : {"1", "2", "3", "4", "8"}) {
    ASSERT_EQ(run(tiny({"--force", "--set", std::string("threads=") + threads})).code, 0);
    if (weights.empty()) weights = read("weights.safetensors");
    EXPECT_EQ(read("weights.safetensors"), weights) << threads;
  }
}

}  // namespace
}  // namespace vitrine::cli::train_test
