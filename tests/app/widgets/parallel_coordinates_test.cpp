#include "app/widgets/parallel_coordinates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vitrine::widgets {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// A rate by powers of ten, a kind by name, and what was reached.
ParallelPicture picture() {
  return {.id = "trials",
          .title = "",
          .box = {0, 0, 600, 300},
          .axes = {{.name = "rate", .low = 1e-4, .high = 1e-2, .logarithmic = true},
                   {.name = "kind", .choices = {"sgd", "adam"}},
                   {.name = "reached", .low = 0.2, .high = 0.8}},
          .lines = {{"0", {1e-4, 0, 0.2}},
                    {"1", {1e-3, 1, 0.8}},
                    {"2", {1e-2, 1, kNone}, true},
                    {"3", {1e-2, 0, kNone}}}};
}

TEST(ParallelCoordinates, AValueHasItsPlaceOnTheAxis) {
  const ParallelPicture p = picture();
  EXPECT_DOUBLE_EQ(p.axes[0].place(1e-4), 0);
  EXPECT_NEAR(p.axes[0].place(1e-3), 0.5, 1e-12);
  EXPECT_DOUBLE_EQ(p.axes[0].place(1), 1) << "beyond the end";
  EXPECT_DOUBLE_EQ(p.axes[1].place(0), 0.25);
  EXPECT_DOUBLE_EQ(p.axes[1].place(1), 0.75);
  EXPECT_NEAR(p.axes[2].place(0.5), 0.5, 1e-12);
  const ParallelAxis flat{.name = "", .low = 3, .high = 3};
  EXPECT_DOUBLE_EQ(flat.place(3), 0.5);
}

TEST(ParallelCoordinates, ABrushKeepsTheLinesThatPassThroughIt) {
  const ParallelPicture p = picture();
  Brushes brushes;
  for (const std::size_t line : {0, 1, 2, 3}) EXPECT_TRUE(kept(p, brushes, line));
  EXPECT_FALSE(brushes.any());
  brushes.ranges = {std::nullopt, Interval{0.6, 1}, std::nullopt};
  EXPECT_TRUE(brushes.any());
  EXPECT_FALSE(kept(p, brushes, 0));
  EXPECT_TRUE(kept(p, brushes, 1));
  EXPECT_TRUE(kept(p, brushes, 2));
  brushes.ranges[2] = Interval{0, 1};
  EXPECT_TRUE(kept(p, brushes, 1));
  EXPECT_FALSE(kept(p, brushes, 2)) << "it has no value there";
  brushes.ranges[0] = Interval{0, 0.4};
  EXPECT_FALSE(kept(p, brushes, 1));
}

TEST(ParallelCoordinates, AxesStandApartWithinTheBoxAndTheLastColours) {
  const ParallelPicture p = picture();
  for (std::size_t axis = 0; axis + 1 < 3; ++axis)
    EXPECT_NEAR(axis_of(p, axis + 1).x - axis_of(p, axis).x, axis_of(p, 1).x - axis_of(p, 0).x, 1);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    EXPECT_GE(axis_of(p, axis).x, 0);
    EXPECT_LE(axis_of(p, axis).x, 600);
    EXPECT_GT(axis_of(p, axis).h, 150);
    EXPECT_LE(axis_of(p, axis).bottom(), 300);
  }
  const Theme& theme = dark_theme();
  const auto color = [&](std::size_t line) { return paint_of(theme, p, line).resolve(theme); };
  EXPECT_EQ(color(2).r, theme[Role::kTrouble].r) << "without a result, for ever";
  EXPECT_EQ(color(3).r, theme[Role::kQuiet].r) << "or for now";
  EXPECT_GT(luminance(color(1)), luminance(color(0)) + 0.3) << "the better, the brighter";
}

}  // namespace
}  // namespace vitrine::widgets
