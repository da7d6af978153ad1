#include "app/widgets/plot.h"

#include <gtest/gtest.h>

#include <cmath>

#include "app/widgets/plot_axes.h"
#include "app/widgets/plot_marks.h"
#include "app/widgets/plot_view.h"
#include "tests/app/recording_canvas.h"

namespace vitrine::widgets {
namespace {

constexpr Rect kBox{0, 0, 660, 266};  // axes 600 wide, 200 high, from x = 52 on

// Steps 0 .. 1000 with y = step / 100.
CurvePyramid ramp() {
  CurvePyramid curve;
  for (int i = 0; i <= 1000; ++i) curve.append({static_cast<double>(i), i / 100.0});
  return curve;
}

struct Plotted {
  CurvePyramid curve = ramp();
  PlotPicture picture{.id = "plot", .title = "Loss (nats)", .x_title = "steps", .box = kBox};
  PlotView view;
  RecordingCanvas canvas;

  Plotted() { picture.curves = {{.name = "training", .role = Role::kInput, .samples = curve}}; }
  float px(double x) const { return point_of(shown_by(view, picture), {x, 0}).x; }
  std::optional<double> hand(const Touch& touch) {
    canvas.hands["plot"] = touch;
    view.pointed.reset();
    return navigate(canvas, picture, view);
  }
};

Touch over(float x) { return {.hovered = true, .at = {x, 100}}; }
Touch wheel_at(float x, float notches) {
  Touch touch = over(x);
  touch.wheel = notches;
  return touch;
}
Touch drag(float x, float moved) {
  Touch touch = over(x);
  touch.held = true;
  touch.moved = {moved, 0};
  return touch;
}
Touch press(float x) {
  Touch touch = over(x);
  touch.held = touch.pressed = true;
  return touch;
}

TEST(PlotView, TheWheelEnlargesAboutThePointer) {
  Plotted p;
  const float x = p.px(400);
  p.hand(wheel_at(x, 3));
  ASSERT_TRUE(p.view.zoom);
  EXPECT_NEAR(p.view.zoom->high - p.view.zoom->low, 1000 / std::pow(1.25, 3), 1e-3);
  EXPECT_NEAR(p.px(400), x, 0.01);
  EXPECT_NEAR(*p.view.pointed, 400, 0.01);
  p.hand(wheel_at(x, 100));
  EXPECT_NEAR(p.view.zoom->high - p.view.zoom->low, 8, 1e-6) << "never less than 8 steps";
  p.hand(wheel_at(x, -200));
  EXPECT_FALSE(p.view.zoom) << "never more than all";
}

TEST(PlotView, ADragMovesUpToTheEndAndADoubleClickShowsAll) {
  Plotted p;
  for (const float moved : {50.0f, 0.1f, -13.7f}) {
    p.hand(drag(300, moved));
    EXPECT_FALSE(p.view.zoom) << "all cannot be moved";
  }
  p.view.zoom = Interval{400, 600};
  p.hand(drag(300, 60));
  EXPECT_NEAR(p.view.zoom->low, 380, 1e-3) << "60 px to the right are 20 steps to the left";
  EXPECT_NEAR(p.view.zoom->high, 580, 1e-3);
  p.hand(drag(300, 60'000));
  EXPECT_NEAR(p.view.zoom->low, 0, 1e-9);
  EXPECT_NEAR(p.view.zoom->high, 200, 1e-3);
  Touch twice = over(300);
  twice.double_clicked = true;
  p.hand(twice);
  EXPECT_FALSE(p.view.zoom);
}

TEST(PlotView, WhatEndsAtTheNewestStepFollowsIt) {
  Plotted p;
  p.picture.x_range = Interval{0, 1000};
  p.hand(wheel_at(p.px(1000), 10));
  ASSERT_TRUE(p.view.zoom);
  const double length = p.view.zoom->high - p.view.zoom->low;
  p.picture.x_range = Interval{0, 1200};
  p.hand({});
  EXPECT_NEAR(p.view.zoom->high, 1200, 1e-9);
  EXPECT_NEAR(p.view.zoom->high - p.view.zoom->low, length, 1e-9);
  p.hand(drag(300, 200));  // back in time
  const Interval left = *p.view.zoom;
  EXPECT_LT(left.high, 1190);
  p.picture.x_range = Interval{0, 1400};
  p.hand({});
  EXPECT_EQ(*p.view.zoom, left) << "stays where the hand left it";
  p.hand(drag(300, -60'000));
  p.picture.x_range = Interval{0, 1500};
  p.hand({});
  EXPECT_NEAR(p.view.zoom->high, 1500, 1e-9) << "as far as it goes is at the end again";
}

TEST(PlotView, TheLineOfWhatIsLookedAtIsDraggedToAWholeStep) {
  Plotted p;
  p.view.zoom = Interval{400, 600};
  p.picture.looked_at = 500;
  EXPECT_FALSE(p.hand(drag(p.px(500), 0))) << "a hand that came from elsewhere";
  p.hand(over(0));
  EXPECT_EQ(p.hand(press(p.px(500) + 4)), 501);
  EXPECT_EQ(p.hand(drag(p.px(550.3), 90)), 550);
  EXPECT_EQ(p.hand(drag(p.px(9'000), 90)), 600) << "to the end of what is shown";
  EXPECT_EQ(p.view.zoom, (Interval{400, 600})) << "the plot stays";
  EXPECT_FALSE(p.hand(over(p.px(500))));
  p.hand(press(p.px(450)));
  EXPECT_FALSE(p.hand(drag(p.px(450), 30))) << "beside the line it is the plot that moves";
  EXPECT_NEAR(p.view.zoom->low, 390, 1e-3);
}

TEST(Plot, AZoomShowsItsPartWithItsOwnRangeOfY) {
  Plotted p;
  p.picture.zoom = Interval{400, 600};
  p.picture.references = {{"far away", 50}};
  const Axes axes = axes_of(p.picture);
  EXPECT_FLOAT_EQ(axes.px(400), 52);
  EXPECT_FLOAT_EQ(axes.px(600), 652);
  EXPECT_NEAR(axes.y.low, 4 - 0.12, 1e-9);
  EXPECT_NEAR(axes.y.high, 6 + 0.12, 1e-9);
  draw(p.canvas, p.picture);
  EXPECT_FALSE(p.canvas.find("far away"));
  ASSERT_EQ(p.canvas.polylines.size(), 1u);
  EXPECT_LT(p.canvas.polylines[0].points.size(), 210u) << "what is not shown is not drawn";
  EXPECT_LT(p.canvas.polylines[0].points.front().x, 52.1f) << "the line enters";
}

TEST(Plot, TheCrosshairSaysTheStepAndEveryCurvesValueInThePlotsThatShareIt) {
  Plotted p;
  p.picture.curves.push_back(
      {.name = "late", .role = Role::kOutput, .samples = p.curve, .part = {700, 1000}});
  p.picture.pointed = 193.4;
  draw(p.canvas, p.picture);
  EXPECT_TRUE(p.canvas.find("193"));
  EXPECT_FALSE(p.canvas.find("200")) << "it would cover that";
  EXPECT_TRUE(p.canvas.find("400"));
  EXPECT_TRUE(p.canvas.find("training  1.93"));
  EXPECT_TRUE(p.canvas.find("late")) << "it has no value there";
}

TEST(Plot, AGapIsNoTroubleUnlessItIs) {
  for (const bool trouble : {false, true}) {
    const std::vector<Sample> samples{{0, 1}, {1, 2}, {2, std::nan("")}, {3, 1}, {4, HUGE_VAL}, {900, 2}};
    PlotPicture picture{.id = "plot", .title = "", .x_title = "", .box = kBox};
    picture.curves = {{.name = "y", .role = Role::kInput, .samples = samples, .trouble = trouble}};
    RecordingCanvas canvas;
    draw(canvas, picture);
    EXPECT_EQ(std::ranges::count_if(canvas.lines,
                                    [](const auto& line) { return line.paint.role == Role::kTrouble; }),
              trouble ? 2 : 0);
    EXPECT_EQ(canvas.find("nan") != nullptr || canvas.find("NaN") != nullptr, trouble);
  }
}

TEST(Plot, ADashedLineHasGapsAndTheSameEnds) {
  Plotted p;
  p.picture.curves[0].dash = Dash::kLong;
  draw(p.canvas, p.picture);
  ASSERT_EQ(p.canvas.polylines.size(), 41u) << "600 px by 15";
  const auto& pieces = p.canvas.polylines;
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    EXPECT_LE(pieces[i].points.back().x - pieces[i].points.front().x, 10.01f);
    EXPECT_NEAR(pieces[i + 1].points.front().x - pieces[i].points.back().x, 5, 0.01);
  }
}

TEST(Plot, WhereNamesAndValuesDoNotFitThePointedValuesAreTold) {
  Plotted p;
  p.picture.box.w = 300;
  for (const char* name : {"validation", "frozen"})
    p.picture.curves.push_back({.name = name, .role = Role::kOutput, .samples = p.curve});
  draw(p.canvas, p.picture);
  EXPECT_TRUE(p.canvas.find("frozen  10"));
  p.canvas.texts.clear();
  p.picture.pointed = 500;
  draw(p.canvas, p.picture);
  EXPECT_FALSE(p.canvas.find("frozen  5"));
  EXPECT_EQ(std::ranges::count(p.canvas.texts, "5", &RecordingCanvas::Text::words), 3)
      << "of each, in its colour";
}

TEST(Plot, ALowPlotHasAtLeastOneNumberOnItsAxis) {
  Plotted p;
  p.picture.box.h = 100;
  p.picture.y_range = Interval{0.9, 4.5};
  draw(p.canvas, p.picture);
  EXPECT_TRUE(p.canvas.find("2"));
}

TEST(Plot, WhatAReferenceMeansIsSaidWhereThereIsRoom) {
  Plotted p;
  p.picture.references = {{"ln 10", 2.3, "nothing learnt yet"}};
  draw(p.canvas, p.picture);
  EXPECT_TRUE(p.canvas.find("ln 10: nothing learnt yet"));
  p.picture.box.w = 220;
  draw(p.canvas, p.picture);
  EXPECT_TRUE(p.canvas.find("ln 10"));
}

TEST(Plot, DivisionsAreNamedAsFarAsTheyFit) {
  Plotted p;
  p.picture.divisions_title = "epoch";
  for (int i = 1; i <= 500; ++i) p.picture.divisions.push_back({std::to_string(i), 2.0 * i});
  draw(p.canvas, p.picture);
  const auto title = p.canvas.find("steps");
  ASSERT_TRUE(title && p.canvas.find("epoch"));
  std::vector<Rect> names;
  for (const auto& text : p.canvas.texts)
    if (text.box.center().y == title->box.center().y) names.push_back(text.box);
  EXPECT_GT(names.size(), 10u);
  for (const Rect& a : names)
    for (const Rect& b : names)
      EXPECT_TRUE(&a == &b || a.right() <= b.x || b.right() <= a.x) << a.x << " " << b.x;
  const auto lines =
      std::ranges::count_if(p.canvas.lines, [](const auto& line) { return line.paint.role == Role::kQuiet; });
  EXPECT_EQ(lines, 125) << "every fourth: 4 px apart at least";
}

Mark change(const std::string& name, double x, const std::string& before, const std::string& after) {
  return {name, x, before, after};
}

TEST(PlotMarks, ChangesOfOneNameAreToldAsOne) {
  const Mark marks[] = {change("batch size", 1, "32", "64"),
                        change("dropout", 2, "0", "0.1"),
                        change("batch size", 3, "64", "128"),
                        change("dropout", 4, "0.1", "0"),
                        {"fork", 5},
                        {"fork", 6}};
  const auto told = merged(marks);
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(words_of(told[0]), "batch size 32 → 128");
  EXPECT_EQ(words_of(told[1]), "fork");
  EXPECT_EQ(told[2].x, 6);
}

TEST(PlotMarks, NamesNeverCoverEachOtherAndAreWholeUnderThePointer) {
  Plotted p;
  for (int i = 0; i < 12; ++i) {
    const std::string n = std::to_string(i);
    p.picture.marks.push_back(change("setting " + n, 600 + 30.0 * i, "0", n));
  }
  p.picture.references = {{"the reference", 9.5}};  // its name is where those of marks would be
  draw(p.canvas, p.picture);
  std::vector<Rect> names;
  for (const auto& text : p.canvas.texts)
    if (text.words.find("settin") != std::string::npos) names.push_back(text.box);
  const auto reference = p.canvas.find("the reference");
  ASSERT_TRUE(reference);
  ASSERT_GE(names.size(), 3u) << "three lines of them";
  for (const Rect& a : names) {
    EXPECT_LE(a.right(), 652) << "within the plot";
    EXPECT_FALSE(std::abs(a.center().y - reference->box.center().y) < 10 && a.right() > reference->box.x);
    for (const Rect& b : names)
      EXPECT_TRUE(&a == &b || a.right() <= b.x || b.right() <= a.x || std::abs(a.y - b.y) > a.h);
  }
  EXPECT_FALSE(p.canvas.find("900  setting 10 0 → 10"));
  p.canvas.hands["plot"] = over(p.px(900));
  draw(p.canvas, p.picture);
  EXPECT_TRUE(p.canvas.find("900  setting 10 0 → 10"));
}

}  // namespace
}  // namespace vitrine::widgets
