#include "app/labs/sliding/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/app/app_driver.h"

namespace vitrine::labs::sliding_lab_test {
namespace {

using core::Shape;
using core::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using Driver = LabDriver<SlidingWindow>;

std::string explained(Driver& d) { return widgets::plain_text(d.lab().explain()); }

TEST(SlidingLab, OpensWithTheValidConvolution) {
  Driver d;
  d.settle();
  EXPECT_THAT(d.result().output.values(), ElementsAre(14, 20, 26, 32, 38, 44, 50));
  EXPECT_EQ(d.result().matrix.shape(), (Shape{7, 9}));
  EXPECT_EQ(d.result().counts.weights, 3);
  EXPECT_EQ(d.result().counts.dense_weights, 63);
  EXPECT_EQ(d.result().counts.macs, 21);
  EXPECT_EQ(d.result().formula, "⌊(9 + 0 − 3) / 1⌋ + 1 = 7");
  EXPECT_EQ(d.lab().last_step(), 6);
}

core::Index cells_with_a_weight(const SlidingWindow::Result& r) {
  return std::count_if(r.weight_index.values().begin(), r.weight_index.values().end(),
                       [](std::int32_t w) { return w >= 0; });
}

TEST(SlidingLab, PresetsOfOneChannelHaveTheirNumbers) {
  Driver d;
  d.click("Stride 2, padding 1");
  EXPECT_THAT(d.result().output.values(), ElementsAre(8, 20, 32, 44, 26));
  EXPECT_EQ(d.result().matrix.shape(), (Shape{5, 9}));
  EXPECT_EQ(cells_with_a_weight(d.result()), 13);
  d.click("Same");
  EXPECT_THAT(d.result().output.values(), ElementsAre(8, 14, 20, 26, 32, 38, 44, 50, 26));
  EXPECT_EQ(d.result().matrix.shape(), (Shape{9, 9}));
  EXPECT_EQ(cells_with_a_weight(d.result()), 25);
  d.click("Full");
  EXPECT_THAT(d.result().output.values(), ElementsAre(3, 8, 14, 20, 26, 32, 38, 44, 50, 26, 9));
  EXPECT_EQ(cells_with_a_weight(d.result()), 27);
  d.click("Edge detector");
  EXPECT_THAT(d.result().output.values(), ElementsAre(0, 0, 1, 1, 0, -1, -1, 0, 0));
  d.click("Circular");
  EXPECT_THAT(d.result().output.values(), ElementsAre(17, 14, 20, 26, 32, 38, 44, 50, 29));
  EXPECT_THAT(d.result().padded.values(), ElementsAre(9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1))
      << "the padding holds the signal's other end";
  d.click("Dilated");
  EXPECT_THAT(d.result().output.values(), ElementsAre(11, 16, 22, 28, 34, 40, 46, 22, 25));
}

TEST(SlidingLab, FiveChannelsAreSummed) {
  Driver d;
  d.click("Five channels");
  EXPECT_EQ(d.params().input(4, 6), 12);
  EXPECT_THAT(d.result().output.values(), ElementsAre(-30, -30, -30));
  EXPECT_EQ(d.result().matrix.shape(), (Shape{3, 35}));
  EXPECT_EQ(d.result().counts.weights, 15);
  for (core::Index c = 0; c < 5; ++c)
    EXPECT_EQ(d.result().channel_sums(0, c, 1), -2.0 * static_cast<double>(c + 1)) << c;
  EXPECT_THAT(explained(d), HasSubstr("y_1 = (−2) + (−4) + (−6) + (−8) + (−10) = −30"));
}

TEST(SlidingLab, TransposedStampsTheKernelInputByInput) {
  Driver d;
  d.click("Transposed");
  // x = 1 2 3 2 1, k = 1 2 3, stride 2
  EXPECT_THAT(d.result().output.values(), ElementsAre(1, 2, 5, 4, 9, 6, 11, 4, 7, 2, 3));
  EXPECT_EQ(d.lab().last_step(), 4);
  const auto& partial = d.result().partial;
  EXPECT_EQ(partial(1, 0, 2), 5);
  EXPECT_EQ(partial(1, 0, 4), 6) << "only the stamps of the first two inputs";
  EXPECT_EQ(partial(4, 0, 4), 9);
  EXPECT_EQ(d.result().matrix.shape(), (Shape{11, 5}));
  EXPECT_EQ(d.result().matrix(6, 2), 3);
  d.click("Output padding more");
  EXPECT_EQ(d.result().output.count(), 12);
  EXPECT_EQ(d.result().output[11], 0);
  d.click("Output padding more");
  EXPECT_TRUE(d.says("An output padding of 2 is not smaller than the stride or the dilation"))
      << d.app().transcript();
  d.key(shell::Key::kZ, true);
  EXPECT_FALSE(d.says("An output padding of 2"));
}

TEST(SlidingLab, ConvolutionTurnsTheKernel) {
  Driver d;
  d.settle();
  d.click("Operation");
  d.click("Operation=convolution");
  EXPECT_THAT(d.result().output.values(), ElementsAre(10, 16, 22, 28, 34, 40, 46));
  EXPECT_THAT(d.result().drawn.values(), ElementsAre(3, 2, 1));
  EXPECT_THAT(explained(d), HasSubstr("y_1 = k_3 · x_1 + k_2 · x_2 + k_1 · x_3"));
}

TEST(SlidingLab, FiltersChannelsAndBiasAreCounted) {
  Driver d;
  d.settle();
  d.type("Filters", "8");
  d.type("Channels", "3");
  d.click("Bias=on");
  EXPECT_EQ(d.result().counts.weights, 72);
  EXPECT_EQ(d.result().counts.parameters, 80);
  EXPECT_EQ(d.result().matrix.shape(), (Shape{56, 27}));
  d.type("b[2]", "100");
  EXPECT_EQ(d.result().output(1, 0), 3 * 14 + 100) << "three channels alike";
  EXPECT_EQ(d.result().output(0, 0), 3 * 14);
  const auto y = d.find("sliding y");
  d.click(widgets::Point{y.center().x, y.y + y.h * 1.5f / 8});
  EXPECT_EQ(d.topic().view().filter, 1) << "a row of y chooses its filter";
}

TEST(SlidingLab, InputsThatNoWindowCoversAreSaidInWords) {
  Driver d;
  d.settle();
  d.type("Stride", "4");
  EXPECT_THAT(d.result().output.values(), ElementsAre(14, 38));
  EXPECT_FALSE(d.result().touched[3]);
  EXPECT_FALSE(d.result().touched[8]);
  EXPECT_EQ(untouched_words(d.result().touched, 4),
            "3 inputs are never touched: the stride of 4 steps over them.");
  EXPECT_EQ(untouched_words({true, true, true, false, false}, 3),
            "2 inputs at the end are never touched: a stride that does not divide is normal.");
  EXPECT_EQ(untouched_words({true, true, false}, 2),
            "1 input at the end is never touched: a stride that does not divide is normal.");
  EXPECT_EQ(untouched_words({true, false, true}, 1), "1 input is never touched: no tap reaches it.");
  EXPECT_EQ(untouched_words({true, true}, 1), "");
}

TEST(SlidingLab, NumbersAreTypedDraggedAndSteppedAndEachEditIsUndone) {
  Driver d;
  d.settle();
  d.type("x[1]", "10");
  EXPECT_EQ(d.params().input[0], 10);
  EXPECT_EQ(d.result().output[0], 1 * 10 + 2 * 2 + 3 * 3);
  d.scroll("k[3]", 1);
  EXPECT_DOUBLE_EQ(d.params().weight[2], 3.1);
  d.drag("k[1]", 80);  // ten steps of 0.1
  EXPECT_NEAR(d.params().weight[0], 2, 0.11);
  EXPECT_NE(d.params().weight[0], 1);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().weight[0], 1) << "a drag is one edit";
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().weight[2], 3);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().input[0], 1);
  EXPECT_FALSE(d.lab().can_undo());
  d.key(shell::Key::kZ, true, true);
  EXPECT_EQ(d.params().input[0], 10);
}

TEST(SlidingLab, PaddingsAreChosenByNameOrBySide) {
  Driver d;
  d.click("Padding=full");
  EXPECT_EQ(d.params().window, (signal::WindowSpec{1, 1, 2, 2}));
  EXPECT_EQ(d.result().output.shape(), (Shape{1, 11}));
  d.type("Padding left", "0");
  EXPECT_EQ(d.params().window, (signal::WindowSpec{1, 1, 0, 2}));
  d.click("Padding=same");
  EXPECT_EQ(d.params().window, (signal::WindowSpec{1, 1, 1, 1}));
  EXPECT_FALSE(d.says("full would be"));
  d.type("Dilation", "8");
  d.type("Kernel size", "6");
  EXPECT_TRUE(d.says("full would be 40 cells on either side; a side holds 32 here"));
  d.click("Padding=full");
  EXPECT_EQ(d.params().window, (signal::WindowSpec{1, 8, 32, 32}));
}

TEST(SlidingLab, RubbishInANumberIsRefusedBesideIt) {
  Driver d;
  d.type("x[2]", "abc");
  EXPECT_EQ(d.params().input[1], 2);
  EXPECT_TRUE(d.says("\"abc\" is not a number")) << d.app().transcript();
  d.type("Stride", "2.5");
  EXPECT_EQ(d.params().window.stride, 1);
  EXPECT_TRUE(d.says("2.5 is not a whole number from 1 to 16")) << d.app().transcript();
  d.type("Stride", "1e9");
  EXPECT_EQ(d.params().window.stride, 1);
  d.type("Stride", "2");
  EXPECT_EQ(d.params().window.stride, 2) << d.app().transcript();
  EXPECT_FALSE(d.says("is not a whole number")) << "a good entry clears the complaint";
}

TEST(SlidingLab, NotANumberIsCarriedHonestly) {
  Driver d;
  d.type("x[9]", "nan");
  EXPECT_TRUE(std::isnan(d.result().output[6]));
  EXPECT_EQ(d.result().output[5], 44);
}

TEST(SlidingLab, KernelLargerThanTheInputSaysSoAndKeepsTheRest) {
  Driver d;
  d.settle();
  d.type("Input length", "2");
  EXPECT_TRUE(d.says("The kernel covers 3 cells but the padded input has only 2")) << d.app().transcript();
  EXPECT_EQ(d.result().output.count(), 7) << "the last result stays";
  d.click("Padding left more");
  EXPECT_EQ(d.result().output.count(), 1);
  EXPECT_FALSE(d.says("The kernel covers"));
}

TEST(SlidingLab, PlayheadStepsScrubsAndPlaysToTheEnd) {
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

TEST(SlidingLab, HoverLightsAnOutputAndAClickPinsIt) {
  Driver d;
  d.settle();
  const auto y = d.find("sliding y");
  d.click(widgets::Point{y.center().x, y.y + y.h * 4.5f / 7});
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_EQ(*d.topic().view().pinned, 4);
  EXPECT_THAT(explained(d), HasSubstr("y_5 = k_1 · x_5 + k_2 · x_6 + k_3 · x_7"));
  EXPECT_THAT(explained(d), HasSubstr("= 38"));
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
}

TEST(SlidingLab, TheBlockMatrixAndTheStampedOutputArePinnedToo) {
  Driver d;
  d.click("Five channels");
  const auto k = d.find("sliding K");
  d.click(widgets::Point{k.x + k.w * 8.5f / 35, k.y + k.h * 1.5f / 3});
  EXPECT_EQ(d.topic().view().pinned, 1);
  EXPECT_EQ(d.topic().view().hovered_cell, 1) << "column 8 is the second input of the second channel";
  d.click("Transposed");
  const auto y = d.find("sliding y");
  d.point_at(widgets::Point{y.x + y.w * 2.5f / 11, y.center().y});
  d.settle();
  EXPECT_EQ(d.topic().view().hovered_cell, 2);
  EXPECT_THAT(explained(d), HasSubstr("y_3 = k_3 · x_1 + k_1 · x_2"));
  EXPECT_THAT(explained(d), HasSubstr("y_3 = 3 · 1 + 1 · 2 = 5"));
}

TEST(SlidingLab, AMirrorThatIsTooShortSaysSoAndIsUndone) {
  Driver d;
  d.settle();
  d.click("Boundary");
  d.click("Boundary=reflect");
  d.type("Padding left", "9");
  EXPECT_TRUE(d.says("A mirrored input of 9 continues for at most 8 cells, the padding asks for 9"))
      << d.app().transcript();
  d.key(shell::Key::kZ, true);
  EXPECT_FALSE(d.says("A mirrored input"));
  d.type("Padding left", "2");
  EXPECT_THAT(std::vector<double>(d.result().padded.data(), d.result().padded.data() + 4),
              ElementsAre(3, 2, 1, 2));
}

TEST(SlidingLab, EquationIsLatexToo) {
  Driver d;
  d.settle();
  EXPECT_THAT(widgets::latex(d.lab().explain()),
              HasSubstr("y_{1} = 1 \\cdot  1 + 2 \\cdot  2 + 3 \\cdot  3 = 14"));
}

TEST(SlidingLab, TheLargestLayerIsDrawnWithFewShapes) {
  Driver d;
  d.settle();
  d.type("Input length", "64");
  d.type("Channels", "8");
  d.type("Kernel size", "16");
  d.type("Filters", "8");
  EXPECT_EQ(d.result().output.shape(), (Shape{8, 49}));
  EXPECT_EQ(d.result().counts.macs, 8 * 49 * 8 * 16);
  d.click("Random x");
  d.click("Random k");
  d.key(shell::Key::kEnd);
  EXPECT_LT(d.most_vertices(), 60'000);
}

}  // namespace
}  // namespace vitrine::labs::sliding_lab_test
