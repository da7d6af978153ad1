#include "engine/sequence/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace vitrine::sequence {
namespace {

using testing::ElementsAre;

TEST(Statistics, VarianceIsByOneLessThanTheCount) {
  const double sample[] = {1, 2, 3, 4};
  EXPECT_DOUBLE_EQ(moments(sample).mean, 2.5);
  EXPECT_DOUBLE_EQ(moments(sample).variance, 5.0 / 3);
  const double far[] = {1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4};
  EXPECT_DOUBLE_EQ(moments(far).variance, 5.0 / 3) << "nothing cancels";
  EXPECT_THROW(moments(std::vector<double>{1}), std::invalid_argument);
}

TEST(Statistics, NormalDensityHasItsHeightAndItsArea) {
  EXPECT_DOUBLE_EQ(normal_density(3, 3, 1), 0.3989422804014327);
  EXPECT_DOUBLE_EQ(normal_density(5, 3, 4), 0.3989422804014327 / 2 * std::exp(-0.5));
  double area = 0;
  for (int i = -5'000; i <= 5'000; ++i) area += normal_density(4 + 0.01 * i, 4, 24) * 0.01;
  EXPECT_NEAR(area, 1, 1e-9);
  EXPECT_NEAR(normal_share(3 - 2, 3 + 2, 3, 4), 0.6826894921370859, 1e-15) << "within one deviation";
  EXPECT_EQ(normal_share(0, 100, 0, 1), 0.5);
}

TEST(Statistics, HistogramCountsWhatIsInside) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double sample[] = {0, 0.49, 0.5, 1, 1.99, 2, -0.01, 2.01, nan};
  EXPECT_THAT(histogram(sample, 0, 2, 4).values(), ElementsAre(2, 1, 1, 2));
  EXPECT_THAT(histogram({}, 0, 1, 3).values(), ElementsAre(0, 0, 0));
  EXPECT_EQ(bin_of(0.5, 0, 2, 4), 1);
  EXPECT_EQ(bin_of(2, 0, 2, 4), 3);
  EXPECT_EQ(bin_of(2.01, 0, 2, 4), -1);
  EXPECT_EQ(bin_of(nan, 0, 2, 4), -1);
}

}  // namespace
}  // namespace vitrine::sequence
