#include "engine/nn/pooling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/nn/relu.h"

namespace vitrine::nn {
namespace {

using Numbers = std::vector<double>;

template <class Pool>
Numbers forward(const Window& window, const Numbers& x) {
  Numbers y(static_cast<std::size_t>(window.out_places() * window.in.channels));
  Pool(window).forward(1, x.data(), y.data());
  return y;
}

constexpr Window kPairs{{1, 2, 6}, 2, 2, 0};

TEST(MaxPool, KnownValues) {
  const Numbers x{1, -2, 5, 5, -1, -1,  //
                  3, 0,  4, 6, -7, -2};
  EXPECT_EQ(forward<MaxPool<double>>(kPairs, x), (Numbers{3, 6, -1}));
  const Numbers y{3, 6, -1}, dy{10, 20, 30};
  Numbers dx(12);
  MaxPool<double>(kPairs).backward(1, x.data(), y.data(), dy.data(), dx.data());
  EXPECT_EQ(dx, (Numbers{0, 0, 0, 0, 30, 0,      //
                         10, 0, 0, 20, 0, 0}));  // of equals the first
}

// Only in the middle column is there a number below the padding.
TEST(MaxPool, PaddingNeverWins) {
  const Window window{{1, 1, 3}, 3, 2, 1};
  EXPECT_EQ(forward<MaxPool<double>>(window, {-5, -4, -3}), (Numbers{-4, -3}));
}

TEST(MaxPool, ANaNWins) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t place = 0; place < 4; ++place) {
    Numbers x{1, 2, 3, 4};
    x[place] = nan;
    EXPECT_TRUE(std::isnan(forward<MaxPool<double>>({{1, 2, 2}, 2, 2, 0}, x)[0])) << place;
  }
}

TEST(AveragePool, KnownValuesAndPaddingCountsAsZeros) {
  EXPECT_EQ(forward<AveragePool<double>>(kPairs, {1, -2, 5, 5, -1, -1,  //
                                                  3, 0, 4, 6, -7, -2}),
            (Numbers{0.5, 5, -2.75}));
  EXPECT_EQ(forward<AveragePool<double>>({{1, 1, 2}, 2, 2, 1}, {4, 8}), (Numbers{1, 2}));
}

// Channels lie innermost and do not mix; 19 of them fill no register evenly.
TEST(Pooling, ChannelsAreApart) {
  constexpr Index kChannels = 19;
  const Window window{{kChannels, 2, 2}, 2, 1, 0};
  std::vector<float> x, most(kChannels), mean(kChannels);
  for (Index cell = 0; cell < 4; ++cell)
    for (Index c = 0; c < kChannels; ++c) x.push_back(static_cast<float>(cell == c % 4 ? c : -1));
  MaxPool<float>(window).forward(1, x.data(), most.data());
  AveragePool<float>(window).forward(1, x.data(), mean.data());
  for (Index c = 0; c < kChannels; ++c) {
    EXPECT_EQ(most[static_cast<std::size_t>(c)], static_cast<float>(c));
    EXPECT_EQ(mean[static_cast<std::size_t>(c)], static_cast<float>(c - 3) / 4);
  }
}

TEST(Relu, KnownValuesAndANaNStays) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Numbers x{-2, 0, 3, nan}, dy{1, 1, 1, 1};
  Numbers y(4), dx(4);
  Relu<double>::forward(x.data(), 4, y.data());
  EXPECT_EQ(Numbers(y.begin(), y.begin() + 3), (Numbers{0, 0, 3}));
  EXPECT_TRUE(std::isnan(y[3]));
  Relu<double>::backward(y.data(), dy.data(), 3, dx.data());
  EXPECT_EQ(dx, (Numbers{0, 0, 1, 0}));
}

}  // namespace
}  // namespace vitrine::nn
