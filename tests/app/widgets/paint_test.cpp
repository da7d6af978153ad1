#include "app/widgets/paint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace vitrine::widgets {
namespace {

using core::Index;
using core::Shape;
using core::Tensor;

Tensor<float> sheet(Index rows = 28, Index columns = 28, float paper = 0) {
  return Tensor<float>(Shape{1, rows, columns}, paper);
}

void expect_near(const Tensor<float>& a, const Tensor<float>& b) {
  ASSERT_EQ(a.shape(), b.shape());
  for (Index i = 0; i < a.count(); ++i) ASSERT_NEAR(a[i], b[i], 1e-5) << i;
}

TEST(Brush, IsFullInsideAndFallsToNothingAtItsRadius) {
  const Brush brush{4, 0.5};
  EXPECT_EQ(brush.coverage(0), 1);
  EXPECT_EQ(brush.coverage(2), 1);
  EXPECT_DOUBLE_EQ(brush.coverage(3), 0.5) << "half way between";
  EXPECT_EQ(brush.coverage(4), 0);
  EXPECT_EQ(brush.coverage(100), 0);
  EXPECT_GT(brush.coverage(2.2), brush.coverage(2.4));
}

TEST(Brush, TheSmallestStillMarksAPixelWhereverItIsPut) {
  const Brush brush{0.5, 1};
  for (const float x : {0.0f, 0.25f, 0.5f, 0.999f}) {
    const Point at[] = {{5 + x, 7 + x}};
    const Tensor<float> out = stroke(sheet(), at, brush);
    EXPECT_GT(*std::max_element(out.values().begin(), out.values().end()), 0.8f) << x;
  }
}

TEST(Stroke, ADabIsRoundAndNowhereElse) {
  const Point at[] = {{10.5f, 6.5f}};  // the centre of column 10, row 6
  const Tensor<float> out = stroke(sheet(), at, {3, 0});
  EXPECT_EQ(out(0, 6, 10), 1);
  EXPECT_EQ(out(0, 6, 12), out(0, 8, 10));
  EXPECT_EQ(out(0, 6, 12), out(0, 4, 10));
  EXPECT_GT(out(0, 6, 11), out(0, 6, 12));
  EXPECT_NEAR(out(0, 6, 12), 1 - (3 * 4.0 / 9 - 2 * 8.0 / 27), 1e-6);
  EXPECT_EQ(out(0, 6, 13), 0) << "3 pixels away";
  EXPECT_EQ(out(0, 20, 20), 0);
}

TEST(Stroke, AFastOneHasNoGaps) {
  const Point two[] = {{2.5f, 3.5f}, {25.5f, 24.5f}};
  const Tensor<float> out = stroke(sheet(), two, {1.5, 0.5});
  for (int i = 0; i <= 100; ++i) {
    const float f = static_cast<float>(i) / 100;
    const Point p = mix(two[0], two[1], f);
    EXPECT_GT(out(0, static_cast<Index>(p.y), static_cast<Index>(p.x)), 0.5f) << f;
  }
}

// The picture does not depend on how often the pointer was read.
TEST(Stroke, PointsBetweenChangeNothing) {
  const Point ends[] = {{3, 4}, {23, 14}};
  std::vector<Point> path;
  for (int i = 0; i <= 20; ++i) path.push_back(mix(ends[0], ends[1], static_cast<float>(i) / 20));
  path.push_back(ends[1]);
  expect_near(stroke(sheet(), path, {2.5, 0.2}), stroke(sheet(), ends, {2.5, 0.2}));
}

TEST(Stroke, InkMixesWithWhatIsThereAndErasesAsWell) {
  const Point at[] = {{5, 5}};
  const Tensor<float> grey = sheet(10, 10, 0.5f);
  const Brush eraser{3, 0, {0, 0, 0}}, ink{3, 0, {1, 1, 1}};
  const Tensor<float> less = stroke(grey, at, eraser), more = stroke(grey, at, ink);
  for (Index i = 0; i < grey.count(); ++i) {
    EXPECT_NEAR(less[i] + more[i], 1, 1e-6);
    EXPECT_LE(less[i], 0.5f);
  }
  EXPECT_LT(less(0, 4, 4), 0.1f);
}

TEST(Stroke, ColoursGoToTheirPlanes) {
  const Point at[] = {{2.5f, 2.5f}};
  const Tensor<float> out = stroke(Tensor<float>(Shape{3, 5, 5}), at, {1, 0, {1, 0.5f, 0.25f}});
  EXPECT_EQ(out(0, 2, 2), 1);
  EXPECT_EQ(out(1, 2, 2), 0.5f);
  EXPECT_EQ(out(2, 2, 2), 0.25f);
}

TEST(Stroke, FarBeyondThePictureIsNoHarm) {
  const Point path[] = {{-1e6f, -1e6f}, {1e6f, 1e6f}};
  const Tensor<float> out = stroke(sheet(5, 5), path, {1, 0});
  EXPECT_GT(out(0, 2, 2), 0.9f) << "the diagonal runs through";
  const Point aside[] = {{-50, 2}};
  EXPECT_EQ(stroke(sheet(5, 5), aside, {1, 0}), sheet(5, 5));
}

TEST(PaintingHand, TakesAStrokeFromPressToRelease) {
  const Rect box{100, 200, 280, 280};  // 10 units a pixel
  const Brush brush{1.5, 0.5};
  PaintingHand hand;
  Tensor<float> pixels = sheet();
  const auto at = [](float x, float y, bool held) { return Touch{true, false, held, {x, y}}; };
  EXPECT_FALSE(hand.follow(at(155, 255, false), box, pixels, brush)) << "no button is down";
  auto painted = hand.follow(at(155, 255, true), box, pixels, brush);
  ASSERT_TRUE(painted);
  EXPECT_FALSE(painted->goes_on);
  EXPECT_EQ(painted->pixels(0, 5, 5), 1);
  EXPECT_TRUE(hand.painting());
  pixels = painted->pixels;
  EXPECT_FALSE(hand.follow(at(155, 255, true), box, pixels, brush)) << "the pointer stays";
  painted = hand.follow(at(255, 255, true), box, pixels, brush);
  ASSERT_TRUE(painted);
  EXPECT_TRUE(painted->goes_on);
  const Point path[] = {{5.5f, 5.5f}, {15.5f, 5.5f}};
  expect_near(painted->pixels, stroke(sheet(), path, brush));
  EXPECT_FALSE(hand.follow(at(255, 255, false), box, painted->pixels, brush));
  EXPECT_FALSE(hand.painting());
  painted = hand.follow(at(355, 255, true), box, painted->pixels, brush);
  ASSERT_TRUE(painted);
  EXPECT_FALSE(painted->goes_on) << "another stroke";
  EXPECT_EQ(painted->pixels(0, 5, 20), 0) << "nothing joins the two";
}

}  // namespace
}  // namespace vitrine::widgets
