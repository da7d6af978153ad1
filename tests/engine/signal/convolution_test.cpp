#include "engine/signal/convolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/core/rng.h"
#include "engine/core/stop.h"

namespace vitrine::signal::convolution_test {
namespace {

using core::Shape;
using core::ShapeError;
using core::Tensor;

Tensor<double> counting(const Shape& shape) {
  Tensor<double> t(shape);
  std::iota(t.values().begin(), t.values().end(), 1.0);
  return t;
}

Tensor<double> random(const Shape& shape, std::uint64_t step) {
  const core::Rng rng(1, core::RngStream::kTest);
  Tensor<double> t(shape);
  for (Index i = 0; i < t.count(); ++i) t[i] = rng.normal(step, static_cast<std::uint64_t>(i));
  return t;
}

Tensor<double> times(const Tensor<double>& matrix, const Tensor<double>& x) {
  Tensor<double> y({matrix.size(0)});
  for (Index r = 0; r < matrix.size(0); ++r)
    for (Index c = 0; c < matrix.size(1); ++c) y[r] += matrix(r, c) * x[c];
  return y;
}

double largest_difference(const Tensor<double>& a, const Tensor<double>& b) {
  EXPECT_EQ(a.count(), b.count());
  double largest = 0;
  for (Index i = 0; i < std::min(a.count(), b.count()); ++i)
    largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// The kernel (1, 2, 3) over x = 1..9.
struct NineByThree {
  Tensor<double> x = counting({1, 1, 9});
  Tensor<double> k = counting({1, 1, 1, 3});
  std::vector<double> output(const WindowSpec& columns) const {
    const Tensor<double> y = correlate(x, k, {}, {.columns = columns});
    return {y.values().begin(), y.values().end()};
  }
  Toeplitz matrix(const WindowSpec& columns) const { return toeplitz(x.shape(), k, {.columns = columns}); }
};

constexpr WindowSpec kSame{.padding_before = 1, .padding_after = 1};
constexpr WindowSpec kFull{.padding_before = 2, .padding_after = 2};
constexpr WindowSpec kHalf{.stride = 2, .padding_before = 1, .padding_after = 1};

TEST(Convolution, NineInputsThreeWeights) {
  const NineByThree example;
  using testing::ElementsAre;
  EXPECT_THAT(example.output({}), ElementsAre(14, 20, 26, 32, 38, 44, 50));
  EXPECT_THAT(example.output(kHalf), ElementsAre(8, 20, 32, 44, 26));
  EXPECT_THAT(example.output(kSame), ElementsAre(8, 14, 20, 26, 32, 38, 44, 50, 26));
  EXPECT_THAT(example.output(kFull), ElementsAre(3, 8, 14, 20, 26, 32, 38, 44, 50, 26, 9));
}

TEST(Convolution, FlipIsTheTextbooksConvolution) {
  const NineByThree example;
  const Tensor<double> y = correlate(example.x, example.k, {}, {.flip = true});
  EXPECT_EQ(y, Tensor<double>({1, 1, 7}, {10, 16, 22, 28, 34, 40, 46}));
}

TEST(Convolution, ToeplitzMatricesOfTheSame) {
  const NineByThree example;
  const Toeplitz valid = example.matrix({});
  EXPECT_EQ(valid.matrix.shape(), (Shape{7, 9}));
  EXPECT_EQ(valid.nonzeros, 21);
  EXPECT_EQ(valid.distinct_weights, 3);
  for (Index r = 0; r < 7; ++r)
    for (Index c = 0; c < 9; ++c) {
      const bool carries = c >= r && c <= r + 2;
      EXPECT_EQ(valid.matrix(r, c), carries ? static_cast<double>(c - r + 1) : 0);
      EXPECT_EQ(valid.weight_index(r, c), carries ? c - r : -1);
    }

  const Toeplitz same = example.matrix(kSame);
  EXPECT_EQ(same.matrix.shape(), (Shape{9, 9}));
  EXPECT_EQ(same.nonzeros, 25);
  EXPECT_EQ(same.matrix(0, 0), 2);
  EXPECT_EQ(same.matrix(0, 1), 3);
  EXPECT_EQ(same.matrix(8, 7), 1);
  EXPECT_EQ(same.matrix(8, 8), 2);
  for (Index r = 0; r < 7; ++r)  // the valid matrix, one row above and one below
    for (Index c = 0; c < 9; ++c) EXPECT_EQ(same.matrix(r + 1, c), valid.matrix(r, c));

  EXPECT_EQ(example.matrix(kHalf).matrix.shape(), (Shape{5, 9}));
  EXPECT_EQ(example.matrix(kHalf).nonzeros, 13);
  EXPECT_EQ(example.matrix(kFull).matrix.shape(), (Shape{11, 9}));
  EXPECT_EQ(example.matrix(kFull).nonzeros, 27);
}

TEST(Convolution, ZeroWeightsStillCountAsCarried) {
  const Toeplitz t = toeplitz({1, 1, 4}, Tensor<double>({1, 1, 1, 2}), {});
  EXPECT_EQ(t.nonzeros, 6);
  EXPECT_EQ(t.distinct_weights, 2);
}

TEST(Convolution, BoundariesAddWeightsUpInOneCell) {
  const Toeplitz t =
      toeplitz({1, 1, 2}, counting({1, 1, 1, 3}), {.columns = kSame, .boundary = Boundary::kReflect});
  EXPECT_EQ(t.matrix, Tensor<double>({2, 2}, {2, 4, 4, 2}));
  EXPECT_EQ(t.nonzeros, 4);
  EXPECT_EQ(t.distinct_weights, 3);
}

TEST(Convolution, BoxOverThreeByThree) {
  const Tensor<double> box({1, 1, 2, 2}, 0.25);
  EXPECT_EQ(correlate(counting({1, 3, 3}), box, {}, {}), Tensor<double>({1, 2, 2}, {3, 4, 6, 7}));
  const Toeplitz t = toeplitz({1, 3, 3}, box, {});
  const double q = 0.25;
  EXPECT_EQ(t.matrix, Tensor<double>({4, 9}, {q, q, 0, q, q, 0, 0, 0, 0,  //
                                              0, q, q, 0, q, q, 0, 0, 0,  //
                                              0, 0, 0, q, q, 0, q, q, 0,  //
                                              0, 0, 0, 0, q, q, 0, q, q}));
}

TEST(Convolution, UntiedWeights) {
  const Tensor<double> weight = counting({1, 7, 1, 3});
  const Tensor<double> x = counting({1, 9});
  EXPECT_EQ(weight.count(), 21);
  const Tensor<double> y = locally_connected(x, weight, {}, {}, {});
  EXPECT_EQ(y[0], 1 * 1 + 2 * 2 + 3 * 3);
  EXPECT_EQ(y[6], 19 * 7 + 20 * 8 + 21 * 9);
  const Tensor<double> matrix = locally_connected_matrix({1, 9}, weight, {}, {});
  EXPECT_EQ(matrix.shape(), (Shape{7, 9}));
  EXPECT_EQ(std::count_if(matrix.values().begin(), matrix.values().end(), [](double w) { return w != 0; }),
            21);
  EXPECT_EQ(matrix(6, 8), 21);
  const Tensor<double> bias({1, 7}, 0.5);
  EXPECT_EQ(locally_connected(x, weight, bias, {}, {})[0], 14.5);
}

TEST(Convolution, UntiedIsItsMatrixAndTiedWhereWeightsAgree) {
  const WindowSpec rows{.stride = 2, .padding_before = 1}, columns{.dilation = 2, .padding_after = 2};
  const Tensor<double> x = random({5, 6}, 1), tied = random({1, 1, 2, 3}, 2);
  const Tensor<double> y = correlate(x.reshaped({1, 5, 6}), tied, {}, {.rows = rows, .columns = columns});
  Tensor<double> untied({y.size(1), y.size(2), 2, 3});
  for (Index i = 0; i < untied.count(); ++i) untied[i] = tied[i % 6];
  EXPECT_LT(largest_difference(locally_connected(x, untied, {}, rows, columns), y), 1e-14);
  const Tensor<double> other = random(untied.shape(), 3);
  EXPECT_LT(largest_difference(times(locally_connected_matrix({5, 6}, other, rows, columns), x),
                               locally_connected(x, other, {}, rows, columns)),
            1e-14);
  EXPECT_THROW(locally_connected(x, random({2, 2, 2, 3}, 4), {}, rows, columns), ShapeError);
}

TEST(Convolution, CountsOfTheExercises) {
  const WindowSpec half{.stride = 2};
  const ConvCounts rgb = conv_counts({3, 256, 256}, {32, 3, 5, 5}, false, {.rows = half, .columns = half});
  EXPECT_EQ(rgb.output, (Shape{32, 126, 126}));
  EXPECT_EQ(rgb.output.count(), 508032);
  EXPECT_EQ(rgb.weights, 2400);
  EXPECT_EQ(rgb.parameters, 2400);
  EXPECT_EQ(rgb.macs, 38102400);
  EXPECT_EQ(rgb.dense_weights, 99883155456);
  EXPECT_EQ(conv_counts({3, 256, 256}, {32, 3, 5, 5}, true, {.rows = half, .columns = half}).parameters,
            2432);

  const ConvCounts line = conv_counts({1, 1, 200}, {8, 1, 1, 4}, true, {.columns = half});
  EXPECT_EQ(line.parameters, 40);
  EXPECT_EQ(line.output, (Shape{8, 1, 99}));

  const ConvCounts small = conv_counts({3, 28, 28}, {8, 3, 4, 4}, true, {.rows = half, .columns = half});
  EXPECT_EQ(small.parameters, 392);
  EXPECT_EQ(small.output, (Shape{8, 13, 13}));
  EXPECT_EQ(small.output.count(), 1352);
  EXPECT_EQ(small.macs, 64896);

  const ConvCounts tall =
      conv_counts({1, 21, 12}, {1, 1, 4, 5}, false, {.rows = {.stride = 4}, .columns = {.stride = 4}});
  EXPECT_EQ(tall.output, (Shape{1, 5, 2}));
}

TEST(Convolution, CountsPast63BitsAreNamed) {
  const Index million = 1'000'000;
  const WindowSpec coarse{.stride = 1000};
  EXPECT_EQ(conv_counts({1, million, million}, {1, 1, 1, 1}, false, {.rows = coarse, .columns = coarse})
                .dense_weights,
            1'000'000'000'000'000'000);
  try {
    conv_counts({1, million, million}, {1, 1, 1, 1}, false, {});
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(), "dense_weights: 1000000000000 x 1000000000000 passes 2^63");
  }
}

TEST(Convolution, FiveChannelsAtStrideTwo) {
  Tensor<double> x({5, 1, 7}), w({1, 5, 1, 3});
  for (Index c = 0; c < 5; ++c) {
    for (Index n = 0; n < 7; ++n) x(c, 0, n) = static_cast<double>(n + 1 + c + 1);
    w(0, c, 0, 0) = static_cast<double>(c + 1);
    w(0, c, 0, 2) = -static_cast<double>(c + 1);
  }
  EXPECT_EQ(correlate(x, w, {}, {.columns = {.stride = 2}}), Tensor<double>({1, 1, 3}, {-30, -30, -30}));
}

TEST(Convolution, TranslationEquivariance) {
  const auto output = [](std::initializer_list<double> x, const ConvSpec& spec) {
    const Tensor<double> y = correlate(Tensor<double>({1, 1, 8}, x), counting({1, 1, 1, 3}), {}, spec);
    return std::vector<double>(y.values().begin(), y.values().end());
  };
  using testing::ElementsAre;
  const ConvSpec zeros{.columns = kSame}, circular{.columns = kSame, .boundary = Boundary::kCircular};
  EXPECT_THAT(output({0, 0, 1, 2, 1, 0, 0, 0}, zeros), ElementsAre(0, 3, 8, 8, 4, 1, 0, 0));
  EXPECT_THAT(output({0, 0, 0, 1, 2, 1, 0, 0}, zeros), ElementsAre(0, 0, 3, 8, 8, 4, 1, 0));
  EXPECT_THAT(output({0, 0, 0, 0, 0, 1, 2, 3}, zeros), ElementsAre(0, 0, 0, 0, 3, 8, 14, 8));
  EXPECT_THAT(output({3, 0, 0, 0, 0, 0, 1, 2}, zeros), ElementsAre(6, 3, 0, 0, 0, 3, 8, 5));
  EXPECT_THAT(output({0, 0, 0, 0, 0, 1, 2, 3}, circular), ElementsAre(3, 0, 0, 0, 3, 8, 14, 8));
  EXPECT_THAT(output({3, 0, 0, 0, 0, 0, 1, 2}, circular), ElementsAre(8, 3, 0, 0, 0, 3, 8, 14));
  const ConvSpec half{.columns = kHalf};
  EXPECT_THAT(output({0, 0, 1, 2, 1, 0, 0, 0}, half), ElementsAre(0, 8, 4, 0));
  EXPECT_THAT(output({0, 0, 0, 1, 2, 1, 0, 0}, half), ElementsAre(0, 3, 8, 1));
  EXPECT_THAT(output({0, 0, 0, 0, 1, 2, 1, 0}, half), ElementsAre(0, 0, 8, 4));
}

// The formula in the header, cell by cell, over an input that is padded first.
Tensor<double> by_the_formula(const Tensor<double>& input, const Tensor<double>& weight,
                              const Tensor<double>& bias, const ConvSpec& spec) {
  const Index C = input.size(0), H = input.size(1), W = input.size(2);
  const Index top = spec.rows.padding_before, left = spec.columns.padding_before;
  Tensor<double> padded({C, H + top + spec.rows.padding_after, W + left + spec.columns.padding_after});
  const auto continued = [&](Index at, Index size) -> Index {
    switch (spec.boundary) {
      case Boundary::kZeros:
        return at >= 0 && at < size ? at : -1;
      case Boundary::kReplicate:
        return std::clamp<Index>(at, 0, size - 1);
      case Boundary::kCircular:
        return (at + size) % size;
      case Boundary::kReflect:
        return at < 0 ? -at : at >= size ? size - 2 - (at - size) : at;
    }
    return -1;
  };
  for (Index c = 0; c < C; ++c)
    for (Index i = 0; i < padded.size(1); ++i)
      for (Index j = 0; j < padded.size(2); ++j) {
        const Index row = continued(i - top, H), column = continued(j - left, W);
        if (row >= 0 && column >= 0) padded(c, i, j) = input(c, row, column);
      }
  const Index F = weight.size(0), Cg = weight.size(1), Kh = weight.size(2), Kw = weight.size(3);
  const Index Ho = (padded.size(1) - (spec.rows.dilation * (Kh - 1) + 1)) / spec.rows.stride + 1;
  const Index Wo = (padded.size(2) - (spec.columns.dilation * (Kw - 1) + 1)) / spec.columns.stride + 1;
  Tensor<double> output({F, Ho, Wo});
  for (Index f = 0; f < F; ++f)
    for (Index i = 0; i < Ho; ++i)
      for (Index j = 0; j < Wo; ++j) {
        double sum = bias.empty() ? 0 : bias[f];
        for (Index c = 0; c < Cg; ++c)
          for (Index u = 0; u < Kh; ++u)
            for (Index v = 0; v < Kw; ++v) {
              const double w = spec.flip ? weight(f, c, Kh - 1 - u, Kw - 1 - v) : weight(f, c, u, v);
              sum += w * padded(f / (F / spec.groups) * Cg + c, i * spec.rows.stride + u * spec.rows.dilation,
                                j * spec.columns.stride + v * spec.columns.dilation);
            }
        output(f, i, j) = sum;
      }
  return output;
}

// The layer as the product of its weights and the matrix of its windows.
Tensor<double> by_windows(const Tensor<double>& input, const Tensor<double>& weight,
                          const Tensor<double>& bias, const ConvSpec& spec) {
  const Tensor<double> windows = im2col(input, weight.size(2), weight.size(3), spec);
  const Index filters = weight.size(0), inner = weight.count() / filters, pixels = windows.size(1);
  const Index kernel = weight.size(2) * weight.size(3);
  Tensor<double> output(Shape{filters, pixels});
  for (Index f = 0; f < filters; ++f) {
    const Index first = f / (filters / spec.groups) * inner;
    for (Index at = 0; at < pixels; ++at) {
      output(f, at) = bias.empty() ? 0 : bias[f];
      for (Index i = 0; i < inner; ++i) {
        const Index turned = i / kernel * kernel + kernel - 1 - i % kernel;
        output(f, at) += weight[f * inner + (spec.flip ? turned : i)] * windows(first + i, at);
      }
    }
  }
  return output;
}

TEST(Convolution, RandomCasesAgreeOnEveryPath) {
  const core::Rng rng(7, core::RngStream::kTest);
  int done = 0;
  for (std::uint64_t round = 0; round < 400; ++round) {
    std::uint64_t next = 0;
    const auto pick = [&](Index least, Index most) {
      return least +
             static_cast<Index>(rng.below(static_cast<std::uint64_t>(most - least + 1), round, next++));
    };
    const auto window = [&] { return WindowSpec{pick(1, 3), pick(1, 3), pick(0, 3), pick(0, 3)}; };
    const Index groups = pick(1, 3);
    const ConvSpec spec{window(), window(), groups, static_cast<Boundary>(pick(0, 3)), pick(0, 1) == 1};
    const Tensor<double> input = random({groups * pick(1, 2), pick(1, 7), pick(1, 7)}, 3 * round);
    const Tensor<double> weight =
        random({groups * pick(1, 2), input.size(0) / groups, pick(1, 3), pick(1, 3)}, 3 * round + 1);
    const Tensor<double> bias = pick(0, 1) == 1 ? random({weight.size(0)}, 3 * round + 2) : Tensor<double>();
    Tensor<double> direct;
    try {
      direct = correlate(input, weight, bias, spec);
    } catch (const ShapeError&) {
      continue;  // the kernel does not fit
    }
    ++done;
    const Tensor<double> truth = by_the_formula(input, weight, bias, spec);
    ASSERT_EQ(direct.shape(), truth.shape());
    ASSERT_LT(largest_difference(direct, truth), 1e-13) << round;
    ASSERT_LT(largest_difference(by_windows(input, weight, bias, spec), truth), 1e-13) << round;

    Tensor<double> product = times(toeplitz(input.shape(), weight, spec).matrix, input);
    if (!bias.empty())
      for (Index i = 0; i < product.count(); ++i) product[i] += bias[i / (direct.size(1) * direct.size(2))];
    ASSERT_LT(largest_difference(product, truth), 1e-13) << round;

    const Index f = pick(0, direct.size(0) - 1), i = pick(0, direct.size(1) - 1),
                j = pick(0, direct.size(2) - 1);
    double sum = bias.empty() ? 0 : bias[f];
    for (const Term& term : terms(input, weight, spec, f, i, j)) sum += term.product;
    ASSERT_NEAR(sum, truth(f, i, j), 1e-13) << round;

    const Tensor<float> in_float = correlate(input.cast<float>(), weight.cast<float>(),
                                             bias.empty() ? Tensor<float>() : bias.cast<float>(), spec);
    ASSERT_LT(largest_difference(in_float.cast<double>(), truth), 1e-4) << round;
  }
  EXPECT_GT(done, 250);
}

TEST(Convolution, TermsSayWhichCellsMeet) {
  const std::vector<Term> products = terms(counting({1, 3, 3}), counting({1, 1, 2, 2}), {}, 0, 1, 0);
  ASSERT_EQ(products.size(), 4u);
  EXPECT_EQ(products[2].tap, (Tap{1, 0, 2, 0, 2, 0, true}));
  EXPECT_EQ(products[2].input, 7);
  EXPECT_EQ(products[2].weight, 3);
  EXPECT_EQ(products[2].product, 21);
  EXPECT_EQ(products[2].weight_index, 2);
  EXPECT_THROW(terms(counting({1, 3, 3}), counting({1, 1, 2, 2}), {}, 1, 0, 0), ShapeError);
}

// Not the NaN that 0 * Inf is: the terms still add up to the output.
TEST(Convolution, AZeroInThePaddingAddsNothingWhateverItsWeight) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Tensor<double> x({1, 1, 2}, {2, 3}), w({1, 1, 1, 2}, {infinity, 5});
  const ConvSpec spec{.columns = {.padding_before = 1}};
  EXPECT_EQ(correlate(x, w, {}, spec), Tensor<double>({1, 1, 2}, {10, infinity}));
  EXPECT_EQ(channel_sums(terms(x, w, spec, 0, 0, 0)).total, 10);
  EXPECT_EQ(channel_sums(terms(x, w, spec, 0, 0, 1)).total, infinity);
}

TEST(Convolution, ASumIsTakenApartByChannel) {
  const Tensor<float> input(Shape{2, 1, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor<double> weight(Shape{1, 2, 1, 2}, {1, 10, 100, 1000});
  const ChannelSums sums = channel_sums(terms(input, weight, {}, 0, 0, 1));
  EXPECT_THAT(sums.sums, testing::ElementsAre(2 + 30, 500 + 6000));
  EXPECT_EQ(sums.total, 6532);
  EXPECT_EQ(channel_sums({}).total, 0);
}

struct Mismatch {
  Shape input, weight;
  Index groups;
  std::string_view error;
};

TEST(Convolution, MismatchesHoldBothValues) {
  const Mismatch cases[] = {
      {{3, 8, 8}, {4, 2, 3, 3}, 1, "weight reads 2 channels in each of groups 1, input has 3 channels"},
      {{4, 8, 8}, {3, 2, 3, 3}, 2, "groups 2 does not divide the 3 filters of weight"},
      {{3, 8, 8}, {4, 1, 3, 3}, 2, "weight reads 1 channels in each of groups 2, input has 3 channels"},
      {{3, 8, 8}, {4, 3, 3, 3}, 0, "groups 0 does not divide the 4 filters of weight"},
      {{8, 8}, {4, 3, 3, 3}, 1, "input [8, 8] does not have 3 axes"},
      {{3, 8, 8}, {3, 3}, 1, "weight [3, 3] does not have 4 axes"},
      {{1, 8, 3}, {1, 1, 3, 5}, 1, "kernel 5 does not fit input 3 with padding 0"},
  };
  for (const auto& [input, weight, groups, error] : cases) {
    try {
      correlate(Tensor<double>(input), Tensor<double>(weight), {}, {.groups = groups});
      ADD_FAILURE() << error;
    } catch (const ShapeError& thrown) {
      EXPECT_EQ(thrown.what(), error);
    }
  }
  EXPECT_THROW(correlate(Tensor<double>({1, 4, 4}), Tensor<double>({2, 1, 3, 3}), Tensor<double>({3}), {}),
               ShapeError);
}

TEST(Convolution, HugeResultsAreRefusedBeforeTheyAreAllocated) {
  const Index huge = Index{1} << 40;
  const ConvSpec spec{.columns = {.padding_before = huge}};
  EXPECT_THROW(correlate(Tensor<double>({1, 1, 4}), Tensor<double>({1, 1, 1, 3}), {}, spec), ShapeError);
  EXPECT_THROW(toeplitz({1, 1, Index{1} << 20}, Tensor<double>({1, 1, 1, 3}), {}), ShapeError);
  EXPECT_THROW(im2col(Tensor<double>({1, 1, 4}), 1, 3, spec), ShapeError);
  const ConvSpec far{
      .columns = {.stride = huge, .padding_before = huge, .padding_after = huge}};  // few outputs
  EXPECT_EQ(correlate(counting({1, 1, 1}), counting({1, 1, 1, 1}), {}, far),
            Tensor<double>({1, 1, 3}, {0, 1, 0}));
}

TEST(Convolution, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(correlate(counting({1, 3, 3}), counting({1, 1, 2, 2}), {}, {}, source.get_token()),
               core::Stopped);
  EXPECT_THROW(toeplitz({1, 3, 3}, counting({1, 1, 2, 2}), {}, source.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::signal::convolution_test
