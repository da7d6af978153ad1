// How the trainer's thread keeps a run through a sink.
#include "engine/train/run_sink.h"

#include <gmock/gmock.h>

#include <sstream>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/train/run_folder.h"
#include "tests/engine/io/temporary_folder.h"
#include "tests/engine/train/straight_run.h"
#include "tests/engine/train/thread_driver.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What sinks were told, in order; read when the trainer's thread is at rest.
struct Log {
  std::mutex mutex;
  std::vector<std::string> lines;
  bool full_disk = false, always_due = false;

  void add(const std::string& line) {
    std::lock_guard lock(mutex);
    lines.push_back(line);
  }
  std::vector<std::string> taken() {
    std::lock_guard lock(mutex);
    return std::exchange(lines, {});
  }
  bool full() {
    std::lock_guard lock(mutex);
    return full_disk;
  }
};

class LoggingSink final : public RunSink {
 public:
  LoggingSink(Log& log, std::int64_t run_id) : log_(log), name_("run " + std::to_string(run_id) + " ") {}
  ~LoggingSink() override { log_.add(name_ + "closed"); }
  void begin(const Trainer& trainer) override { write("begin at " + std::to_string(trainer.step())); }
  void add(const MetricPoint& point) override {
    if (point.split == MetricSplit::kTrain) log_.add(name_ + "point " + std::to_string(point.step));
  }
  void add(const Event& event) override {
    log_.add(name_ + std::string(kEventKinds[static_cast<std::size_t>(event.kind)]));
  }
  void save(const Trainer& trainer) override { write("save at " + std::to_string(trainer.step())); }
  bool due() const override { return log_.always_due; }

 private:
  void write(const std::string& what) {
    if (log_.full()) throw io::FileError("/runs/a", "no space left on device");
    log_.add(name_ + what);
  }

  Log& log_;
  const std::string name_;
};

TrainerThread::Options options(Log& log) {
  TrainerThread::Options options;
  options.sink = [&log](std::int64_t run_id) { return std::make_unique<LoggingSink>(log, run_id); };
  return options;
}

TEST(RunSink, IsToldEverythingAndSavesWhenTheRunRests) {
  Log log;
  {
    TrainerThread thread(tiny_config(), options(log));
    thread.send(Step{2});
    wait_for(thread, TrainStatus::kPaused, 2);
    EXPECT_THAT(log.taken(), ElementsAre("run 1 begin at 0", "run 1 point 1", "run 1 point 2"));
    HyperParams hyper = tiny_config().hyper();
    hyper.dropout = 0.3;
    thread.send(SetHyper{hyper});
    thread.send(Rewind{1});
    wait_for(thread, TrainStatus::kPaused, 1);
    EXPECT_THAT(log.taken(), ElementsAre("run 1 change", "run 1 save at 2", "run 1 rewind"));
    thread.send(Fork{0, hyper});
    wait_for(thread, TrainStatus::kPaused, 0);
    EXPECT_THAT(log.taken(), ElementsAre("run 1 closed", "run 2 begin at 0", "run 2 fork", "run 2 change"))
        << "in the past there is nothing to save";
    thread.send(Step{1});
    wait_for(thread, TrainStatus::kPaused, 1);
    thread.send(Reset{tiny_config()});
    wait_for(thread, TrainStatus::kPaused, 0);
    EXPECT_THAT(log.taken(),
                ElementsAre("run 2 point 1", "run 2 save at 1", "run 2 closed", "run 3 begin at 0"));
    thread.send(Step{1});
    wait_for(thread, TrainStatus::kPaused, 1);
  }
  EXPECT_THAT(log.taken(), ElementsAre("run 3 point 1", "run 3 save at 1", "run 3 closed"))
      << "also when the thread ends";
}

TEST(RunSink, SavesWhenItIsTimeAndAtTheEnd) {
  Log log;
  log.always_due = true;
  TrainConfig config = tiny_config();
  config.batch_size = 300;
  config.epochs = 1;
  TrainerThread thread(config, options(log));
  thread.send(Start{});
  wait_for(thread, TrainStatus::kDone);
  const auto lines = log.taken();
  EXPECT_THAT(lines, testing::IsSupersetOf({"run 1 start", "run 1 save at 1", "run 1 save at 2"}));
  EXPECT_EQ(lines.back(), "run 1 save at 2");
}

TEST(RunSink, ADivergenceSavesTheLastGoodState) {
  Log log;
  TrainConfig config = tiny_config();
  config.optimizer.learning_rate = 1e30;
  TrainerThread thread(config, options(log));
  thread.send(Start{});
  wait_for(thread, TrainStatus::kDiverged);
  EXPECT_THAT(log.taken(), ElementsAre("run 1 begin at 0", "run 1 start", "run 1 point 1", "run 1 divergence",
                                       "run 1 save at 0"));
}

TEST(RunSink, AFullDiskIsSaidAndTheRunGoesOn) {
  Log log;
  TrainerThread thread(tiny_config(), options(log));
  thread.send(Step{2});
  wait_for(thread, TrainStatus::kPaused, 2);
  const auto full = [&](bool is) {
    std::lock_guard lock(log.mutex);
    log.full_disk = is;
  };
  full(true);
  thread.send(Rewind{2});
  EXPECT_EQ(wait_for(thread, [](const auto& s) { return !s.message.empty(); })->message,
            "the run cannot be saved: /runs/a: no space left on device");
  full(false);
  thread.send(Step{1});
  EXPECT_EQ(wait_for(thread, TrainStatus::kPaused, 3)->message, "");
  thread.send(Rewind{3});
  wait_for(thread, [](const auto& s) { return s.past.newest == 3; });
  full(true);
  thread.send(Reset{tiny_config()});  // nothing can be begun either
  const auto again = wait_for(thread, TrainStatus::kPaused, 0);
  EXPECT_THAT(again->message, HasSubstr("no space left"));
  log.taken();
  full(false);
  thread.send(Step{2});
  wait_for(thread, TrainStatus::kPaused, 2);
  EXPECT_THAT(log.taken(), ElementsAre());
  thread.send(Rewind{2});  // which saves
  wait_for(thread, [](const auto& s) { return s.commands == 8; });
  EXPECT_THAT(log.taken(), testing::Contains("run 2 begin at 2")) << "it is kept from there on";
}

// The disk has room again while the run goes on: the message goes, and nobody had to ask.
TEST(RunSink, ALaterSaveThatWorksEndsTheMessage) {
  Log log;
  log.always_due = true;
  TrainConfig config = tiny_config();
  config.epochs = 1'000'000;
  TrainerThread thread(config, options(log));
  wait_for(thread, TrainStatus::kPaused, 0);
  const auto full = [&](bool is) {
    std::lock_guard lock(log.mutex);
    log.full_disk = is;
  };
  full(true);
  thread.send(Start{});
  const auto said = wait_for(thread, [](const auto& s) { return !s.message.empty(); });
  EXPECT_THAT(said->message, HasSubstr("no space left"));
  EXPECT_EQ(said->status, TrainStatus::kRunning) << "it goes on";
  wait_for(thread, [&](const auto& s) { return s.step > said->step + 5; });
  full(false);
  const auto again = wait_for(thread, [](const auto& s) { return s.message.empty(); });
  EXPECT_EQ(again->status, TrainStatus::kRunning);
  EXPECT_GT(again->step, said->step + 5);
}

// The folder of a run that went back, changed and forked holds what a straight run's would, and the run goes
// on from it in another thread.
TEST(RunSink, AFolderKeepsARunThatWanders) {
  const io::TemporaryFolder folder;
  const TrainConfig config = tiny_config();
  HyperParams hyper = config.hyper();
  hyper.learning_rate = 4e-3;
  {
    TrainerThread::Options options;
    options.sink = [&](std::int64_t run_id) {
      return std::make_unique<RunFolder>(folder / std::to_string(run_id), Existing::kRefuse);
    };
    TrainerThread thread(config, options);
    thread.send(Step{30});
    wait_for(thread, TrainStatus::kPaused, 30);
    thread.send(Rewind{21});
    thread.send(SetHyper{hyper});
    thread.send(Step{4});
    wait_for(thread, TrainStatus::kPaused, 25);
    thread.send(Fork{10, hyper});
    thread.send(Step{4});
    wait_for(thread, TrainStatus::kPaused, 14);
  }
  core::Workers workers(1);
  const auto dataset = tiny_dataset(config, workers);
  const auto expect_run = [&](const char* name, Index change, Index first, Index last) {
    SCOPED_TRACE(name);
    StraightRun truth(config, dataset, workers, {{change, hyper}});
    RunFolder run(folder / name, Existing::kResume);
    const Checkpoint checkpoint = run.checkpoint();
    EXPECT_EQ(timeless(checkpoint.state), truth.after(last));
    std::istringstream metrics(io::read_file(run.path() / "metrics.csv", 1 << 20));
    std::string line;
    std::getline(metrics, line);
    Index step = first;
    while (std::getline(metrics, line)) {
      if (line.find("validation") != std::string::npos) continue;
      const MetricPoint& point = truth.points().at({++step, MetricSplit::kTrain});
      EXPECT_THAT(line, testing::StartsWith(std::to_string(step) + ","));
      EXPECT_THAT(line, HasSubstr("," + core::exact(point.loss) + ",")) << "of the last time";
    }
    EXPECT_EQ(step, last);
    return checkpoint;
  };
  expect_run("1", 21, 0, 25);
  const Checkpoint fork = expect_run("2", 10, 10, 14);

  TrainerThread thread(fork.record.config, {});
  thread.send(Reset{fork.record.config, std::make_shared<const Checkpoint>(fork)});
  const auto there = wait_for(thread, TrainStatus::kPaused, 14);
  EXPECT_EQ(there->past.first, 14);
  EXPECT_EQ(there->config.hyper(), hyper);
  thread.send(Step{6});
  wait_for(thread, TrainStatus::kPaused, 20);
  StraightRun truth(config, dataset, workers, {{10, hyper}});
  EXPECT_EQ(timeless(*recalled(thread, 20)->state), truth.after(20));
  TrainConfig other = fork.record.config;
  other.seed = 7;
  thread.send(Reset{other, std::make_shared<const Checkpoint>(fork)});
  EXPECT_THAT(wait_for(thread, TrainStatus::kFailed)->message, HasSubstr("may change only epochs"));
  Checkpoint lost = fork;
  lost.record.config.dataset.kind = DatasetKind::kFolder;
  lost.record.config.dataset.path = (folder / "none").string();
  thread.send(Reset{lost.record.config, std::make_shared<const Checkpoint>(lost)});
  EXPECT_THAT(wait_for(thread, TrainStatus::kFailed)->message, HasSubstr("none: No such file or directory"));
}

}  // namespace
}  // namespace vitrine::train
