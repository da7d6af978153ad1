#include "engine/sequence/encoder_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/core/stop.h"
#include "engine/nn/encoder_block.h"
#include "engine/sequence/linear.h"
#include "engine/sequence/multi_head.h"
#include "tests/engine/sequence/numeric.h"

namespace vitrine::sequence {
namespace {

using core::Shape;
using core::Tensor;
using Node = EncoderNode;
using Weight = EncoderWeight;

constexpr EncoderSizes kSizes{.tokens = 3, .embed_dim = 4, .heads = 2, .head_dim = 3, .mlp_dim = 5};

EncoderWeights drawn_weights(const EncoderSizes& sizes) {
  EncoderWeights weights;
  for (std::size_t i = 0; i < kEncoderWeights; ++i)
    weights.all[i] = normal(weight_shape(static_cast<Weight>(i), sizes), 100 + i, 0.6);
  return weights;
}

Tensor<double> drawn_input(const EncoderSizes& sizes) { return normal({sizes.tokens, sizes.embed_dim}, 1); }

const Tensor<double>& output_of(const EncoderBlock& block) { return block.nodes[Node::kOutput]; }

void expect_near(const Tensor<double>& a, const Tensor<double>& b, double tolerance,
                 const std::string& name) {
  ASSERT_EQ(to_string(a.shape()), to_string(b.shape())) << name;
  for (Index i = 0; i < a.count(); ++i)
    EXPECT_NEAR(a[i], b[i], tolerance * std::max(1.0, std::abs(b[i]))) << name << "[" << i << "]";
}

// The block is its parts, one after the other.
TEST(EncoderBlock, IsNormAttentionSumNormMlpSum) {
  const Tensor<double> x = drawn_input(kSizes);
  const EncoderWeights w = drawn_weights(kSizes);
  for (const Activation activation : {Activation::kGelu, Activation::kRelu}) {
    const EncoderBlock block = encoder_block(x, w, {.heads = 2, .activation = activation});
    EXPECT_EQ(block.sizes, kSizes);
    const LayerNorm norm1 = layer_norm(x, w[Weight::kNorm1Weight], w[Weight::kNorm1Bias]);
    EXPECT_EQ(block.nodes[Node::kMean1], norm1.mean);
    EXPECT_EQ(block.nodes[Node::kNorm1], norm1.output);
    MultiHeadWeights projections;
    projections.out = w[Weight::kProjWeight];
    projections.out_bias = w[Weight::kProjBias];
    const Index inner = kSizes.inner();
    const auto part = [&](Index first, Tensor<double>& weight, Tensor<double>& bias) {
      weight = Tensor<double>({inner, 4});
      bias = Tensor<double>({inner});
      for (Index i = 0; i < inner; ++i) {
        bias[i] = w[Weight::kQkvBias][first + i];
        for (Index c = 0; c < 4; ++c) weight(i, c) = w[Weight::kQkvWeight](first + i, c);
      }
    };
    part(0, projections.query, projections.query_bias);
    part(inner, projections.key, projections.key_bias);
    part(2 * inner, projections.value, projections.value_bias);
    const MultiHead m =
        multi_head_attention(norm1.output, norm1.output, projections, 2, rsqrt_scale(3), no_mask(3, 3));
    EXPECT_EQ(block.nodes[Node::kKey], m.key);
    for (Index h = 0; h < 2; ++h)
      for (Index t = 0; t < 3; ++t)
        for (Index s = 0; s < 3; ++s) {
          const Attention& head = m.heads[static_cast<std::size_t>(h)];
          EXPECT_NEAR(block.nodes[Node::kScores](h, t, s), head.scores(t, s), 1e-15);
          EXPECT_NEAR(block.nodes[Node::kWeights](h, t, s), head.weights(t, s), 1e-15);
        }
    expect_near(block.nodes[Node::kMixed], m.concat, 1e-14, "mixed");
    expect_near(block.nodes[Node::kProjected], m.output, 1e-14, "projected");
    EXPECT_EQ(block.nodes[Node::kDropped1], block.nodes[Node::kProjected]);
    const Tensor<double>& middle = block.nodes[Node::kMiddle];
    for (Index i = 0; i < x.count(); ++i) EXPECT_EQ(middle[i], x[i] + block.nodes[Node::kDropped1][i]);
    const LayerNorm norm2 = layer_norm(middle, w[Weight::kNorm2Weight], w[Weight::kNorm2Bias]);
    EXPECT_EQ(block.nodes[Node::kNorm2], norm2.output);
    const Tensor<double> hidden = linear(norm2.output, w[Weight::kFc1Weight], w[Weight::kFc1Bias]);
    const Tensor<double> branch =
        linear(activated(activation, hidden), w[Weight::kFc2Weight], w[Weight::kFc2Bias]);
    for (Index i = 0; i < x.count(); ++i) EXPECT_EQ(output_of(block)[i], middle[i] + branch[i]);
  }
}

// All gradients there are, of nodes, weights and branches, against the finite differences of their own.
TEST(EncoderBlock, EveryGradientIsThatOfFiniteDifferences) {
  const Tensor<double> x = drawn_input(kSizes), g = normal({3, 4}, 2);
  EncoderWeights w = drawn_weights(kSizes);
  for (const EncoderSpec& spec :
       {EncoderSpec{.heads = 2}, EncoderSpec{.heads = 2, .activation = Activation::kRelu, .eps = 0.1},
        EncoderSpec{.heads = 2, .dropout = {0.4, 5, 1}}, EncoderSpec{.heads = 1}, EncoderSpec{.heads = 6}}) {
    const EncoderBlock block = encoder_block(x, w, spec);
    const EncoderGradients grad = encoder_block_backward(block, w, spec, g);
    const EncoderGradients check = encoder_finite_differences(block, w, spec, g, 1e-5);
    for (std::size_t i = 0; i < kEncoderNodes; ++i)
      expect_near(grad.nodes.all[i], check.nodes.all[i], 1e-7, "node " + std::to_string(i));
    for (std::size_t i = 0; i < kEncoderWeights; ++i)
      expect_near(grad.weights.all[i], check.weights.all[i], 1e-7, std::string(kEncoderWeightNames[i]));
    expect_near(grad.input_branch, check.input_branch, 1e-7, "input branch");
    expect_near(grad.middle_branch, check.middle_branch, 1e-7, "middle branch");
    // The finite differences of the whole block by hand, for those that the engine's own start from.
    Tensor<double> moved = x;
    EncoderWeights moved_weights = w;
    const auto loss = [&] { return inner(output_of(encoder_block(moved, moved_weights, spec)), g); };
    expect_gradient(moved, grad.nodes[Node::kInput], loss, "x");
    for (std::size_t i = 0; i < kEncoderWeights; ++i)
      expect_gradient(moved_weights.all[i], grad.weights.all[i], loss, std::string(kEncoderWeightNames[i]));
  }
}

TEST(EncoderBlock, AResidualPathBringsTheGradientUnchanged) {
  const Tensor<double> x = drawn_input(kSizes), g = normal({3, 4}, 2);
  EncoderWeights w = drawn_weights(kSizes);
  const EncoderBlock block = encoder_block(x, w, {.heads = 2});
  const EncoderGradients grad = encoder_block_backward(block, w, {.heads = 2}, g);
  for (Index i = 0; i < x.count(); ++i) {
    EXPECT_EQ(grad.nodes[Node::kMiddle][i], g[i] + grad.middle_branch[i]);
    EXPECT_EQ(grad.nodes[Node::kInput][i], grad.nodes[Node::kMiddle][i] + grad.input_branch[i]);
  }
  // Branches that end in zeros: y = x, and so are the gradients.
  for (const Weight weight : {Weight::kProjWeight, Weight::kProjBias, Weight::kFc2Weight, Weight::kFc2Bias})
    w[weight].fill(0);
  const EncoderBlock open = encoder_block(x, w, {.heads = 2});
  EXPECT_EQ(output_of(open), x);
  EXPECT_EQ(encoder_block_backward(open, w, {.heads = 2}, g).nodes[Node::kInput], g);
}

// Tokens meet in the attention only: elsewhere a token's numbers depend on its own.
TEST(EncoderBlock, EqualTokensStayEqualAndOthersDoNotChangeThem) {
  Tensor<double> x = drawn_input(kSizes);
  for (Index c = 0; c < 4; ++c) x(2, c) = x(0, c);
  const EncoderWeights w = drawn_weights(kSizes);
  const EncoderBlock block = encoder_block(x, w, {.heads = 2});
  for (const Node node : {Node::kNorm1, Node::kQuery, Node::kMixed, Node::kHidden, Node::kOutput}) {
    const Tensor<double>& t = block.nodes[node];
    for (Index c = 0; c < t.size(1); ++c) EXPECT_EQ(t(0, c), t(2, c));
  }
  Tensor<double> moved = x;
  moved(1, 0) += 1;
  const EncoderBlock other = encoder_block(moved, w, {.heads = 2});
  for (Index c = 0; c < 4; ++c) {
    EXPECT_EQ(other.nodes[Node::kNorm1](0, c), block.nodes[Node::kNorm1](0, c));
    EXPECT_NE(other.nodes[Node::kMiddle](0, c), block.nodes[Node::kMiddle](0, c));
  }
}

TEST(EncoderBlock, DropoutActsAtThreePlaces) {
  const Tensor<double> x = drawn_input(kSizes);
  const EncoderWeights w = drawn_weights(kSizes);
  const EncoderBlock b = encoder_block(x, w, {.heads = 2, .dropout = {0.5, 11, 0}});
  const auto expect_dropped = [&](Node before, Node after, DropoutPlace place) {
    Index dropped = 0;
    for (Index i = 0; i < b.nodes[before].count(); ++i) {
      const double factor = b.factors[place][i];
      EXPECT_TRUE(factor == 0 || factor == 2);
      EXPECT_EQ(b.nodes[after][i], factor * b.nodes[before][i]);
      dropped += factor == 0 ? 1 : 0;
    }
    EXPECT_GT(dropped, 0);
    EXPECT_LT(dropped, b.nodes[before].count());
  };
  expect_dropped(Node::kProjected, Node::kDropped1, DropoutPlace::kAfterAttention);
  expect_dropped(Node::kActivated, Node::kKept, DropoutPlace::kInsideMlp);
  expect_dropped(Node::kMlp, Node::kDropped2, DropoutPlace::kAfterMlp);
}

// The training's block, fast and with another memory layout, is the same function and has the same gradients.
TEST(EncoderBlock, AgreesWithTheOneThatIsTrained) {
  const Tensor<double> x = drawn_input(kSizes), g = normal({3, 4}, 2);
  const EncoderWeights w = drawn_weights(kSizes);
  const EncoderBlock ours = encoder_block(x, w, {.heads = 2});
  const EncoderGradients grad = encoder_block_backward(ours, w, {.heads = 2}, g);

  nn::ParameterLayout layout;
  const nn::EncoderBlock<double> block(layout, 0, {3, 4, 2, 3, 5, nn::Bias::kYes});
  auto weights = nn::Weights<double>::initial(layout, 1);
  ASSERT_EQ(layout.infos().size(), kEncoderWeights);
  const auto weight_of = [](const nn::ParameterInfo& info) {
    const auto at = std::find(kEncoderWeightNames.begin(), kEncoderWeightNames.end(),
                              std::string_view(info.name).substr(std::string_view("blocks.0.").size()));
    EXPECT_NE(at, kEncoderWeightNames.end()) << info.name;
    return static_cast<std::size_t>(at - kEncoderWeightNames.begin());
  };
  Index parameters = 0;
  for (std::size_t i = 0; i < kEncoderWeights; ++i)
    parameters += weight_shape(static_cast<Weight>(i), kSizes).count();
  EXPECT_EQ(layout.count(), parameters);
  for (const nn::ParameterInfo& info : layout.infos())
    set_parameter<double>(info, w.all[weight_of(info)], weights.values);
  weights.refresh_all(layout);

  std::vector<double> gradient(static_cast<std::size_t>(layout.size()));
  const nn::Pass<double> pass{weights.values.data(), weights.transposed.data(), gradient.data(), 1, 0, 1, {}};
  nn::Arena<double> arena;
  const auto activations = block.take_activations(arena, 1);
  const auto scratch = block.take_scratch(arena, 1);
  Tensor<double> y(x.shape()), stream = g;
  block.forward(pass, core::view(x), activations, scratch, core::view(y));
  block.backward(pass, core::view(x), activations, scratch, core::view(stream), x.size(0));
  expect_near(y, output_of(ours), 1e-12, "y");
  expect_near(stream, grad.nodes[Node::kInput], 1e-12, "dL/dx");
  for (const nn::ParameterInfo& info : layout.infos())
    expect_near(nn::parameter<double>(info, gradient), grad.weights.all[weight_of(info)], 1e-12, info.name);
  Tensor<double> attention({2, 3, 3});
  block.attention().weights_of(activations.attention, 0, attention.data());
  expect_near(attention, ours.nodes[Node::kWeights], 1e-12, "attention");
}

TEST(EncoderBlock, ParametersOfAFeedForwardLayer) {
  const EncoderSizes sizes{.tokens = 10, .embed_dim = 512, .heads = 8, .head_dim = 64, .mlp_dim = 2048};
  Index mlp = 0;
  for (const Weight w : {Weight::kFc1Weight, Weight::kFc1Bias, Weight::kFc2Weight, Weight::kFc2Bias})
    mlp += weight_shape(w, sizes).count();
  EXPECT_EQ(mlp, 2'099'712);
  EXPECT_THROW(weight_shape(Weight::kFc1Weight, {1, Index{1} << 40, 1, 1, Index{1} << 40}), core::ShapeError);
}

TEST(EncoderBlock, ANanStaysWithItsTokenUntilTheAttention) {
  Tensor<double> x = drawn_input(kSizes);
  x(1, 2) = std::nan("");
  const EncoderBlock b = encoder_block(x, drawn_weights(kSizes), {.heads = 2});
  EXPECT_TRUE(std::isnan(b.nodes[Node::kNorm1](1, 0)));
  EXPECT_FALSE(std::isnan(b.nodes[Node::kValue](0, 0)));
  EXPECT_TRUE(std::isnan(output_of(b)(0, 0)));
}

template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(EncoderBlock, RefusalsNameTheWeight) {
  const Tensor<double> x = drawn_input(kSizes);
  const auto refusal = [&](Weight weight, const Shape& shape, EncoderSpec spec = {.heads = 2}) {
    EncoderWeights w = drawn_weights(kSizes);
    w[weight] = Tensor<double>(shape);
    return error_of([&] { encoder_block(x, w, spec); });
  };
  const EncoderWeights w = drawn_weights(kSizes);
  EXPECT_EQ(error_of([&] { encoder_block(x, w, {.heads = 4}); }),
            "attn.qkv.weight has 18 rows, which do not make queries, keys and values of 4 heads: a multiple "
            "of 12 is expected");
  EXPECT_EQ(error_of([&] { encoder_block(x, w, {.heads = 0}); }), "heads is 0, not at least 1");
  EXPECT_EQ(error_of([&] { encoder_block(x, w, {.heads = 2, .eps = 0}); }),
            "eps 0 is not a finite number above 0");
  EXPECT_EQ(refusal(Weight::kNorm1Weight, {5}),
            "norm1.weight [5] does not fit input [3, 4]: [4] is expected");
  EXPECT_EQ(refusal(Weight::kQkvWeight, {18, 5}),
            "attn.qkv.weight [18, 5] does not fit input [3, 4]: [18, 4] is expected");
  EXPECT_EQ(refusal(Weight::kFc2Weight, {4, 6}),
            "mlp.fc2.weight [4, 6] does not fit mlp.fc1.weight [5, 4]: [4, 5] is expected");
  EXPECT_EQ(refusal(Weight::kFc1Weight, {0}), "mlp.fc1.weight [0] is not a matrix");
  EXPECT_EQ(refusal(Weight::kProjWeight, {0}),
            "attn.proj.weight [0] does not fit attn.qkv.weight [18, 4]: [4, 6] is expected");
  EncoderWeights huge = w;
  for (double& v : huge[Weight::kQkvWeight].values()) v *= 1e200;
  EXPECT_EQ(error_of([&] { encoder_block(x, huge, {.heads = 2}); }),
            "a number of the scores passes a double's range");
  const EncoderBlock block = encoder_block(x, w, {.heads = 2});
  EXPECT_EQ(error_of([&] {
              encoder_block_backward(block, w, {.heads = 2}, Tensor<double>({4, 3}));
            }),
            "grad_output [4, 3] does not fit output [3, 4]");
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(encoder_finite_differences(block, w, {.heads = 2}, x, 1e-5, source.get_token()),
               core::Stopped);
}

TEST(EncoderBlock, BiasesMayBeMissing) {
  const Tensor<double> x = drawn_input(kSizes);
  EncoderWeights w = drawn_weights(kSizes), zeros = w;
  for (std::size_t i = 0; i < kEncoderWeights; ++i)
    if (kEncoderWeightNames[i].ends_with("bias")) {
      w.all[i] = {};
      zeros.all[i].fill(0);
    }
  EXPECT_EQ(output_of(encoder_block(x, w, {.heads = 2})), output_of(encoder_block(x, zeros, {.heads = 2})));
  const EncoderBlock block = encoder_block(x, w, {.heads = 2});
  EXPECT_TRUE(encoder_block_backward(block, w, {.heads = 2}, x).weights[Weight::kQkvBias].empty());
}

}  // namespace
}  // namespace vitrine::sequence
