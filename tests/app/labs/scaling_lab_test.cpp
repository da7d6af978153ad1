#include "app/labs/scaling/lab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "engine/io/json_fields.h"
#include "tests/app/app_driver.h"

namespace vitrine::labs::scaling_lab_test {
namespace {

using core::Index;
using testing::HasSubstr;
using widgets::Point;
using widgets::Rect;
using Driver = LabDriver<Scaling>;

// What the strip says, words and mathematics.
std::string explained(AppDriver& d) {
  const widgets::Equation equation = d.lab().explain();
  return equation.words + "\n" + widgets::plain_text(equation);
}

TEST(ScalingLab, SamplesPileUpUnderTheNormalCurve) {
  Driver d;
  d.settle();
  const auto& r = d.result();
  EXPECT_EQ(r.raw.expected.mean, 0);
  EXPECT_EQ(r.raw.expected.variance, 64);
  EXPECT_EQ(r.scaled.expected.variance, 1);
  ASSERT_EQ(r.raw.counts.size(), 20u);
  for (std::size_t step = 0; step < 20; ++step) {
    const auto bars = r.raw.counts[step].values();
    const double samples = 200.0 * static_cast<double>(step + 1);
    const auto inside = static_cast<double>(std::accumulate(bars.begin(), bars.end(), Index{0}));
    EXPECT_LE(inside, samples);
    EXPECT_GE(inside, samples - 5) << "beyond 4.5 deviations is next to nothing";
    EXPECT_DOUBLE_EQ(r.raw.shares[step][20], static_cast<double>(bars[20]) / samples);
  }
  EXPECT_NEAR(r.raw.moments[19].variance, 64, 6);
  EXPECT_NEAR(r.raw.moments[19].variance / 64, r.scaled.moments[19].variance, 1e-12);
  // The middle bar: the density 0.39894 / 8 times the bar's width.
  const double width = (r.raw.high - r.raw.low) / static_cast<double>(Scaling::kBins);
  EXPECT_NEAR(r.raw.normal[90].y, 0.3989422804 / 8 * width, 1e-10);
  EXPECT_NEAR(std::accumulate(r.raw.expected_shares.begin(), r.raw.expected_shares.end(), 0.0), 0.9999932,
              1e-7)
      << "of a normal distribution within 4.5 deviations";
  EXPECT_NEAR(r.raw.shares[19][20], r.raw.expected_shares[20], 0.02);
  EXPECT_THAT(explained(d), HasSubstr("4,000 products"));
  EXPECT_THAT(explained(d), HasSubstr("Var[q·k] = d σ⁴ + 2 d σ² μ² = 64 · 1^4 + 2 · 64 · 1^2 · 0^2 = 64"));
  d.key(shell::Key::kHome);
  EXPECT_THAT(explained(d), HasSubstr("200 products"));
}

TEST(ScalingLab, PresetsHaveTheExpectedMoments) {
  Driver d;
  d.settle();
  d.click("μ = 0.5, d = 16");
  EXPECT_EQ(d.result().raw.expected.mean, 4);
  EXPECT_EQ(d.result().raw.expected.variance, 24);
  EXPECT_NEAR(d.result().raw.moments[19].mean, 4, 4 * std::sqrt(24 / 4000.0));
  EXPECT_NEAR(d.result().raw.moments[19].variance, 24, 3);
  d.click("μ = 1, σ = 2, d = 8");
  EXPECT_EQ(d.result().raw.expected.mean, 8);
  EXPECT_EQ(d.result().raw.expected.variance, 192);
  EXPECT_NEAR(d.result().raw.moments[19].variance, 192, 30);
  EXPECT_EQ(d.result().scaled.expected.variance, 24);
}

// Against means over 4,000 trials by NumPy, within four standard errors of both.
TEST(ScalingLab, TheLargestWeightGrowsAndItsGradientVanishesUnlessScaled) {
  Driver d;
  d.click("d = 1,024");
  const auto& r = d.result();
  ASSERT_EQ(r.dims.back(), 1'024);
  const auto expect_near = [](const sequence::Estimate& found, double expected) {
    EXPECT_NEAR(found.mean, expected, 4 * std::hypot(found.error, 0.0033));
  };
  expect_near(r.raw.largest[2].weight, 0.4275);  // d = 4
  expect_near(r.raw.largest[6].weight, 0.8451);  // 64
  expect_near(r.raw.largest[8].weight, 0.9243);  // 256
  expect_near(r.raw.largest[10].weight, 0.9611);
  expect_near(r.raw.largest[2].slope, 0.202);
  expect_near(r.raw.largest[10].slope, 0.0272);
  for (const std::size_t at : {6, 8, 10}) {
    expect_near(r.scaled.largest[at].weight, 0.2465);
    expect_near(r.scaled.largest[at].slope, 0.1775);
  }
  EXPECT_EQ(r.raw.weight[10].x, 1'024);
  EXPECT_EQ(r.raw.weight[10].y, r.raw.largest[10].weight.mean);
}

TEST(ScalingLab, BothSoftmaxesAreOfTheSameRow) {
  Driver d;
  d.click("d = 1,024");
  const auto& r = d.result();
  for (Index step = 0; step < Scaling::kSteps; ++step) {
    double sum = 0;
    for (Index key = 0; key < 16; ++key) {
      EXPECT_DOUBLE_EQ(r.raw.scores(step, key), 32 * r.scaled.scores(step, key));
      sum += r.raw.weights(step, key);
    }
    EXPECT_NEAR(sum, 1, 1e-12);
    EXPECT_EQ(r.raw.heaviest[static_cast<std::size_t>(step)],
              r.scaled.heaviest[static_cast<std::size_t>(step)])
        << "a scale changes no order";
  }
}

TEST(ScalingLab, PointingExplainsAKeyAndASize) {
  Driver d;
  d.settle();
  const Rect bars = d.find("scaling raw weights");
  d.click(Point{bars.x + bars.w * 4.5f / 16, bars.center().y});
  EXPECT_THAT(explained(d), HasSubstr("Key 5 of query 20"));
  EXPECT_THAT(explained(d), HasSubstr("s_5 = q·k ="));
  d.key(shell::Key::kEscape);
  const Rect curve = d.find("scaling largest");
  d.click(Point{curve.x + curve.w * 0.8f, curve.center().y});
  EXPECT_THAT(explained(d), HasSubstr("d = 256: the largest of 16 weights"));
  d.key(shell::Key::kEscape);
  d.point_at(Point{2, 2});
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("Var[q·k]"));
}

TEST(ScalingLab, ABarOfOneHistogramIsTheSameSamplesInTheOther) {
  Driver d;
  d.settle();
  const auto& r = d.result();
  const Rect axes = d.find("scaling histogram");
  d.click(Point{axes.x + axes.w * 26.5f / 41, axes.y + 5});  // above the wide one's 27th bar
  const Index inside = r.raw.counts[19][26];
  EXPECT_EQ(inside, r.scaled.counts[19][26]);
  EXPECT_THAT(explained(d), HasSubstr("Bar 27 of 41: the same " + std::to_string(inside) + " samples"));
  EXPECT_THAT(explained(d), HasSubstr("(" + std::to_string(inside) + ")/(4,000)"));
  d.key(shell::Key::kEscape);
  // In the narrow one, an eighth as wide, the bar left of the middle.
  d.point_at(Point{axes.x + axes.w * (0.5f - 1.0f / 41 / 8), axes.bottom() - 5});
  d.settle();
  EXPECT_THAT(explained(d), HasSubstr("Bar 20 of 41"));
}

TEST(ScalingLab, ScoresKnowTheirBars) {
  Driver d;
  d.settle();
  const auto& r = d.result();
  for (Index key = 0; key < 16; ++key) {
    const double score = r.raw.scores(19, key);
    const Index bar = r.score_bars[19][static_cast<std::size_t>(key)];
    if (bar < 0) continue;
    EXPECT_GE(score, r.raw.bar_low(bar)) << key;
    EXPECT_LE(score, r.raw.bar_low(bar + 1)) << key;
  }
}

TEST(ScalingLab, ProductsOfSingleNumbersAreNotNormal) {
  Driver d;
  d.click("d = 1, not normal");
  const auto& r = d.result();
  EXPECT_NEAR(r.raw.moments[19].variance, 1, 0.2) << "but their variance is as expected";
  EXPECT_GT(r.raw.shares[19][20], 2 * r.raw.expected_shares[20]) << "most are near 0";
}

TEST(ScalingLab, MuAndSigmaReuseTheDraws) {
  Driver d;
  d.settle();
  const core::Tensor<double> before = d.result().products;
  d.type("Deviation σ", "2");
  for (Index i = 0; i < before.count(); ++i) ASSERT_NEAR(d.result().products[i], 4 * before[i], 1e-9);
  d.type("Seed", "2");
  EXPECT_NE(d.result().products[0], 4 * before[0]);
  d.key(shell::Key::kZ, true);
  d.key(shell::Key::kZ, true);
  EXPECT_TRUE(d.result().products == before) << "the same numbers, drawn again";
}

TEST(ScalingLab, WithoutSpreadEverythingIsOneValue) {
  Driver d;
  d.settle();
  d.type("Mean μ", "1");
  d.type("Deviation σ", "0");
  EXPECT_EQ(d.result().raw.expected.mean, 64);
  EXPECT_EQ(d.result().raw.moments[19].variance, 0);
  EXPECT_TRUE(d.result().raw.normal.empty());
  EXPECT_EQ(d.result().raw.shares[19][20], 1) << "all in the middle bar";
  EXPECT_NEAR(d.result().raw.weights(0, 3), 1.0 / 16, 1e-15) << "all keys alike";
}

TEST(ScalingLab, TooManyProductsAreRefusedAndUndone) {
  Driver d;
  d.settle();
  d.type("Samples", "20000");
  EXPECT_EQ(d.result().products.count(), 20'000);
  d.type("Size d", "4096");
  EXPECT_TRUE(d.says("81,920,000 products of components"));
  EXPECT_EQ(d.result().params.dim, 64) << "the last that could be computed";
  d.key(shell::Key::kZ, true);
  EXPECT_FALSE(d.says("81,920,000 products of components"));
  EXPECT_EQ(d.params().dim, 64);
}

TEST(ScalingLab, ReadsNumbersOfAFileWithinTheirRanges) {
  Scaling::Params params;
  params.mean = std::numeric_limits<double>::infinity();
  params.std = -4;
  params.dim = std::numeric_limits<Index>::max();
  params.keys = 0;
  params.samples = -1;
  params.seed = -1;
  io::JsonReader nothing("{}", io::Unknown::kRefuse);
  params.describe(nothing);
  EXPECT_EQ(params.mean, 0);
  EXPECT_EQ(params.std, 0);
  EXPECT_EQ(params.dim, 4'096);
  EXPECT_EQ(params.keys, 2);
  EXPECT_EQ(params.samples, 200);
  EXPECT_EQ(params.seed, 0);
}

TEST(ScalingLab, EveryStepAndEveryWidthCanBeDrawn) {
  Driver d;
  d.settle();
  for (const Index dim : {1, 3, 1'000, 4'096}) {
    d.type("Size d", std::to_string(dim));
    d.key(shell::Key::kEnd);
    EXPECT_EQ(d.result().params.dim, dim);
    EXPECT_NEAR(d.result().raw.moments[19].variance / static_cast<double>(dim), 1, 0.25) << dim;
  }
}

}  // namespace
}  // namespace vitrine::labs::scaling_lab_test
