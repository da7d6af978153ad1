#include "app/labs/encoder/lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/resized.h"
#include "engine/core/rng.h"
#include "engine/sequence/differences.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using sequence::Activation;
using sequence::EncoderSizes;
using sequence::kEncoderWeights;

namespace {

using Node = Encoder::Node;
using Params = Encoder::Params;
using Result = Encoder::Result;
using Section = Encoder::Section;
using Step = Encoder::Step;
using Weight = Encoder::Weight;

constexpr std::string_view kDirectionIds[] = {"forward", "backward"};
constexpr double kStep = 1e-4;        // of the finite differences
constexpr double kSuspicious = 1e-6;  // a difference from the finite difference that is more than rounding
constexpr double kNearBend = 100 * kStep;  // a hidden number that a step elsewhere may carry over 0
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
  weights[Weight::kNorm1Weight] = Tensor<double>({4}, {1, 1.5, 0.5, 1});
  weights[Weight::kNorm1Bias] = Tensor<double>({4}, {0, 0.5, 0, -0.5});
  weights[Weight::kNorm2Weight] = Tensor<double>({4}, {1, 0.5, 1, 1.5});
  weights[Weight::kNorm2Bias] = Tensor<double>({4}, {0.5, 0, -0.5, 0});
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
  spec.dropout.seed = static_cast<std::uint64_t>(std::clamp<Index>(seed, 0, Encoder::Limits::kSeed));
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
  spec.eps = within(spec.eps, Encoder::Limits::kSmallestEps, Encoder::Limits::kLargestEps,
                    sequence::kLayerNormEpsilon);
  spec.dropout.rate = within(spec.dropout.rate, 0, Encoder::Limits::kRate, 0);
  output_token = std::clamp<Index>(output_token, 0, input.size(0) - 1);
  output_component = std::clamp<Index>(output_component, 0, input.size(1) - 1);
  counted.tokens = 1;
  for (Index* size : {&counted.embed_dim, &counted.heads, &counted.head_dim, &counted.mlp_dim})
    *size = std::clamp<Index>(*size, 1, Encoder::Limits::kCounted);
}

EncoderSizes Encoder::Params::sizes() const {
  EncoderSizes s{.tokens = size_within(input, 0, Encoder::Limits::kTokens),
                 .embed_dim = size_within(input, 1, Encoder::Limits::kEmbedDim),
                 .heads = std::clamp<Index>(spec.heads, 1, Encoder::Limits::kHeads),
                 .head_dim = 1,
                 .mlp_dim = size_within(weights[Weight::kFc1Weight], 0, Encoder::Limits::kMlpDim)};
  const Index inner = size_within(weights[Weight::kQkvWeight], 0, 3 * Encoder::Limits::kInner) / 3;
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
  norm.spec.eps = Encoder::Limits::kSmallestEps;
  norm.weights[Weight::kNorm1Weight].fill(1);
  norm.weights[Weight::kNorm1Bias].fill(0);

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

// Of all tensors; a NaN stays.
double largest_error(std::span<const Tensor<double>> a, std::span<const Tensor<double>> b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (const double error = sequence::largest_difference(a[i], b[i]); std::isnan(error) || error > most)
      most = error;
  return most;
}

void differentiate(Result& r, std::stop_token stop) {
  const Params& p = r.params;
  Tensor<double> seed(p.input.shape());
  seed(p.output_token, p.output_component) = 1;
  r.gradients = encoder_block_backward(r.block, p.weights, p.spec, seed);
  r.checks = encoder_finite_differences(r.block, p.weights, p.spec, seed, kStep, std::move(stop));
  r.nodes_range = range_of(r.gradients.nodes.all);
  r.weights_range = range_of(r.gradients.weights.all);
  const double of_nodes = largest_error(r.gradients.nodes.all, r.checks.nodes.all),
               of_weights = largest_error(r.gradients.weights.all, r.checks.weights.all);
  r.largest_error = std::isnan(of_nodes) || of_nodes > of_weights ? of_nodes : of_weights;
}

// The hidden number nearest to 0, where ReLU has no slope, if it is near.
std::optional<Index> bend_of(const Params& p, const Tensor<double>& hidden) {
  if (p.spec.activation != Activation::kRelu) return std::nullopt;
  const auto all = hidden.values();
  const auto nearest =
      std::min_element(all.begin(), all.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  if (!(std::abs(*nearest) < kNearBend)) return std::nullopt;
  return nearest - all.begin();
}

}  // namespace

bool Encoder::Result::is_suspicious(const Spot& spot) const {
  return !(error(spot) <= kSuspicious * std::max(1.0, std::abs(gradient(spot.which)[spot.cell])));
}

Encoder::Result Encoder::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  r.block = encoder_block(p.input, p.weights, p.spec);
  r.steps = steps_of(p);
  r.drawn = parameters_of(r.block.sizes);
  r.counted = parameters_of(p.counted);
  r.slopes = sequence::slopes(p.spec.activation, r.block.nodes[Node::kHidden]);
  r.curve = curve_of(p.spec.activation, r.block.nodes[Node::kHidden]);
  if (p.backward()) {
    r.bend = bend_of(p, r.block.nodes[Node::kHidden]);
    differentiate(r, stop);
  }
  return r;
}

}  // namespace vitrine::labs
