#include "app/labs/backward/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/io/json_fields.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::backward_lab_test {
namespace {

using core::Index;
using core::Shape;
using core::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using Driver = LabDriver<Backward>;
using Part = Backward::Part;
using Spot = Backward::Spot;

std::string explained(Driver& d) {
  const widgets::Equation e = d.lab().explain();
  return e.words + "\n" + widgets::plain_text(e);
}

TEST(BackwardLab, OpensWithFiveChannelsByHand) {
  Driver d;
  d.settle();
  const auto& r = d.result();
  EXPECT_THAT(r.output.values(), ElementsAre(-30, -30, -30));
  EXPECT_EQ(r.gradients.weight,
            Tensor<double>({1, 5, 1, 3}, {4, 6, 8, 6, 8, 10, 8, 10, 12, 10, 12, 14, 12, 14, 16}));
  const double pattern[] = {1, 0, 1, 0, -3, 0, 1};
  for (Index c = 0; c < 5; ++c)
    for (Index n = 0; n < 7; ++n)
      EXPECT_EQ(r.gradients.input(c, 0, n), static_cast<double>(c + 1) * pattern[n]);
  EXPECT_THAT(r.gradients.bias.values(), ElementsAre(2));
  EXPECT_THAT(r.spread.values(), ElementsAre(1, 0, 2, 0, -1));
  EXPECT_EQ(d.lab().last_step(), 15 + 35 + 1 - 1);
}

TEST(BackwardLab, EveryNumberIsCheckedByFiniteDifferences) {
  Driver d;
  for (const std::string& preset : d.lab().presets()) {
    d.click(preset);
    const auto& r = d.result();
    EXPECT_LT(r.largest_error, 1e-9) << preset;
    for (Index step = 0; step < r.steps(); ++step) {
      const Spot spot = r.spot_at(step);
      EXPECT_EQ(r.step_of(spot), step);
      EXPECT_NEAR(r.check(spot), r.gradient(spot), 1e-9) << preset << " " << step;
      EXPECT_EQ(r.error(spot), std::abs(r.gradient(spot) - r.check(spot)));
    }
  }
}

// dL/dy of one output only: dL/dW is what its window saw, dL/dx its row of the matrix.
TEST(BackwardLab, OneOutputShowsItsWindowAndItsRow) {
  Driver d;
  d.click("One output");
  const auto& r = d.result();
  for (Index c = 0; c < 5; ++c) {
    for (Index k = 0; k < 3; ++k) EXPECT_EQ(r.gradients.weight(0, c, 0, k), r.params.input(c, 0, k + 2));
    for (Index n = 0; n < 7; ++n)
      EXPECT_EQ(r.gradients.input(c, 0, n), n >= 2 && n <= 4 ? r.params.weight(0, c, 0, n - 2) : 0);
  }
}

TEST(BackwardLab, OnePlayheadGoesOverWeightsThenInputsThenBias) {
  Driver d;
  d.settle();
  d.point_at(widgets::Point{600, 2300});  // away from the stage
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("x correlated with dL/dy, spread by the stride"));
  EXPECT_THAT(
      explained(d),
      HasSubstr("dL/dW_1,1 = g_1 · x_1,1 + g_2 · x_1,3 + g_3 · x_1,5 = 1 · 2 + 2 · 4 + (−1) · 6 = 4"));
  EXPECT_THAT(explained(d), HasSubstr("check: (L(W + h) − L(W − h)) / 2h = 4"));
  d.key(shell::Key::kRight);
  EXPECT_THAT(explained(d), HasSubstr("dL/dW_1,2"));
  d.lab().settle(15 + 4);
  EXPECT_THAT(explained(d), HasSubstr("dL/dx_1,5 = g_2 · W_1,3 + g_3 · W_1,1 = 2 · (−1) + (−1) · 1 = −3"));
  d.key(shell::Key::kEnd);
  EXPECT_THAT(explained(d), HasSubstr("dL/db = g_1 + g_2 + g_3 = 1 + 2 + (−1) = 2"));
}

TEST(BackwardLab, HoverLightsANumberAndAClickPinsIt) {
  Driver d;
  d.settle();
  const auto dw = d.find("backward dW");
  d.click(widgets::Point{dw.x + dw.w * 2.5f / 3, dw.y + dw.h * 4.5f / 5});
  ASSERT_TRUE(d.topic().view().pinned);
  EXPECT_EQ(*d.topic().view().pinned, (Spot{Part::kWeight, 14}));
  EXPECT_THAT(explained(d), HasSubstr("= 16"));
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
  const auto x = d.find("backward x");
  d.point_at(widgets::Point{x.x + x.w * 4.5f / 7, x.y + x.h * 1.5f / 5});
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("dL/dx_2,5")) << "an input lights its gradient";
  d.point_at("backward db");
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("dL/db"));
}

TEST(BackwardLab, StrideDilationAndPaddingKeepTheUpstreamFitting) {
  Driver d;
  d.click("One channel");
  EXPECT_EQ(d.params().upstream.shape(), (Shape{1, 1, 7}));
  d.type("Stride", "3");
  EXPECT_EQ(d.params().upstream.shape(), (Shape{1, 1, 3}));
  EXPECT_EQ(d.result().spread.count(), 7);
  d.type("Padding left", "2");
  EXPECT_EQ(d.params().upstream.shape(), (Shape{1, 1, 3}));
  d.type("Padding right", "1");
  EXPECT_EQ(d.params().upstream.shape(), (Shape{1, 1, 4}));
  EXPECT_EQ(d.params().upstream[3], 1);
  EXPECT_EQ(d.result().padded.count(), 12);
  EXPECT_LT(d.result().largest_error, 1e-9);
  d.type("dL/dy[1]", "5");
  EXPECT_EQ(d.result().gradients.bias[0], 5 + 0 - 1 + 1);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().upstream[0], 1);
  d.type("Channels", "8");
  EXPECT_EQ(d.params().weight.shape(), (Shape{1, 8, 1, 3}));
  EXPECT_EQ(d.lab().last_step(), 24 + 72);
}

TEST(BackwardLab, Pictures) {
  Driver d;
  d.click("Picture");
  EXPECT_EQ(d.result().output, Tensor<double>({1, 2, 2}, {3, 4, 6, 7}));
  EXPECT_EQ(d.result().gradients.weight, Tensor<double>({1, 1, 2, 2}, {37, 47, 67, 77}));
  EXPECT_EQ(d.result().gradients.input,
            Tensor<double>({1, 3, 3}, {0.25, 0.75, 0.5, 1, 2.5, 1.5, 0.75, 1.75, 1}));
  EXPECT_EQ(d.result().gradients.bias[0], 10);
  d.type("Width", "8");
  EXPECT_EQ(d.params().upstream.shape(), (Shape{1, 2, 7}));
  d.click("Dimensions=1-D");
  EXPECT_EQ(d.params().upstream.shape(), (Shape{1, 1, 7}));
  EXPECT_EQ(d.params().input.shape(), (Shape{1, 1, 8})) << "the picture's first row";
  EXPECT_LT(d.result().largest_error, 1e-9);
}

// Three channels and two filters: dL/dW is of one filter and one channel, dL/dx of one channel by all
// filters.
TEST(BackwardLab, AColourPictureHasAGradientForEveryChannelAndFilter) {
  Driver d;
  d.click("Colour picture");
  const auto& r = d.result();
  EXPECT_EQ(r.gradients.weight.shape(), (Shape{2, 3, 3, 3}));
  EXPECT_EQ(r.steps(), 54 + 48 + 2);
  EXPECT_THAT(r.gradients.bias.values(), ElementsAre(3, 0));
  // x of channel 2: 2 .. 17 in rows of 4; g of filter 2: 0 1 / -2 1.
  EXPECT_EQ(r.gradients.weight(1, 1, 0, 0), 1 * 3 - 2 * 6 + 1 * 7);
  // The corner is read by the first output alone: W[1,c,1,1] 1 + W[2,c,1,1] 0.
  for (Index c = 0; c < 3; ++c) EXPECT_EQ(r.gradients.input(c, 0, 0), -static_cast<double>(c + 1));
  d.lab().settle(27 + 9);
  EXPECT_THAT(explained(d), HasSubstr("dL/dW_2,2,1,1 = g_2,1,1 · x_2,1,1 + g_2,1,2 · x_2,1,2"));
  d.lab().settle(54);
  EXPECT_THAT(explained(d), HasSubstr("dL/dx_1,1,1 = g_1,1,1 · W_1,1,1,1 + g_2,1,1 · W_2,1,1,1"));
  d.key(shell::Key::kEnd);
  EXPECT_THAT(explained(d),
              HasSubstr("dL/db_2 = g_2,1,1 + g_2,1,2 + g_2,2,1 + g_2,2,2 = 0 + 1 + (−2) + 1 = 0"));
  const auto dw = d.find("backward dW");
  d.click(widgets::Point{dw.x + dw.w - 2, dw.y + dw.h - 2});
  EXPECT_EQ(*d.topic().view().pinned, (Spot{Part::kWeight, 53}));
  d.type("Filters", "4");
  EXPECT_EQ(d.params().upstream.shape(), (Shape{4, 2, 2}));
  EXPECT_LT(d.result().largest_error, 1e-9);
}

// What reaches the padding goes back to the input that was continued there.
TEST(BackwardLab, ABoundarySendsGradientsBackToWhatItContinues) {
  Driver d;
  d.click("Circular");
  const auto& r = d.result();
  EXPECT_THAT(r.padded.values(), ElementsAre(9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1));
  // x9 is read by the last two windows and, once round, by the first: 3 g8 + 2 g9 + 1 g1.
  EXPECT_EQ(r.gradients.input(0, 0, 8), 3 * 0 + 2 * -1 + 1 * 1);
  EXPECT_LT(r.largest_error, 1e-9);
  d.lab().settle(3 + 8);
  EXPECT_THAT(explained(d), HasSubstr("dL/dx_9 = g_1 · W_1 + g_8 · W_3 + g_9 · W_2"));
  d.lab().settle(0);
  EXPECT_THAT(explained(d), HasSubstr("dL/dW_1 = g_1 · x_9 + g_2 · x_1")) << "not a zero of the padding";
  d.type("Padding left", "4");
  d.type("Input length", "3");
  EXPECT_TRUE(d.says("continues for at most 3 cells, the padding asks for 4")) << d.app().transcript();
  d.key(shell::Key::kZ, true);
  EXPECT_FALSE(d.says("continues for at most"));
}

TEST(BackwardLab, TheLargestLayerStaysWithinAFrame) {
  Driver d;
  d.click("Colour picture");
  for (const char* name : {"Height", "Width"}) d.type(name, "8");
  for (const char* name : {"Kernel rows", "Kernel columns"}) d.type(name, "1");
  for (const char* name : {"Padding top", "Padding bottom", "Padding left", "Padding right"})
    d.type(name, "4");
  d.type("Filters", "4");
  EXPECT_EQ(d.params().upstream.shape(), (Shape{4, 16, 16}));
  EXPECT_EQ(d.result().matrix.shape(), (Shape{192, 1024}));
  EXPECT_LT(d.most_vertices(), 60'000);
}

TEST(BackwardLab, ATooLargeKernelSaysSoAndTheRestStays) {
  Driver d;
  d.click("One channel");
  d.type("Input length", "2");
  EXPECT_TRUE(d.says("The kernel covers 3 cells but the padded input has only 2")) << d.app().transcript();
  EXPECT_EQ(d.result().output.count(), 7);
  d.key(shell::Key::kZ, true);
  EXPECT_FALSE(d.says("The kernel covers"));
  d.type("Stride", "0");
  EXPECT_TRUE(d.says("is not a whole number from 1 to 4")) << d.app().transcript();
}

TEST(BackwardLab, NotANumberIsCarriedHonestly) {
  Driver d;
  d.click("One channel");
  d.type("x[9]", "nan");
  EXPECT_TRUE(std::isnan(d.result().gradients.weight[2]));
  EXPECT_EQ(d.result().gradients.weight[0], 1 * 1 - 3 + 2 * 4 + 6 - 2 * 7);
  EXPECT_EQ(d.result().gradients.bias[0], 1);
  EXPECT_TRUE(std::isnan(d.result().largest_error));
}

TEST(BackwardLab, AFileOfRubbishIsBroughtIntoRange) {
  Backward::Params p = Backward::presets()[7].params, read;
  io::from_json(io::to_json(p), read, io::Unknown::kRefuse);
  EXPECT_EQ(read, p);
  io::from_json(
      R"({"dimensions": "2-D", "input": [[[1,2,3,4,5,6,7,8,9,10,11]]], "weight": [1, 2], "upstream": [[[5]]],
                    "rows": {"stride": -3}, "columns": {"stride": 100, "padding_before": -1, "dilation": 0}})",
      read, io::Unknown::kCollect);
  EXPECT_EQ(read.input.shape(), (Shape{1, 1, 8}));
  EXPECT_EQ(read.weight.shape(), (Shape{1, 1, 1, 1}));
  EXPECT_EQ(read.rows.stride, 1);
  EXPECT_EQ(read.columns.stride, 4);
  EXPECT_EQ(read.upstream.shape(), (Shape{1, 1, 2}));
}

}  // namespace
}  // namespace vitrine::labs::backward_lab_test
