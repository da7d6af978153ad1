#include "engine/signal/fast_pooling.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/core/stop.h"
#include "tests/engine/signal/drawn.h"

namespace vitrine::signal::fast_pooling_test {
namespace {

using core::Shape;
using core::Tensor;
using core::Workers;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Case {
  Tensor<float> input;
  PoolSpec spec;

  std::string text() const {
    return "input " + to_string(input.shape()) + " kernel " + std::to_string(spec.kernel_rows) + " by " +
           std::to_string(spec.kernel_columns) + ", rows" + window_text(spec.rows) + ", columns" +
           window_text(spec.columns);
  }
};

Case drawn_case(std::uint64_t number) {
  Draws draws(2000 + number);
  Case c;
  const Index height = draws.size(60), width = draws.size(200);
  c.spec.rows = draws.window(2);
  c.spec.columns = draws.window(2);
  c.spec.kernel_rows = draws.kernel(height, 7, c.spec.rows);
  c.spec.kernel_columns = draws.kernel(width, 7, c.spec.columns);
  c.input = draws.tensor({draws.between(1, 5), height, width});
  return c;
}

// What it returns, or what it says when it refuses.
template <class Pool>
std::pair<Tensor<float>, std::string> answer(const Pool& pool) {
  try {
    return {pool(), ""};
  } catch (const core::ShapeError& error) {
    return {{}, error.what()};
  }
}

TEST(FastPooling, IsTheNaiveOneOnManyGeometries) {
  Workers one(1), two(2), three(3);
  int refused = 0;
  for (std::uint64_t number = 0; number < 500; ++number) {
    const Case c = drawn_case(number);
    SCOPED_TRACE(c.text());
    const auto largest = answer([&] { return max_pool(c.input, c.spec).output; });
    ASSERT_EQ(answer([&] { return max_pool_fast(c.input, c.spec, one); }), largest);
    ASSERT_EQ(answer([&] { return max_pool_fast(c.input, c.spec, three); }), largest);
    for (const CountPadding count : {CountPadding::kYes, CountPadding::kNo}) {
      const auto mean = answer([&] { return average_pool(c.input, c.spec, count); });
      const auto fast = answer([&] { return average_pool_fast(c.input, c.spec, count, one); });
      ASSERT_EQ(fast.second, mean.second);
      ASSERT_EQ(fast.first.shape(), mean.first.shape());
      ASSERT_LE(relative_distance(fast.first, mean.first), 1e-6);
      ASSERT_EQ(answer([&] { return average_pool_fast(c.input, c.spec, count, two); }), fast);
    }
    refused += !largest.second.empty();
  }
  EXPECT_GT(refused, 5);
  EXPECT_LT(refused, 250);
}

// Enough rows for several bands on several threads.
TEST(FastPooling, IsTheNaiveOneOnPictures) {
  Workers three(3);
  Draws draws(3000);
  const Tensor<float> x = draws.tensor({3, 300, 401});
  for (const Index stride : {1, 2, 3, 4, 5}) {
    const WindowSpec window{.stride = stride, .padding_before = 1, .padding_after = 2};
    const PoolSpec spec{3, 4, window, window};
    EXPECT_EQ(max_pool_fast(x, spec, three), max_pool(x, spec).output);
    EXPECT_LE(relative_distance(average_pool_fast(x, spec, CountPadding::kNo, three),
                                average_pool(x, spec, CountPadding::kNo)),
              1e-6);
  }
}

// The same numbers, where a NaN is one of them.
void expect_same(const Tensor<float>& fast, const Tensor<float>& truth) {
  ASSERT_EQ(fast.shape(), truth.shape());
  for (Index i = 0; i < truth.count(); ++i) {
    if (std::isnan(truth[i]))
      EXPECT_TRUE(std::isnan(fast[i])) << i;
    else if (std::isinf(truth[i]))
      EXPECT_EQ(fast[i], truth[i]) << i;
    else
      EXPECT_NEAR(fast[i], truth[i], 1e-6) << i;
  }
}

TEST(FastPooling, NaNAndInfinityStayInTheirWindows) {
  Workers workers(1);
  Draws draws(3001);
  Tensor<float> x = draws.tensor({1, 30, 70});
  x(0, 4, 5) = kNaN;
  x(0, 4, 7) = kInfinity;
  x(0, 20, 66) = -kInfinity;
  x(0, 21, 67) = kInfinity;
  for (Index row = 10; row < 14; ++row)
    for (Index column = 10; column < 14; ++column) x(0, row, column) = -kInfinity;
  for (const Index stride : {1, 2, 3}) {
    const WindowSpec window{.stride = stride, .padding_before = 1, .padding_after = 1};
    const PoolSpec spec{3, 3, window, window};
    expect_same(max_pool_fast(x, spec, workers), max_pool(x, spec).output);
    expect_same(average_pool_fast(x, spec, CountPadding::kYes, workers),
                average_pool(x, spec, CountPadding::kYes));
  }
}

TEST(FastPooling, PaddingCostsNothingHoweverWide) {
  constexpr Index kFar = Index{1} << 40;
  const WindowSpec around{.stride = 2 * kFar, .padding_before = kFar, .padding_after = kFar};
  const PoolSpec spec{2 * kFar, 2 * kFar, around, around};
  Workers workers(1);
  const Tensor<float> x({1, 1, 3}, {-3, -1, -2});
  EXPECT_EQ(max_pool_fast(x, spec, workers), Tensor<float>({1, 1, 1}, {-1}));
}

TEST(FastPooling, TellsItsProgressAndAnswersAStop) {
  Workers workers(2);
  core::Progress progress;
  const Tensor<float> x({3, 200, 100});
  max_pool_fast(x, PoolSpec{}, workers, {}, &progress);
  EXPECT_NEAR(progress.fraction(), 1, 1e-9);
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(max_pool_fast(x, PoolSpec{}, workers, source.get_token()), core::Stopped);
  EXPECT_THROW(average_pool_fast(x, PoolSpec{}, CountPadding::kNo, workers, source.get_token()),
               core::Stopped);
}

}  // namespace
}  // namespace vitrine::signal::fast_pooling_test
