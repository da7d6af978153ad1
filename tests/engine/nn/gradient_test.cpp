// The gradient table: every layer in double against central differences. A layer that is not in this table
// does not exist.
#include <functional>
#include <memory>
#include <numeric>

#include "engine/nn/conv.h"
#include "engine/nn/cross_entropy.h"
#include "engine/nn/encoder_block.h"
#include "engine/nn/pooling.h"
#include "engine/nn/relu.h"
#include "tests/engine/nn/gradient_check.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::nn::gradient_test {
namespace {

constexpr Index kImages = 3;
constexpr DropoutDraw kDropout{0.3, 5, 7};

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

Function relu() {
  const auto kept = std::make_shared<Numbers>(kRows * kDim);
  return {kRows * kDim, kRows * kDim,
          [=](const auto&, const double* x, double* y) {
            Relu<double>::forward(x, kRows * kDim, y);
            std::copy_n(y, kRows * kDim, kept->data());
          },
          [=](const auto&, const double*, const double* dy, double* dx) {
            Relu<double>::backward(kept->data(), dy, kRows * kDim, dx);
          }};
}

// Of every `kept` outputs one goes on, as through max pooling: the others' gradient is zero.
Function conv(ParameterLayout& layout, const Window& window, Index kept = 1) {
  constexpr Index kFilters = 5;
  const Conv<double> layer(layout, "conv", window, kFilters, Trains::kYes);
  const Index outputs = kImages * window.out_places() * kFilters;
  const auto padded = std::make_shared<Numbers>(kImages * layer.padded_count()),
             scratch = std::make_shared<Numbers>(layer.scratch_count());
  const auto mask = [=](double* y) {
    for (Index i = 0; i < outputs; ++i) y[i] = i % kept == 0 ? y[i] : 0;
  };
  return {kImages * window.in.count(), outputs,
          [=](const auto& pass, const double* x, double* y) {
            layer.forward(pass, x, padded->data(), scratch->data(), y);
            mask(y);
          },
          [=](const auto& pass, const double*, const double* dy, double* dx) {
            Numbers masked(dy, dy + outputs);
            mask(masked.data());
            layer.backward(pass, padded->data(), masked.data(), scratch->data(), dx);
          }};
}

Function max_pool(const Window& window) {
  const MaxPool<double> layer(window);
  const Index outputs = kImages * window.out_places() * window.in.channels;
  const auto kept = std::make_shared<Numbers>(outputs);
  return {kImages * window.in.count(), outputs,
          [=](const auto&, const double* x, double* y) {
            layer.forward(kImages, x, y);
            std::copy_n(y, outputs, kept->data());
          },
          [=](const auto&, const double* x, const double* dy, double* dx) {
            layer.backward(kImages, x, kept->data(), dy, dx);
          }};
}

Function average_pool(const Window& window) {
  const AveragePool<double> layer(window);
  return {kImages * window.in.count(), kImages * window.out_places() * window.in.channels,
          [=](const auto&, const double* x, double* y) { layer.forward(kImages, x, y); },
          [=](const auto&, const double*, const double* dy, double* dx) { layer.backward(kImages, dy, dx); }};
}

Function dropout() {
  const Dropout<double> layer(4);
  return {kRows * kDim, kRows * kDim,
          [=](const auto& pass, const double* x, double* y) {
            layer.forward(pass, {x, kImages, kTokens * kDim}, {y, kImages, kTokens * kDim});
          },
          [=](const auto& pass, const double*, const double* dy, double* dx) {
            layer.backward(pass, {dy, kImages, kTokens * kDim}, {dx, kImages, kTokens * kDim});
          }};
}

Function attention(ParameterLayout& layout, Arena<double>& arena, Index heads, Index head_dim, Bias qkv_bias,
                   Index tokens = kTokens) {
  const MultiHeadAttention<double> layer(layout, "attn", {kDim, tokens, heads, head_dim}, qkv_bias);
  const auto kept = layer.take_activations(arena, kImages);
  const auto scratch = layer.take_scratch(arena, kImages);
  const Index rows = kImages * tokens;
  return {rows * kDim, rows * kDim,
          [=](const auto& pass, const double* x, double* y) {
            layer.forward(pass, {x, rows, kDim}, kept, scratch, {y, rows, kDim});
          },
          [=](const auto& pass, const double* x, const double* dy, double* dx) {
            layer.backward(pass, {x, rows, kDim}, kept, scratch, {dy, rows, kDim}, {dx, rows, kDim});
          }};
}

// outputs: kRows, or kImages for every image's first token only.
Function encoder_block(ParameterLayout& layout, Arena<double>& arena, Index outputs) {
  const EncoderBlock<double> layer(layout, 0, {kTokens, kDim, 3, 5, 18, Bias::kYes});
  const auto kept = layer.take_activations(arena, kImages);
  const auto scratch = layer.take_scratch(arena, kImages);
  return {kRows * kDim, outputs * kDim,
          [=](const auto& pass, const double* x, double* y) {
            layer.forward(pass, {x, kRows, kDim}, kept, scratch, {y, outputs, kDim});
          },
          [=](const auto& pass, const double* x, const double* dy, double* dx) {
            const MatrixView<double> stream(dx, kRows, kDim), read = each_nth(stream, outputs);
            std::fill_n(dx, kRows * kDim, 0);
            for (Index r = 0; r < outputs; ++r) std::copy_n(dy + r * kDim, kDim, &read(r, 0));
            layer.backward(pass, {x, kRows, kDim}, kept, scratch, stream, outputs);
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
        Row{"gelu", [](auto&, auto&) { return gelu(); }}, Row{"relu", [](auto&, auto&) { return relu(); }},
        Row{"conv",
            [](auto& layout, auto&) {
              return conv(layout, {{3, 6, 7}, 3, 1, 1});
            }},
        Row{"conv_strided",
            [](auto& layout, auto&) {
              return conv(layout, {{2, 9, 8}, 3, 2, 2});
            }},
        Row{"conv_stride_passes_the_kernel",
            [](auto& layout, auto&) {
              return conv(layout, {{2, 8, 9}, 2, 3, 0});
            }},
        Row{"max_pool",
            [](auto&, auto&) {
              return max_pool({{9, 6, 4}, 2, 2, 0});
            }},
        Row{"max_pool_overlapping",
            [](auto&, auto&) {
              return max_pool({{3, 7, 6}, 3, 2, 1});
            }},
        Row{"average_pool",
            [](auto&, auto&) {
              return average_pool({{9, 6, 4}, 2, 2, 0});
            }},
        Row{"average_pool_overlapping",
            [](auto&, auto&) {
              return average_pool({{3, 7, 6}, 3, 2, 1});
            }},
        Row{"dropout", [](auto&, auto&) { return dropout(); }},
        Row{"attention_heads_split_over_blocks",
            [](auto& layout, auto& arena) { return attention(layout, arena, 3, 5, Bias::kNo); }},
        Row{"attention_eight_heads",
            [](auto& layout, auto& arena) { return attention(layout, arena, 8, 2, Bias::kYes); }},
        Row{"attention_strips_and_groups",
            [](auto& layout, auto& arena) { return attention(layout, arena, 8, 10, Bias::kYes, 26); }},
        Row{"attention_one_head",
            [](auto& layout, auto& arena) { return attention(layout, arena, 1, 13, Bias::kYes); }},
        Row{"encoder_block", [](auto& layout, auto& arena) { return encoder_block(layout, arena, kRows); }},
        Row{"encoder_block_first_token",
            [](auto& layout, auto& arena) { return encoder_block(layout, arena, kImages); }},
        Row{"cross_entropy", [](auto&, auto&) { return cross_entropy_of_logits(); }}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace vitrine::nn::gradient_test
