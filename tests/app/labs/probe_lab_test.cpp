#include "app/labs/probe/lab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>

#include "engine/core/text.h"
#include "engine/io/image.h"
#include "tests/app/app_driver.h"
#include "tests/app/recording_canvas.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::labs::probe_lab_test {
namespace {

using core::Index;
using core::Tensor;
using widgets::Point;
using widgets::Rect;

// The lab on a small model of generated digits.
struct Driver : AppDriver {
  explicit Driver(train::ModelKind kind = train::ModelKind::kVit) : AppDriver(one()) {
    Workbench::Params params;
    params.config = train::preset("demo").value();
    params.config.dataset = {train::DatasetKind::kDigits, "", 512, 128};
    if (kind == train::ModelKind::kVit) {
      params.config.model.depth = 2;
      params.config.model.embed_dim = 16;
      params.config.model.mlp_dim = 16;
    } else {
      params.config.model = train::ModelConfig::of(kind);
    }
    params.config.threads = 1;
    bench().adopt(params);
    settle();
  }
  ProbeLab& lab_of() { return dynamic_cast<ProbeLab&>(lab()); }
  Workbench& bench() { return lab_of().bench(); }
  const Aside& seen() { return *lab_of().aside(); }
  const train::Inside& inside() { return seen().looked->inside; }
  const Probe& probe() { return bench().params().probe; }
  // A place of the picture, 0 to 1 from its top left.
  Point at(float x, float y) {
    const Rect picture = find("probe");
    return {picture.x + x * picture.w, picture.y + y * picture.h};
  }
  void draw_stroke() {
    const Rect picture = find("probe");
    drag_from(at(0.2f, 0.5f), 0.6f * picture.w);
  }

 private:
  static std::vector<std::unique_ptr<Lab>> one() {
    std::vector<std::unique_ptr<Lab>> labs;
    labs.push_back(std::make_unique<ProbeLab>(std::make_shared<Workbench>(nullptr), nullptr));
    return labs;
  }
};

TEST(ProbeLab, OpensOnTheFirstValidationImageAndExplainsItsGuess) {
  Driver d;
  EXPECT_EQ(d.seen().looked->image, 0);
  EXPECT_FALSE(d.seen().edit);
  EXPECT_EQ(d.seen().grid.tokens(), 17);
  const std::string said = plain_text(d.lab().explain());
  EXPECT_NE(d.lab().explain().words.find("it is taken for"), std::string::npos);
  EXPECT_NE(said.find("loss"), std::string::npos) << said;
  EXPECT_NE(said.find("class token"), std::string::npos) << said;
}

TEST(ProbeLab, AStrokeIsOneEditThatMovesProbabilitiesAndUndoTakesItBack) {
  Driver d;
  const std::vector<float> before = d.inside().probabilities;
  const Tensor<float> image = d.seen().looked->pixels;
  d.click("white ink");
  ASSERT_EQ(d.lab_of().view().pen, 0u);
  d.draw_stroke();
  EXPECT_EQ(d.probe().own.shape(), (core::Shape{1, 28, 28}));
  EXPECT_GT(d.probe().own(0, 14, 14), 0.99) << "the stroke runs through the middle";
  EXPECT_GT(d.probe().own(0, 14, 9), 0.9) << "without a gap";
  EXPECT_EQ(d.probe().label, d.bench().snapshot()->dataset->validation.labels[0])
      << "it still shows the same";
  EXPECT_NE(d.inside().probabilities, before);
  ASSERT_TRUE(d.seen().edit);
  EXPECT_EQ(d.seen().edit->probabilities, before) << "what was before the stroke, not before its last piece";
  ASSERT_EQ(d.seen().edit->layers.size(), 3u) << "the tokens and both blocks";
  EXPECT_GT(d.seen().edit->layers[0].whole, 0);
  EXPECT_NE(d.lab().explain().words.find("the last edit took p of"), std::string::npos);

  d.key(shell::Key::kZ, true);
  EXPECT_TRUE(d.probe().own.empty()) << "one undo takes back the whole stroke";
  EXPECT_EQ(d.seen().looked->pixels, image);
  EXPECT_EQ(d.inside().probabilities, before);
  d.key(shell::Key::kZ, true, true);
  EXPECT_GT(d.probe().own(0, 14, 14), 0.99);
}

TEST(ProbeLab, TwoStrokesAreTwoEditsAndEachIsComparedWithWhatItFound) {
  Driver d;
  d.click("white ink");
  d.draw_stroke();
  const std::vector<float> first = d.inside().probabilities;
  d.drag_from(d.at(0.2f, 0.9f), 0.5f * d.find("probe").w);
  EXPECT_EQ(d.seen().edit->probabilities, first);
  EXPECT_NE(d.inside().probabilities, first);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.inside().probabilities, first);
}

TEST(ProbeLab, BlackInkErasesAndEscPutsTheBrushAway) {
  Driver d;
  d.click("black ink");
  d.type("Radius", "12");
  d.draw_stroke();
  EXPECT_LT(d.probe().own(0, 14, 14), 0.01);
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.lab_of().view().pen);
  const Probe drawn = d.probe();
  d.draw_stroke();
  EXPECT_EQ(d.probe(), drawn) << "nothing is painted without a brush";
}

TEST(ProbeLab, TheDrawingIsWhatEveryLabOfTheWorkbenchLooksAt) {
  Driver d;
  d.click("white ink");
  d.draw_stroke();
  EXPECT_EQ(d.bench().looked()->pixels, d.probe().own.cast<float>());
  EXPECT_EQ(d.bench().looked(), d.seen().looked);
}

TEST(ProbeLab, APointedPatchShowsWhereItLooksAndAClickPinsIt) {
  Driver d;
  d.click(d.at(0.6f, 0.1f));
  EXPECT_EQ(d.lab_of().view().pinned_token, 3);  // behind the class token, the third patch
  d.point_at(Point{5, 5});
  d.settle();
  const std::string said = plain_text(d.lab().explain());
  EXPECT_NE(said.find("patch 3"), std::string::npos) << said;
  d.point_at(d.at(0.1f, 0.9f));
  d.settle();
  EXPECT_EQ(d.lab_of().view().hovered_token, 13);
  EXPECT_NE(plain_text(d.lab().explain()).find("patch 13"), std::string::npos)
      << "the pointed one before the pinned";
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.lab_of().view().pinned_token);
  const Rect tokens = d.find("tokens");
  d.point_at(Point{tokens.x + tokens.w * 5.5f / 17, tokens.y + 4});
  d.settle();
  EXPECT_EQ(d.lab_of().view().hovered_token, 5) << "in the sequence as well";
}

TEST(ProbeLab, AClickOnAHeadChoosesIt) {
  Driver d;
  const Rect heads = d.find("heads");
  d.click(Point{heads.x + heads.w * 2.5f / 4, heads.y + heads.h * 1.5f / 2});
  EXPECT_EQ(d.lab_of().view().head, (HeadPlace{1, 2}));
}

TEST(ProbeLab, ClearInvertAndOriginalAreEditsOfThePixels) {
  Driver d;
  const Tensor<float> image = d.seen().looked->pixels;
  d.click("Invert");
  EXPECT_NEAR(d.seen().looked->pixels[0], 1 - image[0], 1e-6);
  ASSERT_TRUE(d.seen().edit);
  d.click("Clear");
  EXPECT_EQ(
      *std::max_element(d.seen().looked->pixels.values().begin(), d.seen().looked->pixels.values().end()), 0);
  EXPECT_EQ(d.seen().looked->label, -1) << "nobody knows what an empty sheet shows";
  d.click("Original");
  EXPECT_EQ(d.seen().looked->pixels, image);
  EXPECT_EQ(d.seen().looked->image, 0);
}

TEST(ProbeLab, ADrawingCanSayWhatItShowsAndThenHasALoss) {
  Driver d;
  d.click("Clear");
  EXPECT_EQ(plain_text(d.lab().explain()).find("loss"), std::string::npos);
  d.click("It shows");
  d.click("It shows=3");
  EXPECT_EQ(d.seen().looked->label, 3);
  EXPECT_NEAR(d.inside().loss, -std::log(static_cast<double>(d.inside().probabilities[3])), 1e-5);
  EXPECT_NE(plain_text(d.lab().explain()).find("loss"), std::string::npos);
}

TEST(ProbeLab, StepsThroughTheImagesAndToTheNextMistake) {
  Driver d;
  d.click("Next");
  EXPECT_EQ(d.seen().looked->image, 1);
  EXPECT_FALSE(d.seen().edit) << "another picture is no edit";
  d.click("Previous");
  d.click("Previous");
  EXPECT_EQ(d.seen().looked->image, 127) << "counted round";
  d.click("Random");
  const Index random = d.seen().looked->image;
  d.click("Random");
  EXPECT_NE(d.seen().looked->image, random);
  d.click("Next mistake");
  const Index mistake = d.seen().looked->image;
  EXPECT_NE(d.seen().guess(), d.seen().looked->label) << "it is one";
  d.click("Next mistake");
  EXPECT_NE(d.seen().looked->image, mistake);
  EXPECT_NE(d.seen().guess(), d.seen().looked->label);
}

TEST(ProbeLab, OcclusionSaysWhatEachPatchDoesForTheAnswer) {
  Driver d;
  EXPECT_FALSE(d.seen().occlusion) << "costs nothing until it is asked for";
  d.click("Light");
  d.click("Light=occlusion");
  EXPECT_EQ(d.lab_of().view().light, ProbeLab::Light::kOcclusion);
  ASSERT_TRUE(d.seen().occlusion);
  EXPECT_EQ(d.seen().occlusion->change.shape(), (core::Shape{4, 4, 10})) << "patch by patch";
  for (Index v = 0; v < 10; ++v)
    EXPECT_EQ(d.seen().occlusion->whole[v], d.inside().logits[static_cast<std::size_t>(v)]);
  float most = 0;
  for (Index i = 0; i < 16; ++i)
    most = std::max(most, std::abs(d.seen().occlusion->change(i / 4, i % 4, d.seen().target())));
  RecordingCanvas canvas;
  d.lab().draw(canvas);
  EXPECT_TRUE(canvas.find("−" + core::shown(most, 2))) << "the legend's ends";
  EXPECT_TRUE(canvas.find(core::shown(most, 2)));
}

struct PictureFile {
  explicit PictureFile(const std::string& name) : path(folder / ("vitrine_probe_" + name)) {}
  const io::TemporaryFolder folder;
  const std::filesystem::path path;
};

TEST(ProbeLab, AFileBecomesTheProbeFittedAsMnist) {
  Driver d;
  PictureFile file("bar.png");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(60 * 90), 255);  // a dark bar on a light sheet
  for (std::size_t y = 10; y < 50; ++y)
    for (std::size_t x = 20; x < 30; ++x) bytes[y * 90 + x] = 0;
  io::write_png(file.path, 60, 90, 1, bytes);
  ASSERT_TRUE(d.lab().open(file.path));
  d.settle();
  EXPECT_EQ(d.lab_of().file_error(), "");
  EXPECT_EQ(d.probe().own.shape(), (core::Shape{1, 28, 28}));
  EXPECT_NEAR(d.probe().own(0, 14, 14), 1, 1e-6) << "light, in the middle";
  EXPECT_EQ(d.probe().own(0, 1, 1), 0);
  EXPECT_EQ(d.seen().looked->pixels, d.probe().own.cast<float>());
  EXPECT_FALSE(d.seen().edit) << "another picture is no edit";
  d.key(shell::Key::kZ, true);
  EXPECT_TRUE(d.probe().own.empty());
}

TEST(ProbeLab, ABadFileSaysOneLineAndTheProbeStays) {
  Driver d;
  PictureFile file("broken.png");
  std::ofstream(file.path) << "no picture";
  ASSERT_TRUE(d.lab().open(file.path));
  d.settle();
  EXPECT_TRUE(d.says("vitrine_probe_broken.png")) << d.app().transcript();
  EXPECT_EQ(d.lab_of().file_error().find('\n'), std::string::npos);
  EXPECT_TRUE(d.probe().own.empty());
  ASSERT_TRUE(d.lab().open("/nowhere/missing.png"));
  d.settle();
  EXPECT_TRUE(d.says("/nowhere/missing.png"));
  EXPECT_FALSE(d.lab().open("/nowhere/notes.txt")) << "not its kind of file";
}

TEST(ProbeLab, AKeptRunIsFollowedFromItsNewestStep) {
  const io::TemporaryFolder session;
  Driver d;
  {
    Workbench bench(nullptr, session / "1");
    bench.adopt({.config = d.bench().params().config});
    bench.settle(3);
  }
  d.app().open(session / "1" / "run 1");
  d.settle();
  EXPECT_EQ(d.seen().looked->step, 3);
  EXPECT_TRUE(d.bench().live());
  EXPECT_EQ(d.lab().playhead().t, 3);
}

TEST(ProbeLab, FollowsTheTrainerAndThePast) {
  Driver d;
  d.bench().settle(30);
  d.settle();
  const std::vector<float> late = d.inside().probabilities;
  EXPECT_EQ(d.seen().looked->step, 30);
  d.bench().look_at(0);
  d.lab().settle(0);
  d.frames(2);
  EXPECT_EQ(d.seen().looked->step, 0);
  EXPECT_NE(d.inside().probabilities, late);
}

class ProbeLabOf : public testing::TestWithParam<train::ModelKind> {};

TEST_P(ProbeLabOf, ShowsLayersInsteadOfTokens) {
  Driver d(GetParam());
  EXPECT_FALSE(d.seen().has_tokens());
  ASSERT_FALSE(d.seen().looked->layers.empty());
  ASSERT_TRUE(d.seen().occlusion) << "the only light there is";
  EXPECT_EQ(d.seen().occlusion->change.shape(), (core::Shape{7, 7, 10}));
  d.find("layer 0");
  EXPECT_FALSE(d.app().items().find("tokens"));
  d.type("Window", "10");
  EXPECT_EQ(d.seen().occlusion->change.shape(), (core::Shape{3, 3, 10}));
  d.click("white ink");
  d.draw_stroke();
  ASSERT_TRUE(d.seen().edit);
  EXPECT_EQ(d.seen().edit->layers.size(), d.seen().looked->layers.size());
}
INSTANTIATE_TEST_SUITE_P(Models, ProbeLabOf, testing::Values(train::ModelKind::kCnn, train::ModelKind::kMlp));

}  // namespace
}  // namespace vitrine::labs::probe_lab_test
