#include "engine/signal/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/stop.h"

namespace vitrine::signal::network_test {
namespace {

using core::ShapeError;
using core::Tensor;
using testing::ElementsAre;

constexpr WindowSpec kSame{.padding_before = 1, .padding_after = 1};

ConvolutionLayer three_taps(WindowSpec columns, Boundary boundary = Boundary::kZeros) {
  ConvSpec spec;
  spec.columns = columns;
  spec.boundary = boundary;
  return {Tensor<double>({1, 1, 1, 3}, {1, 2, 3}), spec};
}
MaxPoolLayer pairs() { return {{1, 2, {}, {.stride = 2}}}; }

TEST(Network, AppliesItsLayersInOrder) {
  const Tensor<double> x({1, 1, 6}, {1, -1, 2, -2, 0, 3});
  const Network network = network_of(three_taps(kSame), ReluLayer{}, pairs());
  // correlation: -1, 5, -3, -2, 7, 6
  EXPECT_THAT(output_of(network, x).values(), ElementsAre(5, 0, 7));
  EXPECT_EQ(output_of({}, x), x);
  EXPECT_THAT(output_of(network_of(AveragePoolLayer{{1, 2, {}, {.stride = 2}}}), x).values(),
              ElementsAre(0, 0, 1.5));
}

TEST(Network, ReluKeepsWhatIsNotANumber) {
  const Tensor<double> x({1, 1, 3}, {std::nan(""), -1, 2});
  const Tensor<double> y = output_of(network_of(ReluLayer{}), x);
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[2], 2);
}

TEST(Network, DenseIsTheMatrixProduct) {
  const Tensor<double> x({1, 1, 2}, {10, 1});
  EXPECT_EQ(output_of(network_of(DenseLayer{Tensor<double>({2, 2}, {1, 2, 3, 4})}), x),
            Tensor<double>({1, 1, 2}, {12, 34}));
  EXPECT_THROW(output_of(network_of(DenseLayer{Tensor<double>({3, 2}, 0.0)}), x), ShapeError);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(output_of(network_of(DenseLayer{Tensor<double>({2, 2}, 0.0)}), x, source.get_token()),
               core::Stopped);
}

TEST(Network, StridesMultiply) {
  const TotalStride stride =
      total_stride(network_of(three_taps({.stride = 3}), ReluLayer{}, pairs(), pairs()));
  EXPECT_EQ(stride.rows, 1);
  EXPECT_EQ(stride.columns, 12);
  EXPECT_EQ(total_stride({}).columns, 1);
}

TEST(Network, TheBorderSpreadsWithEveryLayer) {
  const core::Shape eight{1, 1, 8};
  EXPECT_THAT(meets_border(network_of(three_taps(kSame)), eight).values(),
              ElementsAre(1, 0, 0, 0, 0, 0, 0, 1));
  EXPECT_THAT(meets_border(network_of(three_taps(kSame), three_taps(kSame)), eight).values(),
              ElementsAre(1, 1, 0, 0, 0, 0, 1, 1));
  EXPECT_THAT(meets_border(network_of(three_taps(kSame), ReluLayer{}, pairs()), eight).values(),
              ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(meets_border(network_of(three_taps({})), eight).values(), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(meets_border(network_of(three_taps(kSame, Boundary::kReflect)), {1, 1, 4}).values(),
              ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(meets_border(network_of(DenseLayer{}), {1, 1, 2}).values(), ElementsAre(1, 1));
}

TEST(Network, ACircleHasNoBorder) {
  EXPECT_THAT(meets_border(network_of(three_taps(kSame, Boundary::kCircular)), {1, 1, 4}).values(),
              ElementsAre(0, 0, 0, 0));
  // The first layer's border comes back around the circle of the second.
  EXPECT_THAT(
      meets_border(network_of(three_taps({.padding_before = 1}), three_taps(kSame, Boundary::kCircular)),
                   {1, 1, 7})
          .values(),
      ElementsAre(1, 1, 0, 0, 0, 1));
}

}  // namespace
}  // namespace vitrine::signal::network_test
