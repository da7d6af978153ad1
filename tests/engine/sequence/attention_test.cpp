#include "engine/sequence/attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "engine/core/stop.h"
#include "tests/engine/sequence/numeric.h"

namespace vitrine::sequence::attention_test {
namespace {

using core::Tensor;

// The exercise "self-attention by hand": three tokens, rows are tokens.
const Tensor<double> kQuery({3, 3}, {1, 0, 4, 2, -1, 3, 4, 6, 1});
const Tensor<double> kKey({3, 3}, {2, 0, 0, 3, -1, 0, 1, 0, 2});
const Tensor<double> kValue({3, 3}, {5, 4, 5, 3, 5, 5, 1, 2, 4});

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Attention by_hand(double scale, const Mask& mask = no_mask(3, 3)) {
  return attention(kQuery, kKey, kValue, scale, mask);
}

void expect_row(const Tensor<double>& matrix, Index row, std::initializer_list<double> expected,
                double tolerance = 6e-7) {
  Index column = 0;
  for (const double value : expected) {
    if (std::isinf(value))
      EXPECT_EQ(matrix(row, column), value) << "row " << row << ", column " << column;
    else
      EXPECT_NEAR(matrix(row, column), value, tolerance) << "row " << row << ", column " << column;
    ++column;
  }
}

TEST(Attention, ByHandUnscaled) {
  const Attention a = by_hand(1);
  EXPECT_EQ(a.dots, Tensor<double>({3, 3}, {2, 3, 9, 4, 7, 8, 8, 6, 6}));
  EXPECT_EQ(a.scores, a.dots);
  EXPECT_EQ(a.masked, a.dots);
  expect_row(a.exps, 1, {std::exp(-4), std::exp(-1), 1});
  EXPECT_NEAR(a.sums[1], std::exp(-4) + std::exp(-1) + 1, 1e-15);
  expect_row(a.weights, 1, {0.013213, 0.265388, 0.721399});
  expect_row(a.output, 0, {1.008576, 2.009229, 4.003379});
  expect_row(a.output, 1, {1.583627, 2.822590, 4.278601});
  expect_row(a.output, 2, {4.360958, 3.893493, 4.893493});
  EXPECT_NEAR(a.entropy[0], 0.0246, 5e-5);
  EXPECT_NEAR(a.entropy[1], 0.6448, 5e-5);
  EXPECT_NEAR(a.entropy[2], 0.6656, 5e-5);
}

TEST(Attention, ByHandScaled) {
  const Attention a = by_hand(rsqrt_scale(3));
  EXPECT_NEAR(a.scores(1, 2), 8 / std::sqrt(3), 1e-15);
  expect_row(a.weights, 1, {0.059806, 0.338040, 0.602154});
  expect_row(a.output, 0, {1.126698, 2.123034, 4.046596});
  expect_row(a.output, 1, {1.915305, 3.133732, 4.397846});
  expect_row(a.output, 2, {3.840148, 3.806691, 4.806691});
  EXPECT_NEAR(a.entropy[0], 0.2188, 5e-5);
  EXPECT_NEAR(a.entropy[1], 0.8405, 5e-5);
  EXPECT_NEAR(a.entropy[2], 0.9352, 5e-5);
}

TEST(Attention, TheCausalMaskActsBeforeTheSoftmax) {
  const Attention a = by_hand(1, causal_mask(3, 3));
  EXPECT_EQ(a.scores(1, 2), 8);
  EXPECT_EQ(a.masked(1, 2), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(a.weights(0, 0), 1);
  EXPECT_EQ(a.weights(0, 1), 0);
  EXPECT_EQ(a.weights(1, 2), 0);
  EXPECT_EQ(a.entropy[0], 0);
  expect_row(a.weights, 1, {0.047426, 0.952574, 0});
  expect_row(a.output, 0, {5, 4, 5}, 0);
  expect_row(a.output, 1, {3.094852, 4.952574, 5});
  expect_row(a.output, 2, {4.360958, 3.893493, 4.893493});
  const Attention scaled = by_hand(rsqrt_scale(3), causal_mask(3, 3));
  expect_row(scaled.weights, 1, {0.150325, 0.849675, 0});
  expect_row(scaled.output, 1, {3.300651, 4.849675, 5});
}

TEST(Attention, Temperatures) {
  const std::pair<double, std::array<double, 3>> answers[] = {
      {0, {3, 11.0 / 3, 14.0 / 3}},
      {0.1, {2.7440, 3.5747, 4.6117}},
      {0.5, {2.0072, 3.2, 4.4259}},
      {2, {1.2395, 2.3581, 4.1195}},
      {5, {1.0134, 2.0201, 4.0067}},
      {1e30, {1, 2, 4}},
      {1e308, {1, 2, 4}},
      {-1e308, {5, 4, 5}},
  };
  for (const auto& [beta, answer] : answers) {
    const Attention a = by_hand(beta);
    for (Index i = 0; i < 3; ++i)
      EXPECT_NEAR(a.output(1, i), answer[static_cast<std::size_t>(i)], 5.1e-5) << beta;
  }
  EXPECT_NEAR(by_hand(0).entropy[0], std::log(3), 1e-15);
}

TEST(Attention, MasksThatCannotSeeTheGreatestScore) {
  Mask mask = no_mask(3, 3);
  mask(0, 2) = 0;  // score 9, far above the rest
  const Attention a = by_hand(1000, mask);
  EXPECT_EQ(a.weights(0, 0), 0);
  EXPECT_EQ(a.weights(0, 1), 1);
  EXPECT_EQ(a.weights(0, 2), 0);
  EXPECT_EQ(by_hand(-1000, mask).weights(0, 0), 1);
}

TEST(Attention, AtInfinityEveryNumberIsTheLimit) {
  const Attention a = by_hand(kInfinity);
  expect_row(a.scores, 1, {-kInfinity, -kInfinity, 0}, 0);
  expect_row(a.exps, 1, {0, 0, 1}, 0);
  expect_row(a.output, 0, {1, 2, 4}, 0);
  expect_row(a.output, 1, {1, 2, 4}, 0);
  expect_row(a.output, 2, {5, 4, 5}, 0);
  EXPECT_EQ(a.sums[1], 1);
  EXPECT_EQ(a.entropy[1], 0);

  const Attention causal = by_hand(kInfinity, causal_mask(3, 3));
  expect_row(causal.scores, 1, {-kInfinity, 0, kInfinity}, 0);  // the hidden key would have won
  expect_row(causal.masked, 1, {-kInfinity, 0, -kInfinity}, 0);
  expect_row(causal.output, 1, {3, 5, 5}, 0);

  Tensor<double> key = kKey;
  key(1, 0) = 3.5;  // the second query's products are then 4, 8, 8
  const Attention tie = attention(kQuery, key, kValue, kInfinity, no_mask(3, 3));
  expect_row(tie.weights, 1, {0, 0.5, 0.5}, 0);
  expect_row(tie.output, 1, {2, 3.5, 4.5}, 0);
  EXPECT_EQ(tie.sums[1], 2);
  EXPECT_DOUBLE_EQ(tie.entropy[1], std::log(2));
  // Where nothing ties a large finite temperature has the same output.
  EXPECT_EQ(by_hand(1e30).output, a.output);

  key(2, 1) = std::nan("");
  const Attention seen = attention(kQuery, key, kValue, kInfinity, causal_mask(3, 3));
  expect_row(seen.weights, 1, {0, 1, 0}, 0);
  for (Index s = 0; s < 3; ++s) EXPECT_TRUE(std::isnan(seen.weights(2, s)));
}

TEST(Attention, TheLargestEntropyIsThatOfTheVisibleKeys) {
  const Tensor<double> limits = entropy_limits(causal_mask(3, 3));
  EXPECT_EQ(limits[0], 0);
  EXPECT_DOUBLE_EQ(limits[1], 0.69314718055994531);
  EXPECT_DOUBLE_EQ(limits[2], 1.0986122886681098);
  const Attention mean = by_hand(0);
  for (Index t = 0; t < 3; ++t) EXPECT_NEAR(mean.entropy[t], limits[2], 1e-15);
}

TEST(Attention, SizesMayAllDiffer) {
  const Attention a = attention(Tensor<double>({2, 1}, {0, 1}), Tensor<double>({3, 1}, {0, 0, 50}),
                                Tensor<double>({3, 2}, {3, 0, 6, 0, 9, 3}), 1, no_mask(2, 3));
  expect_row(a.output, 0, {6, 1}, 1e-15);
  expect_row(a.output, 1, {9, 3}, 1e-15);
  EXPECT_EQ(causal_mask(2, 4), Mask({2, 4}, {1, 0, 0, 0, 1, 1, 0, 0}));
  EXPECT_EQ(causal_mask(3, 1), Mask({3, 1}, {1, 1, 1}));
}

TEST(Attention, CarriesNanIntoTheRowsThatSeeIt) {
  const double nan = std::nan("");
  const auto is_nan_row = [](const Tensor<double>& m, Index row) {
    return std::isnan(m(row, 0)) && std::isnan(m(row, 1)) && std::isnan(m(row, 2));
  };
  Tensor<double> key = kKey, value = kValue;
  key(2, 1) = nan;
  const Attention open = attention(kQuery, key, kValue, 1, no_mask(3, 3));
  for (Index t = 0; t < 3; ++t) {
    EXPECT_EQ(open.dots(t, 0), by_hand(1).dots(t, 0));
    EXPECT_TRUE(std::isnan(open.dots(t, 2)));
    EXPECT_TRUE(is_nan_row(open.weights, t));
    EXPECT_TRUE(is_nan_row(open.output, t));
    EXPECT_TRUE(std::isnan(open.entropy[t]));
  }
  value(2, 0) = nan;
  const Attention causal = attention(kQuery, key, value, 1, causal_mask(3, 3));
  expect_row(causal.output, 0, {5, 4, 5}, 0);
  expect_row(causal.output, 1, {3.094852, 4.952574, 5});
  EXPECT_TRUE(is_nan_row(causal.output, 2));
}

template <class E, class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

TEST(Attention, RefusalsHoldBothShapesOrTheRow) {
  const auto shape_error = [](const core::Shape& q, const core::Shape& k, const core::Shape& v,
                              const core::Shape& m) {
    return error_of<core::ShapeError>(
        [&] { attention(Tensor<double>(q), Tensor<double>(k), Tensor<double>(v), 1, Mask(m, 1)); });
  };
  EXPECT_EQ(shape_error({3, 2}, {3, 4}, {3, 2}, {3, 3}), "key [3, 4] does not fit query [3, 2]");
  EXPECT_EQ(shape_error({3, 2}, {3, 2}, {4, 2}, {3, 3}), "value [4, 2] does not fit key [3, 2]");
  EXPECT_EQ(shape_error({3, 2}, {4, 2}, {4, 2}, {3, 3}), "mask [3, 3] does not fit scores [3, 4]");
  EXPECT_EQ(shape_error({3}, {4, 2}, {4, 2}, {3, 3}), "query [3] is not a matrix with rows and columns");
  EXPECT_EQ(shape_error({3, 0}, {4, 0}, {4, 2}, {3, 4}),
            "query [3, 0] is not a matrix with rows and columns");

  Mask hidden = causal_mask(3, 3);
  hidden(2, 0) = hidden(2, 1) = hidden(2, 2) = 0;
  EXPECT_EQ(error_of<std::invalid_argument>([&] { by_hand(1, hidden); }),
            "row 2 of the mask hides every key");
  EXPECT_EQ(error_of<std::invalid_argument>([] { by_hand(std::nan("")); }),
            "scale nan is neither finite nor infinity");
  EXPECT_EQ(error_of<std::invalid_argument>([] { by_hand(-kInfinity); }),
            "scale -inf is neither finite nor infinity");
  const Tensor<double> large({1, 1}, {1e200});
  EXPECT_EQ(error_of<std::invalid_argument>([&] { attention(large, large, large, 1, no_mask(1, 1)); }),
            "query 0 times key 0 passes a double's range");
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(attention(kQuery, kKey, kValue, 1, no_mask(3, 3), source.get_token()), core::Stopped);
}

TEST(Attention, GradientsAreThoseOfFiniteDifferences) {
  Tensor<double> query = normal({3, 2}, 1), key = normal({4, 2}, 2), value = normal({4, 3}, 3);
  const Tensor<double> g = normal({3, 3}, 4);
  for (const double scale : {rsqrt_scale(2), -1.5, 0.0}) {
    Mask mask = no_mask(3, 4);
    mask(0, 1) = mask(2, 0) = 0;
    const auto run = [&] { return attention(query, key, value, scale, mask); };
    const auto loss = [&] { return inner(run().output, g); };
    const AttentionGradients grad = attention_backward(query, key, value, scale, run(), g);
    expect_gradient(query, grad.query, loss, "query");
    expect_gradient(key, grad.key, loss, "key");
    expect_gradient(value, grad.value, loss, "value");
    // The scores are beta times the dots, so the two gradients differ by beta, and a hidden cell has none.
    EXPECT_EQ(grad.dots(1, 2), scale * grad.scores(1, 2));
    EXPECT_EQ(grad.scores(0, 1), 0);
  }
}

TEST(Attention, NoGradientReachesWhatTheMaskHides) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor<double> query({2, 1}, {1, 2}), key({2, 1}, {3, nan}), value({2, 1}, {5, nan});
  const Attention forward = attention(query, key, value, 1, Mask({2, 2}, {1, 0, 1, 0}));
  const AttentionGradients grad =
      attention_backward(query, key, value, 1, forward, Tensor<double>({2, 1}, {7, 11}));
  EXPECT_EQ(grad.value, Tensor<double>({2, 1}, {18, 0}));
  EXPECT_EQ(grad.key, Tensor<double>({2, 1}, {0, 0}));
  EXPECT_EQ(grad.query, Tensor<double>({2, 1}, {0, 0}));
  EXPECT_THROW(attention_backward(query, key, value, 1, forward, Tensor<double>({1, 2})), core::ShapeError);
}

}  // namespace
}  // namespace vitrine::sequence::attention_test
