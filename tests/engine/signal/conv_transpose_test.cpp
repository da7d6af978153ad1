#include "engine/signal/conv_transpose.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/core/rng.h"
#include "engine/signal/convolution.h"

namespace vitrine::signal {
namespace {

using core::Shape;
using core::ShapeError;
using core::Tensor;

Tensor<double> random(const Shape& shape, std::uint64_t step) {
  const core::Rng rng(2, core::RngStream::kTest);
  Tensor<double> t(shape);
  for (Index i = 0; i < t.count(); ++i) t[i] = rng.normal(step, static_cast<std::uint64_t>(i));
  return t;
}

double dot(const Tensor<double>& a, const Tensor<double>& b) {
  EXPECT_EQ(a.shape(), b.shape());
  return std::inner_product(a.values().begin(), a.values().end(), b.values().begin(), 0.0);
}

TEST(ConvTranspose, EveryInputPaintsTheKernel) {
  const Tensor<double> x({1, 1, 2}, {1, 10}), k({1, 1, 1, 3}, {1, 2, 3});
  EXPECT_EQ(correlate_transposed(x, k, {}, {}), Tensor<double>({1, 1, 4}, {1, 12, 23, 30}));
  EXPECT_EQ(correlate_transposed(x, k, {}, {.columns = {.stride = 3}}),
            Tensor<double>({1, 1, 6}, {1, 2, 3, 10, 20, 30}));
  EXPECT_EQ(
      correlate_transposed(x, k, {}, {.columns = {.stride = 3, .padding_before = 1, .padding_after = 2}}),
      Tensor<double>({1, 1, 3}, {2, 3, 10}));
  EXPECT_EQ(correlate_transposed(x, k, {}, {.columns = {.stride = 4}, .output_padding_columns = 3}),
            Tensor<double>({1, 1, 10}, {1, 2, 3, 0, 10, 20, 30, 0, 0, 0}));
  EXPECT_EQ(correlate_transposed(x, k, Tensor<double>({1}, {100.0}), {.columns = {.dilation = 2}}),
            Tensor<double>({1, 1, 6}, {101, 110, 102, 120, 103, 130}));
}

struct Case {
  Index stride, dilation, before, after, output_padding;
};
constexpr Case kCases[] = {
    {1, 1, 0, 0, 0}, {2, 1, 1, 0, 1}, {3, 1, 0, 2, 2}, {1, 3, 2, 1, 2}, {2, 2, 3, 3, 0}};

// <correlate(x), g> = <x, correlate_transposed(g)> for every x and g: the definition of the adjoint. The
// forward weight [F, C, Kh, Kw] is the transposed one's [C', F', Kh, Kw].
TEST(ConvTranspose, IsTheAdjointOfCorrelate) {
  std::uint64_t step = 0;
  for (const Case& c : kCases) {
    const WindowSpec columns{c.stride, c.dilation, c.before, c.after};
    const WindowSpec rows{.stride = 2, .padding_before = 1};
    const Tensor<double> g = random({3, 2, 4}, ++step), w = random({3, 2, 3, 3}, ++step);
    const Tensor<double> back = correlate_transposed(g, w, {}, {rows, columns, 0, c.output_padding});
    const Tensor<double> x = random(back.shape(), ++step);
    Tensor<double> y = correlate(x, w, {}, {.rows = rows, .columns = columns});
    // An output_padding as large as the stride lets the correlation reach further than g.
    double forward = 0;
    for (Index f = 0; f < 3; ++f)
      for (Index i = 0; i < 2; ++i)
        for (Index j = 0; j < 4; ++j) forward += y(f, i, j) * g(f, i, j);
    EXPECT_NEAR(forward, dot(x, back), 1e-12) << c.stride << " " << c.dilation;
  }
}

TEST(ConvTranspose, TermsAddUpToTheCell) {
  const Tensor<double> x = random({2, 2, 3}, 50), w = random({2, 3, 2, 3}, 51), bias = random({3}, 52);
  const TransposeSpec spec{.rows = {.stride = 2, .padding_after = 1},
                           .columns = {.stride = 2, .dilation = 2, .padding_before = 1},
                           .output_padding_columns = 1};
  const Tensor<double> y = correlate_transposed(x, w, bias, spec);
  ASSERT_EQ(y.shape(), (Shape{3, 3, 9}));
  for (Index f = 0; f < 3; ++f)
    for (Index i = 0; i < 3; ++i)
      for (Index j = 0; j < 9; ++j) {
        double sum = bias[f];
        for (const TransposedTerm& term : transposed_terms(x, w, spec, f, i, j)) {
          EXPECT_EQ(term.input, x(term.channel, term.row, term.column));
          EXPECT_EQ(term.weight, w[term.weight_index]);
          sum += term.product;
        }
        EXPECT_NEAR(sum, y(f, i, j), 1e-13) << f << " " << i << " " << j;
      }
  EXPECT_TRUE(transposed_terms(x, w, spec, 0, 0, 8).empty());  // output_padding only
  EXPECT_THROW(transposed_terms(x, w, spec, 3, 0, 0), ShapeError);
  EXPECT_THROW(transposed_terms(x, w, spec, 0, 3, 0), ShapeError);
}

std::string message(Index input, Index kernel, const WindowSpec& spec, Index output_padding) {
  try {
    transposed_size(input, kernel, spec, output_padding);
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "";
}

TEST(ConvTranspose, RefusesWhatHasNoOutput) {
  EXPECT_EQ(message(3, 3, {.stride = 2}, 2), "output_padding 2 is not smaller than stride 2 or dilation 1");
  EXPECT_EQ(message(3, 3, {.stride = 2, .dilation = 3}, 2), "");
  EXPECT_EQ(message(3, 3, {}, -1), "output_padding -1 is smaller than 0");
  EXPECT_EQ(message(2, 3, {.padding_before = 2, .padding_after = 2}, 0),
            "padding 2 and 2 cuts off all 4 positions of the output");
  EXPECT_EQ(message(3, 3, {.stride = 0}, 0), "stride 0 is smaller than 1");
  EXPECT_EQ(message(5, 3, {.stride = Index{1} << 62}, 0),
            "the output's size: 4 x 4611686018427387904 passes 2^63");
  EXPECT_THROW(correlate_transposed(random({2, 1, 3}, 1), random({3, 1, 1, 2}, 2), {}, {}), ShapeError);
  EXPECT_THROW(correlate_transposed(random({2, 1, 3}, 1), random({2, 1, 1, 2}, 2), random({2}, 3), {}),
               ShapeError);
  EXPECT_THROW(correlate_transposed(random({1, 1, 3}, 1), random({1, 1, 1, 2}, 2), {},
                                    {.columns = {.stride = 1 << 28}}),
               ShapeError);
}

}  // namespace
}  // namespace vitrine::signal
