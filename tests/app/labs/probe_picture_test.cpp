#include "app/labs/probe_picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/app/recording_canvas.h"

namespace vitrine::labs {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Weights that are about to diverge are still numbers when what they make of a picture is none.
TEST(ProbabilityBars, WhatIsNoNumberIsSaidAndTakesNoBar) {
  const std::vector<std::string> names{"a", "b", "c"};
  const std::vector<float> broken{kNan, kNan, kNan}, fine{0.25f, 0.5f, 0.25f};
  for (const auto& before : {std::vector<float>(), fine}) {
    RecordingCanvas c;
    draw(c, ProbabilityBars{"Guess", {0, 0, 300, 200}, broken, names, 1, before});
    EXPECT_EQ(std::ranges::count(c.texts, std::string("NaN %"), &RecordingCanvas::Text::words), 3);
    EXPECT_EQ(std::ranges::count(c.texts, std::string("NaN"), &RecordingCanvas::Text::words),
              std::ssize(before));
    for (const auto& line : c.lines) EXPECT_TRUE(std::isfinite(line.points[0].x));
  }
}

TEST(ProbabilityBars, NumbersComeBeforeWhatIsNone) {
  const std::vector<std::string> names{"a", "b", "c"};
  const std::vector<float> mixed{kNan, 0.25f, 0.75f};
  RecordingCanvas c;
  const BarRows rows = draw(c, ProbabilityBars{"Guess", {0, 0, 300, 56}, mixed, names, {}});
  EXPECT_EQ(rows.classes, (std::vector<std::size_t>{1, 2}));
}

}  // namespace
}  // namespace vitrine::labs
