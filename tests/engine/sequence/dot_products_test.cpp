#include "engine/sequence/dot_products.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/stop.h"

namespace vitrine::sequence {
namespace {

using core::Rng;
using core::RngStream;
using core::ShapeError;
using core::Tensor;

const Rng kRng(7, RngStream::kTest);

TEST(DotProducts, ExpectedMoments) {
  const auto expect = [](const Component& c, Index dim, double mean, double variance) {
    EXPECT_DOUBLE_EQ(expected_dot_product(c, dim).mean, mean);
    EXPECT_DOUBLE_EQ(expected_dot_product(c, dim).variance, variance);
  };
  expect({0, 1}, 64, 0, 64);
  expect({0.5, 1}, 16, 4, 24);
  expect({1, 2}, 8, 8, 192);
  expect({3, 0}, 5, 45, 0);
}

TEST(DotProducts, WhatHasNoExpectationIsRefused) {
  EXPECT_THROW(expected_dot_product({0, 1}, 0), ShapeError);
  EXPECT_THROW(expected_dot_product({0, -1}, 4), std::invalid_argument);
  EXPECT_THROW(expected_dot_product({std::nan(""), 1}, 4), std::invalid_argument);
  EXPECT_THROW(expected_dot_product({0, std::numeric_limits<double>::infinity()}, 4), std::invalid_argument);
  try {
    expected_dot_product({1e200, 1}, 4);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "the expected mean of mean 1e+200, std 1 and dim 4 passes a double's range");
  }
  EXPECT_THROW(expected_dot_product({0, 1e90}, 4), std::invalid_argument) << "std^4";
}

// The sum over components, with each component put together first.
TEST(DotProducts, SumsOfDrawsAreTheDotProducts) {
  const Index trials = 3, keys = 2;
  const Component c{0.7, 1.3};
  const DrawnPairs pairs = draw_pairs({2, 5}, trials, keys, kRng);
  for (std::size_t at = 0; at < 2; ++at) {
    const Tensor<double> products = dot_products(pairs, at, c);
    for (Index trial = 0; trial < trials; ++trial)
      for (Index key = 0; key < keys; ++key) {
        double sum = 0;
        for (Index i = 0; i < pairs.dims[at]; ++i) {
          const auto component = [&](Index draw) {
            return c.mean + c.std * kRng.normal(static_cast<std::uint64_t>(trial),
                                                static_cast<std::uint64_t>(i * (keys + 1) + draw));
          };
          sum += component(0) * component(key + 1);
        }
        EXPECT_NEAR(products(trial, key), sum, 1e-12) << trial << " " << key;
      }
  }
}

TEST(DotProducts, SampleHasTheExpectedMoments) {
  struct {
    Component component;
    Index dim;
  } const cases[] = {{{0, 1}, 64}, {{0.5, 1}, 16}, {{1, 2}, 8}, {{-0.3, 0.5}, 1}};
  constexpr Index kSamples = 20'000;
  for (const auto& [component, dim] : cases) {
    const Moments expected = expected_dot_product(component, dim);
    const Tensor<double> sample = dot_products(draw_pairs({dim}, kSamples, 1, kRng), 0, component);
    const Moments found = moments(sample.values());
    EXPECT_NEAR(found.mean, expected.mean, 4 * std::sqrt(expected.variance / kSamples)) << dim;
    EXPECT_NEAR(found.variance / expected.variance, 1, dim == 1 ? 0.15 : 0.06) << dim;
  }
}

TEST(DotProducts, ADrawDependsOnItsPlaceOnly) {
  const DrawnPairs few = draw_pairs({4}, 5, 3, kRng), more = draw_pairs({1, 4, 9}, 8, 3, kRng);
  for (Index trial = 0; trial < 5; ++trial)
    for (Index key = 0; key < 3; ++key) {
      EXPECT_EQ(few.sum_product(0, trial, key), more.sum_product(1, trial, key));
      EXPECT_EQ(few.sum_query(0, trial), more.sum_query(1, trial));
    }
  const DrawnPairs other = draw_pairs({4}, 5, 3, Rng(8, RngStream::kTest));
  EXPECT_NE(few.sum_product[0], other.sum_product[0]);
}

TEST(DotProducts, GrowingDrawsAreTheSameDrawsToTheBit) {
  GrowingPairs growing(7, 3, kRng);
  for (const Index dim : {5, 16, 100, 33, 1, 100, 128}) {
    core::Progress progress;
    const DrawnPairs found = growing.of(dim, {}, progress), expected = draw_pairs({dim}, 7, 3, kRng);
    EXPECT_EQ(found.dims, expected.dims);
    EXPECT_TRUE(found.sum_query == expected.sum_query) << dim;
    EXPECT_TRUE(found.sum_key == expected.sum_key) << dim;
    EXPECT_TRUE(found.sum_product == expected.sum_product) << dim;
    EXPECT_NEAR(progress.fraction(), 1, 1e-12) << dim;
  }
  std::stop_source stop;
  stop.request_stop();
  core::Progress progress;
  EXPECT_THROW(growing.of(500, stop.get_token(), progress), core::Stopped);
  EXPECT_TRUE(growing.of(500, {}, progress).sum_product == draw_pairs({500}, 7, 3, kRng).sum_product)
      << "as if nothing had been stopped";
  EXPECT_THROW(growing.of(0, {}, progress), ShapeError);
  EXPECT_THROW(GrowingPairs(0, 1, kRng), ShapeError);
}

TEST(DotProducts, NothingVariesWithoutSpread) {
  const Tensor<double> sample = dot_products(draw_pairs({6}, 10, 1, kRng), 0, {2, 0});
  for (const double product : sample.values()) EXPECT_EQ(product, 24);
}

TEST(DotProducts, TooMuchIsRefusedBeforeItIsDrawn) {
  EXPECT_THROW(draw_pairs({}, 1, 1, kRng), ShapeError);
  EXPECT_THROW(draw_pairs({0}, 1, 1, kRng), ShapeError);
  EXPECT_THROW(draw_pairs({4}, 0, 1, kRng), ShapeError);
  EXPECT_THROW(draw_pairs({4}, 1, 0, kRng), ShapeError);
  EXPECT_THROW(draw_pairs({Index{1} << 40}, Index{1} << 40, 1, kRng), ShapeError);
  try {
    draw_pairs({4096}, 1'000'000, 1, kRng);
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(), "samples 1000000 of dim 4096 are 4096000000 components, more than 2^30");
  }
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(draw_pairs({4}, 1, 1, kRng, stop.get_token()), core::Stopped);
}

// 16 keys, mu = 0, sigma = 1. Expected: means over 4,000 trials by NumPy, whose own standard errors are at
// most 0.0033.
TEST(DotProducts, TheLargestWeightSharpensUnlessScaled) {
  struct {
    double dim, unscaled, scaled, unscaled_slope, scaled_slope;
  } const rows[] = {{4, .4275, .2351, .2020, .1658},
                    {64, .8451, .2474, .0981, .1775},
                    {256, .9243, .2457, .0518, .1770},
                    {1024, .9611, .2462, .0272, .1775}};
  const DrawnPairs pairs = draw_pairs({4, 64, 256, 1024}, 1'000, 16, kRng);
  const auto expect_near = [](const Estimate& found, double expected) {
    EXPECT_NEAR(found.mean, expected, 4 * std::hypot(found.error, 0.0033));
    EXPECT_LT(found.error, 0.01);
  };
  for (std::size_t at = 0; at < 4; ++at) {
    SCOPED_TRACE(rows[at].dim);
    const Tensor<double> scores = dot_products(pairs, at, {0, 1});
    const LargestWeight raw = largest_weight(scores, 1),
                        scaled = largest_weight(scores, 1 / std::sqrt(rows[at].dim));
    expect_near(raw.weight, rows[at].unscaled);
    expect_near(scaled.weight, rows[at].scaled);
    expect_near(raw.slope, rows[at].unscaled_slope);
    expect_near(scaled.slope, rows[at].scaled_slope);
  }
}

TEST(DotProducts, LargestWeightOfRowsByHand) {
  const Tensor<double> scores({2, 2}, {0, std::log(3), std::log(3), 0});  // weights 1/4 and 3/4 in each row
  const LargestWeight found = largest_weight(scores, 1);
  EXPECT_DOUBLE_EQ(found.weight.mean, 0.75);
  EXPECT_DOUBLE_EQ(found.slope.mean, 0.1875);
  EXPECT_NEAR(found.weight.error, 0, 1e-15);
  EXPECT_DOUBLE_EQ(largest_weight(scores, 0).weight.mean, 0.5);
}

}  // namespace
}  // namespace vitrine::sequence
