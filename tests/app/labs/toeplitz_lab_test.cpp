#include "app/labs/toeplitz_lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/app/app_driver.h"

namespace vitrine::labs {
namespace {

using core::Tensor;
using testing::ElementsAre;
using Driver = LabDriver<Toeplitz>;

TEST(ToeplitzLab, OpensWithTheExercise) {
  Driver d;
  d.settle();
  EXPECT_THAT(d.result().output.values(), ElementsAre(14, 20, 26, 32, 38, 44, 50));
  EXPECT_EQ(d.result().matrix.shape(), (core::Shape{7, 9}));
  EXPECT_EQ(d.result().nonzeros, 21);
  EXPECT_EQ(d.result().weights, 3);
  EXPECT_EQ(d.result().dense_weights, 63);
  EXPECT_EQ(d.lab().last_step(), 6);
}

TEST(ToeplitzLab, PresetsAreTheExercisesVariants) {
  Driver d;
  d.click("Stride 2");
  EXPECT_THAT(d.result().output.values(), ElementsAre(8, 20, 32, 44, 26));
  EXPECT_EQ(d.result().nonzeros, 13);
  d.click("Same");
  EXPECT_THAT(d.result().output.values(), ElementsAre(8, 14, 20, 26, 32, 38, 44, 50, 26));
  EXPECT_EQ(d.result().nonzeros, 25);
  d.click("Full");
  EXPECT_EQ(d.result().output.count(), 11);
  EXPECT_EQ(d.result().output[0], 3);
  EXPECT_EQ(d.result().output[10], 9);
  EXPECT_EQ(d.result().nonzeros, 27);
}

TEST(ToeplitzLab, WithoutSharingThreeWeightsBecomeTwentyOne) {
  Driver d;
  d.settle();
  const auto pattern = d.result().matrix;
  d.click("Share weights=off");
  EXPECT_EQ(d.result().weights, 21);
  EXPECT_EQ(d.result().nonzeros, 21);
  EXPECT_EQ(d.result().output[6], 19 * 7 + 20 * 8 + 21 * 9);
  for (core::Index i = 0; i < pattern.count(); ++i)
    EXPECT_EQ(pattern[i] != 0, d.result().matrix[i] != 0) << i;
}

TEST(ToeplitzLab, NumbersAreTypedDraggedAndSteppedAndEachEditIsUndone) {
  Driver d;
  d.settle();
  d.type("x[1]", "10");
  EXPECT_EQ(d.params().input[0], 10);
  EXPECT_EQ(d.result().output[0], 1 * 10 + 2 * 2 + 3 * 3);
  d.scroll("k[3]", 1);
  EXPECT_DOUBLE_EQ(d.params().kernel[2], 3.1);
  d.drag("k[1]", 80);  // ten steps of 0.1
  EXPECT_NEAR(d.params().kernel[0], 2, 0.11);
  EXPECT_NE(d.params().kernel[0], 1);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().kernel[0], 1) << "a drag is one edit";
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().kernel[2], 3);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().input[0], 1);
  EXPECT_FALSE(d.lab().can_undo());
  d.key(shell::Key::kZ, true, true);
  EXPECT_EQ(d.params().input[0], 10);
}

TEST(ToeplitzLab, RubbishInANumberIsRefusedBesideIt) {
  Driver d;
  d.type("x[2]", "abc");
  EXPECT_EQ(d.params().input[1], 2);
  EXPECT_TRUE(d.says("\"abc\" is not a number")) << d.app().transcript();
  d.type("Stride", "2.5");
  EXPECT_EQ(d.params().stride, 1);
  EXPECT_TRUE(d.says("2.5 is not a whole number from 1 to 16")) << d.app().transcript();
  d.type("Stride", "1e9");
  EXPECT_EQ(d.params().stride, 1);
  d.type("Stride", "2");
  EXPECT_EQ(d.params().stride, 2) << d.app().transcript();
  EXPECT_FALSE(d.says("is not a whole number")) << "a good entry clears the complaint";
}

TEST(ToeplitzLab, NotANumberIsCarriedHonestly) {
  Driver d;
  d.type("x[9]", "nan");
  EXPECT_TRUE(std::isnan(d.result().output[6]));
  EXPECT_EQ(d.result().output[5], 44);
}

TEST(ToeplitzLab, KernelLargerThanTheInputSaysSoAndKeepsTheRest) {
  Driver d;
  d.settle();
  d.type("Input length", "2");
  EXPECT_TRUE(d.says("The kernel covers 3 cells but the padded input has only 2")) << d.app().transcript();
  EXPECT_EQ(d.result().output.count(), 7) << "the last result stays";
  d.click("Padding left more");
  EXPECT_EQ(d.result().output.count(), 1);
  EXPECT_FALSE(d.says("The kernel covers"));
}

TEST(ToeplitzLab, PlayheadStepsScrubsAndPlaysToTheEnd) {
  Driver d;
  d.settle();
  d.key(shell::Key::kRight);
  EXPECT_EQ(d.lab().playhead().t, 1);
  d.key(shell::Key::kEnd);
  EXPECT_EQ(d.lab().playhead().t, 6);
  d.key(shell::Key::kHome);
  d.key(shell::Key::kSpace);
  EXPECT_TRUE(d.lab().playhead().playing || d.lab().playhead().t == 6);
  d.lab().playhead().playing = true;
  d.frames(60 * 6);
  EXPECT_EQ(d.lab().playhead().t, 6);
  EXPECT_FALSE(d.lab().playhead().playing);
  const auto track = d.find("scrub");
  d.click(widgets::Point{track.x + track.w / 2, track.center().y});
  EXPECT_NEAR(d.lab().playhead().t, 3, 0.05);
}

TEST(ToeplitzLab, HoverLightsAnOutputAndAClickPinsIt) {
  Driver d;
  d.settle();
  const auto y = d.find("toeplitz y");
  d.click(widgets::Point{y.center().x, y.y + y.h * 4.5f / 7});
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_EQ(*d.topic().view().pinned, 4);
  EXPECT_THAT(widgets::plain_text(d.lab().explain()),
              testing::HasSubstr("y_5 = k_1 · x_5 + k_2 · x_6 + k_3 · x_7"));
  EXPECT_THAT(widgets::plain_text(d.lab().explain()), testing::HasSubstr("= 38"));
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
}

TEST(ToeplitzLab, EquationIsLatexToo) {
  Driver d;
  d.settle();
  EXPECT_THAT(widgets::latex(d.lab().explain()),
              testing::HasSubstr("y_{1} = 1 \\cdot  1 + 2 \\cdot  2 + 3 \\cdot  3 = 14"));
}

}  // namespace
}  // namespace vitrine::labs
