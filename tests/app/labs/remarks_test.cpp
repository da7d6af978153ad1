#include "app/labs/training/remarks.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>

#include "app/labs/workbench/workbench.h"
#include "tests/app/recording_canvas.h"

namespace vitrine::labs {
namespace {

using testing::HasSubstr;
using train::Remark;
using train::RemarkKind;
using train::Severity;
using widgets::Rect;

constexpr Rect kBox{20, 30, 520, 420};

std::vector<Remark> three() {
  return {
      {RemarkKind::kNothingLearnt,
       Severity::kTrouble,
       1,
       400,
       "Nothing is learnt in 400 steps.",
       {{"mean loss", 2.345, 400}, {"loss of guessing", 2.303, 0}}},
      {RemarkKind::kSpike,
       Severity::kWarning,
       257,
       257,
       "The loss leapt to 50 at step 257, from a usual 2.33.",
       {{"loss", 50, 257}, {"gradient norm of the update before", 0.133, 256}}},
      {RemarkKind::kBlind, Severity::kNote, 1, 400, "The whole picture is one patch.", {{"patches", 1, 0}}}};
}

bool drawn(const RecordingCanvas& canvas, std::string_view words) {
  return std::ranges::any_of(canvas.texts,
                             [&](const auto& text) { return text.words.find(words) != std::string::npos; });
}

struct Panel {
  std::optional<RemarkTouch> draw(const std::vector<Remark>& remarks, const std::string& hand = "",
                                  bool click = false, const Rect& box = kBox) {
    canvas = std::make_unique<RecordingCanvas>();
    if (!hand.empty()) canvas->hands[hand] = {.hovered = true, .clicked = click};
    return draw_remarks(*canvas, box, remarks, view);
  }
  std::unique_ptr<RecordingCanvas> canvas;
  RemarksView view;
};

TEST(Remarks, WithoutEvidenceThereIsNone) {
  Panel panel;
  EXPECT_FALSE(panel.draw({}));
  EXPECT_TRUE(drawn(*panel.canvas, "no evidence of trouble"));
}

TEST(Remarks, TheWorstIsOpenAndAClickOpensAnother) {
  Panel panel;
  EXPECT_FALSE(panel.draw(three()));
  EXPECT_TRUE(drawn(*panel.canvas, "Nothing is learnt in 400 steps."));
  EXPECT_TRUE(drawn(*panel.canvas, "trouble · steps 1 – 400"));
  EXPECT_TRUE(drawn(*panel.canvas, "warning · step 257"));
  EXPECT_TRUE(drawn(*panel.canvas, "note · steps 1 – 400"));
  EXPECT_FALSE(drawn(*panel.canvas, "The loss leapt"));

  const auto touch = panel.draw(three(), "remark Spike", true);
  ASSERT_TRUE(touch);
  EXPECT_EQ(touch->remark, 1U);
  EXPECT_EQ(touch->from, 257);
  EXPECT_EQ(touch->to, 257);
  EXPECT_TRUE(touch->clicked);
  EXPECT_FALSE(touch->batch);
  panel.draw(three());
  EXPECT_TRUE(drawn(*panel.canvas, "The loss leapt"));
  EXPECT_FALSE(drawn(*panel.canvas, "Nothing is learnt in 400"));
  // It is gone: the worst one is open again.
  panel.draw({three()[0], three()[2]});
  EXPECT_TRUE(drawn(*panel.canvas, "Nothing is learnt in 400"));
}

TEST(Remarks, ANumberLeadsToTheStepThatSaysSo) {
  Panel panel;
  panel.view.open = RemarkKind::kSpike;
  const auto touch = panel.draw(three(), "remark gradient norm of the update before", true);
  ASSERT_TRUE(touch);
  EXPECT_EQ(touch->from, 256);
  EXPECT_EQ(touch->to, 256);
  EXPECT_TRUE(touch->clicked);
  EXPECT_TRUE(drawn(*panel.canvas, "0.133"));
  EXPECT_TRUE(drawn(*panel.canvas, "step 256"));
  const auto marks = marks_of(*touch, three());
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(marks[0].x, 256);
  EXPECT_EQ(marks[0].name, "Spike");
}

TEST(Remarks, ARangeIsLitAtBothEnds) {
  Panel panel;
  const auto touch = panel.draw(three(), "remark Nothing learnt yet");
  ASSERT_TRUE(touch);
  EXPECT_FALSE(touch->clicked);
  const auto marks = marks_of(*touch, three());
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_EQ(marks[0].x, 1);
  EXPECT_EQ(marks[1].x, 400);
}

TEST(Remarks, OnlyASpikeShowsItsBatch) {
  Panel panel;
  EXPECT_FALSE(panel.draw({three()[0], three()[2]}, "remark batch", true));
  const auto touch = panel.draw(three(), "remark batch", true);
  ASSERT_TRUE(touch);
  EXPECT_TRUE(touch->batch);
  EXPECT_EQ(touch->from, 257);
  EXPECT_FALSE(touch->clicked);
}

// Where there is little room the heads are chips that open the same way.
TEST(Remarks, ALowBoxHasChips) {
  const Rect low{20, 30, 420, 200};
  Panel panel;
  panel.draw(three(), "", false, low);
  EXPECT_TRUE(drawn(*panel.canvas, "Nothing is learnt in 400 steps."));
  const auto* worst = panel.canvas->find("Nothing learnt yet");
  const auto* spike = panel.canvas->find("Spike");
  ASSERT_TRUE(worst && spike);
  EXPECT_EQ(worst->box.y, spike->box.y) << "side by side";
  EXPECT_GT(spike->box.x, worst->box.right());
  const auto touch = panel.draw(three(), "remark Spike", true, low);
  ASSERT_TRUE(touch);
  EXPECT_EQ(touch->from, 257);
  panel.draw(three(), "", false, low);
  EXPECT_TRUE(drawn(*panel.canvas, "The loss leapt"));
  EXPECT_TRUE(panel.draw(three(), "remark batch", true, low)->batch);
}

TEST(Remarks, TheWheelScrollsWordsThatDoNotFitAWholeLineAtATime) {
  std::vector<Remark> remarks = three();
  remarks[0].words = "first";
  for (int i = 0; i < 200; ++i) remarks[0].words += " word" + std::to_string(i);
  const Rect low{20, 30, 300, 200};
  Panel panel;
  panel.draw(remarks, "", false, low);
  EXPECT_TRUE(drawn(*panel.canvas, "first word0"));
  EXPECT_FALSE(drawn(*panel.canvas, "word199"));
  EXPECT_FALSE(drawn(*panel.canvas, "mean loss")) << "the numbers are below the words";
  panel.canvas = std::make_unique<RecordingCanvas>();
  panel.canvas->hands["remark words"] = {.hovered = true, .wheel = -1000};
  draw_remarks(*panel.canvas, low, remarks, panel.view);
  EXPECT_FALSE(drawn(*panel.canvas, "first word0"));
  EXPECT_TRUE(drawn(*panel.canvas, "mean loss"));
  for (const auto& text : panel.canvas->texts) EXPECT_LE(text.box.bottom(), low.bottom()) << text.words;
  panel.draw(remarks, "remark Spike", true, low);
  EXPECT_EQ(panel.view.scrolled, 0) << "another card begins at its first line";
}

TEST(Remarks, NothingLeavesTheBoxWhateverItsWidth) {
  for (const float width : {240.0f, 520.0f, 900.0f}) {
    const Rect box{20, 30, width, 420};
    for (const auto kind : {RemarkKind::kNothingLearnt, RemarkKind::kSpike}) {
      Panel panel;
      panel.view.open = kind;
      panel.draw(three(), "", false, box);
      ASSERT_FALSE(panel.canvas->texts.empty());
      for (const auto& text : panel.canvas->texts) {
        EXPECT_GE(text.box.x, box.x) << text.words;
        EXPECT_LE(text.box.right(), box.right() + 0.5f) << text.words;
        EXPECT_LE(text.box.bottom(), box.bottom()) << text.words;
      }
    }
  }
}

// A run, a few updates long.
train::TrainConfig small() {
  train::TrainConfig config = *train::preset("demo");
  config.dataset = {train::DatasetKind::kDigits, "", 512, 128};
  config.model.depth = 1;
  config.model.embed_dim = 16;
  config.model.mlp_dim = 16;
  config.threads = 1;
  return config;
}

TEST(Remarks, ABatchIsShownWorstPictureFirstWithWhatItWasTakenFor) {
  core::Workers workers(1);
  const train::TrainConfig config = small();
  const auto dataset = load_dataset(config.dataset, config.seed, workers);
  train::Trainer trainer(config, dataset, workers);
  while (trainer.step() < 4) trainer.advance();
  train::Recalled recalled{5, trainer.next_batch(), {}};
  const train::MetricPoint point = trainer.advance().value();
  const auto batch = std::make_shared<const ShownBatch>(shown_batch(recalled));
  EXPECT_EQ(batch->step, 5);
  EXPECT_NEAR(batch->loss, point.loss, 1e-6);
  EXPECT_NEAR(batch->grad_norm, point.grad_norm, 1e-5 * point.grad_norm);
  ASSERT_EQ(batch->pictures.size(), 32U);
  EXPECT_TRUE(std::ranges::is_sorted(batch->pictures, std::greater(), &CaptionedPicture::loss));
  for (const CaptionedPicture& picture : batch->pictures) {
    EXPECT_EQ(picture.label, dataset->train.labels[picture.number]);
    EXPECT_EQ(picture.pixels.shape(), (core::Shape{28, 28}));
    EXPECT_EQ(picture.pixels[400],
              static_cast<float>(dataset->train.images[picture.number * 784 + 400]) / 255);
    EXPECT_GE(picture.probability, 0.1);
  }

  RecordingCanvas canvas;
  canvas.hands["batch picture 2"] = {.hovered = true};
  const auto touch = draw_batch(canvas, {0, 0, 560, 600}, batch, dataset->class_names);
  ASSERT_TRUE(touch);
  EXPECT_EQ(touch->picture, 1);
  EXPECT_EQ(canvas.heatmaps.size(), 32U);
  EXPECT_EQ(canvas.heatmaps[0], &batch->pictures[0].pixels);
  EXPECT_TRUE(drawn(canvas, "32 pictures, largest loss first"));
  EXPECT_TRUE(drawn(canvas, "Batch of step 5"));
  for (const auto& text : canvas.texts) EXPECT_LE(text.box.bottom(), 600) << text.words;
  RecordingCanvas narrow;
  draw_batch(narrow, {0, 0, 200, 260}, batch, dataset->class_names);
  EXPECT_LT(narrow.heatmaps.size(), 32U);
  EXPECT_GT(narrow.heatmaps.size(), 2U);
}

TEST(Remarks, TheWorkbenchTellsEveryRunsDoctor) {
  Workbench bench(nullptr);
  Workbench::Params params;
  params.config = small();
  params.config.optimizer.learning_rate = 3;
  params.config.schedule.warmup_steps = 0;
  bench.adopt(params);
  bench.settle(40);
  ASSERT_TRUE(bench.runs().back().doctor);
  const auto remarks = bench.runs().back().doctor->remarks();
  ASSERT_FALSE(remarks.empty());
  EXPECT_EQ(remarks.front().kind, RemarkKind::kAboveGuessing);
  EXPECT_EQ(remarks.front().to, 40);
  EXPECT_THAT(remarks.front().words, HasSubstr("changed a typical weight tensor")) << "health has come too";
  params.config.optimizer.learning_rate = 1e-3;
  params.config.seed = 1;
  bench.adopt(params);
  bench.settle(40);
  ASSERT_TRUE(bench.runs().back().doctor);
  EXPECT_TRUE(bench.runs().back().doctor->remarks().empty());
}

// A fork's doctor knows what the run that it leaves had done up to there, and nothing of what came later.
TEST(Remarks, AForksDoctorBeginsWithItsPast) {
  Workbench::Params params;
  params.config = small();
  params.config.optimizer.learning_rate = 3e-9;  // nothing can be learnt
  params.config.epochs = 1000;
  Workbench bench(nullptr);
  const auto change_rate = [&](Workbench& of, double rate) {
    Workbench::Params changed = of.params();
    changed.config.optimizer.learning_rate = rate;
    of.edit(changed, false);
  };
  const auto remark = [](const Workbench& of, RemarkKind kind) {
    const auto& all = of.runs().back().remarks;
    const auto found = std::ranges::find(all, kind, &train::Remark::kind);
    return found == all.end() ? std::optional<train::Remark>() : std::optional(*found);
  };
  bench.adopt(params);
  bench.settle(300);
  ASSERT_TRUE(remark(bench, RemarkKind::kNothingLearnt));
  change_rate(bench, 1e3);
  bench.settle(420);
  ASSERT_TRUE(remark(bench, RemarkKind::kRateTooHigh)) << "what comes after the fork";
  const std::int64_t parent = bench.runs().back().id;

  bench.look_at(290);
  change_rate(bench, 3e-9);
  bench.toggle_play();
  for (int i = 0; i < 60'000 && (bench.snapshot()->run_id == parent || bench.snapshot()->step < 300); ++i) {
    bench.poll({});
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  bench.toggle_play();
  bench.settle(bench.playhead().t);
  const Workbench::Run& fork = bench.runs().back();
  ASSERT_EQ(fork.forked_at, 290);
  const auto nothing = remark(bench, RemarkKind::kNothingLearnt);
  ASSERT_TRUE(nothing) << "which takes more steps than the fork has done";
  EXPECT_EQ(nothing->from, 1);
  EXPECT_FALSE(remark(bench, RemarkKind::kRateTooHigh));
  for (const train::Remark& each : fork.remarks) EXPECT_LE(each.to, bench.last_step()) << each.words;

  // The points are those of a run that was never left.
  Workbench straight(nullptr);
  straight.adopt(params);
  straight.settle(static_cast<double>(bench.last_step()));
  const auto same = remark(straight, RemarkKind::kNothingLearnt);
  ASSERT_TRUE(same);
  EXPECT_EQ(nothing->words, same->words);
  EXPECT_EQ(nothing->numbers, same->numbers);
}

}  // namespace
}  // namespace vitrine::labs
