// The inspector of "Encoder block".
#include <algorithm>
#include <cmath>

#include "app/labs/encoder/lab.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using sequence::EncoderSizes;
using widgets::Role;

namespace {

using Params = Encoder::Params;
using Section = Encoder::Section;
using Weight = Encoder::Weight;

void size_controls(Params& p, widgets::Controls& c) {
  c.section("Sizes of the drawn block");
  EncoderSizes s = p.sizes();
  c.integer("Tokens", s.tokens, {1, Encoder::Limits::kTokens, 3}, "T: how many; no weight knows it");
  c.integer("Embedding", s.embed_dim, {1, Encoder::Limits::kEmbedDim, 4},
            "D: numbers of a token, all along the residual path");
  c.integer("Heads", s.heads, {1, Encoder::Limits::kHeads, 2}, "h: attentions side by side");
  c.integer("Head size", s.head_dim, {1, std::max<Index>(1, Encoder::Limits::kInner / s.heads), 2},
            "Numbers of a query, a key and a value in one head");
  s.head_dim = std::min(s.head_dim, std::max<Index>(1, Encoder::Limits::kInner / s.heads));
  c.integer("MLP size", s.mlp_dim, {1, Encoder::Limits::kMlpDim, 6}, "M: hidden numbers of a token");
  p.resize(s);
}

void backward_controls(Params& p, widgets::Controls& c) {
  Index token = p.output_token + 1, component = p.output_component + 1;
  c.integer("Output token", token, {1, p.input.size(0), 1}, "Row of the y whose gradient is shown");
  c.integer("Output number", component, {1, p.input.size(1), 1}, "Column of the y whose gradient is shown");
  p.output_token = token - 1;
  p.output_component = component - 1;
}

void number_controls(Params& p, widgets::Controls& c) {
  const Index inner = p.sizes().inner();
  const auto edit = [&](std::string_view name, Weight w, std::string_view help) {
    c.matrix(name, p.weights[w], Role::kKernel, help);
  };
  // Some of the rows that stand in one tensor.
  const auto edit_third = [&](std::string_view name, Weight w, Index part, std::string_view help) {
    Tensor<double>& all = p.weights[w];
    const Index count = all.count() / 3;
    const Shape shape = all.rank() == 1 ? Shape{inner} : Shape{inner, all.size(1)};
    Tensor<double> third(shape,
                         std::span<const double>(all.data() + part * count, static_cast<std::size_t>(count)));
    if (c.matrix(name, third, Role::kKernel, help)) std::copy_n(third.data(), count, &all[part * count]);
  };
  c.section("Input");
  c.matrix("x", p.input, Role::kInput,
           "Row t is token t. Drag a number, wheel on it, or double-click to type");
  c.section("LayerNorm before the attention");
  edit("γ", Weight::kNorm1Weight, "What each normalised number is multiplied with");
  edit("β", Weight::kNorm1Bias, "What is added then");
  c.section("Attention");
  edit_third("Wq", Weight::kQkvWeight, 0, "Row i makes number i of every token's query; heads in order");
  edit_third("bq", Weight::kQkvBias, 0, "Added to every query");
  edit_third("Wk", Weight::kQkvWeight, 1, "Row i makes number i of every token's key");
  edit_third("bk", Weight::kQkvBias, 1, "Added to every key");
  edit_third("Wv", Weight::kQkvWeight, 2, "Row i makes number i of every token's value");
  edit_third("bv", Weight::kQkvBias, 2, "Added to every value");
  edit("Wo", Weight::kProjWeight, "Mixes the heads' outputs into the residual path");
  edit("bo", Weight::kProjBias, "Added then");
  c.section("LayerNorm before the MLP");
  edit("γ′", Weight::kNorm2Weight, "What each normalised number is multiplied with");
  edit("β′", Weight::kNorm2Bias, "What is added then");
  c.section("MLP");
  edit("W1", Weight::kFc1Weight, "A: row i makes hidden number i of every token");
  edit("b1", Weight::kFc1Bias, "Added to every token's hidden numbers");
  edit("W2", Weight::kFc2Weight, "B: back to the size of a token");
  edit("b2", Weight::kFc2Bias, "Added then");
  const bool finite = std::all_of(p.input.values().begin(), p.input.values().end(),
                                  [](double v) { return std::isfinite(v); });
  if (!finite)
    c.note("A number of x is not finite: its token becomes NaN, and in the attention all of them.",
           Role::kTrouble);
}

void counter_controls(Params& p, widgets::Controls& c) {
  c.section("Count the parameters of");
  c.integer("D", p.counted.embed_dim, {1, Encoder::Limits::kCounted, 512}, "Embedding: numbers of a token");
  c.integer("M", p.counted.mlp_dim, {1, Encoder::Limits::kCounted, 2048}, "Hidden numbers of the MLP");
  c.integer("h", p.counted.heads, {1, Encoder::Limits::kCounted, 8}, "Heads");
  c.integer("Dh", p.counted.head_dim, {1, Encoder::Limits::kCounted, 64}, "Numbers of a query in one head");
  const Encoder::Parameters n = Encoder::parameters_of(p.counted);
  c.fact("MLP", core::grouped(n[Section::kMlp]), Role::kKernel);
  c.fact("Attention", core::grouped(n[Section::kAttention]), Role::kKernel);
  c.fact("Two LayerNorms", core::grouped(n[Section::kNorm1] + n[Section::kNorm2]), Role::kKernel);
  c.fact("Block", core::grouped(n.total), Role::kKernel);
  c.note("However many tokens: the same weights serve each of them.");
}

}  // namespace

void Encoder::controls(Params& p, widgets::Controls& c) {
  c.section("Pass");
  static constexpr std::string_view kDirections[] = {"forward", "backward"};
  c.choice("Direction", p.direction, kDirections, Direction::kForward,
           "Forward: from x to y. Backward: the gradient of one number of y with respect to everything");
  if (p.backward()) backward_controls(p, c);
  static constexpr std::string_view kActivations[] = {"GELU", "ReLU"};
  c.choice("Activation", p.spec.activation, kActivations, sequence::Activation::kGelu,
           "What the MLP does to each hidden number");
  c.real(
      "Dropout", p.spec.dropout.rate, {0, Encoder::Limits::kRate, 0, 0.05},
      "p: how likely a number is dropped, after the attention, inside and after the MLP; in training only");
  if (p.drops()) {
    auto seed = static_cast<Index>(p.spec.dropout.seed);
    c.integer("Seed", seed, {0, Encoder::Limits::kSeed, 0}, "Another seed drops other numbers");
    p.spec.dropout.seed = static_cast<std::uint64_t>(seed);
  }
  c.real(
      "ε", p.spec.eps,
      {Encoder::Limits::kSmallestEps, Encoder::Limits::kLargestEps, sequence::kLayerNormEpsilon, 0.1, true},
      "Added to the variance, so that a constant token is not divided by 0");
  size_controls(p, c);
  counter_controls(p, c);
  number_controls(p, c);
  p.fit();
}

}  // namespace vitrine::labs
