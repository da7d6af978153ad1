#include "engine/sequence/multi_head.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "engine/sequence/linear.h"
#include "tests/engine/sequence/numeric.h"

namespace vitrine::sequence {
namespace {

using core::Tensor;

constexpr Index kQueries = 3, kKeys = 4, kDim = 5, kContextDim = 3, kHeads = 2, kHeadDim = 2, kValueDim = 3;

MultiHeadWeights drawn_weights() {
  constexpr Index kInner = kHeads * kHeadDim, kValueInner = kHeads * kValueDim;
  return {.query = normal({kInner, kDim}, 1),
          .key = normal({kInner, kContextDim}, 2),
          .value = normal({kValueInner, kContextDim}, 3),
          .out = normal({kDim, kValueInner}, 4),
          .query_bias = normal({kInner}, 5),
          .key_bias = normal({kInner}, 6),
          .value_bias = normal({kValueInner}, 7),
          .out_bias = normal({kDim}, 8)};
}

TEST(MultiHead, OneHeadWithIdentityWeightsIsAttentionItself) {
  Tensor<double> identity({3, 3});
  for (Index i = 0; i < 3; ++i) identity(i, i) = 1;
  const Tensor<double> x = normal({4, 3}, 1);
  const MultiHead m = multi_head_attention(x, x, {.query = identity, .key = identity, .value = identity}, 1,
                                           rsqrt_scale(3), causal_mask(4, 4));
  const Attention a = attention(x, x, x, rsqrt_scale(3), causal_mask(4, 4));
  EXPECT_EQ(m.heads[0].weights, a.weights);
  EXPECT_EQ(m.output, a.output);
}

TEST(MultiHead, EachHeadSeesItsOwnRowsOfTheProjections) {
  const Tensor<double> x = normal({kQueries, kDim}, 11), c = normal({kKeys, kContextDim}, 12);
  const MultiHeadWeights weights = drawn_weights();
  const MultiHead m =
      multi_head_attention(x, c, weights, kHeads, rsqrt_scale(kHeadDim), no_mask(kQueries, kKeys));
  for (Index h = 0; h < kHeads; ++h) {
    const Attention expected =
        attention(head_columns(m.query, kHeads, h), head_columns(m.key, kHeads, h),
                  head_columns(m.value, kHeads, h), rsqrt_scale(kHeadDim), no_mask(kQueries, kKeys));
    EXPECT_EQ(m.heads[static_cast<std::size_t>(h)].weights, expected.weights);
    EXPECT_EQ(head_columns(m.concat, kHeads, h), expected.output);
  }
  EXPECT_EQ(m.query(1, 3), linear(x, weights.query, weights.query_bias)(1, 3));
  EXPECT_EQ(m.output, linear(m.concat, weights.out, weights.out_bias));
}

TEST(MultiHead, GradientsAreThoseOfFiniteDifferences) {
  Tensor<double> x = normal({kQueries, kDim}, 11), c = normal({kKeys, kContextDim}, 12);
  MultiHeadWeights weights = drawn_weights();
  const double scale = rsqrt_scale(kHeadDim);
  Mask mask = no_mask(kQueries, kKeys);
  mask(0, 1) = mask(2, 3) = 0;
  const Tensor<double> g = normal({kQueries, kDim}, 13);
  const auto run = [&] { return multi_head_attention(x, c, weights, kHeads, scale, mask); };
  const auto loss = [&] { return inner(run().output, g); };
  MultiHeadGradients grad = multi_head_attention_backward(x, c, weights, scale, run(), g);
  expect_gradient(x, grad.input, loss, "input");
  expect_gradient(c, grad.context, loss, "context");
  const auto expect = [&](Tensor<double> MultiHeadWeights::*weight, const char* name) {
    expect_gradient(weights.*weight, grad.weights.*weight, loss, name);
  };
  expect(&MultiHeadWeights::query, "w_query");
  expect(&MultiHeadWeights::key, "w_key");
  expect(&MultiHeadWeights::value, "w_value");
  expect(&MultiHeadWeights::out, "w_out");
  expect(&MultiHeadWeights::query_bias, "b_query");
  expect(&MultiHeadWeights::key_bias, "b_key");
  expect(&MultiHeadWeights::value_bias, "b_value");
  expect(&MultiHeadWeights::out_bias, "b_out");
}

TEST(MultiHead, SaysWhatDoesNotFit) {
  const Tensor<double> x = normal({kQueries, kDim}, 11), c = normal({kKeys, kContextDim}, 12);
  const auto message = [&](MultiHeadWeights weights, Index heads) {
    try {
      multi_head_attention(x, c, weights, heads, 1, no_mask(kQueries, kKeys));
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(drawn_weights(), 0), "heads is 0, not at least 1");
  EXPECT_EQ(message(drawn_weights(), 3), "w_query has 4 rows, which 3 heads do not divide");
  MultiHeadWeights narrow = drawn_weights();
  narrow.out = normal({kDim, 4}, 1);
  EXPECT_EQ(message(narrow, kHeads), "w_out [5, 4] does not fit w_value [6, 3]");
}

}  // namespace
}  // namespace vitrine::sequence
