#include "app/labs/pooling/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/app/app_driver.h"

namespace vitrine::labs::pooling_lab_test {
namespace {

using core::Tensor;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using widgets::Point;
using Driver = LabDriver<Pooling>;

auto doubles(double a, double b, double c, double d) {
  return ElementsAre(DoubleEq(a), DoubleEq(b), DoubleEq(c), DoubleEq(d));
}

std::string explained(Driver& d) { return widgets::plain_text(d.lab().explain()); }

TEST(PoolingLab, OpensWithTheFirstMatrix) {
  Driver d;
  d.settle();
  EXPECT_THAT(d.result().original.mean.values(), doubles(8.0 / 9, 2.0 / 3, 2.0 / 3, 2.0 / 3));
  EXPECT_THAT(d.result().original.largest.values(), ElementsAre(1, 1, 1, 1));
  EXPECT_FALSE(d.result().copy);
  EXPECT_EQ(d.lab().last_step(), 3);
  EXPECT_THAT(explained(d), HasSubstr("y_1,1^max = max(1, 1, 1, 1, 0, 1, 1, 1, 1) = 1"));
  EXPECT_THAT(explained(d), HasSubstr("(8)/(9) = 0.8889"));
}

TEST(PoolingLab, MaxCannotTellTheRingFromTheFirstMatrix) {
  Driver d;
  d.click("Ring");
  EXPECT_THAT(d.result().original.mean.values(), doubles(1.0 / 3, 1.0 / 3, 1.0 / 3, 1.0 / 3));
  EXPECT_THAT(d.result().original.largest.values(), ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(explained(d), HasSubstr("(3)/(9) = (1)/(3) = 0.3333"));
}

TEST(PoolingLab, OnlyTheAverageNoticesALostPixel) {
  Driver d;
  d.click("Drop a pixel");
  EXPECT_THAT(d.result().copy->mean.values(), doubles(7.0 / 9, 2.0 / 3, 2.0 / 3, 2.0 / 3));
  EXPECT_EQ(d.result().copy->largest, d.result().original.largest);
  EXPECT_EQ(d.result().largest.difference.changed, 0);
  EXPECT_EQ(d.result().mean.difference.changed, 1);
  EXPECT_EQ(d.lab().explain().words,
            "Max changed in 0 of 4, by at most 0; average in 1 of 4, by at most 0.111");
  EXPECT_THAT(explained(d), HasSubstr("(7)/(9) = 0.7778"));
  d.click("Drop the shared pixel");
  EXPECT_THAT(d.result().copy->sums.values(), ElementsAre(7, 5, 5, 5));
  EXPECT_THAT(d.result().original.sums.values(), ElementsAre(8, 6, 6, 6));
  EXPECT_EQ(d.result().mean.difference.values, Tensor<double>({2, 2}, -1.0));
  EXPECT_EQ(d.result().largest.difference.changed, 0);
}

TEST(PoolingLab, OnlyTheAverageNoticesTheRingMove) {
  Driver d;
  d.click("Shift the ring");
  EXPECT_THAT(d.result().original.sums.values(), ElementsAre(3, 3, 3, 3));
  EXPECT_THAT(d.result().copy->sums.values(), ElementsAre(2, 5, 2, 5));
  EXPECT_EQ(d.result().copy->largest, d.result().original.largest);
  EXPECT_EQ(d.lab().explain().words, "Max changed in 0 of 4, by at most 0; sum in 4 of 4, by at most 2");
}

TEST(PoolingLab, MaxTakesAStrayPixelWhole) {
  Driver d;
  d.click("Stray pixel");
  EXPECT_EQ(d.result().largest.difference.largest, 4);
  EXPECT_DOUBLE_EQ(d.result().mean.difference.largest, 5.0 / 9);
}

TEST(PoolingLab, MeanOfFourIsTheBoxFilter) {
  Driver d;
  d.click("Mean of 2 × 2");
  EXPECT_THAT(d.result().original.mean.values(), ElementsAre(3, 4, 6, 7));
  EXPECT_THAT(d.result().original.largest.values(), ElementsAre(5, 6, 8, 9));
}

TEST(PoolingLab, PixelsAreClickedOnAndOffAndEachClickIsUndone) {
  Driver d;
  d.click("Drop a pixel");
  const auto cell = [&](const char* id, int row, int column) {
    const auto box = d.find(id);
    return Point{box.x + box.w * (column + 0.5f) / 5, box.y + box.h * (row + 0.5f) / 5};
  };
  d.click(cell("pooling input copy", 0, 0));
  EXPECT_EQ(d.result().mean.difference.changed, 0) << "the pixel is back";
  d.click(cell("pooling input copy", 1, 1));
  EXPECT_EQ(d.params().harm.stray(1, 1), 1) << "where it was 0 it becomes stray";
  EXPECT_DOUBLE_EQ(d.result().copy->mean(0, 0), 1);
  d.click(cell("pooling input", 1, 1));
  EXPECT_EQ(d.params().matrix(1, 1), 1);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().matrix(1, 1), 0);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().harm.stray(1, 1), 0);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().harm.lost(0, 0), 1);
}

TEST(PoolingLab, NumbersAreTypedAndTheKernelChanged) {
  Driver d;
  d.settle();
  d.type("x[2,2]", "10");
  EXPECT_EQ(d.result().original.largest(0, 0), 10);
  EXPECT_EQ(d.result().original.sums(0, 0), 18);
  d.type("Stride", "1");
  EXPECT_EQ(d.result().original.mean.shape(), (core::Shape{3, 3}));
  d.type("Kernel rows", "5");
  EXPECT_EQ(d.result().original.mean.shape(), (core::Shape{1, 3}));
  d.type("x[2,2]", "nan");
  EXPECT_TRUE(std::isnan(d.result().original.largest(0, 0)));
  EXPECT_TRUE(std::isnan(d.result().original.mean(0, 0)));
  EXPECT_FALSE(std::isnan(d.result().original.mean(0, 2)));
}

TEST(PoolingLab, PaddingIsCountedAsTold) {
  Driver d;
  d.click("Mean of 2 × 2");
  d.type("Padding left", "1");
  EXPECT_EQ(d.result().original.mean(0, 0), 5.0 / 4);
  EXPECT_EQ(d.result().original.largest(0, 0), 4);
  d.click("Count padding=off");
  EXPECT_EQ(d.result().original.mean(0, 0), 5.0 / 2);
  d.type("Padding left", "2");
  EXPECT_TRUE(d.says("Window 1 would see nothing but padding")) << d.app().transcript();
  EXPECT_EQ(d.result().params.pool.columns.padding_before, 1) << "the last result stays";
  d.key(shell::Key::kZ, true);
  EXPECT_FALSE(d.says("would see nothing"));
}

TEST(PoolingLab, BadSizesSaySoAndUndoWorks) {
  Driver d;
  d.settle();
  d.type("Kernel columns", "6");
  EXPECT_TRUE(d.says("The kernel covers 6 cells but the padded matrix's width has only 5"));
  EXPECT_EQ(d.result().params.pool.kernel_columns, 3);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.params().pool.kernel_columns, 3);
  EXPECT_FALSE(d.says("The kernel covers"));
  d.type("Rows", "17");
  EXPECT_TRUE(d.says("17 is not a whole number from 1 to 16")) << d.app().transcript();
  d.type("Stride", "-1");
  EXPECT_EQ(d.params().pool.columns.stride, 2);
}

TEST(PoolingLab, NoiseAndRandomPixelsFollowTheSeed) {
  Driver d;
  d.click("Altered copy=on");
  d.type("Pixels lost", "3");
  const auto first = d.result().copy->input;
  d.type("Seed", "2");
  EXPECT_FALSE(d.result().copy->input == first);
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.result().copy->input, first);
  d.type("Pixels lost", "0");
  d.type("Noise", "0.5");
  EXPECT_EQ(d.result().mean.difference.changed, 4);
  EXPECT_EQ(d.result().largest.difference.changed, 4);
}

TEST(PoolingLab, PlayheadScrubsAndAClickPins) {
  Driver d;
  d.settle();
  d.key(shell::Key::kEnd);
  EXPECT_EQ(d.lab().playhead().t, 3);
  EXPECT_THAT(explained(d), HasSubstr("y_2,2^max"));
  const auto track = d.find("scrub");
  d.click(Point{track.x + track.w / 3, track.center().y});
  EXPECT_NEAR(d.lab().playhead().t, 1, 0.05);
  const auto mean = d.find("pooling y average");
  d.click(Point{mean.x + mean.w * 0.25f, mean.y + mean.h * 0.75f});
  EXPECT_EQ(d.topic().view().pinned, (widgets::Cell{1, 0}));
  EXPECT_THAT(explained(d), HasSubstr("y_2,1^mean"));
  d.key(shell::Key::kEscape);
  EXPECT_FALSE(d.topic().view().pinned);
}

TEST(PoolingLab, APictureIsPooledAndHarmed) {
  Driver d;
  d.click("Harmed picture");
  EXPECT_EQ(d.result().original.largest.shape(), (core::Shape{45, 60}));
  EXPECT_GT(d.result().mean.difference.changed, d.result().largest.difference.changed)
      << "most lost pixels are none of the largest";
  EXPECT_GT(d.result().largest.difference.largest, d.result().mean.difference.largest);
  d.key(shell::Key::kEnd);
  EXPECT_EQ(d.lab().playhead().t, 45 * 60 - 1);
  d.type("Kernel rows", "16");
  EXPECT_EQ(d.result().original.largest.size(0), 42);
  d.type("Dilation", "8");
  EXPECT_EQ(d.result().original.largest.size(0), 15);
  d.type("Padding top", "8");
  d.type("Kernel columns", "1");
  d.type("Padding left", "8");
  EXPECT_THAT(d.topic().error(), HasSubstr("Window 1 would see nothing but padding"));
  d.key(shell::Key::kZ, true);
  EXPECT_EQ(d.topic().error(), "");
}

}  // namespace
}  // namespace vitrine::labs::pooling_lab_test
