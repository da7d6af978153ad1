#include "app/widgets/curve_pyramid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "app/widgets/smoothed_curve.h"

namespace vitrine::widgets {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
bool same(const Sample& a, const Sample& b) { return a.x == b.x && same(a.y, b.y); }

// Steps by ones with gaps, repeated x, uneven x, and now and then a y that is not finite.
std::vector<Sample> random_samples(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto chance = [&](int of) { return random() % static_cast<std::uint32_t>(of) == 0; };
  std::vector<Sample> samples;
  double x = 0;
  bool even = true;
  for (std::size_t i = 0; i < count; ++i) {
    if (chance(50)) even = !even;
    x += chance(9) ? 0 : even ? 1 : 0.001 * static_cast<double>(random() % 5000);
    if (chance(200)) x += 300;
    double y = static_cast<double>(random()) / 4e9 - 0.3;
    if (chance(40)) y = std::nan("");
    if (chance(60)) y = chance(2) ? kInfinity : -kInfinity;
    if (chance(30)) y = 0;
    samples.push_back({x, y});
  }
  return samples;
}

// The same by looking at every sample.
struct Naive {
  std::vector<Sample> samples;

  std::vector<Sample> in(double low, double high) const {
    std::vector<Sample> found;
    for (const Sample& s : samples)
      if (low <= s.x && s.x <= high) found.push_back(s);
    return found;
  }
  std::optional<Interval> y_range(const Interval& x, bool positive) const {
    std::optional<Interval> range;
    for (const Sample& s : in(x.low, x.high)) {
      if (!std::isfinite(s.y) || (positive && s.y <= 0)) continue;
      if (!range) range = {s.y, s.y};
      range = {std::min(range->low, s.y), std::max(range->high, s.y)};
    }
    return range;
  }
};

TEST(CurvePyramid, KeepsEverySample) {
  const auto samples = random_samples(5'000, 1);
  const CurvePyramid curve(samples);
  ASSERT_EQ(curve.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) ASSERT_TRUE(same(curve[i], samples[i])) << i;
}

TEST(CurvePyramid, FindsPlacesAndRangesAsALookAtEverySampleDoes) {
  std::mt19937 random(2);
  for (const std::size_t count : {1u, 7u, 8u, 65u, 4'097u}) {
    const Naive naive{random_samples(count, static_cast<std::uint32_t>(count))};
    const CurvePyramid curve(naive.samples);
    for (int i = 0; i < 300; ++i) {
      const auto place = [&] {  // of a sample, or any
        if (random() % 2) return naive.samples[random() % count].x;
        return naive.samples.back().x * (static_cast<double>(random() % 1000) / 900 - 0.05);
      };
      Interval x{place(), place()};
      if (x.low > x.high) std::swap(x.low, x.high);
      const auto before = std::count_if(naive.samples.begin(), naive.samples.end(),
                                        [&](const Sample& s) { return s.x < x.low; });
      ASSERT_EQ(curve.count_before(x.low), static_cast<std::size_t>(before));
      double distance = kInfinity;
      for (const Sample& s : naive.samples) distance = std::min(distance, std::abs(s.x - x.low));
      ASSERT_EQ(std::abs(curve.nearest(x.low)->x - x.low), distance);
      for (const bool positive : {false, true})
        ASSERT_EQ(curve.y_range(x, positive), naive.y_range(x, positive)) << x.low << " " << x.high;
    }
  }
}

TEST(CurvePyramid, AColumnShowsTheLeastAndGreatestOfAllItsSamples) {
  const Naive naive{random_samples(20'000, 3)};
  const CurvePyramid curve(naive.samples);
  std::mt19937 random(4);
  constexpr int kColumns = 40;
  for (int i = 0; i < 50; ++i) {
    const double low = std::floor(naive.samples[random() % 20'000].x);
    const Interval x{low,
                     low + kColumns * static_cast<double>(1 + random() % 800)};  // edges without rounding
    const auto drawn = curve.decimated(x, kColumns);
    const auto inside = naive.in(x.low, x.high);
    ASSERT_TRUE(std::is_sorted(drawn.begin(), drawn.end(),
                               [](const Sample& p, const Sample& q) { return p.x < q.x; }));
    if (inside.size() <= 2 * kColumns) {
      ASSERT_GE(drawn.size(), inside.size());
      ASSERT_LE(drawn.size(), inside.size() + 2);
      continue;
    }
    ASSERT_LE(drawn.size(), 3u * (kColumns + 1) + 2);
    // Every sample lies between what is drawn of its column.
    const auto column_of = [&](const Sample& s) {
      return std::floor((s.x - x.low) / ((x.high - x.low) / kColumns));
    };
    for (const Sample& s : inside) {
      double least = kInfinity, greatest = -kInfinity;
      bool broken = false;
      for (const Sample& d : drawn) {
        if (column_of(d) != column_of(s)) continue;
        if (!std::isfinite(d.y)) {
          broken = true;
          continue;
        }
        least = std::min(least, d.y);
        greatest = std::max(greatest, d.y);
      }
      if (std::isfinite(s.y))
        ASSERT_TRUE(least <= s.y && s.y <= greatest) << s.x;
      else
        ASSERT_TRUE(broken) << s.x;
    }
  }
}

TEST(CurvePyramid, ALineEntersAndLeavesItsInterval) {
  const CurvePyramid curve(std::vector<Sample>{{0, 1}, {10, 2}, {20, 3}});
  EXPECT_EQ(curve.decimated({5, 8}, 100), (std::vector<Sample>{{0, 1}, {10, 2}}));
  std::vector<Sample> many;
  for (int i = 0; i < 1000; ++i) many.push_back({static_cast<double>(i), 1.0});
  const auto drawn = CurvePyramid(many).decimated({100, 900}, 10);
  EXPECT_EQ(drawn.front().x, 99);
  EXPECT_EQ(drawn.back().x, 901);
  EXPECT_LE(drawn.size(), 24u);
}

TEST(CurvePyramid, GoesOnBehindATruncationAsIfTheRestHadNeverBeen) {
  const auto samples = random_samples(3'000, 5), others = random_samples(3'000, 6);
  for (const double from : {-1.0, 0.0, 17.5, samples[700].x, samples[2999].x, 1e9}) {
    CurvePyramid curve(samples);
    curve.truncate(from);
    std::vector<Sample> expected;
    for (const Sample& s : samples)
      if (s.x < from) expected.push_back(s);
    ASSERT_EQ(curve.size(), expected.size());
    const double start = expected.empty() ? 0 : expected.back().x;
    for (Sample s : others) {
      s.x += start;
      curve.append(s);
      expected.push_back(s);
    }
    for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_TRUE(same(curve[i], expected[i])) << i;
    const Naive naive{expected};
    const Interval all{-1, 1e9}, some{start - 50, start + 90};
    EXPECT_EQ(curve.y_range(all), naive.y_range(all, false));
    EXPECT_EQ(curve.y_range(some), naive.y_range(some, false));
  }
}

TEST(CurvePyramid, RefusesAnXThatFallsOrIsNotFinite) {
  CurvePyramid curve(std::vector<Sample>{{1, 0}, {2, 0}});
  EXPECT_THROW(curve.append({1.5, 0}), std::invalid_argument);
  EXPECT_THROW(curve.append({std::nan(""), 0}), std::invalid_argument);
  EXPECT_THROW(curve.append({kInfinity, 0}), std::invalid_argument);
  EXPECT_EQ(curve.size(), 2u);
  curve.append({2, 5});
  EXPECT_EQ(curve.back(), (Sample{2, 5}));
}

TEST(CurvePyramid, AVeryLongCurveStaysWithinItsBoundAndLosesNoSpike) {
  std::mt19937 random(8);
  std::normal_distribution<double> noise;
  std::vector<Sample> samples;
  CurvePyramid curve;
  for (int i = 0; i < 1'000'000; ++i) {
    double y = random() % 5'000 == 0 ? 100 * noise(random) : noise(random);
    if (random() % 100'000 == 0) y = std::nan("");
    samples.push_back({static_cast<double>(i), y});
    curve.append(samples.back());
    ASSERT_LE(curve.size(), CurvePyramid::kMost);
  }
  ASSERT_GE(curve.size(), CurvePyramid::kMost / 2);
  const std::size_t newest = curve.size() - CurvePyramid::kNewest;
  EXPECT_LE(curve.thinned(), newest);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const Sample& original = samples[static_cast<std::size_t>(curve[i].x)];
    ASSERT_TRUE(same(curve[i], original)) << "kept ones stay what they were: " << i;
    ASSERT_TRUE(i < newest || curve[i].x == static_cast<double>(samples.size() - curve.size() + i)) << i;
    ASSERT_TRUE(i == 0 || curve[i].x - curve[i - 1].x <= 256) << "thinned evenly: " << i;
  }
  // Of whole blocks the range is that of all samples, whatever the columns.
  const auto all = Naive{samples}.y_range({0, 1e6}, false);
  EXPECT_EQ(curve.y_range({0, 1e6}), all);
  const auto drawn = curve.decimated({0, 1e6}, 100);
  std::size_t broken = 0;
  Interval shown{kInfinity, -kInfinity};
  for (const Sample& s : drawn) {
    if (std::isnan(s.y)) ++broken;
    if (std::isfinite(s.y)) shown = {std::min(shown.low, s.y), std::max(shown.high, s.y)};
  }
  EXPECT_EQ(shown, *all);
  EXPECT_GT(broken, 0u);
}

TEST(CurvePyramid, ThinnedCurvesOfTheSameXAreTruncatedAndGoOn) {
  CurvePyramid one, other;
  const auto append = [&](std::size_t i) {
    const auto x = static_cast<double>(i);
    one.append({x, std::sin(x)});
    other.append({x, x});
  };
  for (std::size_t i = 0; i < 3 * CurvePyramid::kMost; ++i) append(i);
  EXPECT_EQ(one.size(), other.size());
  EXPECT_GT(one.thinned(), 0u);
  EXPECT_EQ(one.thinned(), other.thinned());
  for (const double x : {2.5 * CurvePyramid::kMost, 1'000.0, 0.0}) {
    one.truncate(x);
    other.truncate(x);
    EXPECT_LE(one.thinned(), one.size());
    for (std::size_t i = 0; i < CurvePyramid::kMost; ++i) append(static_cast<std::size_t>(x) + i);
    EXPECT_EQ(one.back().x, x + CurvePyramid::kMost - 1);
    EXPECT_EQ(other.back(), (Sample{one.back().x, one.back().x}));
    const Interval newest{one.back().x - 1'000, one.back().x};
    EXPECT_EQ(one.count_before(newest.high) - one.count_before(newest.low), 1'000u);
  }
}

std::vector<double> mean_of(const CurvePyramid& raw, double factor) {
  std::vector<double> mean;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const double before = mean.empty() || !std::isfinite(mean.back()) ? raw[i].y : mean.back();
    mean.push_back(factor * before + (1 - factor) * raw[i].y);
  }
  return mean;
}

void expect_mean(const SmoothedCurve& curve, double factor) {
  const auto expected = mean_of(curve.raw(), factor);
  ASSERT_EQ(curve.smooth().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::isfinite(expected[i]))
      ASSERT_NEAR(curve.smooth()[i].y, expected[i], 1e-12) << i;
    else
      ASSERT_TRUE(same(curve.smooth()[i].y, expected[i])) << i;
    ASSERT_EQ(curve.smooth()[i].x, curve.raw()[i].x);
  }
}

TEST(SmoothedCurve, AnotherFactorIsMadeInPiecesWhileTheOldMeanStays) {
  SmoothedCurve curve;
  const auto samples = random_samples(1'000, 7);
  for (const Sample& s : samples) curve.append(s);
  expect_mean(curve, 0.95);
  EXPECT_FALSE(curve.smooth(0.5, 400));
  expect_mean(curve, 0.95);
  curve.append({samples.back().x + 1, 3});
  EXPECT_FALSE(curve.smooth(0.5, 400));
  curve.truncate(samples[600].x);  // less than is made already
  curve.append({samples[600].x, -4});
  EXPECT_TRUE(curve.smooth(0.5, 400));
  expect_mean(curve, 0.5);
  curve.append({samples[600].x + 1, 9});
  expect_mean(curve, 0.5);
  EXPECT_FALSE(curve.smooth(0.9, 10));
  EXPECT_TRUE(curve.smooth(0.5, 10)) << "that one is there still";
  EXPECT_TRUE(curve.smooth(0, 10'000));
  expect_mean(curve, 0);
  EXPECT_THROW(curve.smooth(1), std::invalid_argument);
}

TEST(SmoothedCurve, OfAVeryLongCurveTheNewerPartFollowsTheFactor) {
  SmoothedCurve curve;
  std::mt19937 random(9);
  std::normal_distribution<double> noise;
  const auto append = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const double x = curve.raw().empty() ? 0 : curve.raw().back().x + 1;
      curve.append({x, 5 + noise(random)});
    }
  };
  append(2 * CurvePyramid::kMost);
  ASSERT_GT(curve.raw().thinned(), 0u);
  EXPECT_EQ(curve.smooth().size(), curve.raw().size());
  const Interval older{0, static_cast<double>(CurvePyramid::kNewest)};
  const Interval before = curve.smooth().y_range(older).value();
  EXPECT_FALSE(curve.smooth(0.99, 10));
  while (curve.raw().size() < CurvePyramid::kMost) append(1);
  append(1);  // thins what the new mean is being made of
  while (!curve.smooth(0.99)) {
  }
  EXPECT_EQ(curve.smooth().size(), curve.raw().size());
  const Interval after = curve.smooth().y_range(older).value();
  EXPECT_NEAR(after.low, before.low, 0.1) << "the older part stays as it was";
  EXPECT_NEAR(after.high, before.high, 0.1);
  const double end = curve.raw().back().x;
  const Interval range = curve.smooth().y_range({end - 8'000, end}).value();
  EXPECT_LT(range.high - range.low, 1.2) << "a mean of some hundred: at 0.95 it would be about twice that";
  EXPECT_NEAR((range.low + range.high) / 2, 5, 0.3);
}

}  // namespace
}  // namespace vitrine::widgets
