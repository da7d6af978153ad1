#include "app/labs/training/lab.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/app/app_driver.h"

namespace vitrine::labs {
namespace {

using train::TrainStatus;

// The lab on a small model of generated digits, so that a step takes little time.
struct Driver : AppDriver {
  Driver() : AppDriver(one()) {
    Training::Params params;
    params.config = train::preset("demo").value();
    params.config.dataset = {train::DatasetKind::kDigits, "", 512, 128};
    params.config.model.depth = 2;
    params.config.model.embed_dim = 16;
    params.config.model.mlp_dim = 16;
    params.config.optimizer.learning_rate = 1e-3;
    params.config.threads = 1;
    lab_of().adopt(params);
    settle();
  }
  Training& lab_of() { return dynamic_cast<Training&>(lab()); }
  const train::TrainSnapshot& seen() { return *lab_of().snapshot(); }
  // Frames until the trainer says what is waited for.
  template <class Done>
  bool until(Done done) {
    for (int i = 0; i < 20'000 && !done(); ++i) {
      frames(1);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return done();
  }

 private:
  static std::vector<std::unique_ptr<Lab>> one() {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<Training>(nullptr));
    return labs;
  }
};

TEST(TrainingLab, WaitsUntrainedAndSaysSo) {
  Driver d;
  EXPECT_EQ(d.seen().status, TrainStatus::kPaused);
  EXPECT_EQ(d.seen().step, 0);
  EXPECT_TRUE(d.lab_of().curves().loss.empty());
  EXPECT_EQ(d.seen().probe.attention.shape(), (core::Shape{2, 4, 17, 17}));
  EXPECT_NE(d.lab().explain().words.find("Nothing is learnt yet"), std::string::npos);
}

TEST(TrainingLab, SpaceRunsAndPausesAndRightIsOneStep) {
  Driver d;
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().step == 1; }));
  EXPECT_EQ(d.seen().status, TrainStatus::kPaused);
  EXPECT_EQ(d.lab_of().curves().loss.size(), 1u);
  EXPECT_NEAR(d.lab_of().curves().loss[0].y, std::log(10), 0.7) << "the first loss is near ln 10";
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().step > 20; }));
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kPaused; }));
  EXPECT_EQ(static_cast<core::Index>(d.lab_of().curves().loss.size()), d.seen().step) << "no point is lost";
}

TEST(TrainingLab, LearningRateChangesWhileItRunsAndLeavesAMark) {
  Driver d;
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().step == 1; }));
  d.type("Learning rate", "0.0004");
  ASSERT_TRUE(d.until([&] { return d.seen().config.optimizer.learning_rate == 4e-4; }));
  EXPECT_EQ(d.seen().step, 1) << "the run goes on";
  ASSERT_EQ(d.lab_of().curves().marks.size(), 1u);
  EXPECT_EQ(d.lab_of().curves().marks[0].name, "learning rate 0.001 → 0.0004");
  d.key(shell::Key::kZ, true);
  EXPECT_TRUE(d.until([&] { return d.seen().config.optimizer.learning_rate == 1e-3; }))
      << "undo reaches the trainer";
}

TEST(TrainingLab, WhatIsBuiltInWaitsForReset) {
  Driver d;
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().step == 1; }));
  d.type("Heads", "2");
  d.frames(2);
  EXPECT_TRUE(d.says("Reset begins a new one")) << d.app().transcript();
  EXPECT_EQ(d.seen().model.heads, 4);
  d.click("Reset");
  ASSERT_TRUE(d.until([&] { return d.seen().model.heads == 2 && d.seen().step == 0; }));
  EXPECT_TRUE(d.lab_of().curves().loss.empty());
  EXPECT_FALSE(d.says("Reset begins a new one"));
}

TEST(TrainingLab, ImpossibleModelSaysWhichRuleFailsAndTheRunStays) {
  Driver d;
  d.type("Patch size", "5");
  d.click("Reset");
  ASSERT_TRUE(d.until([&] { return d.says("patch_size"); })) << d.app().transcript();
  d.type("Patch size", "7");
  d.click("Reset");
  EXPECT_TRUE(
      d.until([&] { return d.seen().status == TrainStatus::kPaused && !d.seen().probe.pixels.empty(); }));
}

TEST(TrainingLab, DivergenceSaysSoAndANewRunStarts) {
  Driver d;
  d.lab_of().adopt([&] {
    auto p = d.lab_of().params();
    p.config.optimizer.kind = nn::OptimizerKind::kSgd;
    p.config.optimizer.learning_rate = 1e30;
    return p;
  }());
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kDiverged; }));
  EXPECT_NE(d.seen().message.find("diverged at step"), std::string::npos) << d.seen().message;
  EXPECT_TRUE(d.until([&] { return d.says("diverged at step"); })) << d.app().transcript();
  d.lab_of().adopt([&] {
    auto p = d.lab_of().params();
    p.config.optimizer.learning_rate = 1e-3;
    return p;
  }());
  d.key(shell::Key::kRight);
  EXPECT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kPaused && d.seen().step == 1; }));
}

TEST(TrainingLab, MissingFilesFallBackToDigitsAndSayWhatToGet) {
  Driver d;
  d.lab_of().adopt([&] {
    auto p = d.lab_of().params();
    p.config.dataset = {train::DatasetKind::kMnist, "/nowhere", 512, 128};
    return p;
  }());
  ASSERT_TRUE(d.until([&] { return !d.seen().dataset.note.empty(); }));
  EXPECT_EQ(d.seen().dataset.name, "digits");
  EXPECT_NE(d.seen().dataset.note.find("/nowhere"), std::string::npos) << d.seen().dataset.note;
}

// Frames go on while the pictures are made, and each says how far that is.
TEST(TrainingLab, ShowsHowMuchIsLoadedFrameByFrame) {
  Driver d;
  d.lab_of().adopt([&] {
    auto p = d.lab_of().params();
    p.config.dataset.train_limit = 4'000;
    return p;
  }());
  std::set<std::string> said;
  ASSERT_TRUE(d.until([&] {
    if (d.lab().time_words().starts_with("loading ")) said.insert(d.lab().time_words());
    return d.seen().status == TrainStatus::kPaused && d.seen().dataset.train_count == 4'000;
  }));
  EXPECT_FALSE(said.empty());
  for (const auto& words : said) EXPECT_TRUE(words.ends_with(" %")) << words;
}

TEST(TrainingLab, AHeadIsChosenByAClickAndAPatchPinned) {
  Driver d;
  const auto heads = d.find("heads");
  d.click(widgets::Point{heads.x + heads.w * 2.5f / 4, heads.y + heads.h * 1.5f / 2});
  EXPECT_EQ(d.lab_of().view().layer, 1);
  EXPECT_EQ(d.lab_of().view().head, 2);
  const auto probe = d.find("probe");
  d.click(widgets::Point{probe.x + probe.w * 0.6f, probe.y + probe.h * 0.1f});
  EXPECT_EQ(d.lab_of().view().pinned_token, 3);  // the class token is 0, the third patch 3
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.lab_of().view().pinned_token);
}

}  // namespace
}  // namespace vitrine::labs
