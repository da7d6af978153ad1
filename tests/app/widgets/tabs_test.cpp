#include "app/widgets/tabs.h"

#include <gtest/gtest.h>

#include "tests/app/recording_canvas.h"

namespace vitrine::widgets {
namespace {

constexpr std::string_view kNames[] = {"Attention", "Rollout", "Norms"};

float right_end(float width) {
  RecordingCanvas canvas;
  draw_tabs(canvas, {10, 20}, "show", kNames, 0, width);
  return canvas.texts.back().box.right();
}

TEST(Tabs, MoveCloserTogetherWhereThereIsLittleRoom) {
  const float wide = right_end(1000);
  EXPECT_EQ(wide, right_end(500)) << "no wider than they like";
  EXPECT_LT(right_end(200), wide);
  EXPECT_LE(right_end(200), 210);
}

TEST(Tabs, TheClickedOneIsReturned) {
  RecordingCanvas canvas;
  canvas.hands["show Rollout"] = {.hovered = true, .clicked = true};
  EXPECT_EQ(draw_tabs(canvas, {10, 20}, "show", kNames, 0), 1u);
}

}  // namespace
}  // namespace vitrine::widgets
