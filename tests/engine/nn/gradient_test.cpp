// The gradient table: every layer and whole models in double against central differences. A layer that is not
// in this table does not exist.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <numeric>

#include "engine/nn/batch_pass.h"
#include "engine/nn/vit.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::nn {
namespace {

constexpr Index kImages = 3;
constexpr double kDifference = 1e-5, kTolerance = 1e-6;
constexpr DropoutDraw kDropout{0.3, 5, 7};

using Numbers = std::vector<double>;

// A layer between numbers: y = forward(x); backward gives dx and adds to pass.gradient.
struct Function {
  Index inputs, outputs;
  std::function<void(const Pass<double>&, const double* x, double* y)> forward;
  std::function<void(const Pass<double>&, const double* x, const double* dy, double* dx)> backward;
};

struct Row {
  std::string name;
  std::function<Function(ParameterLayout&, Arena<double>&)> make;
};

Pass<double> pass_over(const Weights<double>& weights, double* gradient) {
  return {weights.values.data(), weights.transposed.data(), gradient, kImages, 2, kImages, kDropout};
}

// The norm of the difference over the norms; vectors that are zero up to rounding count as equal.
double relative_error(const Numbers& a, const Numbers& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += a[i] * a[i] + b[i] * b[i];
  }
  return std::sqrt(difference) / std::max(std::sqrt(size), 1e-3);
}

// d value / d at[i] for every i.
Numbers central_differences(double* at, Index count, const std::function<double()>& value) {
  Numbers out;
  for (Index i = 0; i < count; ++i) {
    const double middle = at[i];
    at[i] = middle + kDifference;
    const double above = value();
    at[i] = middle - kDifference;
    const double below = value();
    at[i] = middle;
    out.push_back((above - below) / (2 * kDifference));
  }
  return out;
}

void expect_gradients(const ParameterLayout& layout, Weights<double>& weights, const double* gradient,
                      const std::function<double()>& value) {
  for (const auto& info : layout.infos()) {
    const auto numeric = central_differences(weights.values.data() + info.offset, info.shape.count(), [&] {
      weights.refresh_all(layout);
      return value();
    });
    const Numbers analytic(gradient + info.offset, gradient + info.offset + info.shape.count());
    EXPECT_LT(relative_error(analytic, numeric), kTolerance) << info.name;
  }
}

class LayerGradient : public testing::TestWithParam<Row> {};

TEST_P(LayerGradient, AgreesWithCentralDifferences) {
  ParameterLayout layout;
  Arena<double> arena;
  const Function f = GetParam().make(layout, arena);
  auto weights = wild_weights<double>(layout, 1);
  auto x = normal_numbers<double>(f.inputs, 2);
  const auto dy = normal_numbers<double>(f.outputs, 3);
  Numbers gradient(static_cast<std::size_t>(layout.size())), dx(x.size()), y(dy.size());
  const auto pass = pass_over(weights, gradient.data());
  const auto value = [&] {  // any function of y with gradient dy
    f.forward(pass, x.data(), y.data());
    return std::inner_product(y.begin(), y.end(), dy.begin(), 0.0);
  };
  value();
  f.backward(pass, x.data(), dy.data(), dx.data());
  EXPECT_LT(relative_error(dx, central_differences(x.data(), f.inputs, value)), kTolerance) << "input";
  expect_gradients(layout, weights, gradient.data(), value);
}

// Sizes that fill no register and no tile evenly.
constexpr Index kTokens = 7, kDim = 13, kRows = kImages * kTokens;

Function linear(ParameterLayout& layout, Bias bias) {
  constexpr Index kOut = 21;
  const Linear<double> layer(layout, "fc", kDim, kOut, bias);
  return {kRows * kDim, kRows * kOut,
          [=](const auto& pass, const double* x, double* y) {
            layer.forward(pass, {x, kRows, kDim}, {y, kRows, kOut});
          },
          [=](const auto& pass, const double* x, const double* dy, double* dx) {
            layer.backward(pass, {x, kRows, kDim}, {dy, kRows, kOut}, {dx, kRows, kDim});
          }};
}

Function layer_norm(ParameterLayout& layout) {
  const LayerNorm<double> layer(layout, "norm", kDim);
  const auto statistics = std::make_shared<std::vector<LayerNorm<double>::Statistics>>(kRows);
  return {kRows * kDim, kRows * kDim,
          [=](const auto& pass, const double* x, double* y) {
            layer.forward(pass, {x, kRows, kDim}, statistics->data(), {y, kRows, kDim});
          },
          [=](const auto& pass, const double* x, const double* dy, double* dx) {
            layer.backward(pass, {x, kRows, kDim}, statistics->data(), {dy, kRows, kDim}, {dx, kRows, kDim});
          }};
}

Function gelu() {
  const auto slope = std::make_shared<Numbers>(kRows * kDim);
  return {kRows * kDim, kRows * kDim,
          [=](const auto&, const double* x, double* y) {
            Gelu<double>::forward(x, kRows * kDim, slope->data(), y);
          },
          [=](const auto&, const double*, const double* dy, double* dx) {
            Gelu<double>::backward(slope->data(), dy, kRows * kDim, dx);
          }};
}

Function dropout() {
  const Dropout<double> layer(4);
  return {kRows * kDim, kRows * kDim,
          [=](const auto& pass, const double* x, double* y) { layer.forward(pass, kTokens * kDim, x, y); },
          [=](const auto& pass, const double*, const double* dy, double* dx) {
            layer.backward(pass, kTokens * kDim, dy, dx);
          }};
}

Function attention(ParameterLayout& layout, Arena<double>& arena, Index heads, Index head_dim,
                   Bias qkv_bias) {
  const MultiHeadAttention<double> layer(layout, "attn", {kDim, kTokens, heads, head_dim}, qkv_bias);
  const auto kept = layer.take_activations(arena, kImages);
  const auto scratch = layer.take_scratch(arena, kImages);
  return {kRows * kDim, kRows * kDim,
          [=](const auto& pass, const double* x, double* y) {
            layer.forward(pass, {x, kRows, kDim}, kept, scratch, {y, kRows, kDim});
          },
          [=](const auto& pass, const double* x, const double* dy, double* dx) {
            layer.backward(pass, {x, kRows, kDim}, kept, scratch, {dy, kRows, kDim}, {dx, kRows, kDim});
          }};
}

Function encoder_block(ParameterLayout& layout, Arena<double>& arena) {
  const EncoderBlock<double> layer(layout, 0, {kTokens, kDim, 3, 5, 18, Bias::kYes});
  const auto kept = layer.take_activations(arena, kImages);
  const auto scratch = layer.take_scratch(arena, kImages);
  return {kRows * kDim, kRows * kDim,
          [=](const auto& pass, const double* x, double* y) {
            layer.forward(pass, {x, kRows, kDim}, kept, scratch, {y, kRows, kDim});
          },
          [=](const auto& pass, const double* x, const double* dy, double* dx) {
            std::copy_n(dy, kRows * kDim, dx);
            layer.backward(pass, {x, kRows, kDim}, kept, scratch, {dx, kRows, kDim});
          }};
}

Function cross_entropy_of_logits() {
  constexpr Index kClasses = 6;
  return {kImages * kClasses, 1,
          [=](const auto&, const double* x, double* y) {
            *y = 0;
            for (Index i = 0; i < kImages; ++i)
              *y += cross_entropy<double>(x + i * kClasses, kClasses, i, 1, nullptr).loss;
          },
          [=](const auto&, const double* x, const double* dy, double* dx) {
            for (Index i = 0; i < kImages; ++i)
              cross_entropy(x + i * kClasses, kClasses, i, *dy, dx + i * kClasses);
          }};
}

INSTANTIATE_TEST_SUITE_P(
    Table, LayerGradient,
    testing::Values(
        Row{"linear", [](auto& layout, auto&) { return linear(layout, Bias::kYes); }},
        Row{"linear_without_bias", [](auto& layout, auto&) { return linear(layout, Bias::kNo); }},
        Row{"layer_norm", [](auto& layout, auto&) { return layer_norm(layout); }},
        Row{"gelu", [](auto&, auto&) { return gelu(); }},
        Row{"dropout", [](auto&, auto&) { return dropout(); }},
        Row{"attention_heads_split_over_blocks",
            [](auto& layout, auto& arena) { return attention(layout, arena, 3, 5, Bias::kNo); }},
        Row{"attention_eight_heads",
            [](auto& layout, auto& arena) { return attention(layout, arena, 8, 2, Bias::kYes); }},
        Row{"attention_one_head",
            [](auto& layout, auto& arena) { return attention(layout, arena, 1, 13, Bias::kYes); }},
        Row{"encoder_block", [](auto& layout, auto& arena) { return encoder_block(layout, arena); }},
        Row{"cross_entropy", [](auto&, auto&) { return cross_entropy_of_logits(); }}),
    [](const auto& row) { return row.param.name; });

struct VitRow {
  std::string name;
  VitSizes sizes;
  DropoutDraw dropout;
};

class VitGradient : public testing::TestWithParam<VitRow> {};

// Through the loss of a batch that is cut into chunks and shards, on two threads.
TEST_P(VitGradient, AgreesWithCentralDifferences) {
  const auto& [name, sizes, dropout] = GetParam();
  constexpr Index kBatch = 9;
  const Vit<double> model(sizes);
  core::Workers workers(2);
  BatchPass<double> batch(model, workers);
  auto weights = wild_weights<double>(model.layout(), 1);
  const auto images = normal_numbers<double>(kBatch * sizes.embedding().image(), 2);
  const std::vector<std::uint8_t> labels{0, 3, 1, 2, 2, 3, 0, 1, 3};
  const auto value = [&, &draw = dropout] {
    return batch.loss_and_gradient(weights, images.data(), labels, draw).loss;
  };
  value();
  const Numbers gradient(batch.gradient().begin(), batch.gradient().end());
  expect_gradients(model.layout(), weights, gradient.data(), value);
}

//                               C  H  W  P  D  L  h Dh mlp V
constexpr VitSizes kSmall{2, 6, 4, 2, 6, 2, 3, 3, 10, 4};

VitSizes with(Bias bias, Pool pool, Positions positions) {
  VitSizes sizes = kSmall;
  sizes.qkv_bias = bias;
  sizes.pool = pool;
  sizes.positions = positions;
  return sizes;
}

INSTANTIATE_TEST_SUITE_P(
    Table, VitGradient,
    testing::Values(VitRow{"class_token_learned_positions", kSmall, {}}, VitRow{"dropout", kSmall, kDropout},
                    VitRow{"mean_pool_sinusoidal", with(Bias::kYes, Pool::kMean, Positions::kSinusoidal), {}},
                    VitRow{"no_positions", with(Bias::kYes, Pool::kClassToken, Positions::kNone), kDropout}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace vitrine::nn
