#include "app/labs/encoder/lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/resized.h"
#include "engine/core/rng.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using sequence::Activation;
using sequence::EncoderSizes;
using sequence::kEncoderNodes;
using sequence::kEncoderWeights;
using widgets::Role;

namespace {

using Node = Encoder::Node;
using Params = Encoder::Params;
using Result = Encoder::Result;
using Section = Encoder::Section;
using Step = Encoder::Step;
using Weight = Encoder::Weight;
using Which = Encoder::Which;

constexpr std::string_view kDirectionIds[] = {"forward", "backward"};
constexpr Index kMostTokens = 8, kMostDim = 8, kMostHeads = 4, kMostInner = 8, kMostMlp = 16;
constexpr Index kMostCounted = 1'000'000, kMostSeeds = 999;
constexpr double kSmallestEps = 1e-12, kLargestEps = 1, kLargestRate = 0.9;
constexpr double kStep = 1e-4;  // of the finite differences
constexpr int kCurvePoints = 121;
constexpr double kCurveEnd = 3, kLongestCurve = 12;  // the activation is drawn at least and at most so far

// A weight as Params() draws it: a small number with one digit behind the point; a norm's begin at 1 and 0.
double drawn(std::size_t weight, Index row, Index column) {
  switch (static_cast<Weight>(weight)) {
    case Weight::kNorm1Weight:
    case Weight::kNorm2Weight:
      return 1;
    case Weight::kNorm1Bias:
    case Weight::kNorm2Bias:
    case Weight::kQkvBias:
      return 0;
    default:
      break;
  }
  const core::Rng rng(4, core::RngStream::kLab);
  return std::round(6 * rng.normal(weight, static_cast<std::uint64_t>(row * 64 + column))) / 10;
}

// The weight at another shape. q, k and v are a third of the rows each and keep their places.
Tensor<double> redrawn(const Tensor<double>& old, std::size_t weight, const Shape& shape) {
  const auto columns = [](const Tensor<double>& t) { return t.rank() == 2 ? t.size(1) : 1; };
  Tensor<double> out(shape);
  const bool same_rank = old.rank() == shape.rank() && !old.empty();
  const Index parts = weight <= static_cast<std::size_t>(Weight::kQkvBias) &&
                              weight >= static_cast<std::size_t>(Weight::kQkvWeight)
                          ? 3
                          : 1;
  const Index rows = shape[0] / parts, old_rows = same_rank ? old.size(0) / parts : 0;
  for (Index part = 0; part < parts; ++part)
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns(out); ++c) {
        const bool kept = same_rank && r < old_rows && c < columns(old);
        out[(part * rows + r) * columns(out) + c] =
            kept ? old[(part * old_rows + r) * columns(old) + c] : drawn(weight, part * 16 + r, c);
      }
  return out;
}

void set_zero(Params& p, std::initializer_list<Weight> weights) {
  for (const Weight w : weights) p.weights[w].fill(0);
}

}  // namespace

Encoder::Params::Params() {
  input = Tensor<double>({3, 4}, {1, 0, 2, -1, 0, 3, 1, 1, 2, -1, 0, 1});
  resize({.tokens = 3, .embed_dim = 4, .heads = 2, .head_dim = 2, .mlp_dim = 6});
}

void Encoder::Params::describe(core::Fields& f) {
  f.choice("direction", direction, kDirectionIds);
  f.field("input", input);
  for (std::size_t i = 0; i < kEncoderWeights; ++i) f.field(sequence::kEncoderWeightNames[i], weights.all[i]);
  f.field("heads", spec.heads);
  f.choice("activation", spec.activation, sequence::kActivationNames);
  f.field("eps", spec.eps);
  f.field("dropout", spec.dropout.rate);
  auto seed = static_cast<Index>(spec.dropout.seed);
  f.field("dropout_seed", seed);
  spec.dropout.seed = static_cast<std::uint64_t>(std::clamp<Index>(seed, 0, kMostSeeds));
  f.field("output_token", output_token);
  f.field("output_component", output_component);
  f.field("counted_embed_dim", counted.embed_dim);
  f.field("counted_heads", counted.heads);
  f.field("counted_head_dim", counted.head_dim);
  f.field("counted_mlp_dim", counted.mlp_dim);
  fit();
}

void Encoder::Params::fit() {
  resize(sizes());
  const auto within = [](double value, double low, double high, double otherwise) {
    return std::isfinite(value) ? std::clamp(value, low, high) : otherwise;
  };
  spec.eps = within(spec.eps, kSmallestEps, kLargestEps, sequence::kLayerNormEpsilon);
  spec.dropout.rate = within(spec.dropout.rate, 0, kLargestRate, 0);
  output_token = std::clamp<Index>(output_token, 0, input.size(0) - 1);
  output_component = std::clamp<Index>(output_component, 0, input.size(1) - 1);
  counted.tokens = 1;
  for (Index* size : {&counted.embed_dim, &counted.heads, &counted.head_dim, &counted.mlp_dim})
    *size = std::clamp<Index>(*size, 1, kMostCounted);
}

EncoderSizes Encoder::Params::sizes() const {
  EncoderSizes s{.tokens = size_within(input, 0, kMostTokens),
                 .embed_dim = size_within(input, 1, kMostDim),
                 .heads = std::clamp<Index>(spec.heads, 1, kMostHeads),
                 .head_dim = 1,
                 .mlp_dim = size_within(weights[Weight::kFc1Weight], 0, kMostMlp)};
  const Index inner = size_within(weights[Weight::kQkvWeight], 0, 3 * kMostInner) / 3;
  s.head_dim = std::max<Index>(1, inner / s.heads);
  return s;
}

void Encoder::Params::resize(const EncoderSizes& s) {
  input = resized(input, s.tokens, s.embed_dim, 0.0);
  spec.heads = s.heads;
  for (std::size_t i = 0; i < kEncoderWeights; ++i)
    weights.all[i] = redrawn(weights.all[i], i, weight_shape(static_cast<Weight>(i), s));
}

std::vector<Preset<Params>> Encoder::presets() {
  const Params block;
  Params norm = block;
  norm.input = Tensor<double>({3, 4}, {1, 2, 3, 4, 20, 40, 60, 80, 5, 5, 5, 5});
  norm.spec.eps = kSmallestEps;

  Params dropout = block;  // h = x + B ReLU(A x): no biases, and the three places
  dropout.spec.activation = Activation::kRelu;
  dropout.spec.dropout = {.rate = 0.25, .seed = 3};
  set_zero(dropout, {Weight::kProjBias, Weight::kFc1Bias, Weight::kFc2Bias});

  Params equal = block;
  for (Index c = 0; c < 4; ++c) equal.input(2, c) = equal.input(0, c);

  Params backward = block;
  backward.direction = Direction::kBackward;
  backward.output_token = 1;
  backward.output_component = 2;

  Params skip = backward;
  set_zero(skip, {Weight::kProjWeight, Weight::kProjBias, Weight::kFc2Weight, Weight::kFc2Bias});

  Params dead = backward;
  dead.spec.activation = Activation::kRelu;
  dead.weights[Weight::kFc1Bias].fill(-9);

  const auto forwards = [](const Params& p, Node node) {
    const std::vector<Step> steps = steps_of(p);
    return static_cast<double>(
        std::find_if(steps.begin(), steps.end(), [&](const Step& s) { return s.which.is(node); }) -
        steps.begin());
  };
  return {{"One block", block, forwards(block, Node::kWeights)},
          {"LayerNorm of 1 2 3 4", norm, forwards(norm, Node::kNormalised1)},
          {"Same MLP for all", block, forwards(block, Node::kHidden)},
          {"Three dropouts", dropout, forwards(dropout, Node::kKept)},
          {"Equal tokens", equal, forwards(equal, Node::kOutput)},
          {"Backward", backward, forwards(backward, Node::kMiddle)},
          {"Only the skip", skip, forwards(skip, Node::kInput)},
          {"Dead ReLUs", dead, forwards(dead, Node::kHidden)}};
}

// --- controls ---

namespace {

void size_controls(Params& p, widgets::Controls& c) {
  c.section("Sizes of the drawn block");
  EncoderSizes s = p.sizes();
  c.integer("Tokens", s.tokens, {1, kMostTokens, 3}, "T: how many; no weight knows it");
  c.integer("Embedding", s.embed_dim, {1, kMostDim, 4}, "D: numbers of a token, all along the residual path");
  c.integer("Heads", s.heads, {1, kMostHeads, 2}, "h: attentions side by side");
  c.integer("Head size", s.head_dim, {1, std::max<Index>(1, kMostInner / s.heads), 2},
            "Numbers of a query, a key and a value in one head");
  s.head_dim = std::min(s.head_dim, std::max<Index>(1, kMostInner / s.heads));
  c.integer("MLP size", s.mlp_dim, {1, kMostMlp, 6}, "M: hidden numbers of a token");
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
  c.integer("D", p.counted.embed_dim, {1, kMostCounted, 512}, "Embedding: numbers of a token");
  c.integer("M", p.counted.mlp_dim, {1, kMostCounted, 2048}, "Hidden numbers of the MLP");
  c.integer("h", p.counted.heads, {1, kMostCounted, 8}, "Heads");
  c.integer("Dh", p.counted.head_dim, {1, kMostCounted, 64}, "Numbers of a query in one head");
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
  c.choice("Activation", p.spec.activation, kActivations, Activation::kGelu,
           "What the MLP does to each hidden number");
  c.real(
      "Dropout", p.spec.dropout.rate, {0, kLargestRate, 0, 0.05},
      "p: how likely a number is dropped, after the attention, inside and after the MLP; in training only");
  if (p.drops()) {
    auto seed = static_cast<Index>(p.spec.dropout.seed);
    c.integer("Seed", seed, {0, kMostSeeds, 0}, "Another seed drops other numbers");
    p.spec.dropout.seed = static_cast<std::uint64_t>(seed);
  }
  c.real("ε", p.spec.eps, {kSmallestEps, kLargestEps, sequence::kLayerNormEpsilon, 0.1, true},
         "Added to the variance, so that a constant token is not divided by 0");
  size_controls(p, c);
  number_controls(p, c);
  counter_controls(p, c);
  p.fit();
}

// --- what is computed ---

Encoder::Parameters Encoder::parameters_of(const EncoderSizes& sizes) {
  Parameters n;
  for (std::size_t i = 0; i < kEncoderWeights; ++i) {
    const auto w = static_cast<Weight>(i);
    const Section section = w <= Weight::kNorm1Bias   ? Section::kNorm1
                            : w <= Weight::kProjBias  ? Section::kAttention
                            : w <= Weight::kNorm2Bias ? Section::kNorm2
                                                      : Section::kMlp;
    const Index count = weight_shape(w, sizes).count();
    Index& of_section = n.of[static_cast<std::size_t>(section)];
    of_section = core::checked_add(of_section, count);
    n.total = core::checked_add(n.total, count);
  }
  return n;
}

std::vector<Step> Encoder::steps_of(const Params& p) {
  std::vector<Step> steps;
  const auto per_part = [&](Which which, Index parts) {
    for (Index part = 0; part < parts; ++part) steps.push_back({which, part});
  };
  const Index heads = p.sizes().heads;
  if (!p.backward()) {
    for (std::size_t i = 0; i < kEncoderNodes; ++i) {
      const auto node = static_cast<Node>(i);
      const bool dropped = node == Node::kDropped1 || node == Node::kKept || node == Node::kDropped2;
      const bool per_head = node == Node::kScores || node == Node::kWeights || node == Node::kMixed;
      if (!dropped || p.drops()) per_part(node, per_head ? heads : 1);
    }
    return steps;
  }
  const auto add = [&](std::initializer_list<Which> tensors) {
    for (const Which& which : tensors) per_part(which, 1);
  };
  const auto add_dropped = [&](Node node) {
    if (p.drops()) add({node});
  };
  add({Node::kOutput});
  add_dropped(Node::kDropped2);
  add({Node::kMlp, Weight::kFc2Weight});
  add_dropped(Node::kKept);
  add({Node::kActivated, Node::kHidden, Weight::kFc1Weight, Node::kNorm2, Weight::kNorm2Bias, Node::kScaled2,
       Weight::kNorm2Weight, Node::kNormalised2, Node::kVariance2, Node::kCentred2, Node::kMean2,
       Node::kMiddle});
  add_dropped(Node::kDropped1);
  add({Node::kProjected, Weight::kProjWeight, Node::kMixed});
  for (const Node node : {Node::kWeights, Node::kValue, Node::kScores, Node::kKey, Node::kQuery})
    per_part(node, heads);
  per_part(Weight::kQkvWeight, 3);
  add({Node::kNorm1, Weight::kNorm1Bias, Node::kScaled1, Weight::kNorm1Weight, Node::kNormalised1,
       Node::kVariance1, Node::kCentred1, Node::kMean1, Node::kInput});
  return steps;
}

namespace {

// Symmetric about zero, for all of the tensors.
gpu::Range range_of(std::span<const Tensor<double>> tensors) {
  gpu::Range range{-1, 1};
  for (const Tensor<double>& t : tensors)
    if (const gpu::Range one = widgets::symmetric_range(t); one.hi > range.hi) range = one;
  return range;
}

std::vector<widgets::Sample> curve_of(Activation activation, const Tensor<double>& hidden) {
  double end = kCurveEnd;
  for (const double u : hidden.values())
    if (std::isfinite(u)) end = std::min(kLongestCurve, std::max(end, std::abs(u)));
  std::vector<widgets::Sample> curve;
  for (int i = 0; i < kCurvePoints; ++i) {
    const double u = end * (2.0 * i / (kCurvePoints - 1) - 1);
    curve.push_back({u, sequence::activated(activation, u)});
  }
  return curve;
}

double largest_difference(std::span<const Tensor<double>> a, std::span<const Tensor<double>> b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (Index j = 0; j < a[i].count(); ++j) {
      const double error = std::abs(a[i][j] - b[i][j]);
      if (std::isnan(error) || error > most) most = error;  // a NaN stays
    }
  return most;
}

void differentiate(Result& r, std::stop_token stop) {
  const Params& p = r.params;
  Tensor<double> seed(p.input.shape());
  seed(p.output_token, p.output_component) = 1;
  r.gradients = encoder_block_backward(r.block, p.weights, p.spec, seed);
  r.checks = encoder_finite_differences(r.block, p.weights, p.spec, seed, kStep, std::move(stop));
  r.gradients_range = range_of(r.gradients.nodes.all);
  if (const gpu::Range weights = range_of(r.gradients.weights.all); weights.hi > r.gradients_range.hi)
    r.gradients_range = weights;
  const double of_nodes = largest_difference(r.gradients.nodes.all, r.checks.nodes.all),
               of_weights = largest_difference(r.gradients.weights.all, r.checks.weights.all);
  r.largest_error = std::isnan(of_nodes) || of_nodes > of_weights ? of_nodes : of_weights;
}

}  // namespace

Encoder::Result Encoder::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  r.block = encoder_block(p.input, p.weights, p.spec);
  r.steps = steps_of(p);
  r.drawn = parameters_of(r.block.sizes);
  r.counted = parameters_of(p.counted);
  r.slopes = sequence::slopes(p.spec.activation, r.block.nodes[Node::kHidden]);
  r.curve = curve_of(p.spec.activation, r.block.nodes[Node::kHidden]);
  if (p.backward()) differentiate(r, stop);
  return r;
}

// --- what is lit ---

Index Encoder::Result::part_of(const Spot& spot) const {
  const EncoderSizes& s = block.sizes;
  if (spot.which.is(Weight::kQkvWeight)) return spot.cell / (s.inner() * s.embed_dim);
  if (spot.which.is(Weight::kQkvBias)) return spot.cell / s.inner();
  if (spot.which.is(Node::kScores) || spot.which.is(Node::kWeights)) return spot.cell / (s.tokens * s.tokens);
  const bool projected =
      spot.which.is(Node::kQuery) || spot.which.is(Node::kKey) || spot.which.is(Node::kValue);
  if (params.backward() ? projected : spot.which.is(Node::kMixed)) return spot.cell % s.inner() / s.head_dim;
  return 0;
}

int Encoder::Result::step_of(const Spot& spot) const {
  Step wanted{spot.which, part_of(spot)};
  const bool of_linear = spot.which.is(Weight::kQkvBias) || spot.which.is(Weight::kProjBias) ||
                         spot.which.is(Weight::kFc1Bias) || spot.which.is(Weight::kFc2Bias);
  if (of_linear) --wanted.which.index;  // a bias comes with its weight
  const auto at = std::find(steps.begin(), steps.end(), wanted);
  return at == steps.end() ? -1 : static_cast<int>(at - steps.begin());
}

bool Encoder::Result::has(const Spot& spot) const {
  return spot.cell >= 0 && spot.cell < values(spot.which).count();
}

}  // namespace vitrine::labs
