#include <gtest/gtest.h>

#include <cmath>

#include "app/labs/sliding/lab.h"
#include "app/widgets/equation.h"
#include "app/widgets/playhead.h"
#include "app/widgets/plot.h"
#include "app/widgets/theme.h"
#include "tests/app/app_driver.h"

namespace vitrine::widgets {
namespace {

TEST(Theme, WordsAreReadableInBothThemes) {
  for (const Theme* theme : {&dark_theme(), &light_theme()})
    for (const Role ground : {Role::kPanel, Role::kStage})
      for (const Role role : {Role::kText, Role::kQuiet, Role::kInput, Role::kKernel, Role::kOutput,
                              Role::kGradient, Role::kFocus})
        EXPECT_GE(contrast((*theme)[role], (*theme)[ground]), 4.5)
            << theme->light << " role " << static_cast<int>(role);
}

TEST(Theme, TroubleIsReadableOnThePanel) {
  EXPECT_GE(contrast(dark_theme()[Role::kTrouble], dark_theme()[Role::kPanel]), 4.5);
  EXPECT_GE(contrast(light_theme()[Role::kTrouble], light_theme()[Role::kPanel]), 4.5);
}

TEST(Playhead, AWholeStepIsDoneAndBetweenTwoTheNextIsOnItsWay) {
  EXPECT_EQ(lit_at({3, 1, false}, false).step, 3);
  EXPECT_EQ(lit_at({3, 1, false}, false).progress, 1);
  EXPECT_EQ(lit_at({3.25, 1, false}, false).step, 4);
  EXPECT_FLOAT_EQ(lit_at({3.25, 1, false}, false).progress, 0.5f);
  EXPECT_EQ(lit_at({3.25, 1, false}, true).progress, 1) << "with reduced motion steps are cuts";
}

TEST(Playhead, RunsToTheEndAndStops) {
  Playhead p{0, 2, true};
  advance(p, 0.4, 10);
  EXPECT_DOUBLE_EQ(p.t, 1);  // 0.4 s at speed 2, one step in 0.8 s
  advance(p, 100, 10);
  EXPECT_EQ(p.t, 10);
  EXPECT_FALSE(p.playing);
  step(p, 1, 10);
  EXPECT_EQ(p.t, 10);
  p.t = 4.5;
  step(p, -1, 10);
  EXPECT_EQ(p.t, 4);
}

TEST(Playhead, SpeedStaysInItsList) {
  Playhead p;
  for (int i = 0; i < 20; ++i) change_speed(p, 1);
  EXPECT_EQ(p.speed, 8);
  for (int i = 0; i < 20; ++i) change_speed(p, -1);
  EXPECT_EQ(p.speed, 0.25);
}

TEST(Canvas, ANumberThatIsTooLongLosesDigitsButNotItsSize) {
  LabDriver<labs::SlidingWindow> ui;  // text is measured with ImGui's font
  Items items;
  const Fonts fonts;
  Words words;
  const Screen screen{dark_theme(), fonts, nullptr, items, words, 1, false};
  const ImGuiCanvas c(screen, nullptr, {0, 0, 100, 100}, false);
  const TextStyle style{13, Face::kNumbers};
  const auto in = [&](std::string_view room, double value) {
    return fitted(c, value, style, c.text_width(room, style) + 0.5f);
  };
  EXPECT_EQ(in("00.00000", 4.03338), "4.03338");
  EXPECT_EQ(in("00.00", 4.03338), "4.033");
  EXPECT_EQ(in("00000", 0.000911882), "9e−4");
  EXPECT_EQ(in("00000", 0.0096), "0.01");
  EXPECT_EQ(in("00000000", 0.000911882), "0.000912");
  EXPECT_EQ(in("00000", -0.00098), "−1e−3");
  EXPECT_EQ(in("000", 0.000911882), "");
  EXPECT_EQ(in("0000", -0.083), "−.08") << "rather without its zero than not at all";
  EXPECT_EQ(in("000", -0.083), "");
}

TEST(Plot, TicksAreRoundNumbers) {
  EXPECT_EQ(ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(ticks(3, 3, 5), std::vector<double>{});
}

TEST(Plot, PointsLieWhereTheirAxesSay) {
  const std::vector<Sample> samples{{1, 0}, {1024, 1}};
  const double bars[] = {1, 3};
  PlotPicture p{.id = "p", .title = "", .x_title = "", .box = {0, 0, 260, 166}};  // axes 200 wide, 100 high
  p.curves = {{"", Role::kInput, samples}};
  p.y_range = Interval{0, 1};
  const Rect area = plot_area(p);
  ASSERT_EQ(area.w, 200);
  ASSERT_EQ(area.h, 100);
  p.x_axis = XAxis::kDoubling;
  EXPECT_FLOAT_EQ(point_of(p, {32, 0.25}).x, area.x + 100) << "2^5 of 2^10";
  EXPECT_FLOAT_EQ(point_of(p, {32, 0.25}).y, area.y + 75);
  p.x_axis = XAxis::kReal;
  p.x_range = Interval{-0.5, 0.5};
  EXPECT_FLOAT_EQ(point_of(p, {0.25, 0}).x, area.x + 150);
  PlotPicture h{.id = "h", .title = "", .x_title = "", .box = p.box, .x_axis = XAxis::kReal};
  h.histograms = {{"", Role::kInput, 2, 4, bars}};
  EXPECT_FLOAT_EQ(point_of(h, {3, 0}).x, area.x + 100) << "from the histogram's range";
  EXPECT_LT(point_of(h, {3, 3}).y, area.y + 10);
}

TEST(Plot, DecimationKeepsEverySpike) {
  std::vector<Sample> samples;
  for (int i = 0; i < 100'000; ++i) samples.push_back({static_cast<double>(i), 1});
  samples[54'321].y = 99;
  samples[12'345].y = -99;
  samples[77'777].y = std::nan("");
  const auto drawn = CurvePyramid(samples).decimated({0, 100'000}, 500);
  EXPECT_LE(drawn.size(), 1003u);
  const auto has = [&](auto test) { return std::any_of(drawn.begin(), drawn.end(), test); };
  EXPECT_TRUE(has([](const Sample& s) { return s.y == 99; }));
  EXPECT_TRUE(has([](const Sample& s) { return s.y == -99; }));
  EXPECT_TRUE(has([](const Sample& s) { return std::isnan(s.y); }));
}

TEST(Equation, BecomesPlainTextAndLatex) {
  const Math e = row({symbol("α", "1", Role::kText), word("="),
                      fraction(scripts(word("e"), word(""), word("s")), row({word("∑"), word("x")})),
                      word("·"), root(number(2)), matrix(2, {number(1), number(2), number(-3), number(4)})});
  EXPECT_EQ(plain_text(e), "α_1 = (e^s)/(∑x) · √(2)[1, 2; −3, 4]");
  EXPECT_EQ(latex(e),
            "\\alpha _{1} = \\frac{e^{s}}{\\sum  x} \\cdot  \\sqrt{2} \\begin{bmatrix} 1 & 2 \\\\ -3 & 4 "
            "\\end{bmatrix}");
  EXPECT_EQ(latex(word("softmax")), "\\operatorname{softmax}");
}

TEST(Equation, ASumWritesItsFirstTermsAndAlwaysItsLast) {
  Sum sum(2);
  EXPECT_EQ(plain_text(row(sum.parts())), "0");
  EXPECT_TRUE(sum.add({number(1), word("·"), number(2)}));
  EXPECT_TRUE(sum.add({number(3)}));
  EXPECT_FALSE(sum.add({number(4)}));
  EXPECT_FALSE(sum.add({number(5)}));
  sum.add_last(word("b"));
  EXPECT_EQ(plain_text(row(sum.parts())), "1 · 2 + 3 + … + b");
}

TEST(Shade, NumbersBeyondAFloatKeepTheirColour) {
  const core::Tensor<double> values({3}, {1, 1e300, 2});
  EXPECT_TRUE(std::isfinite(symmetric_range(values).hi));
  const Shade shade = tinted(Role::kInput, values);
  EXPECT_NE(shade.of(dark_theme(), 1e300), shade.of(dark_theme(), 1));
  for (const gpu::Colormap map : {gpu::Colormap::kViridis, gpu::Colormap::kDiverging})
    EXPECT_EQ(value_color(dark_theme(), map, {0, 1}, std::nan("")), dark_theme()[Role::kTrouble]);
  EXPECT_EQ(mapped(gpu::Colormap::kDiverging, {-1, 1}).of(dark_theme(), 1e300),
            mapped(gpu::Colormap::kDiverging, {-1, 1}).of(dark_theme(), 1));
}

}  // namespace
}  // namespace vitrine::widgets
