#include "engine/train/fitted_picture.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

namespace vitrine::train {
namespace {

using core::Shape;
using core::Tensor;
using testing::Each;
using testing::FloatNear;

constexpr nn::ImageSizes kMnist{1, 28, 28};

// A dark sheet with a light rectangle on it, or the other way round.
Tensor<float> sheet(Index height, Index width, float paper, float ink, Index top, Index left, Index rows,
                    Index columns) {
  Tensor<float> out(Shape{1, height, width}, paper);
  for (Index i = top; i < top + rows; ++i)
    for (Index j = left; j < left + columns; ++j) out(0, i, j) = ink;
  return out;
}

struct Extent {
  Index top = 1000, bottom = -1, left = 1000, right = -1;
};
Extent extent_of(const Tensor<float>& image) {
  Extent e;
  for (Index i = 0; i < image.size(1); ++i)
    for (Index j = 0; j < image.size(2); ++j)
      if (image(0, i, j) > 0.01f)
        e.top = std::min(e.top, i), e.bottom = std::max(e.bottom, i), e.left = std::min(e.left, j),
        e.right = std::max(e.right, j);
  return e;
}

TEST(Averaged, IsTheMeanOfWhatAPixelCovers) {
  const Tensor<float> x(Shape{1, 2, 4}, {0.0f, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f});
  const float none[] = {0};
  const auto half = averaged(x, {0, 0, 2, 4}, 1, 2, none);
  EXPECT_NEAR(half[0], (0.0 + 0.1 + 0.4 + 0.5) / 4, 1e-6);
  EXPECT_NEAR(half[1], (0.2 + 0.3 + 0.6 + 0.7) / 4, 1e-6);
  const auto thirds = averaged(x, {0, 0, 1, 4}, 1, 3, none);  // 4 pixels in 3: 1 and a third each
  EXPECT_NEAR(thirds[0], (0.0 + 0.1 / 3) / (4.0 / 3), 1e-6);
  EXPECT_NEAR(thirds[1], (0.1 * 2 / 3 + 0.2 * 2 / 3) / (4.0 / 3), 1e-6);
}

TEST(Averaged, BeyondThePictureIsWhatIsSaid) {
  const Tensor<float> x(Shape{1, 1, 1}, {1.0f});
  const float beyond[] = {0.25f};
  const auto out = averaged(x, {-1, -0.5, 3, 2}, 3, 1, beyond);
  EXPECT_NEAR(out[0], 0.25, 1e-6);
  EXPECT_NEAR(out[1], 0.5 * 1 + 0.5 * 0.25, 1e-6);
  EXPECT_NEAR(out[2], 0.25, 1e-6);
  EXPECT_THROW(averaged(x, {0, 0, 1, 1}, 1, 1, {}), core::ShapeError);
}

TEST(FittedWhole, KeepsTheRatioAndContinuesTheBorder) {
  const auto out = fitted(sheet(10, 40, 0.5f, 0.5f, 0, 0, 10, 40), {1, 8, 8}, Fit::kWhole);
  EXPECT_EQ(out.shape(), (Shape{1, 8, 8}));
  EXPECT_THAT(out.values(), Each(FloatNear(0.5f, 1e-6f)));
  // A light field in the middle of a wide dark sheet stays in the middle, as wide as high.
  const auto field = fitted(sheet(20, 40, 0, 1, 5, 15, 10, 10), {1, 20, 20}, Fit::kWhole);
  const Extent e = extent_of(field);
  EXPECT_EQ(e.top, 7);
  EXPECT_EQ(e.bottom, 12);
  EXPECT_EQ(e.left, 7);
  EXPECT_EQ(e.right, 12);
}

TEST(FittedWhole, TheSameSizeIsTheSamePicture) {
  Tensor<float> x(Shape{3, 5, 7});
  for (Index i = 0; i < x.count(); ++i) x[i] = static_cast<float>(i) / 105;
  const auto out = fitted(x, {3, 5, 7}, Fit::kWhole);
  for (Index i = 0; i < x.count(); ++i) EXPECT_NEAR(out[i], x[i], 1e-6);
}

TEST(FittedWhole, ColourBecomesGreyAndGreyEveryChannel) {
  const Tensor<float> red(Shape{3, 1, 1}, {1.0f, 0.0f, 0.0f});
  EXPECT_NEAR(fitted(red, {1, 2, 2}, Fit::kWhole)[3], 0.299, 1e-6);
  const auto three = fitted(Tensor<float>(Shape{1, 1, 1}, {0.5f}), {3, 2, 2}, Fit::kWhole);
  EXPECT_EQ(three.shape(), (Shape{3, 2, 2}));
  EXPECT_THAT(three.values(), Each(FloatNear(0.5f, 1e-6f)));
}

TEST(FittedAsMnist, FillsTwentyPixelsOfTwentyEightWhereverItWasDrawn) {
  for (const auto& [top, left] : {std::pair<Index, Index>{0, 0}, {7, 90}, {150, 40}}) {
    const auto out = fitted(sheet(200, 200, 0, 1, top + 2, left + 2, 40, 20), kMnist, Fit::kMnist);
    const Extent e = extent_of(out);
    EXPECT_EQ(e.top, 4);
    EXPECT_EQ(e.bottom, 23);
    EXPECT_EQ(e.left, 9);
    EXPECT_EQ(e.right, 18);
    EXPECT_NEAR(out(0, 14, 14), 1, 1e-6);
  }
}

TEST(FittedAsMnist, DarkOnLightIsTurnedRound) {
  const auto light = fitted(sheet(60, 60, 0.1f, 0.9f, 10, 20, 30, 12), kMnist, Fit::kMnist);
  const auto dark = fitted(sheet(60, 60, 0.9f, 0.1f, 10, 20, 30, 12), kMnist, Fit::kMnist);
  for (Index i = 0; i < light.count(); ++i) ASSERT_NEAR(light[i], dark[i], 1e-5) << i;
  EXPECT_NEAR(*std::max_element(light.values().begin(), light.values().end()), 1, 1e-6);
  EXPECT_EQ(light(0, 0, 0), 0) << "paper is black";
}

TEST(FittedAsMnist, TheCentreOfMassIsInTheMiddle) {
  // An L: a tall stroke at the left, a short foot at the right.
  Tensor<float> x = sheet(100, 100, 0, 1, 20, 20, 60, 10);
  for (Index i = 70; i < 80; ++i)
    for (Index j = 30; j < 50; ++j) x(0, i, j) = 1;
  const auto out = fitted(x, kMnist, Fit::kMnist);
  double mass = 0, row = 0, column = 0;
  for (Index i = 0; i < 28; ++i)
    for (Index j = 0; j < 28; ++j) {
      const auto w = static_cast<double>(out(0, i, j));
      mass += w, row += w * (static_cast<double>(i) + 0.5), column += w * (static_cast<double>(j) + 0.5);
    }
  EXPECT_NEAR(row / mass, 14, 0.05);
  EXPECT_NEAR(column / mass, 14, 0.05);
}

TEST(FittedAsMnist, NothingIsCutThoughTheMassLiesAside) {
  // A heavy bar and a thin tail that reaches far to one side.
  Tensor<float> x = sheet(100, 200, 0, 1, 10, 10, 80, 12);
  for (Index j = 22; j < 190; ++j) x(0, 50, j) = 1;
  const auto out = fitted(x, kMnist, Fit::kMnist);
  double mass = 0;
  for (const float v : out.values()) mass += static_cast<double>(v);
  const double scale = 180 / 20.0;  // pixels of x in one
  EXPECT_NEAR(mass, (80 * 12 + 168) / (scale * scale), 0.01) << "all of the ink is there";
}

TEST(FittedAsMnist, AnEmptySheetIsEmpty) {
  const auto out = fitted(sheet(30, 30, 0.7f, 0.7f, 0, 0, 1, 1), kMnist, Fit::kMnist);
  EXPECT_THAT(out.values(), Each(0.0f));
}

TEST(Fitted, RefusesWhatIsNoPicture) {
  EXPECT_THROW(fitted(Tensor<float>(Shape{2, 3, 3}), kMnist, Fit::kWhole), core::ShapeError);
  EXPECT_THROW(fitted(Tensor<float>(Shape{1, 0, 3}), kMnist, Fit::kWhole), core::ShapeError);
  EXPECT_THROW(fitted(Tensor<float>(Shape{1, 3, 3}), {4, 3, 3}, Fit::kMnist), core::ShapeError);
}

}  // namespace
}  // namespace vitrine::train
