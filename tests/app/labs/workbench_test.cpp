// The Workbench without a window: what it sends to the trainer, and what it makes of what comes back.
#include "app/labs/workbench/workbench.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "engine/io/files.h"
#include "engine/train/run_folder.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::labs {
namespace {

using core::Index;
using testing::AllOf;
using testing::HasSubstr;
using train::TrainStatus;

Workbench::Params small() {
  Workbench::Params params;
  params.config = train::preset("demo").value();
  params.config.dataset = {train::DatasetKind::kDigits, "", 512, 128};
  params.config.model.depth = 1;
  params.config.model.embed_dim = 16;
  params.config.model.mlp_dim = 16;
  params.config.model.dropout = 0.1;
  params.config.optimizer.learning_rate = 1e-3;
  params.config.threads = 1;
  params.config.epochs = 1000;  // it is not done before a command arrives
  return params;
}

class WorkbenchTest : public testing::Test {
 protected:
  void SetUp() override {
    bench_.adopt(small());
    bench_.settle(0);
  }
  template <class Done>
  bool until(Done done) {
    for (int i = 0; i < 60'000 && !done(); ++i) {
      bench_.poll({});
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return done();
  }
  bool paused() { return bench_.snapshot()->status == TrainStatus::kPaused; }
  const Workbench::Run& newest() { return bench_.runs().back(); }
  void set_rate(double rate) {
    Workbench::Params params = bench_.params();
    params.config.optimizer.learning_rate = rate;
    bench_.edit(params, false);
  }
  // The losses of a run's own steps.
  static std::map<Index, double> losses(const Workbench::Run& run) {
    std::map<Index, double> losses;
    const widgets::CurvePyramid& loss = run.curves.loss.raw();
    for (std::size_t i = 0; i < loss.size(); ++i) losses[static_cast<Index>(loss[i].x)] = loss[i].y;
    return losses;
  }

  Workbench bench_{nullptr};
};

TEST_F(WorkbenchTest, LooksAtTheNewestStepAndGoesOnWithIt) {
  EXPECT_TRUE(bench_.live());
  ASSERT_TRUE(bench_.looked());
  EXPECT_EQ(bench_.looked()->step, 0);
  bench_.settle(7);
  EXPECT_EQ(bench_.at(), 7);
  EXPECT_EQ(bench_.last_step(), 7);
  EXPECT_EQ(bench_.playhead().t, 7);
  EXPECT_EQ(bench_.looked()->step, 7);
  EXPECT_EQ(losses(newest()).size(), 7u);
  // What is seen is what the engine makes of these weights.
  const Looked& l = *bench_.looked();
  EXPECT_EQ(l.weights->values, *bench_.snapshot()->values);
  const auto inside = train::look_inside(*l.model, *l.weights, l.dataset->normalised(l.pixels), l.label);
  EXPECT_EQ(l.inside.logits, inside.logits);
  EXPECT_EQ(l.mosaic.shape(), (core::Shape{17, 4 * 17}));
}

TEST_F(WorkbenchTest, WalksTheKeptStepsOfThePast) {
  bench_.settle(20);
  const auto kept = bench_.snapshot()->past.kept;
  ASSERT_GT(kept.size(), 3u);
  bench_.step(-1);
  EXPECT_FALSE(bench_.live());
  EXPECT_EQ(bench_.at(), kept[kept.size() - 2].step);
  bench_.look_at(5);
  ASSERT_TRUE(until([&] { return bench_.looked()->step == 5; }));
  const auto at5 = bench_.looked()->inside.logits;
  bench_.step(1);
  EXPECT_EQ(bench_.at(), 6);
  ASSERT_TRUE(until([&] { return bench_.looked()->step == 6; }));
  EXPECT_NE(bench_.looked()->inside.logits, at5);
  bench_.look_at(20);
  EXPECT_TRUE(bench_.live());
  bench_.look_at(-3);
  EXPECT_EQ(bench_.at(), 0);
}

TEST_F(WorkbenchTest, GoingOnFromThePastIsABranchOnTheSameBatches) {
  bench_.settle(30);
  const auto first = losses(newest());
  bench_.look_at(12);
  bench_.toggle_play();
  ASSERT_TRUE(until([&] { return bench_.snapshot()->run_id == 2 && bench_.snapshot()->step >= 30; }));
  bench_.toggle_play();
  ASSERT_TRUE(until([&] { return paused(); }));
  EXPECT_EQ(newest().forked_from, bench_.runs().front().id);
  EXPECT_EQ(newest().forked_at, 12);
  const auto replayed = losses(newest());
  for (Index step = 13; step <= 30; ++step) EXPECT_EQ(replayed.at(step), first.at(step)) << step;
}

TEST_F(WorkbenchTest, AChangeInThePastWaitsForTheBranch) {
  bench_.settle(20);
  bench_.look_at(10);
  set_rate(5e-3);
  EXPECT_EQ(bench_.snapshot()->config.optimizer.learning_rate, 1e-3);
  bench_.toggle_play();
  ASSERT_TRUE(until([&] { return bench_.snapshot()->run_id == 2 && bench_.snapshot()->step > 20; }))
      << bench_.snapshot()->run_id;
  bench_.toggle_play();
  ASSERT_TRUE(until([&] { return paused(); }));
  EXPECT_EQ(newest().config.optimizer.learning_rate, 5e-3);
  const auto first = losses(*(&newest() - 1)), branch = losses(newest());
  EXPECT_EQ(branch.at(11), first.at(11)) << "the loss is that before the first changed update";
  EXPECT_NE(branch.at(13), first.at(13));
}

TEST_F(WorkbenchTest, AfterADivergenceAChangedRateGoesOnFromTheLastGoodStep) {
  bench_.settle(10);
  set_rate(1e30);
  bench_.toggle_play();
  ASSERT_TRUE(until([&] { return bench_.snapshot()->status == TrainStatus::kDiverged; }));
  const std::int64_t diverged = bench_.snapshot()->run_id;
  set_rate(1e-3);
  bench_.toggle_play();
  ASSERT_TRUE(until([&] { return bench_.snapshot()->run_id > diverged && bench_.snapshot()->step > 12; }));
  EXPECT_EQ(newest().forked_from, diverged);
  bench_.toggle_play();
}

TEST_F(WorkbenchTest, AnEditIsUndoneAndReachesTheTrainer) {
  bench_.settle(1);
  set_rate(4e-3);
  ASSERT_TRUE(until([&] { return bench_.snapshot()->config.optimizer.learning_rate == 4e-3; }));
  EXPECT_FALSE(bench_.needs_reset());
  bench_.undo();
  ASSERT_TRUE(until([&] { return bench_.snapshot()->config.optimizer.learning_rate == 1e-3; }));
  bench_.redo();
  ASSERT_TRUE(until([&] { return bench_.snapshot()->config.optimizer.learning_rate == 4e-3; }));
  Workbench::Params params = bench_.params();
  params.config.model.depth = 2;
  bench_.edit(params, false);
  EXPECT_TRUE(bench_.needs_reset());
}

TEST_F(WorkbenchTest, WithAnImpossibleEditNothingBeginsNorGoesOn) {
  bench_.settle(5);
  Workbench::Params params = bench_.params();
  params.config.model.patch_size = 5;
  bench_.edit(params, false);
  const std::string why = "No run can begin so. Patch size 5: does not divide an image of 28 x 28";
  EXPECT_EQ(bench_.refusal(), why);
  EXPECT_EQ(bench_.take_words(), "") << "nothing was asked for";
  const std::int64_t commands = bench_.snapshot()->commands, run = bench_.snapshot()->run_id;
  bench_.toggle_play();
  EXPECT_EQ(bench_.take_words(), why);
  bench_.step(1);
  EXPECT_EQ(bench_.take_words(), why);
  bench_.reset();
  EXPECT_EQ(bench_.take_words(), why);
  bench_.look_at(2);
  bench_.toggle_play();
  EXPECT_EQ(bench_.take_words(), why) << "nor does a fork";
  bench_.step(1);
  EXPECT_EQ(bench_.take_words(), "") << "looking around is free";
  bench_.look_at(5);
  bench_.undo();
  bench_.step(1);
  ASSERT_TRUE(until([&] { return bench_.snapshot()->step == 6; }));
  EXPECT_EQ(bench_.snapshot()->run_id, run);
  EXPECT_EQ(bench_.snapshot()->commands, commands + 1) << "only the last was sent";
}

TEST_F(WorkbenchTest, ARunStopsAlsoWithAnImpossibleEdit) {
  bench_.toggle_play();
  ASSERT_TRUE(until([&] { return bench_.playing(); }));
  Workbench::Params params = bench_.params();
  params.config.model.heads = 0;
  bench_.edit(params, false);
  bench_.toggle_play();
  EXPECT_TRUE(until([&] { return paused(); }));
  EXPECT_EQ(bench_.take_words(), "");
}

TEST_F(WorkbenchTest, APictureOfOnesOwnIsLookedAt) {
  Workbench::Params params = bench_.params();
  params.probe.own = core::Tensor<double>({1, 28, 28}, 0.25);
  bench_.edit(params, false);
  bench_.settle(0);
  ASSERT_TRUE(until([&] { return bench_.looked()->image == -1; }));
  EXPECT_EQ(bench_.looked()->label, -1);
  EXPECT_EQ(bench_.looked()->pixels(0, 3, 3), 0.25f);
  params.probe.own = core::Tensor<double>({1, 5, 5}, 0.25);
  params.probe.image = -1;  // counted round: the last
  bench_.edit(params, false);
  ASSERT_TRUE(until([&] { return bench_.looked()->image == 127; }));
}

TEST_F(WorkbenchTest, RecallsTheBatchOfAStep) {
  bench_.settle(6);
  bench_.recall(4);
  ASSERT_TRUE(until([&] { return bench_.recalled() != nullptr; }));
  EXPECT_EQ(bench_.recalled()->step, 4);
  EXPECT_EQ(bench_.recalled()->batch->images.size(), 32u);
}

// Kept while it runs, saved when the program goes in the middle of it; another goes on from there.
TEST(WorkbenchRuns, AreKeptAndGoOnElsewhereWithTheSameBits) {
  const io::TemporaryFolder folder;
  {
    Workbench bench(nullptr, folder.path());
    bench.adopt(small());
    bench.settle(0);
    bench.toggle_play();
    while (bench.snapshot()->step < 20) {
      bench.poll({});
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  const auto run = folder / "run 1";
  const Index saved = train::read_checkpoint(run / "checkpoint.bin").state.step;
  EXPECT_GE(saved, 20);
  Workbench bench(nullptr);
  bench.go_on(run);
  bench.settle(0);
  EXPECT_EQ(bench.params().config, small().config);
  EXPECT_EQ(bench.snapshot()->step, saved);
  EXPECT_EQ(bench.runs().back().curves.loss.raw().size(), static_cast<std::size_t>(saved))
      << "its past is drawn";
  bench.settle(static_cast<double>(saved) + 5);
  Workbench straight(nullptr);
  straight.adopt(small());
  straight.settle(static_cast<double>(saved) + 5);
  const auto& went_on = bench.runs().back().curves.loss.raw();
  const auto& expected = straight.runs().back().curves.loss.raw();
  ASSERT_EQ(went_on.size(), expected.size());
  for (std::size_t i = 0; i < went_on.size(); ++i) EXPECT_EQ(went_on[i].y, expected[i].y) << i;
  // A damaged or missing checkpoint says so, once, and what goes on stays.
  EXPECT_EQ(bench.take_words(), "");
  io::write_file(run / "checkpoint.bin", "VITRINE");
  bench.go_on(run);
  bench.settle(static_cast<double>(saved) + 5);
  EXPECT_THAT(bench.take_words(),
              AllOf(HasSubstr("cannot go on"), HasSubstr("checkpoint.bin: is cut short")));
  EXPECT_EQ(bench.take_words(), "");
  bench.go_on(folder / "run 9");
  bench.settle(static_cast<double>(saved) + 5);
  EXPECT_THAT(bench.take_words(), HasSubstr("checkpoint.bin: No such file"));
  EXPECT_EQ(bench.snapshot()->step, saved + 5);
  EXPECT_EQ(bench.runs().back().curves.loss.raw().size(), static_cast<std::size_t>(saved) + 5);
}

}  // namespace
}  // namespace vitrine::labs
