#include "engine/signal/equivariance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/signal/kernels.h"

namespace vitrine::signal::equivariance_test {
namespace {

using core::Rng;
using core::RngStream;
using core::Tensor;
using testing::ElementsAre;

constexpr WindowSpec kSame{.padding_before = 1, .padding_after = 1};

ConvolutionLayer layer(const Tensor<double>& weight, const WindowSpec& rows, const WindowSpec& columns,
                       Boundary boundary) {
  ConvSpec spec;
  spec.rows = rows;
  spec.columns = columns;
  spec.boundary = boundary;
  return {weight, spec};
}

Network three_taps(const WindowSpec& columns, Boundary boundary = Boundary::kZeros) {
  return network_of(layer(Tensor<double>({1, 1, 1, 3}, {1, 2, 3}), {}, columns, boundary));
}

Equivariance moved(const Network& network, const Tensor<double>& x, Shift shift, ShiftFill fill) {
  return equivariance(network, x, output_of(network, x), shift, fill);
}

const Tensor<double> kBump({1, 1, 8}, {0, 0, 1, 2, 1, 0, 0, 0});

TEST(Equivariance, OfAConvolutionFarFromTheBorder) {
  const auto e = moved(three_taps(kSame), kBump, {0, 1}, ShiftFill::kZeros);
  EXPECT_THAT(output_of(three_taps(kSame), kBump).values(), ElementsAre(0, 3, 8, 8, 4, 1, 0, 0));
  EXPECT_THAT(e.of_shifted.values(), ElementsAre(0, 0, 3, 8, 8, 4, 1, 0));
  EXPECT_EQ(e.shifted_output, e.of_shifted);
  EXPECT_EQ(e.difference.relative, 0);
  EXPECT_EQ(e.cause, Departure::kNone);
}

TEST(Equivariance, BreaksAtTheBorder) {
  const Tensor<double> ramp({1, 1, 8}, {0, 0, 0, 0, 0, 1, 2, 3});
  EXPECT_THAT(output_of(three_taps(kSame), ramp).values(), ElementsAre(0, 0, 0, 0, 3, 8, 14, 8));
  const auto e = moved(three_taps(kSame), ramp, {0, 1}, ShiftFill::kWrap);
  EXPECT_THAT(e.of_shifted.values(), ElementsAre(6, 3, 0, 0, 0, 3, 8, 5));
  EXPECT_THAT(e.shifted_output.values(), ElementsAre(8, 0, 0, 0, 0, 3, 8, 14));
  EXPECT_THAT(e.difference.values.values(), ElementsAre(-2, 3, 0, 0, 0, 0, 0, -9));
  EXPECT_THAT(e.border.values(), ElementsAre(1, 1, 0, 0, 0, 0, 0, 1));
  EXPECT_EQ(e.difference.largest, 9);
  EXPECT_DOUBLE_EQ(e.difference.relative, std::sqrt(4.0 + 9 + 81) / std::sqrt(64.0 + 9 + 64 + 196));
  EXPECT_EQ(e.cause, Departure::kBorder);
}

TEST(Equivariance, BreaksAtOddShiftsUnderStrideTwo) {
  WindowSpec strided = kSame;
  strided.stride = 2;
  const Network network = three_taps(strided);
  EXPECT_THAT(output_of(network, kBump).values(), ElementsAre(0, 8, 4, 0));
  const auto odd = moved(network, kBump, {0, 1}, ShiftFill::kZeros);
  EXPECT_THAT(odd.of_shifted.values(), ElementsAre(0, 3, 8, 1));
  EXPECT_FALSE(odd.whole);
  EXPECT_EQ(odd.output_shift, (Shift{0, 1})) << "0, 0, 8, 4 is nearer than 0, 8, 4, 0";
  EXPECT_EQ(odd.cause, Departure::kStride);
  EXPECT_DOUBLE_EQ(odd.difference.relative, std::sqrt(18.0 / 80));
  const auto even = moved(network, kBump, {0, 2}, ShiftFill::kZeros);
  EXPECT_THAT(even.of_shifted.values(), ElementsAre(0, 0, 8, 4));
  EXPECT_TRUE(even.whole);
  EXPECT_EQ(even.output_shift, (Shift{0, 1}));
  EXPECT_EQ(even.cause, Departure::kNone);
  EXPECT_EQ(moved(network, kBump, {0, -1}, ShiftFill::kZeros).output_shift, (Shift{0, 0}));
}

TEST(Equivariance, OfACircleIsExact) {
  const Rng rng(1, RngStream::kTest);
  const Tensor<double> x = untrained_weights({1, 6, 9}, 2, rng, 0);
  const Tensor<double> weight = untrained_weights({2, 1, 3, 3}, 2, rng, 1);
  const Network network = network_of(layer(weight, kSame, kSame, Boundary::kCircular), ReluLayer{});
  for (Index rows = -7; rows <= 7; ++rows)
    for (Index columns = -3; columns <= 3; ++columns)
      EXPECT_EQ(moved(network, x, {rows, columns}, ShiftFill::kWrap).difference.largest, 0);
}

TEST(Equivariance, OfAFullyConnectedLayerIsNone) {
  const Tensor<double> weight = untrained_weights({8, 8}, 2, Rng(2, RngStream::kTest), 0);
  const auto e = moved(network_of(DenseLayer{weight}), kBump, {0, 1}, ShiftFill::kWrap);
  EXPECT_EQ(e.cause, Departure::kDense);
  EXPECT_GT(e.difference.relative, 0.3);
}

// Whatever the layers: a shift by whole output cells changes nothing but what meets the border.
TEST(Equivariance, OnlyTheBorderBreaksWholeShifts) {
  const Rng rng(4, RngStream::kTest);
  const Tensor<double> x = untrained_weights({1, 12, 11}, 2, rng, 0);
  const Tensor<double> first = untrained_weights({2, 1, 3, 3}, 2, rng, 1),
                       second = untrained_weights({1, 2, 3, 2}, 2, rng, 2);
  const PoolSpec pool{2, 2, {.stride = 2}, {.stride = 2, .padding_before = 1}};
  for (const Boundary boundary :
       {Boundary::kZeros, Boundary::kReflect, Boundary::kReplicate, Boundary::kCircular}) {
    std::vector<Network> networks;
    networks.push_back(network_of(layer(first, kSame, kSame, boundary), ReluLayer{}, MaxPoolLayer{pool}));
    networks.push_back(network_of(layer(first, kSame, {}, boundary), AveragePoolLayer{pool}));
    networks.push_back(network_of(layer(first, {.stride = 2}, kSame, boundary),
                                  layer(second, kSame, {.stride = 2}, boundary)));
    for (const Network& network : networks)
      for (const ShiftFill fill : {ShiftFill::kZeros, ShiftFill::kWrap})
        for (const Shift shift : {Shift{2, 0}, Shift{0, -2}, Shift{-4, 2}}) {
          const auto e = moved(network, x, shift, fill);
          ASSERT_TRUE(e.whole);
          for (Index c = 0; c < e.of_shifted.size(0); ++c)
            for (Index i = 0; i < e.border.count(); ++i)
              EXPECT_TRUE(e.border[i] != 0 || e.difference.values[c * e.border.count() + i] == 0);
          EXPECT_TRUE(e.cause == Departure::kBorder || e.cause == Departure::kNone);
        }
  }
}

}  // namespace
}  // namespace vitrine::signal::equivariance_test
