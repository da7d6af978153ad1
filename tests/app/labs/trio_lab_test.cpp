#include "app/labs/trio/lab.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/text.h"
#include "tests/app/app_driver.h"
#include "tests/app/recording_canvas.h"

namespace vitrine::labs::trio_lab_test {
namespace {

using core::Index;
using train::TrainStatus;

// The lab on few digits and a small ViT, so that a round takes little time.
struct Driver : AppDriver {
  explicit Driver(float width = 1280, float height = 2400) : AppDriver(one(), width, height) {
    Trio::Params params;
    auto& run = params.contest.reference;
    run.dataset = {train::DatasetKind::kDigits, "", 320, 128};
    run.model.depth = 1;
    run.model.embed_dim = 32;
    run.model.head_dim = 8;
    run.model.mlp_dim = 64;
    run.epochs = 2;
    run.threads = 1;
    params.reach = 2;
    params.shift_images = 64;
    lab_of().adopt(params);
    settle();
  }
  Trio& lab_of() { return dynamic_cast<Trio&>(lab()); }
  const train::RaceSnapshot& seen() { return *lab_of().snapshot(); }
  // A text on the stage begins so.
  bool drawn(const std::string& words) {
    RecordingCanvas canvas;
    lab().draw(canvas);
    return std::ranges::any_of(canvas.texts, [&](const auto& text) { return text.words.starts_with(words); });
  }
  bool run_to_the_end() {
    lab().toggle_play();
    return until([&] {
      return lab_of().snapshot() && seen().status == TrainStatus::kDone && lab_of().shifts() &&
             lab_of().shifts()->question.models[0].images == 640;
    });
  }

 private:
  static std::vector<std::unique_ptr<Lab>> one() {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<Trio>(nullptr));
    return labs;
  }
};

TEST(TrioLab, StandsReadyWithFourOfEqualSize) {
  Driver d;
  const auto& all = d.lab_of().contestants();
  ASSERT_EQ(all.size(), 4u);
  for (const auto& each : all) EXPECT_LE(std::abs(each.off), 0.02) << each.name;
  EXPECT_EQ(d.seen().status, TrainStatus::kPaused);
  EXPECT_EQ(d.lab().explain().words, "Nothing is learnt yet. Press play: all see the same batches.");
  EXPECT_EQ(d.lab().time_words(), "paused  0 of 640 images each");
  EXPECT_TRUE(d.drawn(core::grouped(all[1].size.parameters) + " parameters"));
}

// The drawn rows hold all that the model has, and the formula of each counts right.
TEST(TrioLab, EveryCurveIsNamedAndAMapsRowsAndColumnsAreNumbered) {
  Driver d;
  RecordingCanvas canvas;
  d.lab().draw(canvas);
  for (const char* name : {"ViT", "CNN", "MLP", "Frozen CNN"})
    EXPECT_EQ(std::ranges::count(canvas.texts, name, &RecordingCanvas::Text::words), 2)
        << name << ": above its column and beside the curves";
  d.lab().step(1);
  ASSERT_TRUE(d.until([&] { return d.lab_of().shifts() != nullptr; }));
  d.click("trio Shifted pictures");
  EXPECT_TRUE(d.drawn("columns: px right →, rows: px down ↓"));
  RecordingCanvas maps;
  d.lab().draw(maps);
  EXPECT_EQ(std::ranges::count(maps.texts, "+2", &RecordingCanvas::Text::words), 8)
      << "a row and a column of each of four maps";
}

TEST(TrioLab, RowsAndFormulasCountTheModels) {
  Driver d;
  for (const auto& contestant : d.lab_of().contestants()) {
    Index parameters = 0, work = 0, forward = 0;
    for (const LayerRow& row : layer_rows(contestant, {1, 28, 28})) {
      parameters += row.parameters;
      work += row.multiply_adds;
    }
    for (const auto& facts : contestant.layers) forward += facts.multiply_adds;
    EXPECT_EQ(parameters, contestant.size.parameters) << contestant.name;
    EXPECT_EQ(work, forward) << contestant.name;
  }
  const auto vit = layer_rows(d.lab_of().contestants()[0], {1, 28, 28});
  ASSERT_EQ(vit.size(), 5u);
  EXPECT_EQ(vit[0].name, "patches 7 × 7");
  EXPECT_EQ(vit[0].parameters, 32 * (49 + 1) + 32 + 17 * 32);
  EXPECT_EQ(vit[1].parameters, 4 * 32 * 4 * 8 + 32);
  EXPECT_EQ(vit[1].multiply_adds, 4 * 17 * 32 * 4 * 8 + 2 * 17 * 17 * 4 * 8);
  EXPECT_EQ(vit[2].parameters, 64 * 33 + 32 * 65);
  EXPECT_EQ(vit[3].parameters, 3 * 2 * 32);
  EXPECT_EQ(widgets::plain_text(vit[1].parameter_formula),
            "parameters = L(4 · D · h · Dh + D) = 1(4 · 32 · 4 · 8 + 32) = 4,128");
}

TEST(TrioLab, PointingAtALayerExplainsItAndAClickPinsIt) {
  Driver d;
  const Index filters = d.lab_of().contestants()[1].model.layers[0].filters;
  const std::string lit = "= " + core::grouped(filters * 26);
  EXPECT_NE(widgets::plain_text(d.lab().explain()).find(lit), std::string::npos)
      << "the first convolution, until something is pointed at: " << widgets::plain_text(d.lab().explain());
  d.click("layer 2 0");
  EXPECT_EQ(d.lab_of().view().pinned, (Trio::Spot{2, 0}));
  const Index units = d.lab_of().contestants()[2].model.layers[0].units;
  EXPECT_NE(widgets::plain_text(d.lab().explain()).find("= " + core::grouped(units * 785)),
            std::string::npos);
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.lab_of().view().pinned);
}

TEST(TrioLab, RightIsOneUpdateOfEachAndSpaceRunsAndPauses) {
  Driver d;
  Trio::Params params = d.lab_of().params();
  params.contest.reference.epochs = 1000;  // it is not done before the pause
  d.lab_of().adopt(params);
  d.settle();
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().runners[3].step == 1; }));
  for (const auto& runner : d.seen().runners) EXPECT_EQ(runner.step, 1);
  EXPECT_EQ(d.lab().time_words(), "paused  32 of 320,000 images each");
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().runners[0].step > 3; }));
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.seen().status == TrainStatus::kPaused; }));
  d.frames(1);  // a point may come after its snapshot
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(static_cast<Index>(d.lab_of().tracks()[i].by_images.loss.raw().size()),
              d.seen().runners[i].step);
}

TEST(TrioLab, TheEndIsSaidInWordsFromTheNumbers) {
  Driver d;
  ASSERT_TRUE(d.run_to_the_end());
  d.frames(2);
  std::vector<Standing> standings;
  for (std::size_t i = 0; i < 4; ++i) {
    const Track& track = d.lab_of().tracks()[i];
    ASSERT_EQ(track.by_images.validation.size(), 2u);
    EXPECT_EQ(track.by_images.validation[1].x, 640);
    EXPECT_EQ(track.by_seconds.validation[1].x, track.validated->seconds);
    EXPECT_EQ(d.lab_of().shifts()->by_distance[i].size(), 3u);
    standings.push_back(
        {d.lab_of().contestants()[i].name, track.validated, d.lab_of().shifts()->by_distance[i]});
  }
  EXPECT_EQ(d.lab().explain().words, accuracy_words(standings));
  d.click("trio Shifted pictures");
  EXPECT_EQ(d.lab().explain().words, shift_words(standings, 2));
}

TEST(TrioLab, AShiftIsPointedAtAndTheProbeMovesAlong) {
  Driver d;
  ASSERT_TRUE(d.run_to_the_end());
  d.click("trio Shifted pictures");
  const auto before = d.lab_of().probe()->picture;
  const widgets::Rect map = d.find("shift map 1");
  d.click(widgets::Point{map.x + map.w * 0.9f, map.y + map.h * 0.5f});  // two to the right of the middle
  EXPECT_EQ(d.lab_of().view().pinned_shift, (train::PixelShift{0, 2}));
  ASSERT_TRUE(d.until([&] { return d.lab_of().probe()->question.shift == train::PixelShift{0, 2}; }));
  const auto& moved = d.lab_of().probe()->picture;
  for (Index y = 0; y < 28; ++y) EXPECT_EQ(moved(y, 15), before(y, 13));
  const double accuracy = d.lab_of().shifts()->maps[1].at({0, 2});
  d.frames(2);
  EXPECT_TRUE(d.drawn(core::shown(100 * accuracy, 3) + " %"));
  EXPECT_TRUE(d.drawn("Image 0: 0, 2 px right"));
}

TEST(TrioLab, AnEditBeforeTheStartIsTakenAtOnceAndLaterWaitsForReset) {
  Driver d;
  const Index before = d.lab_of().contestants()[2].size.parameters;
  d.type("MLP dim", "128");
  EXPECT_GT(d.lab_of().contestants()[2].size.parameters, before);
  ASSERT_TRUE(d.until([&] { return d.lab_of().snapshot() && !d.seen().runners.empty(); }));
  d.key(shell::Key::kRight);
  ASSERT_TRUE(d.until([&] { return d.seen().runners[3].step == 1; }));
  d.click("Frozen CNN=off");
  d.frames(2);
  EXPECT_TRUE(d.says("Reset begins a new one"));
  EXPECT_EQ(d.seen().runners.size(), 4u);
  d.click("Reset");
  ASSERT_TRUE(d.until([&] { return d.lab_of().snapshot() && d.seen().runners.size() == 3; }));
  EXPECT_EQ(d.seen().runners[0].step, 0);
  d.key(shell::Key::kZ, true);
  EXPECT_TRUE(d.until([&] { return d.lab_of().contestants().size() == 4; })) << "undone, nothing was learnt";
}

TEST(TrioLab, WhatCannotBeMatchedIsSaidAndTheRaceStays) {
  Driver d;
  d.type("Patch size", "5");
  EXPECT_TRUE(d.says("does not divide")) << d.app().transcript();
  EXPECT_EQ(d.lab_of().contestants()[0].model.patch_size, 7);
  d.type("Patch size", "7");
  EXPECT_TRUE(d.lab_of().problem().empty());
}

// What a session's file may hold: no crash, and one line that says what is wrong.
TEST(TrioLab, HostileParamsAreBroughtBackOrRefused) {
  Driver d;
  auto params = d.lab_of().params();
  auto& reference = params.contest.reference;
  const auto refused = [&](const char* words) {
    d.lab_of().adopt(params);
    d.frames(2);
    EXPECT_NE(d.lab_of().problem().find(words), std::string::npos) << d.lab_of().problem();
    reference = Trio::Params().contest.reference;
  };
  reference.model = train::ModelConfig::of(train::ModelKind::kMlp);
  refused("a contest's reference is a vit");
  reference.model.heads = 0;
  refused("model.heads 0");
  reference.model.patch_size = 0;
  refused("model.patch_size 0");
  reference.model.embed_dim = std::numeric_limits<Index>::max();
  refused("model.embed_dim");
  reference.model.embed_dim = 1 << 14;
  reference.model.depth = 256;
  refused("units");
  EXPECT_EQ(d.lab_of().contestants().size(), 4u) << "the race stays";
}

TEST(TrioLab, DivergenceOfOneIsSaidInItsColumn) {
  Driver d;
  auto params = d.lab_of().params();
  params.contest.reference.optimizer.kind = nn::OptimizerKind::kSgd;
  params.contest.reference.optimizer.learning_rate = 1e30;
  d.lab_of().adopt(params);
  d.lab().toggle_play();
  ASSERT_TRUE(d.until([&] { return d.lab_of().snapshot() && d.seen().status == TrainStatus::kDone; }));
  d.frames(2);
  EXPECT_TRUE(d.drawn("diverged at step"));
  EXPECT_TRUE(d.says("CNN diverged at step")) << d.app().transcript();
}

TEST(TrioWords, NameTheBestFirstAndWhatAShiftCosts) {
  const auto point = [](Index epoch, double accuracy) {
    train::MetricPoint p;
    p.epoch = epoch;
    p.accuracy = accuracy;
    return p;
  };
  EXPECT_EQ(accuracy_words({{"ViT", {}, {}}}), "");
  EXPECT_EQ(shift_words({{"ViT", {}, {}}}, 2), "");
  const std::vector<Standing> three{{"ViT", point(2, 0.84), {.84, .7, .59}},
                                    {"CNN", point(2, 0.881), {.88, .8, .76}},
                                    {"MLP", point(2, 0.86), {.86, .5, .35}}};
  EXPECT_EQ(accuracy_words(three), "After 2 epochs: CNN 88.1 %, MLP 86 % and ViT 84 % right in validation.");
  EXPECT_EQ(shift_words(three, 2),
            "After 2 epochs a shift of 2 px costs CNN 12, MLP 51 and ViT 25 points of accuracy.");
  EXPECT_EQ(shift_words(three, 3), "") << "not measured";
  EXPECT_EQ(accuracy_words({{"ViT", point(1, 0.5), {}}, {"CNN", point(2, 0.75), {}}}),
            "CNN 75 % after 2 epochs and ViT 50 % after 1 epoch right in validation.");
}

}  // namespace
}  // namespace vitrine::labs::trio_lab_test
