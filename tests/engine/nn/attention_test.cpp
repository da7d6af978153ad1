#include "engine/nn/attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/engine/nn/numbers.h"

namespace vitrine::nn {
namespace {

// x W^T + b for parameters as the state dict has them.
template <class T>
std::vector<T> projected(const std::vector<T>& x, Index rows, const core::Tensor<T>& weight,
                         const core::Tensor<T>* bias, Index first, Index count) {
  const Index in = weight.size(1);
  std::vector<T> out;
  for (Index r = 0; r < rows; ++r) {
    for (Index o = first; o < first + count; ++o) {
      T sum = bias ? (*bias)[o] : T{0};
      for (Index i = 0; i < in; ++i) sum += weight(o, i) * x[static_cast<std::size_t>(r * in + i)];
      out.push_back(sum);
    }
  }
  return out;
}

template <class T>
core::Tensor<T> named(const ParameterLayout& layout, const Weights<T>& weights, const std::string& name) {
  for (const auto& info : layout.infos())
    if (info.name == name) return parameter<T>(info, weights.values);
  throw std::invalid_argument("no parameter " + name);
}

// The fast path against one head after the other by the definition, from the state dict's weights.
template <class T>
void expect_like_naive(const typename MultiHeadAttention<T>::Sizes& sizes, Index images, double tolerance) {
  const auto [dim, tokens, heads, head_dim] = sizes;
  const Index rows = images * tokens, inner = heads * head_dim;
  ParameterLayout layout;
  Arena<T> arena;
  const MultiHeadAttention<T> layer(layout, "attn", sizes, Bias::kYes);
  const auto weights = wild_weights<T>(layout, 1);
  const auto x = normal_numbers<T>(rows * dim, 2);
  const auto keep = layer.take_activations(arena, images);
  std::vector<T> y(static_cast<std::size_t>(rows * dim));
  const Pass<T> pass{weights.values.data(), weights.transposed.data(), nullptr, images, 0, images, {}};
  layer.forward(pass, {x.data(), rows, dim}, keep, layer.take_scratch(arena, images), {y.data(), rows, dim});

  const auto qkv = named(layout, weights, "attn.qkv.weight"),
             qkv_bias = named(layout, weights, "attn.qkv.bias");
  const auto proj = named(layout, weights, "attn.proj.weight"),
             proj_bias = named(layout, weights, "attn.proj.bias");
  for (Index image = 0; image < images; ++image) {
    const std::vector<T> own(x.begin() + image * tokens * dim, x.begin() + (image + 1) * tokens * dim);
    std::vector<T> mixed(static_cast<std::size_t>(tokens * inner));
    std::vector<T> seen(static_cast<std::size_t>(heads * tokens * tokens));
    layer.weights_of(keep, image, seen.data());
    for (Index head = 0; head < heads; ++head) {
      const auto part = [&](Index which) {
        return projected(own, tokens, qkv, &qkv_bias, which * inner + head * head_dim, head_dim);
      };
      const auto q = part(0), k = part(1), v = part(2);
      std::vector<T> w(static_cast<std::size_t>(tokens * tokens));
      naive_attention<T>({q.data(), tokens, head_dim}, {k.data(), tokens, head_dim},
                         {v.data(), tokens, head_dim}, {w.data(), tokens, tokens},
                         {mixed.data() + head * head_dim, tokens, head_dim, inner});
      for (std::size_t i = 0; i < w.size(); ++i)
        ASSERT_NEAR(seen[static_cast<std::size_t>(head * tokens * tokens) + i], w[i], tolerance);
    }
    const auto expected = projected(mixed, tokens, proj, &proj_bias, 0, dim);
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(y[static_cast<std::size_t>(image * tokens * dim) + i], expected[i], tolerance * 10);
  }
}

// Of one image's first token alone, as an answer that is read from it wants.
TEST(MultiHeadAttention, TheFirstTokenAloneIsThatOfAll) {
  constexpr Index kDim = 24, kTokens = 27;
  for (const Index heads : {3, 8}) {  // half of the lanes empty, and full
    ParameterLayout layout;
    Arena<float> arena;
    const MultiHeadAttention<float> layer(layout, "attn", {kDim, kTokens, heads, 5}, Bias::kYes);
    const auto weights = wild_weights<float>(layout, 1);
    const auto x = normal_numbers<float>(kTokens * kDim, 2);
    const auto keep = layer.take_activations(arena, 1);
    const auto scratch = layer.take_scratch(arena, 1);
    const Pass<float> pass{weights.values.data(), weights.transposed.data(), nullptr, 1, 0, 1, {}};
    std::vector<float> all(kTokens * kDim), first(kDim);
    layer.forward(pass, {x.data(), kTokens, kDim}, keep, scratch, {all.data(), kTokens, kDim});
    layer.forward(pass, {x.data(), kTokens, kDim}, keep, scratch, {first.data(), 1, kDim});
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_NEAR(first[i], all[i], 1e-6) << heads;
  }
}

TEST(MultiHeadAttention, FloatIsTheNaiveOne) {
  expect_like_naive<float>({64, 17, 8, 8}, 4, 1e-5);
  expect_like_naive<float>({24, 5, 3, 7}, 3, 1e-5);
  expect_like_naive<float>({16, 9, 16, 4}, 2, 1e-5);
  expect_like_naive<float>({16, 1, 1, 1}, 1, 1e-5);
  expect_like_naive<float>({16, 50, 8, 20}, 3, 1e-5);  // several strips of tokens, groups and pieces of dims
  expect_like_naive<float>({64, 50, 3, 16}, 1, 1e-5);  // one image, head by head
  expect_like_naive<float>({24, 27, 4, 5}, 1, 1e-5);
}
TEST(MultiHeadAttention, DoubleIsTheNaiveOne) {
  expect_like_naive<double>({24, 5, 3, 7}, 3, 1e-13);
  expect_like_naive<double>({16, 50, 3, 70}, 2, 1e-12);
  expect_like_naive<double>({16, 50, 2, 7}, 1, 1e-13);
}

// The exercise with three tokens by hand: q2 k = (4, 7, 8), scaled by 1/sqrt(3).
TEST(NaiveAttention, GivesTheExercisesNumbers) {
  const std::vector<double> q{4, 7, 8}, k{1, 0, 0, 0, 1, 0, 0, 0, 1}, v{5, 4, 5, 3, 5, 5, 1, 2, 4};
  std::vector<double> w(3), y(3);
  naive_attention<double>({q.data(), 1, 3}, {k.data(), 3, 3}, {v.data(), 3, 3}, {w.data(), 1, 3},
                          {y.data(), 1, 3});
  EXPECT_NEAR(w[0], 0.059806, 1e-6);
  EXPECT_NEAR(w[1], 0.338040, 1e-6);
  EXPECT_NEAR(w[2], 0.602154, 1e-6);
  EXPECT_NEAR(y[0], 1.915305, 1e-6);
  EXPECT_NEAR(y[1], 3.133732, 1e-6);
  EXPECT_NEAR(y[2], 4.397846, 1e-6);
}

}  // namespace
}  // namespace vitrine::nn
