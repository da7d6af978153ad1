#include "app/labs/training/lab.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "engine/core/text.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::labs::training_lab_test {
namespace {

using train::TrainStatus;

Workbench::Params small() {
  Workbench::Params params;
  params.config = train::preset("demo").value();
  params.config.dataset = {train::DatasetKind::kDigits, "", 512, 128};
  params.config.model.depth = 2;
  params.config.model.embed_dim = 16;
  params.config.model.mlp_dim = 16;
  params.config.optimizer.learning_rate = 1e-3;
  params.config.threads = 1;
  params.config.epochs = 1000;  // it is not done before a command arrives
  return params;
}

// The lab on a small model of generated digits, so that a step takes little time.
struct Driver : AppDriver {
  explicit Driver(const std::filesystem::path& runs_folder = {}, std::function<void()> wake = nullptr)
      : AppDriver(one(runs_folder, std::move(wake))) {
    bench().adopt(small());
    settle();
  }
  Training& lab_of() { return dynamic_cast<Training&>(lab()); }
  Workbench& bench() { return lab_of().bench(); }
  const Curves& curves() { return bench().runs().back().curves; }
  const train::TrainSnapshot& seen() { return *bench().snapshot(); }

 private:
  static std::vector<std::unique_ptr<Lab>> one(const std::filesystem::path& runs_folder,
                                               std::function<void()> wake) {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<Training>(std::make_shared<Workbench>(std::move(wake), runs_folder)));
    return labs;
  }
};

TEST(TrainingLab, WaitsUntrainedAndSaysSo) {
  Driver d;
  EXPECT_EQ(d.seen().status, TrainStatus::kPaused);
  EXPECT_EQ(d.seen().step, 0);
  EXPECT_TRUE(d.curves().empty());
  EXPECT_EQ(d.bench().looked()->inside.attention.shape(), (core::Shape{2, 4, 17, 17}));
  EXPECT_NE(d.lab().explain().words.find("Nothing is learnt yet"), std::string::npos);
}

TEST(TrainingLab, SpaceRunsAndPausesAndRightIsOneStep) {
  Driver d;
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().step == 1; }));
  EXPECT_EQ(d.seen().status, TrainStatus::kPaused);
  d.frames(1);  // a point may come after its snapshot
  EXPECT_EQ(d.curves().loss.raw().size(), 1u);
  EXPECT_NEAR(d.curves().loss.raw()[0].y, std::log(10), 0.7) << "the first loss is near ln 10";
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().step > 20; }));
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kPaused; }));
  d.frames(1);
  EXPECT_EQ(static_cast<core::Index>(d.curves().loss.raw().size()), d.seen().step) << "no point is lost";
}

// All epochs of 512 images in batches of 32.
TEST(TrainingLab, TheTrackIsTheWholeRunAndSaysWhatIsLeft) {
  Driver d;
  EXPECT_EQ(d.lab().end_step(), d.seen().config.epochs * 16);
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().step == 1; }));
  EXPECT_EQ(d.lab().end_step(), d.seen().config.epochs * 16);
  EXPECT_EQ(d.lab().last_step(), 1);
  EXPECT_EQ(d.lab().time_words(),
            "paused  step 1 of " + core::grouped(static_cast<core::Index>(d.lab().end_step())));
  const auto track = d.find("scrub");
  d.click(widgets::Point{track.x + 0.9f * track.w, track.center().y});
  EXPECT_EQ(d.lab().playhead().t, 1) << "what is still to come cannot be looked at";
  d.lab().toggle_play();
  EXPECT_TRUE(d.until([&] {
    return d.lab().time_words().starts_with("running") && d.lab().time_words().ends_with(" left");
  }));
}

TEST(TrainingLab, LearningRateChangesWhileItRunsAndLeavesAMark) {
  Driver d;
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().step == 1; }));
  d.type("Learning rate", "0.0004");
  ASSERT_TRUE(d.until([&] { return d.seen().config.optimizer.learning_rate == 4e-4; }));
  EXPECT_EQ(d.seen().step, 1) << "the run goes on";
  const auto& events = d.bench().runs().back().events;
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(to_line(events[0]),
            R"({"step":1,"event":"change","field":"optimizer.learning_rate","old":0.001,"new":4e-04})");
  d.key(shell::Key::kZ, true);
  EXPECT_TRUE(d.until([&] { return d.seen().config.optimizer.learning_rate == 1e-3; }))
      << "undo reaches the trainer";
}

TEST(TrainingLab, TheWheelAndADragOverAPlotAreThePlotsAndNotTheStages) {
  Driver d;
  d.lab().settle(40);
  d.frames(2);
  const auto probe = d.find("probe");
  d.scroll("loss", 3);
  const auto zoom = d.lab_of().view().curves.plots.zoom;
  ASSERT_TRUE(zoom);
  EXPECT_NEAR(zoom->high - zoom->low, 40 / std::pow(1.25, 3), 1e-3);
  d.drag("accuracy", 40);
  EXPECT_LT(d.lab_of().view().curves.plots.zoom->low, zoom->low - 1);
  EXPECT_EQ(d.find("probe").w, probe.w);
  EXPECT_EQ(d.find("probe").x, probe.x);
  d.scroll("probe", 2);
  EXPECT_GT(d.find("probe").w, 1.5f * probe.w) << "beside the plots it is the stage's";
}

TEST(TrainingLab, TheLineIsDraggedBackToAStepOfThePast) {
  Driver d;
  d.lab().settle(40);
  d.frames(2);
  EXPECT_TRUE(d.bench().live());
  const auto loss = d.find("loss");
  d.drag_from({loss.right(), loss.center().y}, -loss.w / 2);
  EXPECT_FALSE(d.bench().live());
  EXPECT_EQ(d.bench().at(), 20);
  EXPECT_NE(d.lab().explain().words.find("After"), std::string::npos);
  d.drag_from({loss.x + loss.w / 2, loss.center().y}, loss.w);
  EXPECT_TRUE(d.bench().live()) << "at the end it goes on with the run";
}

TEST(TrainingLab, WhatIsBuiltInWaitsForReset) {
  Driver d;
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().step == 1; }));
  d.type("Heads", "2");
  d.frames(2);
  EXPECT_TRUE(d.says("Reset to apply: heads 4 → 2")) << d.app().transcript();
  EXPECT_EQ(d.seen().model.heads, 4);
  d.click("Reset");
  ASSERT_TRUE(d.until([&] { return d.seen().model.heads == 2 && d.seen().step == 0; }));
  EXPECT_TRUE(d.curves().empty());
  EXPECT_FALSE(d.says("Reset to apply"));
}

TEST(TrainingLab, ThePastTakesTheMemoryThatItIsGivenWithTheNextReset) {
  Driver d;
  EXPECT_EQ(d.seen().past.most_bytes, core::Index{256} << 20);
  d.type("Memory (MiB)", "1");
  EXPECT_EQ(d.seen().past.most_bytes, core::Index{256} << 20);
  d.click("Reset");
  ASSERT_TRUE(d.until([&] { return d.seen().past.most_bytes == 1 << 20; }));
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().step > 60; }));
  EXPECT_LE(d.seen().past.kept_bytes, 1 << 20);
  EXPECT_GT(d.seen().past.kept.size(), 2u);
  EXPECT_TRUE(d.says(" of 1 MiB")) << d.app().transcript();
}

TEST(TrainingLab, ImpossibleModelSaysWhichRuleFailsAndTheRunStays) {
  Driver d;
  d.type("Patch size", "5");
  d.click("Reset");
  ASSERT_TRUE(d.until([&] { return d.says("Patch size 5: does not divide"); })) << d.app().transcript();
  const std::string why = "No run can begin so. Patch size 5: does not divide an image of 28 x 28";
  EXPECT_EQ(d.app().message(), why);
  d.key(shell::Key::kEscape);
  EXPECT_EQ(d.app().message(), "");
  d.key(shell::Key::kSpace);
  EXPECT_EQ(d.app().message(), why);
  EXPECT_EQ(d.seen().status, TrainStatus::kPaused);
  EXPECT_EQ(d.seen().step, 0);
  d.type("Patch size", "7");
  d.click("Reset");
  EXPECT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kPaused && d.seen().values; }));
}

TEST(TrainingLab, DivergenceSaysSoAndANewRunStarts) {
  Driver d;
  d.bench().adopt([&] {
    auto p = d.bench().params();
    p.config.optimizer.kind = nn::OptimizerKind::kSgd;
    p.config.optimizer.learning_rate = 1e30;
    return p;
  }());
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kDiverged; }));
  EXPECT_NE(d.seen().message.find("diverged at step"), std::string::npos) << d.seen().message;
  EXPECT_TRUE(d.until([&] { return d.says("diverged at step"); })) << d.app().transcript();
  EXPECT_EQ(d.lab().explain().words,
            "Play goes on from step 0, the last good one: lower the learning rate first.");
  d.bench().adopt([&] {
    auto p = d.bench().params();
    p.config.optimizer.learning_rate = 1e-3;
    return p;
  }());
  d.key(shell::Key::kRight);
  EXPECT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kPaused && d.seen().step == 1; }));
}

TEST(TrainingLab, ACnnShowsWhatItsLayersMakeOfTheProbe) {
  Driver d;
  EXPECT_FALSE(d.app().items().find("layer 0"));
  d.bench().adopt([&] {
    auto p = d.bench().params();
    p.config.model = train::ModelConfig::of(train::ModelKind::kCnn);
    return p;
  }());
  d.settle();
  EXPECT_EQ(d.bench().looked()->layers.front().shape, (core::Shape{16, 28, 28}));
  d.find("layer 0");
  EXPECT_FALSE(d.app().items().find("heads"));
}

TEST(TrainingLab, MissingFilesFallBackToDigitsAndSayWhatToGet) {
  Driver d;
  d.bench().adopt([&] {
    auto p = d.bench().params();
    p.config.dataset = {train::DatasetKind::kMnist, "/nowhere", 512, 128};
    return p;
  }());
  ASSERT_TRUE(d.until([&] { return d.seen().dataset && !d.seen().dataset->note.empty(); }));
  EXPECT_EQ(d.seen().dataset->name, "digits");
  EXPECT_NE(d.seen().dataset->note.find("/nowhere"), std::string::npos) << d.seen().dataset->note;
}

// Frames go on while the pictures are made, and each says how far that is. Nothing is made before the first.
TEST(TrainingLab, ShowsHowMuchIsLoadedFrameByFrame) {
  std::atomic<bool> held = false;
  const auto let_go = [&] {
    held = false;
    held.notify_all();
  };
  Driver d({}, [&] { held.wait(true); });
  held = true;
  d.bench().adopt([&] {
    auto p = d.bench().params();
    p.config.dataset.train_limit = 2'000;
    return p;
  }());
  std::set<std::string> said;
  EXPECT_TRUE(d.until([&] {
    if (d.lab().time_words().starts_with("loading ")) said.insert(d.lab().time_words());
    if (!said.empty()) let_go();
    return d.seen().status == TrainStatus::kPaused && d.seen().dataset &&
           d.seen().dataset->train.count() == 2'000;
  }));
  let_go();
  EXPECT_FALSE(said.empty());
  for (const auto& words : said) EXPECT_TRUE(words.ends_with(" %")) << words;
}

// A run of `steps` updates in a session's folder, saved when the program went.
void keep_a_run(const std::filesystem::path& session, core::Index steps) {
  Workbench bench(nullptr, session);
  bench.adopt(small());
  bench.settle(static_cast<double>(steps - 2));
  Workbench::Params faster = bench.params();
  faster.config.optimizer.learning_rate = 2e-3;
  bench.edit(faster, false);
  bench.settle(static_cast<double>(steps));
}

TEST(TrainingLab, ARunOfAnEarlierSessionGoesOnFromTheInspector) {
  const io::TemporaryFolder sessions;
  keep_a_run(sessions / "1", 20);
  keep_a_run(sessions / "2", 35);
  Driver d(sessions / "3");
  d.click("Go on with an earlier run");
  ASSERT_TRUE(d.until([&] { return d.says("Go on with run 1"); })) << d.app().transcript();
  for (const char* fact : {"Model vit", "Data digits", "Steps 35", "Best validation "})
    EXPECT_TRUE(d.says(fact)) << fact << " is not in\n" << d.app().transcript();
  d.click("Go on with run 1");
  ASSERT_TRUE(d.until([&] { return d.seen().step == 35; }));
  EXPECT_EQ(d.curves().loss.raw().size(), 35u);
  const auto marks = marks_of(d.bench().runs().back().events);
  ASSERT_EQ(marks.size(), 1u) << "what was changed on the way is marked";
  EXPECT_EQ(marks[0].x, 33);
  EXPECT_EQ(marks[0].after, "0.002");
  d.key(shell::Key::kRight);
  EXPECT_TRUE(d.until([&] { return d.seen().step == 36; }));
  // The one before it, by its path.
  d.click("Run's folder");
  d.write((sessions / "1" / "run 1").string());
  d.key(shell::Key::kEnter);
  d.click("Go on with this folder");
  ASSERT_EQ(d.seen().step, 20) << d.app().message() << d.app().transcript();
  EXPECT_EQ(d.app().message(), "");
}

TEST(TrainingLab, ARunsFolderIsOpenedAsADroppedFileAndADamagedOneLeavesAllAsItWas) {
  const io::TemporaryFolder sessions;
  keep_a_run(sessions / "1", 12);
  const auto run = sessions / "1" / "run 1";
  Driver d;
  d.app().open(run);
  ASSERT_TRUE(d.until([&] { return d.seen().step == 12; }));
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().step == 13; }));
  std::filesystem::resize_file(run / "checkpoint.bin", 1000);
  for (const auto& path : {run, run / "checkpoint.bin"}) {
    d.app().open(path);
    ASSERT_TRUE(d.until([&] { return !d.app().message().empty(); }));
    EXPECT_NE(d.app().message().find("checkpoint.bin: is cut or damaged"), std::string::npos)
        << d.app().message();
    EXPECT_EQ(d.seen().step, 13);
    EXPECT_EQ(d.curves().loss.raw().size(), 13u);
    d.key(shell::Key::kEscape);
  }
  std::filesystem::remove(run / "checkpoint.bin");
  d.app().open(run);
  EXPECT_TRUE(
      d.until([&] { return d.app().message().find("checkpoint.bin: No such file") != std::string::npos; }));
}

TEST(TrainingLab, AHeadIsChosenByAClickAndAPatchPinned) {
  Driver d;
  const auto heads = d.find("heads");
  d.click(widgets::Point{heads.x + heads.w * 2.5f / 4, heads.y + heads.h * 1.5f / 2});
  EXPECT_EQ(d.lab_of().view().head.layer, 1);
  EXPECT_EQ(d.lab_of().view().head.head, 2);
  const auto probe = d.find("probe");
  d.click(widgets::Point{probe.x + probe.w * 0.6f, probe.y + probe.h * 0.1f});
  EXPECT_EQ(d.lab_of().view().pinned_token, 3);  // the class token is 0, the third patch 3
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.lab_of().view().pinned_token);
}

}  // namespace
}  // namespace vitrine::labs::training_lab_test
