#include "app/labs/shift/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/app/app_driver.h"

namespace vitrine::labs::shift_lab_test {
namespace {

using signal::Departure;
using testing::ElementsAre;
using testing::HasSubstr;
using widgets::Point;
using Driver = LabDriver<ShiftLab>;

const signal::Equivariance& answer(Driver& d, std::size_t step) { return d.result().steps[step].answer; }

std::string why(Driver& d, std::size_t step) { return ShiftLab::why(d.result(), d.result().steps[step]); }

TEST(ShiftLab, AConvolutionMovesAlongUntilItMeetsTheBorder) {
  Driver d;
  d.settle();
  EXPECT_THAT(d.result().output.values(), ElementsAre(0, 3, 8, 8, 4, 1, 0, 0));
  EXPECT_THAT(answer(d, 1).of_shifted.values(), ElementsAre(0, 0, 3, 8, 8, 4, 1, 0));
  EXPECT_EQ(answer(d, 1).cause, Departure::kNone);
  EXPECT_THAT(why(d, 1), HasSubstr("The output has moved along by 1 right, to the last bit"));
  EXPECT_EQ(answer(d, 4).cause, Departure::kBorder);
  EXPECT_EQ(d.lab().last_step(), 4);
}

TEST(ShiftLab, TheBorderBreaksIt) {
  Driver d;
  d.click("Border");
  EXPECT_THAT(d.result().output.values(), ElementsAre(0, 0, 0, 0, 3, 8, 14, 8));
  EXPECT_THAT(answer(d, 1).of_shifted.values(), ElementsAre(6, 3, 0, 0, 0, 3, 8, 5));
  EXPECT_EQ(answer(d, 1).difference.largest, 9);
  EXPECT_THAT(why(d, 1), HasSubstr("All 3 differences lie in the outlined cells"));
  EXPECT_EQ(d.lab().explain().words, "Equivariant at this shift: the departure is exactly 0")
      << "not moved yet";
  d.key(shell::Key::kRight);
  EXPECT_EQ(d.lab().explain().words, "Equivariant inside, not at the border");
  EXPECT_THAT(widgets::plain_text(d.lab().explain()), HasSubstr("= 0.5313,   largest difference 9"));
}

TEST(ShiftLab, ACircleIsExact) {
  Driver d;
  d.click("Circular");
  ASSERT_EQ(d.result().steps.size(), 8u);
  for (const auto& step : d.result().steps) EXPECT_EQ(step.answer.difference.largest, 0);
  EXPECT_THAT(why(d, 3), HasSubstr("there is no border to be seen"));
}

TEST(ShiftLab, StrideTwoBreaksOddShifts) {
  Driver d;
  d.click("Stride 2");
  EXPECT_THAT(d.result().output.values(), ElementsAre(0, 8, 4, 0));
  EXPECT_THAT(answer(d, 1).of_shifted.values(), ElementsAre(0, 3, 8, 1));
  EXPECT_EQ(answer(d, 1).cause, Departure::kStride);
  EXPECT_THAT(answer(d, 2).of_shifted.values(), ElementsAre(0, 0, 8, 4));
  EXPECT_EQ(answer(d, 2).cause, Departure::kNone);
  EXPECT_EQ(
      why(d, 1),
      "A shift by 1 cell at a total stride of 2 would be 0.5 output cells: no output moves by that. It is "
      "compared with the whole shift that fits best, 1 right.");
}

TEST(ShiftLab, PoolingKeepsOnlyWholeWindowsAndDenseNothing) {
  Driver d;
  d.click("Max pooling");
  EXPECT_THAT(d.result().output.values(), ElementsAre(0, 2, 1, 0));
  EXPECT_EQ(answer(d, 1).cause, Departure::kStride);
  EXPECT_EQ(answer(d, 2).difference.largest, 0);
  d.click("Fully connected");
  for (std::size_t k = 1; k <= 4; ++k) EXPECT_EQ(answer(d, k).cause, Departure::kDense);
  EXPECT_GT(answer(d, 1).difference.relative, 0.3);
}

TEST(ShiftLab, AStackIsExactAtMultiplesOfItsStride) {
  Driver d;
  d.click("Stack");
  EXPECT_EQ(d.result().stride.columns, 4);
  EXPECT_EQ(d.result().output.shape(), (core::Shape{6, 15, 20}));
  for (std::size_t k = 0; k <= 8; ++k) EXPECT_EQ(answer(d, k).difference.largest == 0, k % 4 == 0) << k;
}

TEST(ShiftLab, RandomFiltersShowFeaturesAndAClickChoosesOne) {
  Driver d;
  d.click("Random filters");
  EXPECT_EQ(d.result().maps(), 12);
  for (core::Index map = 0; map < 12; ++map) EXPECT_GT(d.result().output_ranges[map].hi, 0) << map;
  d.click("shift map 5");
  EXPECT_EQ(d.topic().view().map, 4);
  d.type("Seed", "2");
  EXPECT_EQ(d.topic().view().map, 4) << "an edit does not look elsewhere";
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().seed, 36);
}

TEST(ShiftLab, PicturesMoveInBothDirections) {
  Driver d;
  d.click("Picture");
  EXPECT_EQ(answer(d, 3).cause, Departure::kBorder);
  d.type("Rows a step", "-2");
  EXPECT_EQ(d.result().steps[3].shift, (signal::Shift{-6, 3}));
  EXPECT_EQ(answer(d, 3).output_shift, (signal::Shift{-6, 3}));
  d.type("Largest side", "32");
  EXPECT_LE(d.result().output.size(2), 32);
  d.click("Dense picture");
  d.type("Largest side", "64");
  EXPECT_THAT(d.topic().error(), HasSubstr("weights: make the largest side smaller"));
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.topic().error(), "");
}

TEST(ShiftLab, NumbersAreEditedAndUndone) {
  Driver d;
  d.settle();
  d.type("x[8]", "5");
  EXPECT_EQ(d.result().output(0, 0, 7), 10);
  d.type("k[3]", "0");
  EXPECT_EQ(d.result().output(0, 0, 6), 0);
  d.type("x[1]", "nan");
  EXPECT_TRUE(std::isnan(answer(d, 1).difference.relative));
  d.key(shell::Key::kZ, true);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().taps[2], 3);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().signal[7], 0);
  EXPECT_FALSE(d.lab().can_undo());
}

TEST(ShiftLab, BadSizesSaySo) {
  Driver d;
  d.settle();
  d.type("Length", "1");
  EXPECT_EQ(d.result().output.count(), 1);
  d.type("Padding left", "0");
  EXPECT_TRUE(d.says("The kernel covers 3 cells but the padded signal has only 2")) << d.app().transcript();
  d.key(shell::Key::kZ, true);
  EXPECT_FALSE(d.says("The kernel covers"));
  d.type("Steps", "99");
  EXPECT_TRUE(d.says("99 is not a whole number from 1 to 32")) << d.app().transcript();
}

TEST(ShiftLab, AStackTooDeepForItsSignalSaysSo) {
  ShiftLab::Params p;
  p.layers = ShiftLab::Layers::kStack;
  p.stack.blocks = 3;
  EXPECT_TRUE(ShiftLab::validate(p).empty());
  p.stack.pool = 3;
  ASSERT_EQ(ShiftLab::validate(p).size(), 1u);
  EXPECT_EQ(ShiftLab::validate(p).front().control, "Blocks");
  EXPECT_THAT(ShiftLab::validate(p).front().words, HasSubstr("Block 2 has only 2 cells left"));
  p.boundary = signal::Boundary::kReflect;
  p.stack.pool = 4;
  p.stack.kernel = 5;
  EXPECT_THAT(ShiftLab::validate(p).front().words, HasSubstr("A mirrored signal of 2"));
}

TEST(ShiftLab, ThePlayheadIsTheShiftAndABarJumpsToIt) {
  Driver d;
  d.click("Border");
  d.key(shell::Key::kEnd);
  EXPECT_EQ(d.lab().playhead().t, 7);
  const auto bars = d.find("shift bars");
  d.click(Point{bars.x + bars.w * 2.5f / 8, bars.center().y});
  EXPECT_EQ(d.lab().playhead().t, 2);
  const auto cells = d.find("shift difference");
  d.click(Point{cells.x + cells.w * 7.5f / 8, cells.center().y});
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_EQ(d.topic().view().pinned->cell, (widgets::Cell{0, 7}));
  EXPECT_THAT(widgets::plain_text(d.lab().explain()), HasSubstr("_8 = 2 − 8 = −6"));
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
}

}  // namespace
}  // namespace vitrine::labs::shift_lab_test
