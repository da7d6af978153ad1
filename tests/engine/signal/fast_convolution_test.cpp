#include "engine/signal/fast_convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "engine/core/stop.h"
#include "tests/engine/signal/drawn.h"

namespace vitrine::signal::fast_convolution_test {
namespace {

using core::Shape;
using core::Tensor;
using core::Workers;

struct Case {
  Tensor<float> input, weight, bias;
  ConvSpec spec;

  std::string text() const {
    return "input " + to_string(input.shape()) + " weight " + to_string(weight.shape()) + " groups " +
           std::to_string(spec.groups) + ", rows" + window_text(spec.rows) + ", columns" +
           window_text(spec.columns) + ", boundary " +
           std::string(kBoundaryNames[static_cast<int>(spec.boundary)]);
  }
};

// The widest padding, of at most 7, that a boundary allows.
Index most_padding(Boundary boundary, Index size) {
  if (boundary == Boundary::kReflect) return std::min<Index>(size - 1, 7);
  return boundary == Boundary::kCircular ? std::min<Index>(size, 7) : 7;
}

Case drawn_case(std::uint64_t number) {
  Draws draws(number);
  Case c;
  c.spec.groups = draws.between(0, 2) == 0 ? draws.between(2, 4) : 1;
  c.spec.boundary = static_cast<Boundary>(draws.between(0, 3));
  c.spec.flip = draws.between(0, 1) == 1;
  const Index height = draws.size(40), width = draws.size(150);
  c.spec.rows = draws.window(most_padding(c.spec.boundary, height));
  c.spec.columns = draws.window(most_padding(c.spec.boundary, width));
  const Index kernel_rows = draws.kernel(height, 9, c.spec.rows);
  const Index kernel_columns = draws.kernel(width, 9, c.spec.columns);
  const Index group_channels = draws.between(1, 4), filters = c.spec.groups * draws.between(1, 19);
  c.input = draws.tensor({c.spec.groups * group_channels, height, width});
  c.weight = draws.tensor({filters, group_channels, kernel_rows, kernel_columns});
  if (draws.between(0, 1) == 1) c.bias = draws.tensor({filters});
  return c;
}

TEST(FastConvolution, IsTheNaiveOneOnManyGeometries) {
  Workers one(1), two(2), three(3);
  for (std::uint64_t number = 0; number < 500; ++number) {
    const Case c = drawn_case(number);
    SCOPED_TRACE(c.text());
    const Tensor<float> truth = correlate(c.input, c.weight, c.bias, c.spec);
    const Tensor<float> fast = correlate_fast(c.input, c.weight, c.bias, c.spec, one);
    ASSERT_EQ(fast.shape(), truth.shape());
    ASSERT_LE(relative_distance(fast, truth), 1e-6);
    ASSERT_EQ(correlate_fast(c.input, c.weight, c.bias, c.spec, two), fast);
    ASSERT_EQ(correlate_fast(c.input, c.weight, c.bias, c.spec, three), fast);
  }
}

// Big enough for several bands on several threads, and for every shape of tile.
TEST(FastConvolution, IsTheNaiveOneOnPictures) {
  Workers one(1), three(3);
  for (const Index filters : {1, 2, 3, 7, 8, 15}) {
    for (const Index stride : {1, 2}) {
      Draws draws(1000 + static_cast<std::uint64_t>(filters));
      const Tensor<float> input = draws.tensor({2, 150, 211}), weight = draws.tensor({filters, 2, 7, 5});
      const ConvSpec spec{{stride, 1, 3, 2}, {stride, 1, 2, 1}, 1, Boundary::kReflect};
      const Tensor<float> fast = correlate_fast(input, weight, {}, spec, one);
      EXPECT_LE(relative_distance(fast, correlate(input, weight, {}, spec)), 1e-6);
      EXPECT_EQ(correlate_fast(input, weight, {}, spec, three), fast);
    }
  }
}

// Equal, where both are numbers or infinite; NaN where the other is.
void expect_same_kinds(const Tensor<float>& fast, const Tensor<float>& truth) {
  ASSERT_EQ(fast.shape(), truth.shape());
  for (Index i = 0; i < truth.count(); ++i) {
    if (std::isfinite(truth[i]))
      EXPECT_NEAR(fast[i], truth[i], 1e-5) << i;
    else if (std::isnan(truth[i]))
      EXPECT_TRUE(std::isnan(fast[i])) << i;
    else
      EXPECT_EQ(fast[i], truth[i]) << i;
  }
}

TEST(FastConvolution, NaNAndInfinityReachWhatTheyReachInTheNaiveOne) {
  Workers workers(1);
  Draws draws(2);
  const WindowSpec same{.padding_before = 1, .padding_after = 1};
  constexpr float kInfinity = std::numeric_limits<float>::infinity(),
                  kNaN = std::numeric_limits<float>::quiet_NaN();
  const Tensor<float> x = draws.tensor({2, 24, 50}), w = draws.tensor({9, 2, 3, 3});
  for (const float wild : {kInfinity, -kInfinity, kNaN}) {
    Tensor<float> wild_x = x, wild_w = w;
    wild_x(1, 11, 20) = wild;
    wild_w(3, 0, 2, 1) = wild;
    for (const Boundary boundary : {Boundary::kZeros, Boundary::kReplicate}) {
      const ConvSpec spec{same, same, 1, boundary};
      expect_same_kinds(correlate_fast(wild_x, w, {}, spec, workers), correlate(wild_x, w, {}, spec));
      expect_same_kinds(correlate_fast(x, wild_w, {}, spec, workers), correlate(x, wild_w, {}, spec));
    }
  }
}

TEST(FastConvolution, PaddingCostsNothingHoweverWide) {
  constexpr Index kFar = Index{1} << 40;
  const WindowSpec around{.stride = kFar, .padding_before = kFar, .padding_after = kFar};
  const Tensor<float> x({1, 1, 1}, 3), w({1, 1, 1, 1}, 2);
  Workers workers(1);
  const ConvSpec spec{around, around};
  EXPECT_EQ(correlate_fast(x, w, {}, spec, workers), correlate(x, w, {}, spec));
}

TEST(FastConvolution, RefusesWhatTheNaiveOneRefuses) {
  Workers workers(1);
  const Tensor<float> x({2, 4, 4}), w({3, 2, 5, 5});
  EXPECT_THROW(correlate_fast(x, w, {}, {}, workers), core::ShapeError);
  EXPECT_THROW(correlate_fast(x, Tensor<float>({3, 1, 3, 3}), {}, {}, workers), core::ShapeError);
  EXPECT_THROW(correlate_fast(x, Tensor<float>({3, 2, 3, 3}), Tensor<float>({2}), {}, workers),
               core::ShapeError);
}

TEST(FastConvolution, TellsItsProgress) {
  Workers workers(2);
  core::Progress progress;
  const Tensor<float> x({1, 64, 64}, 1), w({2, 1, 3, 3}, 1);
  progress.stage_until(0.5);
  correlate_fast(x, w, {}, {}, workers, {}, &progress);
  EXPECT_NEAR(progress.fraction(), 0.5, 1e-9);
}

TEST(FastConvolution, AnswersAStopSoon) {
  Workers workers(2);
  const Tensor<float> x({1, 2048, 2048}, 1), w({16, 1, 15, 15}, 1);
  for (int attempt = 0; attempt < 20; ++attempt) {  // a busy machine may ask too late
    core::Progress progress;
    std::stop_source source;
    const std::jthread asks([&] {
      while (progress.fraction() == 0) std::this_thread::yield();
      source.request_stop();
    });
    try {
      correlate_fast(x, w, {}, {}, workers, source.get_token(), &progress);
    } catch (const core::Stopped&) {
      if (progress.fraction() < 0.9) return;  // most of the work is not done any more
    }
  }
  ADD_FAILURE() << "done to its end, or nearly, each time";
}

}  // namespace
}  // namespace vitrine::signal::fast_convolution_test
