#include "app/labs/training/curves_panel.h"

#include <gtest/gtest.h>

#include <cmath>

#include "app/labs/workbench/differences.h"
#include "engine/core/text.h"
#include "tests/app/recording_canvas.h"

namespace vitrine::labs {
namespace {

using core::Index;
using train::EventKind;
using train::MetricSplit;
using widgets::Interval;
using widgets::Sample;

constexpr Index kEpoch = 10;  // steps

train::MetricPoint point(Index step, double loss, MetricSplit split = MetricSplit::kTrain) {
  train::MetricPoint p;
  p.step = step;
  p.epoch = (step - 1) / kEpoch + 1;
  p.split = split;
  p.loss = loss;
  p.accuracy = 0.5;
  p.learning_rate = 1e-3;
  p.grad_norm = 2;
  p.images_per_second = 100;
  return p;
}

// An update a step from `first` to `last`, all images looked at behind each epoch.
void learn(Curves& curves, Index first, Index last, double loss) {
  for (Index step = first; step <= last; ++step) {
    curves.add(point(step, loss));
    if (step % kEpoch == 0) curves.add(point(step, loss, MetricSplit::kValidation));
    if (step % 5 == 0) curves.add(point(step, loss, MetricSplit::kQuick));
  }
}

TEST(Curves, HoldEveryPointAndTheEpochsEnds) {
  Curves curves;
  learn(curves, 1, 25, 2);
  EXPECT_EQ(curves.loss.raw().size(), 25u);
  EXPECT_EQ(curves.quick_loss.size(), 5u);
  EXPECT_EQ(curves.validation_accuracy.size(), 2u);
  EXPECT_EQ(curves.learning_rate.back(), (Sample{25, 1e-3}));
  ASSERT_EQ(curves.epochs.size(), 2u);
  EXPECT_EQ(curves.epochs[1].name, "2");
  EXPECT_EQ(curves.epochs[1].x, 20);
}

TEST(Curves, AStepDoneOtherwiseReplacesAllThatCameAfter) {
  Curves curves;
  learn(curves, 1, 35, 2);
  learn(curves, 16, 22, 1);
  EXPECT_EQ(curves.loss.raw().size(), 22u);
  EXPECT_EQ(curves.loss.raw()[14], (Sample{15, 2}));
  EXPECT_EQ(curves.loss.raw()[15], (Sample{16, 1}));
  EXPECT_EQ(curves.quick_loss.back(), (Sample{20, 1}));
  EXPECT_EQ(curves.quick_loss[2], (Sample{15, 2}));
  EXPECT_EQ(curves.validation_loss.back(), (Sample{20, 1}));
  ASSERT_EQ(curves.epochs.size(), 2u);
  EXPECT_EQ(curves.epochs[1].x, 20);
  EXPECT_EQ(curves.loss.smooth().size(), 22u);
}

TEST(Curves, AForksMeanGoesOnFromItsRuns) {
  Curves curves;
  learn(curves, 1, 3'000, 2);
  Curves fork = curves.fork(2'500);
  EXPECT_EQ(fork.loss.raw().back(), (Sample{2'500, 2}));
  EXPECT_LE(fork.loss.raw().size(), 1000u);
  EXPECT_EQ(fork.epochs.size(), 250u);
  EXPECT_EQ(fork.epochs.back().x, 2'500);
  fork.add(point(2'501, 1));
  EXPECT_NEAR(fork.loss.smooth().back().y, 0.95 * 2 + 0.05 * 1, 1e-9);
  EXPECT_EQ(fork.epochs.size(), 250u) << "that end is known already";
  EXPECT_EQ(curves.loss.raw().size(), 3'000u);
}

TEST(Curves, EventsBecomeMarksWithOldAndNew) {
  const train::Event events[] = {
      {.step = 0, .kind = EventKind::kStart},
      {.step = 40,
       .kind = EventKind::kChange,
       .field = "optimizer.learning_rate",
       .old_value = 0.001,
       .new_value = 0.003},
      {.step = 90, .kind = EventKind::kChange, .field = "batch_size", .old_value = 32.0, .new_value = 64.0},
      {.step = 95, .kind = EventKind::kRewind, .to = 60},
      {.step = 60, .kind = EventKind::kChange, .field = "model.dropout", .old_value = 0.1, .new_value = 0.0},
      {.step = 70, .kind = EventKind::kChange, .field = "epochs", .old_value = 3.0, .new_value = 4.0},
      {.step = 77, .kind = EventKind::kDivergence}};
  const auto marks = marks_of(events);
  ASSERT_EQ(marks.size(), 3u) << "the batch size of step 90 is of no past any more, and epochs teach nothing";
  EXPECT_EQ(marks[0].name + " " + marks[0].before + " " + marks[0].after, "learning rate 0.001 0.003");
  EXPECT_EQ(marks[1].name, "dropout");
  EXPECT_EQ(marks[2].x, 77);
  EXPECT_EQ(marks[2].role, widgets::Role::kTrouble);
}

TEST(Differences, NameTheFieldsThatDiffer) {
  const train::TrainConfig a = train::preset("demo").value();
  train::TrainConfig b = a;
  EXPECT_TRUE(differences(a, b).empty());
  b.optimizer.learning_rate = 0.003;
  b.optimizer.kind = nn::OptimizerKind::kSgd;
  b.model.heads = 2;
  EXPECT_EQ(words_of(differences(a, b)), "heads 2, optimizer kind sgd, learning rate 0.003");
  b.model = train::ModelConfig::of(train::ModelKind::kMlp);
  bool has_layer = false;
  for (const Difference& d : differences(a, b)) has_layer |= d.field.find("layers 1") != std::string::npos;
  EXPECT_TRUE(has_layer);
}

// Run 1 of 300 steps; run 2 leaves it at 100 and is looked at; run 3 leaves that at 150.
struct Family {
  Family() {
    learn(curves[0], 1, 300, 2);
    curves[1] = curves[0].fork(100);
    learn(curves[1], 101, 200, 1.5);
    curves[2] = curves[1].fork(150);
    learn(curves[2], 151, 260, 1);
    picture.box = {0, 0, 600, 700};
    picture.runs = {{1, "Run 1", "dropout 0.2", &curves[0]},
                    {2, "Run 2", "", &curves[1], 1, 100},
                    {3, "Run 3", "learning rate 0.003", &curves[2], 2, 150}};
    picture.runs[0].marks = {{"batch size", 50, "32", "64"}, {"weight decay", 120, "0", "0.1"}};
    picture.looked_at_run = 1;
    picture.step = 170;
  }
  Curves curves[3];
  CurvesPicture picture;
  CurvesView view;
  RecordingCanvas canvas;

  bool says(const std::string& words) const {
    return std::ranges::any_of(canvas.texts,
                               [&](const auto& text) { return text.words.find(words) != std::string::npos; });
  }
};

TEST(CurvesPanel, NamesWhatIsKnownBeforeAnythingIsLearnt) {
  Family f;
  draw(f.canvas, f.picture, f.view);
  EXPECT_TRUE(f.says("ln 10 = 2.303: nothing learnt yet"));
  EXPECT_TRUE(f.says("chance: 0.1"));
  EXPECT_TRUE(f.says("epoch"));
  for (const char* title : {"Loss (nats)", "Accuracy", "Learning rate", "Gradient norm"})
    EXPECT_TRUE(f.says(title));
  EXPECT_FALSE(f.says("Speed (images/s)")) << "only where it is asked for";
  f.view.speed = true;
  draw(f.canvas, f.picture, f.view);
  EXPECT_TRUE(f.says("Speed (images/s)"));
}

TEST(CurvesPanel, BranchesAreNamedWithWhatDiffersAndWhereTheyFork) {
  Family f;
  draw(f.canvas, f.picture, f.view);
  EXPECT_TRUE(f.says("looked at  ·  forks from Run 1 at step 100"));
  EXPECT_TRUE(f.says("dropout 0.2"));
  EXPECT_TRUE(f.says("learning rate 0.003  ·  forks from Run 2 at step 150"));
  EXPECT_TRUE(f.says("Run 3 forks")) << "at its place on the curve";
  EXPECT_TRUE(f.says("batch size 32 → 64")) << "from before the fork";
  EXPECT_FALSE(f.says("weight decay")) << "which run 2 never saw";
}

TEST(CurvesPanel, TheRunThatIsLookedAtIsWholeFromTheFirstStepAndOthersAreDashed) {
  Family f;
  f.view.learning_rate = f.view.grad_norm = false;
  draw(f.canvas, f.picture, f.view);
  const float left = 52, right = 592;
  const auto x_of = [&](double step) { return left + (right - left) * static_cast<float>(step) / 300; };
  // The mean loss: solid to 100 by run 1, from there to 200 by run 2.
  float solid_until = left, dashed_from = right;
  for (const auto& line : f.canvas.polylines) {
    if (line.paint.role != widgets::Role::kInput || line.points.front().x < left) continue;
    if (line.width == 1.8f) {
      EXPECT_LE(line.points.front().x, solid_until + 2);
      solid_until = std::max(solid_until, line.points.back().x);
    } else if (line.width == 1.3f) {
      dashed_from = std::min(dashed_from, line.points.front().x);
    }
  }
  EXPECT_NEAR(solid_until, x_of(200), 0.5);
  EXPECT_NEAR(dashed_from, x_of(100), 3) << "run 1's own later steps";
}

TEST(CurvesPanel, PlotsShareThePointerAndTheLineIsGivenBackAsAStep) {
  Family f;
  const auto hand = [&](float x, bool pressed) {
    widgets::Touch touch{.hovered = true, .held = pressed, .at = {x, 300}};
    touch.pressed = pressed;
    f.canvas.hands["accuracy"] = touch;
    f.canvas.texts.clear();
    return draw(f.canvas, f.picture, f.view);
  };
  const float at_120 = 52 + 540 * 120 / 300.0f, at_170 = 52 + 540 * 170 / 300.0f;
  EXPECT_FALSE(hand(at_120, false));
  EXPECT_NEAR(*f.view.plots.pointed, 120, 0.01);
  const double mean = f.curves[1].loss.smooth().nearest(120)->y;
  EXPECT_TRUE(f.says("training  " + core::shown(mean, 4))) << "in the loss too";
  EXPECT_TRUE(f.says("120"));
  EXPECT_EQ(hand(at_170, true), 170);
}

TEST(CurvesPanel, PlotsWithoutRoomAreLeftOutAndNamed) {
  Family f;
  f.picture.box.h = 300;
  draw(f.canvas, f.picture, f.view);
  EXPECT_TRUE(f.says("Accuracy"));
  EXPECT_TRUE(f.says("No room here for: Gradient norm, Learning rate"));
  EXPECT_FALSE(f.canvas.find("Gradient norm"));
  f.picture.box.h = 150;
  f.canvas.texts.clear();
  draw(f.canvas, f.picture, f.view);
  EXPECT_TRUE(f.canvas.find("Loss (nats)")) << "always";
  EXPECT_TRUE(f.says("No room here for: Accuracy, Gradient norm"));
  f.picture.box.h = 700;
  f.canvas.texts.clear();
  draw(f.canvas, f.picture, f.view);
  EXPECT_FALSE(f.says("No room"));
}

TEST(CurvesPanel, NothingLearntYetIsDrawnToo) {
  const Curves none;
  CurvesPicture picture{.box = {0, 0, 300, 300}, .runs = {{.id = 1, .name = "Run 1", .curves = &none}}};
  CurvesView view;
  RecordingCanvas canvas;
  EXPECT_FALSE(draw(canvas, picture, view));
  EXPECT_TRUE(canvas.polylines.empty());
  EXPECT_TRUE(canvas.find("Loss (nats)"));
}

}  // namespace
}  // namespace vitrine::labs
