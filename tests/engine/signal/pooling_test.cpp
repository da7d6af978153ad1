#include "engine/signal/pooling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "engine/core/stop.h"

namespace vitrine::signal {
namespace {

using core::ShapeError;
using core::Tensor;

// 3x3 windows at stride 2 over a 5x5 picture: the exercise's layer.
PoolSpec three_by_two() { return {3, 3, {.stride = 2}, {.stride = 2}}; }

const Tensor<double> kSquares({1, 5, 5}, {1, 1, 1, 0, 1,  //
                                          1, 0, 1, 0, 1,  //
                                          1, 1, 1, 0, 1,  //
                                          0, 0, 0, 0, 1,  //
                                          1, 1, 1, 1, 1});
const Tensor<double> kRing({1, 5, 5}, {0, 0, 0, 0, 0,  //
                                       0, 1, 1, 1, 0,  //
                                       0, 1, 0, 1, 0,  //
                                       0, 1, 1, 1, 0,  //
                                       0, 0, 0, 0, 0});
const Tensor<double> kRingOneRight({1, 5, 5}, {0, 0, 0, 0, 0,  //
                                               0, 0, 1, 1, 1,  //
                                               0, 0, 1, 0, 1,  //
                                               0, 0, 1, 1, 1,  //
                                               0, 0, 0, 0, 0});

Tensor<double> without_pixel(Tensor<double> picture, Index row, Index column) {
  picture(0, row, column) = 0;
  return picture;
}

std::vector<double> ninths(const Tensor<double>& picture) {
  const Tensor<double> mean = average_pool(picture, three_by_two(), CountPadding::kYes);
  std::vector<double> sums;
  for (const double value : mean.values()) sums.push_back(9 * value);
  return sums;
}

TEST(Pooling, AveragesOfTheExercise) {
  using testing::DoubleEq;
  using testing::ElementsAre;
  const auto are = [](double a, double b, double c, double d) {
    return ElementsAre(DoubleEq(a), DoubleEq(b), DoubleEq(c), DoubleEq(d));
  };
  EXPECT_THAT(ninths(kSquares), are(8, 6, 6, 6));
  EXPECT_THAT(ninths(kRing), are(3, 3, 3, 3));
  EXPECT_THAT(ninths(without_pixel(kSquares, 0, 0)), are(7, 6, 6, 6));
  EXPECT_THAT(ninths(without_pixel(kSquares, 2, 2)), are(7, 5, 5, 5));
  EXPECT_THAT(ninths(kRingOneRight), are(2, 5, 2, 5));
}

TEST(Pooling, MaximaCannotTellThemApart) {
  const Tensor<double> ones({1, 2, 2}, 1.0);
  for (const Tensor<double>& picture :
       {kSquares, kRing, without_pixel(kSquares, 0, 0), without_pixel(kSquares, 2, 2), kRingOneRight})
    EXPECT_EQ(max_pool(picture, three_by_two()).output, ones);
}

TEST(Pooling, ArgmaxIsTheFirstOfEqualsInEachChannel) {
  const Tensor<double> two_channels({2, 2, 2}, {4, 7, 7, 1, -5, -6, -4, -4});
  const auto pooled = max_pool(two_channels, PoolSpec{});
  EXPECT_EQ(pooled.output, Tensor<double>({2, 1, 1}, {7, -4}));
  EXPECT_EQ(pooled.argmax, Tensor<Index>({2, 1, 1}, {1, 2}));
}

TEST(Pooling, PaddingNeverWinsAndCountsAsTold) {
  const WindowSpec same{.padding_before = 1, .padding_after = 1};
  const PoolSpec spec{1, 3, {}, same};
  const Tensor<double> x({1, 1, 3}, {-3, -6, -9});
  EXPECT_EQ(max_pool(x, spec).output, Tensor<double>({1, 1, 3}, {-3, -3, -6}));
  EXPECT_EQ(average_pool(x, spec, CountPadding::kYes), Tensor<double>({1, 1, 3}, {-3, -6, -5}));
  EXPECT_EQ(average_pool(x, spec, CountPadding::kNo), Tensor<double>({1, 1, 3}, {-4.5, -6, -7.5}));
}

TEST(Pooling, PaddingCostsNothingHoweverWide) {
  constexpr Index kFar = Index{1} << 40;
  const WindowSpec around{.stride = 2 * kFar, .padding_before = kFar, .padding_after = kFar};
  const PoolSpec spec{2 * kFar, 2 * kFar, around, around};
  EXPECT_EQ(max_pool(Tensor<double>({1, 1, 3}, {-3, -1, -2}), spec).output, Tensor<double>({1, 1, 1}, {-1}));
}

TEST(Pooling, DilationSpreadsTheWindow) {
  const PoolSpec spec{1, 2, {}, {.dilation = 3}};
  const auto pooled = max_pool(Tensor<float>({1, 1, 5}, {5, 1, 2, 3, 9}), spec);
  EXPECT_EQ(pooled.output, Tensor<float>({1, 1, 2}, {5, 9}));
  EXPECT_EQ(pooled.argmax, Tensor<Index>({1, 1, 2}, {0, 4}));
}

TEST(Pooling, ANaNIsNotHidden) {
  const Tensor<double> x({1, 1, 3}, {std::nan(""), 2, 1});
  const auto pooled = max_pool(x, PoolSpec{1, 2, {}, {}});
  EXPECT_TRUE(std::isnan(pooled.output[0]));
  EXPECT_EQ(pooled.output[1], 2);
}

TEST(Pooling, RefusesWindowsOfPaddingOnlyAndHugeResults) {
  const PoolSpec beside{1, 2, {}, {.padding_before = 2}};
  const Tensor<double> x({1, 1, 3}, {1, 2, 3});
  const auto error = [](auto call) {
    try {
      call();
    } catch (const ShapeError& thrown) {
      return std::string(thrown.what());
    }
    return std::string();
  };
  EXPECT_EQ(error([&] { max_pool(x, beside); }), "the window of output (0, 0) covers nothing but padding");
  EXPECT_EQ(error([&] { average_pool(x, beside, CountPadding::kNo); }),
            "the window of output (0, 0) covers nothing but padding");
  EXPECT_EQ(average_pool(x, beside, CountPadding::kYes)[0], 0);
  EXPECT_EQ(error([&] {
              max_pool(x, PoolSpec{2, 2, {}, {}});
            }),
            "kernel 2 does not fit input 1 with padding 0");
  EXPECT_THAT(error([&] {
                average_pool(x, {1, 1, {}, {.padding_after = Index{1} << 30}}, CountPadding::kYes);
              }),
              testing::HasSubstr("passes the limit of 2^28"));
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(max_pool(x, PoolSpec{1, 2, {}, {}}, source.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::signal
