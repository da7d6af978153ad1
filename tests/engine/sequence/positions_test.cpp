#include "engine/sequence/positions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "engine/core/stop.h"

namespace vitrine::sequence {
namespace {

using core::ShapeError;
using core::Tensor;
using testing::ElementsAre;

// What `call` throws says `words`.
template <class Error, class Call>
void expect_refused(const Call& call, const std::string& words) {
  try {
    call();
    FAIL() << "nothing was thrown: " << words;
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), words);
  }
}

TEST(Positions, SinusoidsOfTheFirstTwoPositions) {
  const Tensor<double> pe = sinusoidal_encoding(2, 8, 10000, 1);
  ASSERT_EQ(pe.shape(), (core::Shape{2, 8}));
  const double expected[2][8] = {{.84147, .54030, .09983, .99500, .01, .99995, .001, 1.0},
                                 {.90930, -.41615, .19867, .98007, .02, .9998, .002, 1.0}};
  for (Index t = 0; t < 2; ++t)
    for (Index i = 0; i < 8; ++i) EXPECT_NEAR(pe(t, i), expected[t][i], 5e-6) << t << " " << i;
  EXPECT_THAT(sinusoidal_encoding(1, 6).values(), ElementsAre(0, 1, 0, 1, 0, 1)) << "position 0";
  EXPECT_EQ(sinusoidal_encoding(1, 4, 10000, -3)(0, 0), -std::sin(3.0)) << "before the first";
}

TEST(Positions, WavelengthsGrowFromTwoPiByPowersOfTheBase) {
  const Tensor<double> waves = wavelengths(divisors(8));
  ASSERT_EQ(waves.shape(), (core::Shape{4}));
  const double tens[] = {1, 10, 100, 1000};
  for (Index i = 0; i < 4; ++i) EXPECT_NEAR(waves[i], 2 * std::numbers::pi * tens[i], 1e-9);
  EXPECT_NEAR(waves[3], 6283.19, 5e-3);
  // A base whose second wavelength is whole, 2 pi sqrt(base) = 20: that pair repeats every 20 positions.
  const double base = std::pow(10 / std::numbers::pi, 2);
  EXPECT_NEAR(wavelengths(divisors(4, base))[1], 20, 1e-12);
  const Tensor<double> pe = sinusoidal_encoding(60, 4, base);
  for (Index t = 0; t < 40; ++t) EXPECT_NEAR(pe(t, 2), pe(t + 20, 2), 1e-12) << t;
}

TEST(Positions, ProductOfTwoDependsOnTheirDistanceOnly) {
  const Tensor<double> products = row_products(sinusoidal_encoding(400, 8, 10000, 1));
  for (Index t = 0; t < 395; ++t) {
    EXPECT_NEAR(products(t, t + 5), 3.159983, 5e-7) << t;
    EXPECT_NEAR(products(t, t), 4, 1e-12) << "half of the dimensions";
    EXPECT_EQ(products(t, t + 5), products(t + 5, t));
  }
  double sum = 0;  // the sum of cosines that the sines and cosines add up to
  for (const double divisor : {1, 10, 100, 1000}) sum += std::cos(5 / divisor);
  EXPECT_NEAR(products(17, 22), sum, 1e-12);
}

TEST(Positions, TermsOfADistanceSumToItsProducts) {
  const Tensor<double> terms = distance_terms(6, divisors(8));
  ASSERT_EQ(terms.shape(), (core::Shape{6, 4}));
  EXPECT_DOUBLE_EQ(terms(5, 1), std::cos(0.5));
  EXPECT_NEAR(terms(5, 0) + terms(5, 1) + terms(5, 2) + terms(5, 3), 3.159983, 5e-7);
}

TEST(Positions, OnlySinusoidsHaveNoSpreadAtADistance) {
  const Tensor<double> sines = spread_by_distance(row_products(sinusoidal_encoding(64, 8)));
  for (const double spread : sines.values()) EXPECT_LT(spread, 1e-14);
  const Tensor<double> index = spread_by_distance(row_products(index_encoding(5).reshaped({5, 1})));
  EXPECT_THAT(index.values(), ElementsAre(24, 18, 12, 6, 0)) << "5*5 - 1*1, 4*5 - 1*2, ...";
  Tensor<double> broken({2, 2}, {1, 2, 2, std::nan("")});
  EXPECT_TRUE(std::isnan(spread_by_distance(broken)[0]));
  EXPECT_THROW(spread_by_distance(Tensor<double>(core::Shape{2, 3})), ShapeError);
}

TEST(Positions, TheWaveGoesThroughTheSamples) {
  const Tensor<double> pe = sinusoidal_encoding(5, 8, 10000, 3);
  const double divisor = divisors(8)[1];
  const std::vector<double> sine = sinusoidal_wave(3, 7, 9, 2, divisor),
                            cosine = sinusoidal_wave(3, 7, 9, 3, divisor);
  for (std::size_t t = 0; t < 5; ++t) {
    EXPECT_DOUBLE_EQ(sine[2 * t], pe(static_cast<Index>(t), 2));
    EXPECT_DOUBLE_EQ(cosine[2 * t], pe(static_cast<Index>(t), 3));
  }
  EXPECT_DOUBLE_EQ(sine[1], std::sin(3.5 / 10));
}

TEST(Positions, CosinesOfRowsForgetTheirLengths) {
  const Tensor<double> products = row_products(Tensor<double>({4, 2}, {3, 4, 6, 8, -4, 3, 0, 0}));
  EXPECT_THAT(row_lengths(products).values(), ElementsAre(5, 10, 5, 0));
  const Tensor<double> cosine = cosines(products);
  EXPECT_EQ(cosine(0, 1), 1) << "the same direction";
  EXPECT_EQ(cosine(0, 2), 0) << "across it";
  EXPECT_EQ(cosine(2, 2), 1);
  EXPECT_TRUE(std::isnan(cosine(0, 3))) << "a row of zeros has no direction";
  expect_refused<ShapeError>(
      [] {
        cosines(Tensor<double>({2, 3}));
      },
      "products [2, 3] are not as many rows as columns");
}

TEST(Positions, CountingGrowsAndNormalisingDependsOnTheLength) {
  const Tensor<double> index = index_encoding(10'000), normal = normalized_encoding(10'000);
  EXPECT_EQ(index[9'999] / index[0], 10'000);
  EXPECT_EQ(normal[9'999], 1);
  EXPECT_DOUBLE_EQ(normal[1] - normal[0], 0.0001);
  EXPECT_DOUBLE_EQ(normalized_encoding(10)[0], 0.1) << "the same position, another code";
  EXPECT_THAT(index_encoding(3).values(), ElementsAre(1, 2, 3));
}

TEST(Positions, LongAndWideEncodingsStayOnTheirCircles) {
  const Tensor<double> pe = sinusoidal_encoding(10'000, 512, 10000, 0);
  for (const Index t : {0, 4'999, 9'999}) {
    for (Index i = 0; i < 512; i += 2) EXPECT_NEAR(std::hypot(pe(t, i), pe(t, i + 1)), 1, 1e-12) << t;
  }
  EXPECT_DOUBLE_EQ(pe(9'999, 0), std::sin(9'999.0));
}

TEST(Positions, WhatCannotBeIsRefusedBeforeItIsAllocated) {
  expect_refused<ShapeError>([] { sinusoidal_encoding(0, 8); }, "length 0 is smaller than 1");
  expect_refused<ShapeError>([] { sinusoidal_encoding(-5, 8); }, "length -5 is smaller than 1");
  expect_refused<ShapeError>([] { sinusoidal_encoding(4, 0); }, "dim 0 is smaller than 1");
  expect_refused<ShapeError>([] { sinusoidal_encoding(4, 7); },
                             "dim 7 is odd: sines and cosines come in pairs");
  expect_refused<ShapeError>([] { sinusoidal_encoding(1 << 20, 1 << 20); },
                             "a result of shape [1048576, 1048576] passes the limit of 2^28 numbers");
  EXPECT_THROW(sinusoidal_encoding(Index{1} << 40, Index{1} << 40), ShapeError) << "2^80 passes 2^63";
  EXPECT_THROW(divisors(Index{1} << 62), ShapeError);
  EXPECT_THROW(index_encoding(0), ShapeError);
  EXPECT_THROW(normalized_encoding(Index{1} << 29), ShapeError);
  expect_refused<std::invalid_argument>([] { sinusoidal_encoding(4, 8, 0); },
                                        "base 0 is not a finite number above 0");
  expect_refused<std::invalid_argument>([] { sinusoidal_encoding(4, 8, -2); },
                                        "base -2 is not a finite number above 0");
  EXPECT_THROW(sinusoidal_encoding(4, 8, std::nan("")), std::invalid_argument);
  expect_refused<std::invalid_argument>([] { sinusoidal_encoding(3, 400, 5e-324, 1 << 30); },
                                        "base 5e-324 turns position 1073741824 by more than a double holds");
  expect_refused<std::invalid_argument>(
      [] { sinusoidal_encoding(2, 2, 10000, (Index{1} << 53) - 1); },
      "start 9007199254740991 with length 2 passes the positions from -2^53 to 2^53");
  EXPECT_THROW(sinusoidal_encoding(2, 2, 10000, std::numeric_limits<Index>::min()), std::invalid_argument);
  expect_refused<ShapeError>([] { row_products(Tensor<double>(core::Shape{3})); },
                             "encoding [3] is not a matrix with rows and columns");
}

TEST(Positions, NobodyWaitsForAStoppedOne) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(sinusoidal_encoding(10, 2, 10000, 0, stop.get_token()), core::Stopped);
  EXPECT_THROW(row_products(Tensor<double>({2, 2}), stop.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::sequence
