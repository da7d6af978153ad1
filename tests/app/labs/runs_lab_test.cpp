#include "app/labs/runs/lab.h"

#include <gtest/gtest.h>

#include <cmath>

#include "app/shell/state_file.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::labs::runs_lab_test {
namespace {

using train::SweepStatus;
using train::TrialStatus;

// The lab on a small model of generated digits, so that a step takes little time.
train::TrainConfig tiny() {
  train::TrainConfig config = train::preset("demo").value();
  config.dataset = {train::DatasetKind::kDigits, "", 320, 64};
  config.model.patch_size = 14;
  config.model.depth = 1;
  config.model.embed_dim = 16;
  config.model.mlp_dim = 16;
  config.schedule = {};
  config.threads = 1;
  return config;
}

struct Driver : AppDriver {
  Driver() : AppDriver(one()) {
    Workbench::Params params;
    params.config = tiny();
    bench().adopt(params);
    settle();
  }
  RunsLab& runs_lab() { return dynamic_cast<RunsLab&>(lab()); }
  Workbench& bench() { return runs_lab().bench(); }
  const RunsLab::View& view() { return runs_lab().view(); }
  const std::vector<train::Trial>& trials() { return runs_lab().trials().snapshot()->trials; }
  void small_sweep() {
    click("runs Sweep");
    type("Trials", "4");
    type("Trial's steps", "12");
  }

 private:
  static std::vector<std::unique_ptr<Lab>> one() {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<RunsLab>(std::make_shared<Workbench>(nullptr), nullptr));
    return labs;
  }
};

TEST(RunsLab, ListsRunsWithWhatDiffersAndOverlaysTheChosen) {
  Driver d;
  EXPECT_THROW(d.find("Run 1"), std::runtime_error) << "nothing is trained yet";
  d.lab().settle(12);  // an epoch has 10 steps
  const std::int64_t first = d.bench().runs().back().id;
  Workbench::Params params = d.bench().params();
  params.config.model.dropout = 0.25;
  params.config.seed = 3;
  d.bench().adopt(params);
  d.lab().settle(5);
  d.settle();
  runs::RowWords words;
  const auto rows = runs::rows_of(d.bench().runs(), d.runs_lab().trials(), {}, words);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].differs, "");
  EXPECT_EQ(rows[1].differs, "dropout 0.25, seed 3");
  EXPECT_EQ(rows[0].steps, 12);
  EXPECT_EQ(rows[1].steps, 5);
  ASSERT_TRUE(rows[0].accuracy) << "of the first epoch";
  EXPECT_FALSE(rows[1].accuracy);
  EXPECT_GT(rows[0].seconds, 0);
  const runs::RowKey key{runs::RowKind::kRun, first};
  d.click(key.name());
  EXPECT_TRUE(d.view().table.hidden.contains(key));
  d.click(key.name());
  EXPECT_TRUE(d.view().table.hidden.empty());
  d.click("Hide all");
  EXPECT_EQ(d.view().table.hidden.size(), 2u);
  d.click("Show all");
  EXPECT_TRUE(d.view().table.hidden.empty());
}

TEST(RunsLab, AColumnsHeadSorts) {
  Driver d;
  d.lab().settle(12);
  const std::string first = runs::RowKey{runs::RowKind::kRun, d.bench().runs().back().id}.name();
  Workbench::Params params = d.bench().params();
  params.config.seed = 3;
  d.bench().adopt(params);
  d.lab().settle(5);
  d.settle();
  const auto above = [&](const char* a, const char* b) { return d.find(a).y < d.find(b).y; };
  const std::string second = runs::RowKey{runs::RowKind::kRun, d.bench().runs().back().id}.name();
  EXPECT_TRUE(above(first.c_str(), second.c_str()));
  d.click("sort Steps");
  EXPECT_TRUE(above(second.c_str(), first.c_str())) << "the fewest first";
  d.click("sort Steps");
  EXPECT_TRUE(above(first.c_str(), second.c_str()));
  d.click("sort Best validation");
  EXPECT_TRUE(above(first.c_str(), second.c_str())) << "a run without one comes last";
  d.click("sort Best validation");
  EXPECT_TRUE(above(first.c_str(), second.c_str()));
}

TEST(RunsLab, TheRangeTestIsTheEnginesAndItsRateReachesTheEdit) {
  Driver d;
  d.click("runs Learning-rate test");
  d.type("Updates", "60");
  d.type("From rate", "0.0001");
  d.click("Run the test");
  const auto* result = d.runs_lab().range_result();
  ASSERT_NE(result, nullptr);
  core::Workers workers(1);
  EXPECT_EQ(*result, train::range_test({tiny(), 1e-4, 1, 60}, workers));
  ASSERT_TRUE(result->suggested);
  const std::string rate = core::shown(*result->suggested, 2);
  d.click("Use " + rate + " as learning rate");
  EXPECT_EQ(d.bench().params().config.optimizer.learning_rate, core::parse_number(rate));
  EXPECT_TRUE(d.bench().can_undo());
}

TEST(RunsLab, AnImpossibleTestSaysWhyAndHasNoButton) {
  Driver d;
  d.click("runs Learning-rate test");
  d.type("From rate", "10");
  EXPECT_TRUE(d.says("learning rates 10 to 1: must rise")) << d.app().transcript();
  EXPECT_THROW(d.find("Run the test"), std::runtime_error);
}

TEST(RunsLab, ASweepIsTheEnginesAndATrialsSettingsReachTheEdit) {
  Driver d;
  d.small_sweep();
  d.click("Begin the sweep");
  ASSERT_EQ(d.runs_lab().trials().status(), SweepStatus::kDone);
  train::SweepSpec spec = d.view().sweep;
  spec.config = tiny();
  EXPECT_EQ(spec.trials, 4);
  core::Workers workers(1);
  train::Sweep sweep(spec, workers);
  while (!sweep.done()) sweep.advance();
  ASSERT_EQ(d.trials().size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(d.trials()[i].config, sweep.trials()[i].config);
    EXPECT_EQ(d.trials()[i].last()->loss, sweep.trials()[i].last()->loss);
    EXPECT_EQ(d.runs_lab().trials().curves(static_cast<core::Index>(i))->loss.raw().size(), 12u);
  }
  const core::Index best = *train::best_trial(sweep.trials());
  d.click("Use trial " + std::to_string(best) + ", the best");
  EXPECT_EQ(d.bench().params().config, sweep.trials()[static_cast<std::size_t>(best)].config);
  d.click("runs Runs");
  EXPECT_NO_THROW(d.find("Trial 3")) << "trials stand in the table too";
}

TEST(RunsLab, ABrushOnAnAxisKeepsSomeTrials) {
  Driver d;
  d.small_sweep();
  d.click("Begin the sweep");
  const widgets::Rect axis = d.find("trials learning rate");
  // The upper half of the learning rates.
  d.drag_from({axis.center().x, axis.y + 8}, 0, axis.h / 2 - 8);
  ASSERT_TRUE(d.view().brushes.ranges.at(0));
  const widgets::Interval range = *d.view().brushes.ranges[0];
  EXPECT_NEAR(range.low, 0.5, 0.06);
  EXPECT_GT(range.high, 0.95);
  std::vector<core::Index> numbers;
  const auto& snapshot = *d.runs_lab().trials().snapshot();
  const auto picture = runs::trials_picture(snapshot.spec, snapshot.trials, {0, 0, 600, 300}, numbers);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    EXPECT_EQ(widgets::kept(picture, d.view().brushes, i),
              picture.axes[0].place(d.trials()[i].config.optimizer.learning_rate) >= range.low);
  // A drag within the range moves it, a click clears it.
  d.drag_from({axis.center().x, axis.y + axis.h / 4}, 0, axis.h / 4);
  EXPECT_NEAR(d.view().brushes.ranges[0]->low, range.low - 0.25, 0.06);
  EXPECT_NEAR(d.view().brushes.ranges[0]->high - d.view().brushes.ranges[0]->low, range.high - range.low,
              1e-6);
  d.frames(30);
  d.click(axis.center());
  EXPECT_FALSE(d.view().brushes.any());
}

TEST(RunsLab, ASweepPausesGoesOnAndStops) {
  Driver d;
  Workbench::Params params = d.bench().params();
  params.config.epochs = 10'000;  // no trial is done before the pause
  d.bench().adopt(params);
  d.settle();
  d.small_sweep();
  d.type("Trial's steps", "100000");
  d.tap("Begin the sweep");
  ASSERT_TRUE(d.until([&] {
    const auto& snapshot = d.runs_lab().trials().snapshot();
    return snapshot && snapshot->place.step > 2;
  }));
  d.tap("Pause the sweep");
  ASSERT_TRUE(d.until([&] { return d.runs_lab().trials().status() == SweepStatus::kPaused; }));
  const core::Index at = d.trials()[0].steps;
  d.frames(5);
  EXPECT_EQ(d.trials()[0].steps, at);
  d.tap("Go on");
  ASSERT_TRUE(d.until([&] { return d.trials()[0].steps > at; }));
  d.tap("Stop the sweep");
  ASSERT_TRUE(d.until([&] { return d.runs_lab().trials().status() == SweepStatus::kNone; }));
  EXPECT_GT(d.trials()[0].steps, at) << "what it found stays";
  d.frames(1);  // the inspector is drawn before the news is taken
  EXPECT_NO_THROW(d.find("Begin the sweep"));
}

TEST(RunsLab, AxesAreChosenInTheInspector) {
  Driver d;
  d.click("runs Sweep");
  ASSERT_EQ(d.view().sweep.axes.size(), 2u);
  d.click("Remove axis 2");
  ASSERT_EQ(d.view().sweep.axes.size(), 1u);
  d.click("Add an axis");
  ASSERT_EQ(d.view().sweep.axes.size(), 2u);
  EXPECT_EQ(d.view().sweep.axes[1].field, "dataset.kind") << "the first field that has none";
  d.click("Method");
  d.click("Method=grid");
  EXPECT_EQ(d.view().sweep.axes[0].values, (std::vector<std::string>{"1e-04", "0.001", "0.01"}))
      << "a grid has no ranges";
  d.click("Remove axis 1");
  d.click("Remove axis 1");
  EXPECT_TRUE(d.says("needs at least one field to vary"));
  EXPECT_THROW(d.find("Begin the sweep"), std::runtime_error);
}

TEST(RunsLab, ARangesEndsAreDraggedWithinWhatFitsTheField) {
  Driver d;
  d.click("runs Sweep");
  const auto range = [&](std::size_t axis) { return d.view().sweep.axes[axis].range; };
  d.drag("slide Axis 1 to", 2000);
  EXPECT_EQ(range(0)[1], 1e3) << "by powers of ten";
  d.drag("slide Axis 1 from", -2000);
  EXPECT_EQ(range(0)[0], 1e-9);
  d.click("Axis 1 scale=linear");
  d.drag("slide Axis 1 from", -2000);
  EXPECT_EQ(range(0)[0], 0) << "no field is less";
}

TEST(RunsLab, ValuesAreCutAtCommasOutsideOfBrackets) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(runs::split_values(" 1e-4, adam ,[0.9, 0.95]"), (Texts{"1e-4", "adam", "[0.9, 0.95]"}));
  EXPECT_EQ(runs::split_values(" , "), Texts{});
  EXPECT_EQ(runs::joined_values({"1", "2"}), "1, 2");
  EXPECT_EQ(runs::name_of_field("optimizer.learning_rate"), "learning rate");
  EXPECT_EQ(runs::name_of_field("schedule.kind"), "schedule kind");
}

void write_table(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  io::write_file(file, text);
}

// Two runs of another program and a table that is damaged.
struct Tables : io::TemporaryFolder {
  Tables() {
    write_table(*this / "plain" / "metrics.csv",
                "step,split,loss,accuracy,seconds\n"
                "1,train,2.5,0.1,1\n2,train,1.25,0.5,2\n2,val,1.5,0.625,3\n");
    write_table(*this / "wide.csv", "loss,step\r\n3,10\r\n0.75,20\r\n");
    write_table(*this / "bent.csv", "step,loss\n1,2\n2,low\n");
  }
};

TEST(RunsLab, RunsFromElsewhereStandBesideItsOwn) {
  Driver d;
  d.lab().settle(3);
  const Tables folder;
  d.click("runs Sweep");
  d.app().open(folder.path());
  d.settle();
  EXPECT_EQ(d.view().exhibit, RunsLab::Exhibit::kRuns);
  const lessons::Symbols numbers = d.lab().numbers();
  EXPECT_EQ(numbers.at("elsewhere")[0], 2);
  EXPECT_EQ(numbers.at("elsewhere_loss"), (lessons::Value({2}, {1.25, 0.75})));
  runs::RowWords words;
  const auto rows =
      runs::rows_of(d.bench().runs(), d.runs_lab().trials(), d.runs_lab().elsewhere().runs(), words);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].name, rows[0].key.name());
  EXPECT_EQ(rows[1].name, "plain");
  EXPECT_EQ(rows[1].steps, 2);
  EXPECT_EQ(rows[1].accuracy, 0.625);
  EXPECT_EQ(rows[1].seconds, 3);
  EXPECT_EQ(rows[2].name, "wide");
  EXPECT_EQ(rows[2].steps, 20);
  EXPECT_FALSE(rows[2].accuracy);
  EXPECT_FALSE(rows[2].seconds) << "its table does not say";
  EXPECT_TRUE(d.says("bent.csv: line 3: loss \"low\" is no number")) << d.app().transcript();
  EXPECT_TRUE(d.says("without its weights no run can be looked into"));
  d.click("Elsewhere 1");
  EXPECT_TRUE(d.view().table.hidden.contains({runs::RowKind::kElsewhere, 1}));
  d.click("Forget");
  EXPECT_TRUE(d.runs_lab().elsewhere().runs().empty());
  EXPECT_TRUE(d.view().table.hidden.empty());
  EXPECT_EQ(d.lab().numbers().at("elsewhere")[0], 0);
  EXPECT_THROW(d.find("Elsewhere 1"), std::runtime_error);
  EXPECT_THROW(d.find("Forget"), std::runtime_error);
  EXPECT_FALSE(d.says("bent.csv"));
}

TEST(RunsLab, AFolderOpenedOnceMoreIsReadAnew) {
  Driver d;
  const Tables folder;
  ASSERT_TRUE(d.lab().open(folder / "wide.csv"));
  d.settle();
  EXPECT_EQ(d.lab().numbers().at("elsewhere_loss"), (lessons::Value({1}, {0.75})));
  write_table(folder / "wide.csv", "step,loss\n30,0.5\n");
  ASSERT_TRUE(d.lab().open(folder / "wide.csv"));
  d.settle();
  EXPECT_EQ(d.lab().numbers().at("elsewhere_loss"), (lessons::Value({1}, {0.5})));
}

TEST(RunsLab, AValidationMayStandBeforeTheUpdateOfItsStep) {
  Driver d;
  const io::TemporaryFolder folder;
  write_table(folder / "a.csv",
              "step,loss,split,accuracy\n5,2,test,0.5\n10,1,test,0.75\n5,3,train,\n10,1e300,train,\n");
  ASSERT_TRUE(d.lab().open(folder.path()));
  d.settle();
  ASSERT_EQ(d.runs_lab().elsewhere().runs().size(), 1u);
  const Curves& curves = d.runs_lab().elsewhere().runs()[0].curves;
  EXPECT_EQ(curves.validation_accuracy.size(), 2u);
  EXPECT_EQ(curves.validation_accuracy.back(), (widgets::Sample{10, 0.75}));
  ASSERT_EQ(curves.loss.raw().size(), 2u);
  EXPECT_TRUE(std::isnan(curves.loss.raw().back().y)) << "more than any loss that is measured";
}

TEST(RunsLab, WhatIsNotFromElsewhereIsLeftToOthers) {
  Driver d;
  const Tables folder;
  write_table(folder / "kept" / "metrics.csv", "step,loss\n1,2\n");
  write_table(folder / "kept" / "config.json", "");
  write_table(folder / "matrix.csv", "1,2\n3,4\n");
  write_table(folder / "pictures" / "labels.csv", "step\nloss\n");
  write_table(folder / "pictures" / "cat" / "1.png", "");
  const struct {
    std::filesystem::path path;
    bool opens;
  } rows[] = {{folder.path(), true},        {folder / "plain", true},
              {folder / "wide.csv", true},  {folder / "bent.csv", true},
              {folder / "kept", false},     {folder / "matrix.csv", false},
              {folder / "pictures", false}, {folder / "nowhere", false},
              {folder / "", true},          {folder / "plain" / "metrics.csv", true}};
  for (const auto& [path, opens] : rows) EXPECT_EQ(d.lab().open(path), opens) << path;
}

TEST(RunsLab, AFolderWithoutRunsSaysSoAndOfManyDamagedThreeAreNamed) {
  Driver d;
  const io::TemporaryFolder folder;
  const auto show = [&](const std::filesystem::path& place) {
    shell::load_state(R"({"view": {"elsewhere": ")" + place.string() + "\"}}", d.lab());
    d.settle();
  };
  show(folder.path());
  EXPECT_TRUE(d.says("No run is here")) << d.app().transcript();
  show(folder / "nowhere");
  EXPECT_TRUE(d.says("nowhere: there is neither a folder nor a file"));
  EXPECT_FALSE(d.says("No run is here"));
  for (const char* name : {"a.csv", "b.csv", "c.csv", "d.csv", "e.csv"}) write_table(folder / name, "step\n");
  show(folder.path());
  EXPECT_TRUE(d.says("c.csv: line 1: no column loss"));
  EXPECT_FALSE(d.says("d.csv"));
  EXPECT_TRUE(d.says("and 2 more"));
  EXPECT_FALSE(d.says("without its weights"));
}

}  // namespace
}  // namespace vitrine::labs::runs_lab_test
