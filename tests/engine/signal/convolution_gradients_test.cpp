#include "engine/signal/convolution_gradients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/rng.h"
#include "engine/core/stop.h"

namespace vitrine::signal::convolution_gradients_test {
namespace {

using core::Shape;
using core::ShapeError;
using core::Tensor;

Tensor<double> random(const Shape& shape, std::uint64_t step) {
  const core::Rng rng(3, core::RngStream::kTest);
  Tensor<double> t(shape);
  for (Index i = 0; i < t.count(); ++i) t[i] = rng.normal(step, static_cast<std::uint64_t>(i));
  return t;
}

// One layer with random numbers everywhere.
struct Layer {
  Layer(const Shape& input, const Shape& weight, const ConvSpec& layer_spec)
      : spec(layer_spec),
        x(random(input, 1)),
        w(random(weight, 2)),
        g(random(conv_counts(input, weight, false, spec).output, 3)) {}

  ConvSpec spec;
  Tensor<double> x, w, g;
};

double largest_difference(const Tensor<double>& a, const Tensor<double>& b) {
  EXPECT_EQ(a.shape(), b.shape());
  double largest = 0;
  for (Index i = 0; i < a.count(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

std::vector<Layer> layers() {
  std::vector<Layer> found;
  const Boundary boundaries[] = {Boundary::kZeros, Boundary::kReflect, Boundary::kReplicate,
                                 Boundary::kCircular};
  for (const Boundary boundary : boundaries)
    for (const bool flip : {false, true}) {
      found.push_back(
          {{3, 1, 9}, {2, 3, 1, 3}, {.columns = {2, 1, 2, 1}, .boundary = boundary, .flip = flip}});
      found.push_back(
          {{4, 5, 6},
           {6, 2, 2, 3},
           {.rows = {1, 2, 0, 2}, .columns = {3, 1, 2, 0}, .groups = 2, .boundary = boundary, .flip = flip}});
      found.push_back(
          {{2, 4, 4},
           {2, 1, 3, 2},
           {.rows = {2, 1, 1, 1}, .columns = {1, 3, 2, 1}, .groups = 2, .boundary = boundary, .flip = flip}});
    }
  return found;
}

TEST(ConvolutionGradients, AgreeWithCentralFiniteDifferences) {
  for (const Layer& layer : layers()) {
    const ConvGradients gradients = correlate_backward(layer.x, layer.w, layer.g, layer.spec);
    const Tensor<double> bias = random({layer.w.size(0)}, 4);
    const ConvGradients slopes = finite_differences(layer.x, layer.w, bias, layer.g, layer.spec, 0.5);
    EXPECT_LT(largest_difference(gradients.input, slopes.input), 1e-12);
    EXPECT_LT(largest_difference(gradients.weight, slopes.weight), 1e-12);
    EXPECT_LT(largest_difference(gradients.bias, slopes.bias), 1e-12);
  }
}

TEST(ConvolutionGradients, InputGradientIsTheTransposedMatrixTimesTheUpstream) {
  for (const Layer& layer : layers()) {
    const Toeplitz k = toeplitz(layer.x.shape(), layer.w, layer.spec);
    const ConvGradients gradients = correlate_backward(layer.x, layer.w, layer.g, layer.spec);
    for (Index column = 0; column < layer.x.count(); ++column) {
      double sum = 0;
      for (Index row = 0; row < layer.g.count(); ++row) sum += k.matrix(row, column) * layer.g[row];
      EXPECT_NEAR(gradients.input[column], sum, 1e-12);
    }
  }
}

// Stride and dilation change places: each input channel, correlated with the upstream as a kernel that is
// dilated by the forward stride, at steps of the forward dilation. The upstream with its zeros written out is
// the same kernel.
TEST(ConvolutionGradients, WeightGradientIsTheInputCorrelatedWithTheSpreadUpstream) {
  const ConvSpec spec{.rows = {2, 1, 1, 0}, .columns = {3, 2, 2, 1}};
  const Layer layer({2, 5, 11}, {3, 2, 2, 3}, spec);
  const ConvGradients gradients = correlate_backward(layer.x, layer.w, layer.g, spec);
  const Tensor<double> wide = spread(layer.g, 2, 3);
  ASSERT_EQ(wide.shape(), (Shape{3, (layer.g.size(1) - 1) * 2 + 1, (layer.g.size(2) - 1) * 3 + 1}));
  const ConvSpec swapped{.rows = {1, 2, 1, 0}, .columns = {2, 3, 2, 1}},
      stepped{.rows = {1, 1, 1, 0}, .columns = {2, 1, 2, 1}};
  for (Index c = 0; c < 2; ++c) {
    const Tensor<double> channel({1, 5, 11}, layer.x.values().subspan(static_cast<std::size_t>(c) * 55, 55));
    const Tensor<double> by_dilation =
        correlate(channel, layer.g.reshaped({3, 1, layer.g.size(1), layer.g.size(2)}), {}, swapped);
    const Tensor<double> by_zeros =
        correlate(channel, wide.reshaped({3, 1, wide.size(1), wide.size(2)}), {}, stepped);
    for (Index f = 0; f < 3; ++f)
      for (Index u = 0; u < 2; ++u)
        for (Index v = 0; v < 3; ++v) {
          EXPECT_NEAR(by_dilation(f, u, v), gradients.weight(f, c, u, v), 1e-12);
          EXPECT_NEAR(by_zeros(f, u, v), gradients.weight(f, c, u, v), 1e-12);
        }
  }
}

// x[n,c] = n + c, W[c] = c (1, 0, -1), stride 2, g = (1, 2, -1), counted from 1.
TEST(ConvolutionGradients, FiveChannelsByHand) {
  Tensor<double> x({5, 1, 7}), w({1, 5, 1, 3});
  for (Index c = 0; c < 5; ++c) {
    for (Index n = 0; n < 7; ++n) x(c, 0, n) = static_cast<double>(n + c + 2);
    w(0, c, 0, 0) = static_cast<double>(c + 1);
    w(0, c, 0, 2) = -static_cast<double>(c + 1);
  }
  const Tensor<double> g({1, 1, 3}, {1, 2, -1});
  const ConvSpec spec{.columns = {.stride = 2}};
  EXPECT_EQ(correlate(x, w, {}, spec), Tensor<double>({1, 1, 3}, {-30, -30, -30}));
  const ConvGradients gradients = correlate_backward(x, w, g, spec);
  EXPECT_EQ(gradients.weight,
            Tensor<double>({1, 5, 1, 3}, {4, 6, 8, 6, 8, 10, 8, 10, 12, 10, 12, 14, 12, 14, 16}));
  EXPECT_EQ(gradients.bias, Tensor<double>({1}, {2.0}));
  const double pattern[] = {1, 0, 1, 0, -3, 0, 1};
  for (Index c = 0; c < 5; ++c)
    for (Index n = 0; n < 7; ++n)
      EXPECT_EQ(gradients.input(c, 0, n), static_cast<double>(c + 1) * pattern[n]);
}

TEST(ConvolutionGradients, TermsAddUpToTheCells) {
  for (const Layer& layer : layers()) {
    const ConvGradients gradients = correlate_backward(layer.x, layer.w, layer.g, layer.spec);
    Index cell = 0;
    for (Index f = 0; f < layer.w.size(0); ++f)
      for (Index c = 0; c < layer.w.size(1); ++c)
        for (Index u = 0; u < layer.w.size(2); ++u)
          for (Index v = 0; v < layer.w.size(3); ++v, ++cell) {
            double sum = 0;
            for (const GradientTerm& term :
                 weight_gradient_terms(layer.x, layer.w.shape(), layer.g, layer.spec, f, c, u, v)) {
              EXPECT_EQ(term.weight_index, cell);
              EXPECT_EQ(term.upstream, layer.g(f, term.output_row, term.output_column));
              sum += term.product;
            }
            EXPECT_NEAR(sum, gradients.weight[cell], 1e-13);
          }
    cell = 0;
    for (Index c = 0; c < layer.x.size(0); ++c)
      for (Index i = 0; i < layer.x.size(1); ++i)
        for (Index j = 0; j < layer.x.size(2); ++j, ++cell) {
          double sum = 0;
          for (const GradientTerm& term :
               input_gradient_terms(layer.x.shape(), layer.w, layer.g, layer.spec, c, i, j)) {
            EXPECT_EQ(term.factor, layer.w[term.weight_index]);
            EXPECT_EQ(term.channel, c);
            sum += term.product;
          }
          EXPECT_NEAR(sum, gradients.input[cell], 1e-13);
        }
  }
}

TEST(ConvolutionGradients, PaddingTakesNothing) {
  const double nan = std::nan("");
  const Tensor<double> x({1, 1, 2}, {1, 2}), w({1, 1, 1, 3}, {1, 1, 1}), g({1, 1, 2}, {nan, 5});
  const ConvSpec same{.columns = {.padding_before = 1, .padding_after = 1}};
  const ConvGradients gradients = correlate_backward(x, w, g, same);
  EXPECT_EQ(gradients.weight[0], 5);  // the NaN of g[0] meets this weight in the padding only
  EXPECT_TRUE(std::isnan(gradients.weight[1]));
  EXPECT_EQ(weight_gradient_terms(x, w.shape(), g, same, 0, 0, 0, 0)[0].product, 0);
}

TEST(ConvolutionGradients, RefusesWhatDoesNotFit) {
  const Tensor<double> x = random({1, 1, 5}, 1), w = random({1, 1, 1, 3}, 2), g = random({1, 1, 2}, 3);
  try {
    correlate_backward(x, w, g, {});
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(), "grad_output [1, 1, 2] does not fit output [1, 1, 3]");
  }
  const Tensor<double> fits = random({1, 1, 3}, 3);
  EXPECT_THROW(weight_gradient_terms(x, w.shape(), fits, {}, 0, 0, 0, 3), ShapeError);
  EXPECT_THROW(input_gradient_terms(x.shape(), w, fits, {}, 0, 0, -1), ShapeError);
  EXPECT_THROW(spread(fits, 1, Index{1} << 40), ShapeError);
  EXPECT_THROW(spread(fits, 0, 0), ShapeError);
  EXPECT_THROW(finite_differences(x, w, {}, g, {}, 1), ShapeError);
  EXPECT_THROW(finite_differences(x, w, {}, fits, {}, 0), std::invalid_argument);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(correlate_backward(x, w, fits, {}, source.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::signal::convolution_gradients_test
