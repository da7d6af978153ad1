#include "app/labs/matrix/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/app/app_driver.h"

namespace vitrine::labs::matrix_lab_test {
namespace {

using core::Index;
using core::Shape;
using testing::ElementsAre;
using testing::HasSubstr;
using widgets::Cell;
using Driver = LabDriver<OneMatrix>;
using Layer = OneMatrix::Layer;

const OneMatrix::Matrix& layer(Driver& d, Layer which) { return d.result().layer(static_cast<int>(which)); }
std::string explained(Driver& d) { return widgets::plain_text(d.lab().explain()); }

TEST(MatrixLab, SixtyThreeWeightsBecomeTwentyOneBecomeThree) {
  Driver d;
  d.settle();
  EXPECT_EQ(layer(d, Layer::kFullyConnected).free_weights, 63);
  EXPECT_EQ(layer(d, Layer::kLocallyConnected).free_weights, 21);
  EXPECT_EQ(layer(d, Layer::kConvolution).free_weights, 3);
  EXPECT_EQ(layer(d, Layer::kAttention).free_weights, 0);
  EXPECT_EQ(layer(d, Layer::kConvolution).cells, 21);
  EXPECT_THAT(layer(d, Layer::kConvolution).output.values(), ElementsAre(14, 20, 26, 32, 38, 44, 50));
  EXPECT_EQ(layer(d, Layer::kLocallyConnected).output[6], 19 * 7 + 20 * 8 + 21 * 9);
  EXPECT_EQ(layer(d, Layer::kFullyConnected).output[0], 285) << "1·1 + 2·2 + … + 9·9";
  EXPECT_EQ(d.lab().last_step(), 3);
  EXPECT_THAT(explained(d), HasSubstr("63 → 21 → 3 → 0"));
}

TEST(MatrixLab, APresetOpensAtItsLayer) {
  Driver d;
  d.click("Locally connected, 21");
  EXPECT_EQ(d.lab().playhead().t, 1);
  d.click("Same size, 81");
  EXPECT_EQ(d.lab().playhead().t, 0);
  EXPECT_EQ(layer(d, Layer::kFullyConnected).free_weights, 81);
  EXPECT_EQ(layer(d, Layer::kConvolution).cells, 25);
  EXPECT_THAT(layer(d, Layer::kConvolution).output.values(), ElementsAre(8, 14, 20, 26, 32, 38, 44, 50, 26));
  d.click("Stride 2");
  EXPECT_THAT(layer(d, Layer::kConvolution).output.values(), ElementsAre(8, 20, 32, 44, 26));
  EXPECT_EQ(layer(d, Layer::kConvolution).cells, 13);
}

TEST(MatrixLab, APictureIsADoublyBlockToeplitzMatrix) {
  Driver d;
  d.click("Mean of 2 × 2");
  const auto& conv = layer(d, Layer::kConvolution);
  EXPECT_EQ(conv.exact.shape(), (Shape{4, 9}));
  const double q = 0.25;
  EXPECT_THAT(conv.exact.values(), ElementsAre(q, q, 0, q, q, 0, 0, 0, 0,  //
                                               0, q, q, 0, q, q, 0, 0, 0,  //
                                               0, 0, 0, q, q, 0, q, q, 0,  //
                                               0, 0, 0, 0, q, q, 0, q, q));
  EXPECT_THAT(conv.output.values(), ElementsAre(3, 4, 6, 7));
  // Output (1, 0) reads the input (2, 1) with the kernel's last tap.
  EXPECT_EQ(d.result().tap_at({2, 7}), 3);
  EXPECT_EQ(d.result().input_under(2, 3), 7);
  d.click(d.find("one-matrix picture y").center());
  EXPECT_TRUE(d.topic().view().pinned);
}

TEST(MatrixLab, RowsOfAttentionSumToOne) {
  Driver d;
  d.click("Local attention");
  const auto& attention = layer(d, Layer::kAttention);
  ASSERT_EQ(attention.output.count(), 5);
  const double expected[] = {1.5, 2, 3, 4, 4.5};
  for (Index o = 0; o < 5; ++o) {
    EXPECT_NEAR(attention.output[o], expected[o], 1e-12) << "a mean that ends at the border";
    EXPECT_NEAR(attention.row_sums[o], 1, 1e-12);
  }
  const double padded[] = {1, 2, 3, 4, 3};
  for (Index o = 0; o < 5; ++o)
    EXPECT_NEAR(layer(d, Layer::kConvolution).output[o], padded[o], 1e-12)
        << "a mean with zeros in the padding";
  d.click("Looks at");
  d.click("Looks at=everywhere");
  EXPECT_EQ(layer(d, Layer::kAttention).cells, 25);
  EXPECT_NEAR(layer(d, Layer::kAttention).output[0], 3, 1e-12) << "sharpness 0 looks at all alike";
  d.type("Sharpness", "8");
  EXPECT_NEAR(layer(d, Layer::kAttention).output[0], 1, 0.001) << "a sharp one at the nearest only";
}

TEST(MatrixLab, CellsThatMustBeEqualAreCounted) {
  Driver d;
  d.click("Convolution, 3");
  const auto w = d.find("one-matrix W");
  d.click(widgets::Point{w.x + w.w * 3.5f / 9, w.y + w.h * 2.5f / 7});
  EXPECT_EQ(d.topic().view().pinned, (OneMatrix::Spot{2, 3}));
  EXPECT_THAT(d.lab().explain().words, HasSubstr("weight 2 of the kernel, the same in 7 cells"));
  EXPECT_THAT(explained(d), HasSubstr("y_3 = 1 · 3 + 2 · 4 + 3 · 5 = 26"));
  d.click("layer 2");
  EXPECT_EQ(d.lab().playhead().t, 1);
  EXPECT_THAT(d.lab().explain().words, HasSubstr("a weight of its own"));
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
}

TEST(MatrixLab, FreeWeightsAreTypedAndUndone) {
  Driver d;
  d.settle();
  d.type("w, locally connected[1,1]", "100");
  EXPECT_EQ(layer(d, Layer::kLocallyConnected).output[0], 100 * 1 + 2 * 2 + 3 * 3);
  EXPECT_EQ(layer(d, Layer::kLocallyConnected).output[6], 19 * 7 + 20 * 8 + 21 * 9) << "the others stay";
  EXPECT_EQ(layer(d, Layer::kFullyConnected).output[0], 285) << "the other layer stays";
  EXPECT_EQ(d.params().numbers, OneMatrix::Numbers::kTyped);
  d.type("W, fully connected[1,9]", "nan");
  EXPECT_TRUE(std::isnan(layer(d, Layer::kFullyConnected).output[0]));
  EXPECT_FALSE(std::isnan(layer(d, Layer::kFullyConnected).output[1]));
  d.key(shell::Key::kZ, true);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().numbers, OneMatrix::Numbers::kCounted);
  EXPECT_EQ(layer(d, Layer::kLocallyConnected).output[0], 14);
}

TEST(MatrixLab, NotANumberReachesOnlyTheOutputsThatReadIt) {
  Driver d;
  d.type("x[9]", "nan");
  for (const Layer which : {Layer::kLocallyConnected, Layer::kConvolution, Layer::kAttention}) {
    EXPECT_FALSE(std::isnan(layer(d, which).output[5])) << static_cast<int>(which);
    EXPECT_TRUE(std::isnan(layer(d, which).output[6])) << static_cast<int>(which);
  }
  EXPECT_TRUE(std::isnan(layer(d, Layer::kFullyConnected).output[0]));
}

TEST(MatrixLab, RandomWeightsFollowTheirSeed) {
  Driver d;
  d.settle();
  d.click("Free weights");
  d.click("Free weights=random");
  const auto first = layer(d, Layer::kFullyConnected).exact;
  d.type("Seed", "2");
  EXPECT_NE(layer(d, Layer::kFullyConnected).exact, first);
  d.type("Seed", "1");
  EXPECT_EQ(layer(d, Layer::kFullyConnected).exact, first);
  EXPECT_NE(first(0, 0), layer(d, Layer::kLocallyConnected).exact(0, 0))
      << "layers have numbers of their own";
}

TEST(MatrixLab, PlayheadMorphsStepByStep) {
  Driver d;
  d.settle();
  d.key(shell::Key::kRight);
  EXPECT_EQ(d.lab().playhead().t, 1);
  d.lab().playhead().t = 1.2;
  d.frames(2);
  EXPECT_EQ(d.lab().explain().words, "Convolution: 3 free weights") << "what is on its way";
  const auto track = d.find("scrub");
  d.click(widgets::Point{track.right() - 1, track.center().y});
  EXPECT_NEAR(d.lab().playhead().t, 3, 0.05);
  EXPECT_THAT(explained(d), HasSubstr("row sum ="));
}

TEST(MatrixLab, AMatrixOfFourThousandRowsIsSeenAndEnlarged) {
  Driver d;
  d.click("Pictures of 64 × 64");
  EXPECT_EQ(d.result().weight_index.shape(), (Shape{4096, 4096}));
  EXPECT_EQ(layer(d, Layer::kConvolution).free_weights, 9);
  EXPECT_EQ(layer(d, Layer::kFullyConnected).free_weights, Index{4096} * 4096);
  EXPECT_TRUE(d.says("336 MB")) << d.app().transcript();
  // Output (0, 1) is the Sobel sum of the rows 0 and 1.
  const auto& conv = layer(d, Layer::kConvolution);
  EXPECT_EQ(conv.number({1, 2}), 2);
  EXPECT_EQ(conv.number({1, 66}), 1);
  EXPECT_EQ(conv.number({1, 67}), 0);
  const auto w = d.find("one-matrix W");
  d.click(widgets::Point{w.x + w.w * 0.5f, w.y + w.h * 0.5f + 0.1f});
  ASSERT_TRUE(d.topic().view().pinned);
  const int before = d.most_vertices();
  for (int i = 0; i < 30; ++i) d.scroll("stage", 2);
  EXPECT_LT(d.most_vertices(), before + 65'000) << "only what is visible is drawn";
}

TEST(MatrixLab, WhatCannotBeIsSaidBeforeItIsMade) {
  Driver d;
  d.click("Pictures of 64 × 64");
  d.click("Padding=full");
  EXPECT_TRUE(d.says("The matrix would be 4,356 × 4,096 = 17,842,176 cells")) << d.app().transcript();
  EXPECT_EQ(d.result().weight_index.shape(), (Shape{4096, 4096})) << "the last result stays";
  d.key(shell::Key::kZ, true);
  EXPECT_FALSE(d.says("The matrix would be"));
  d.click("Convolution, 3");
  d.type("Input length", "2");
  EXPECT_TRUE(d.says("The kernel covers 3 cells but the padded input has only 2"));
  d.type("Input length", "1e9");
  EXPECT_TRUE(d.says("1e9 is not a whole number from 1 to 4096") || d.says("is not a whole number from 1 to"))
      << d.app().transcript();
}

}  // namespace
}  // namespace vitrine::labs::matrix_lab_test
