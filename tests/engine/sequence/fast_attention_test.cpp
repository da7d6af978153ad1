#include "engine/sequence/fast_attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "engine/core/stop.h"
#include "engine/sequence/panels.h"
#include "tests/engine/sequence/numeric.h"

namespace vitrine::sequence::fast_attention_test {
namespace {

using core::Tensor;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

core::Workers& one_thread() {
  static core::Workers workers(1);
  return workers;
}

// Both are NaN, or differ by what exponents of a thousand lose.
void expect_same(std::span<const double> a, std::span<const double> b, const std::string& name) {
  ASSERT_EQ(a.size(), b.size()) << name;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    ASSERT_NEAR(a[i], b[i], 1e-12 * std::max(1.0, std::abs(b[i]))) << name << "[" << i << "]";
  }
}

// Every third key is hidden, but never a query's own or the first.
Mask striped(Index queries, Index keys) {
  Mask mask = no_mask(queries, keys);
  for (Index t = 0; t < queries; ++t)
    for (Index s = 1; s < keys; ++s) mask(t, s) = s == t || (s + t) % 3 != 0 ? 1 : 0;
  return mask;
}

struct Case {
  Index queries, keys, dim, value_dim;
  double scale;
  enum Kind { kAll, kCausal, kMask, kBoth } kind;
};

Mask mask_of(const Case& c) {
  Mask mask = c.kind == Case::kMask || c.kind == Case::kBoth ? striped(c.queries, c.keys)
                                                             : no_mask(c.queries, c.keys);
  if (c.kind == Case::kCausal || c.kind == Case::kBoth)
    for (Index t = 0; t < c.queries; ++t)
      for (Index s = t + 1; s < c.keys; ++s) mask(t, s) = 0;
  return mask;
}

void expect_as_naive(const Case& c, const Tensor<double>& query, const Tensor<double>& key,
                     const Tensor<double>& value) {
  SCOPED_TRACE(::testing::Message() << c.queries << " queries, " << c.keys << " keys, d " << c.dim
                                    << ", kind " << c.kind << ", scale " << c.scale);
  const Mask mask = mask_of(c), given = striped(c.queries, c.keys);
  const bool uses_mask = c.kind == Case::kMask || c.kind == Case::kBoth;
  const VisibleKeys visible{c.kind == Case::kCausal || c.kind == Case::kBoth, uses_mask ? &given : nullptr};
  const Attention naive = attention(query, key, value, c.scale, mask);
  const auto fast = attention_fast(query, key, value, c.scale, visible, Keep::kWeights, one_thread());
  expect_same(fast.weights.values(), naive.weights.values(), "weights");
  expect_same(fast.output.values(), naive.output.values(), "output");
  expect_same(fast.entropy.values(), naive.entropy.values(), "entropy");
  for (Index i = 0; i < mask.count(); ++i)
    ASSERT_TRUE(mask[i] != 0 || fast.weights[i] == 0) << "hidden number " << i;
}

TEST(FastAttention, IsTheNaiveOneAtManySizesMasksAndScales) {
  std::uint64_t draw = 100;
  for (const auto& [queries, keys] : {std::pair{1, 1}, {1, 7}, {5, 1}, {6, 32}, {7, 33}, {50, 31}, {49, 130}})
    for (const auto& [dim, value_dim] : {std::pair{1, 1}, {3, 5}, {64, 64}, {150, 33}})
      for (const auto kind : {Case::kAll, Case::kCausal, Case::kMask, Case::kBoth})
        for (const double scale : {rsqrt_scale(dim), -0.5, 0.0, 30.0}) {
          const Case c{queries, keys, dim, value_dim, scale, kind};
          draw += 3;
          expect_as_naive(c, normal({queries, dim}, draw), normal({keys, dim}, draw + 1),
                          normal({keys, value_dim}, draw + 2));
        }
}

TEST(FastAttention, IsTheNaiveOneWhereAHeadHasManyBlocks) {
  for (const auto kind : {Case::kAll, Case::kCausal})
    expect_as_naive({300, 290, 16, 8, 0.25, kind}, normal({300, 16}, 1), normal({290, 16}, 2),
                    normal({290, 8}, 3));
}

TEST(FastAttention, IsTheNaiveOneWhereItsWeightsGoPastTheCache) {
  for (const Index keys : {750, 751})
    expect_as_naive({720, keys, 3, 2, 0.5, Case::kCausal}, normal({720, 3}, 1), normal({keys, 3}, 2),
                    normal({keys, 2}, 3));
}

TEST(FastAttention, AHugeScaleChoosesTheBestKey) {
  const Tensor<double> query = normal({9, 4}, 1), key = normal({40, 4}, 2), value = normal({40, 3}, 3);
  for (const double scale : {1e30, -1e30, 1e308}) {
    expect_as_naive({9, 40, 4, 3, scale, Case::kAll}, query, key, value);
    const auto fast = attention_fast(query, key, value, scale, {}, Keep::kWeights, one_thread());
    EXPECT_EQ(std::count(fast.weights.values().begin(), fast.weights.values().end(), 1.0), 9);
    EXPECT_EQ(std::count(fast.weights.values().begin(), fast.weights.values().end(), 0.0), 9 * 39);
  }
}

TEST(FastAttention, CarriesANumberThatIsNotFiniteAsTheNaiveOneDoes) {
  for (const double bad : {kNan, kInfinity, -kInfinity})
    for (const auto kind : {Case::kAll, Case::kCausal, Case::kMask})
      for (const int where : {0, 1, 2}) {
        Tensor<double> query = normal({9, 4}, 1), key = normal({40, 4}, 2), value = normal({40, 3}, 3);
        (where == 0 ? query(2, 1) : where == 1 ? key(5, 1) : value(5, 1)) = bad;
        expect_as_naive({9, 40, 4, 3, 0.5, kind}, query, key, value);
      }
}

TEST(FastAttention, AHiddenNanTakesNoPart) {
  const Tensor<double> query = normal({9, 4}, 1), key = normal({9, 4}, 2);
  Tensor<double> value = normal({9, 3}, 3);
  value(5, 1) = kNan;
  const auto fast = attention_fast(query, key, value, 0.5, {.causal = true}, Keep::kOutput, one_thread());
  EXPECT_TRUE(std::isfinite(fast.output(4, 1)));
  EXPECT_TRUE(std::isnan(fast.output(5, 1)));
  EXPECT_TRUE(fast.weights.empty());
}

TEST(FastAttention, ScoresNearADoublesEndAreSafe) {
  Tensor<double> query({1, 1}, 1.0), key({2, 1}, {1.7e308, -1.7e308});
  const Tensor<double> value({2, 1}, {3, 5});
  const auto fast = attention_fast(query, key, value, 1e-308, {}, Keep::kWeights, one_thread());
  EXPECT_NEAR(fast.weights[0], 1 / (1 + std::exp(-3.4)), 1e-12);
  query[0] = 10;
  EXPECT_THAT([&] { attention_fast(query, key, value, 1, {}, Keep::kWeights, one_thread()); },
              ::testing::ThrowsMessage<std::invalid_argument>("query 0 times key 0 passes a double's range"));
}

TEST(FastAttention, BitsDoNotDependOnTheThreads) {
  const Tensor<double> x = normal({500, 24}, 1), w = normal({24, 24}, 2, 0.2);
  const MultiHeadWeights weights{.query = w, .key = w, .value = w, .out = w};
  core::Workers three(3);
  const auto alone = multi_head_attention_fast(x, x, weights, 3, 0.3, {}, Keep::kWeights, one_thread());
  const auto together = multi_head_attention_fast(x, x, weights, 3, 0.3, {}, Keep::kWeights, three);
  EXPECT_EQ(alone.weights, together.weights);
  EXPECT_EQ(alone.output, together.output);
  EXPECT_EQ(alone.entropy, together.entropy);
}

TEST(FastAttention, SaysWhatDoesNotFit) {
  const auto call = [](const Tensor<double>& q, const Tensor<double>& k, const Tensor<double>& v,
                       double scale, const VisibleKeys& visible) {
    return [&, scale] { attention_fast(q, k, v, scale, visible, Keep::kOutput, one_thread()); };
  };
  const Tensor<double> q = normal({2, 3}, 1), k = normal({4, 3}, 2), v = normal({4, 5}, 3);
  EXPECT_THAT(call(q, v, v, 1, {}),
              ::testing::ThrowsMessage<core::ShapeError>("key [4, 5] does not fit query [2, 3]"));
  EXPECT_THAT(call(q, k, q, 1, {}),
              ::testing::ThrowsMessage<core::ShapeError>("value [2, 3] does not fit key [4, 3]"));
  EXPECT_THROW(call(q, k, v, kNan, {})(), std::invalid_argument);
  EXPECT_THROW(call({}, k, v, 1, {})(), core::ShapeError);
  const Mask small = no_mask(2, 3);
  EXPECT_THAT(call(q, k, v, 1, {.mask = &small}),
              ::testing::ThrowsMessage<core::ShapeError>("mask [2, 3] does not fit scores [2, 4]"));
  Mask hides = no_mask(2, 4);
  for (Index s = 0; s < 4; ++s) hides(1, s) = 0;
  EXPECT_THAT(call(q, k, v, 1, {.mask = &hides}),
              ::testing::ThrowsMessage<std::invalid_argument>("row 1 of the mask hides every key"));
}

TEST(FastMultiHead, IsTheNaiveOne) {
  std::uint64_t draw = 900;
  for (const Index heads : {1, 3})
    for (const Index width : {1, 8, 40})
      for (const bool biased : {false, true})
        for (const bool out : {false, true}) {
          const Index inner = heads * width, values = heads * (width + 1);
          MultiHeadWeights w{.query = normal({inner, 6}, ++draw, 0.4),
                             .key = normal({inner, 5}, ++draw, 0.4),
                             .value = normal({values, 5}, ++draw)};
          if (out) w.out = normal({7, values}, ++draw);
          if (biased) {
            w.query_bias = normal({inner}, ++draw);
            w.key_bias = normal({inner}, ++draw);
            w.value_bias = normal({values}, ++draw);
            if (out) w.out_bias = normal({7}, ++draw);
          }
          const Tensor<double> x = normal({110, 6}, ++draw), context = normal({70, 5}, ++draw);
          const MultiHead naive = multi_head_attention(x, context, w, heads, 0.5, causal_mask(110, 70));
          core::Progress progress;
          const auto fast = multi_head_attention_fast(x, context, w, heads, 0.5, {.causal = true},
                                                      Keep::kWeights, one_thread(), {}, &progress);
          expect_same(fast.output.values(), naive.output.values(), "output");
          expect_same(fast.concat.values(), naive.concat.values(), "concat");
          for (Index h = 0; h < heads; ++h) {
            const auto& head = naive.heads[static_cast<std::size_t>(h)];
            expect_same(fast.weights[static_cast<std::size_t>(h)].values(), head.weights.values(), "weights");
            expect_same(fast.entropy.values().subspan(static_cast<std::size_t>(h * 110), 110),
                        head.entropy.values(), "entropy");
            EXPECT_NEAR(fast.query(h, 3, 0), naive.query(3, h * width), 1e-13);
            EXPECT_NEAR(fast.value(h, 3, width), naive.value(3, h * (width + 1) + width), 1e-13);
          }
          EXPECT_NEAR(progress.fraction(), 1, 1e-9);
        }
}

TEST(FastMultiHead, KeepsWeightsInFloatWhereAsked) {
  const Tensor<double> x = normal({20, 6}, 1), w = normal({6, 6}, 2);
  const MultiHeadWeights weights{.query = w, .key = w, .value = w};
  const auto exact = multi_head_attention_fast(x, x, weights, 2, 0.5, {}, Keep::kWeights, one_thread());
  const auto rounded =
      multi_head_attention_fast<float>(x, x, weights, 2, 0.5, {}, Keep::kWeights, one_thread());
  EXPECT_EQ(rounded.weights[1], exact.weights[1].cast<float>());
  EXPECT_EQ(rounded.output, exact.output);
  EXPECT_EQ(rounded.output, rounded.concat);
}

TEST(FastMultiHead, SaysWhatDoesNotFit) {
  const Tensor<double> x = normal({4, 6}, 1), w = normal({6, 6}, 2), narrow = normal({6, 5}, 3);
  const auto call = [&](const MultiHeadWeights& weights, Index heads) {
    return
        [&, heads] { multi_head_attention_fast(x, x, weights, heads, 1, {}, Keep::kOutput, one_thread()); };
  };
  MultiHeadWeights weights{.query = w, .key = w, .value = w};
  EXPECT_THAT(call(weights, 4), ::testing::ThrowsMessage<std::invalid_argument>(
                                    "w_query has 6 rows, which 4 heads do not divide"));
  EXPECT_THROW(call(weights, 0)(), std::invalid_argument);
  weights.key = narrow;
  EXPECT_THAT(call(weights, 2),
              ::testing::ThrowsMessage<core::ShapeError>("w_key [6, 5] does not fit input [4, 6]"));
  weights.key = w;
  weights.out = narrow;
  EXPECT_THAT(call(weights, 2),
              ::testing::ThrowsMessage<core::ShapeError>("w_out [6, 5] does not fit w_value [6, 6]"));
}

TEST(FastMultiHead, AStopEndsIt) {
  const Tensor<double> x = normal({200, 6}, 1), w = normal({6, 6}, 2);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(multi_head_attention_fast(x, x, {.query = w, .key = w, .value = w}, 2, 1, {}, Keep::kOutput,
                                         one_thread(), stop.get_token()),
               core::Stopped);
}

TEST(Panels, MultiplyWithTheTranspose) {
  for (const Index rows : {1, 31, 32, 70})
    for (const Index inner : {1, 9, 300}) {
      const Tensor<double> a = normal({7, inner}, 1), b = normal({rows, inner}, 2), bias = normal({rows}, 3);
      Tensor<double> c({7, rows});
      Panels(view(b)).product(view(a), {bias.data(), 1, rows, 0}, view(c));
      for (Index i = 0; i < 7; ++i)
        for (Index j = 0; j < rows; ++j) {
          double sum = bias[j];
          for (Index p = 0; p < inner; ++p) sum += a(i, p) * b(j, p);
          ASSERT_NEAR(c(i, j), sum, 1e-12) << rows << " x " << inner;
        }
    }
}

}  // namespace
}  // namespace vitrine::sequence::fast_attention_test
