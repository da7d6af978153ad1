#include "engine/sequence/encoder_pass.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "engine/core/text.h"
#include "engine/sequence/linear.h"
#include "engine/sequence/softmax.h"

namespace vitrine::sequence {

namespace {

using core::Shape;
using core::ShapeError;
using core::Tensor;
using Node = EncoderNode;
using Weight = EncoderWeight;

constexpr std::array<std::string_view, kEncoderNodes> kNodeWords{"input",
                                                                 "mean",
                                                                 "centred input",
                                                                 "variance",
                                                                 "normalised input",
                                                                 "scaled input",
                                                                 "output of norm1",
                                                                 "query",
                                                                 "key",
                                                                 "value",
                                                                 "scores",
                                                                 "attention's weights",
                                                                 "mixed values",
                                                                 "projected values",
                                                                 "attention's branch",
                                                                 "middle",
                                                                 "mean of the middle",
                                                                 "centred middle",
                                                                 "variance of the middle",
                                                                 "normalised middle",
                                                                 "scaled middle",
                                                                 "output of norm2",
                                                                 "hidden layer",
                                                                 "activated hidden layer",
                                                                 "hidden layer after dropout",
                                                                 "output of fc2",
                                                                 "MLP's branch",
                                                                 "output"};

// Which weight, if not the input alone, decides how many numbers another has.
std::optional<Weight> source_of_size(Weight weight) {
  switch (weight) {
    case Weight::kQkvBias:
    case Weight::kProjWeight:
      return Weight::kQkvWeight;
    case Weight::kFc1Bias:
    case Weight::kFc2Weight:
      return Weight::kFc1Weight;
    default:
      return std::nullopt;
  }
}

// Rows [first, first + count) of a matrix, or numbers of a vector; nothing of nothing.
Tensor<double> rows_of(const Tensor<double>& all, Index first, Index count) {
  if (all.empty()) return {};
  const Index width = all.count() / all.size(0);
  const auto values =
      all.values().subspan(static_cast<std::size_t>(first * width), static_cast<std::size_t>(count * width));
  return Tensor<double>(all.rank() == 1 ? Shape{count} : Shape{count, width}, values);
}

}  // namespace

Tensor<double> sum(const Tensor<double>& a, const Tensor<double>& b) {
  Tensor<double> out(a.shape());
  for (Index i = 0; i < out.count(); ++i) out[i] = a[i] + b[i];
  return out;
}

Tensor<double> elementwise_product(const Tensor<double>& a, const Tensor<double>& b) {
  Tensor<double> out(a.shape());
  for (Index i = 0; i < out.count(); ++i) out[i] = a[i] * b[i];
  return out;
}

MultiHeadWeights projections_of(const EncoderWeights& w, Index inner) {
  const Tensor<double>&qkv = w[Weight::kQkvWeight], &bias = w[Weight::kQkvBias];
  return {.query = rows_of(qkv, 0, inner),
          .key = rows_of(qkv, inner, inner),
          .value = rows_of(qkv, 2 * inner, inner),
          .out = w[Weight::kProjWeight],
          .query_bias = rows_of(bias, 0, inner),
          .key_bias = rows_of(bias, inner, inner),
          .value_bias = rows_of(bias, 2 * inner, inner),
          .out_bias = w[Weight::kProjBias]};
}

Tensor<double> ForwardPass::computed(Node node) const {
  switch (node) {
    case Node::kInput:
      return at(Node::kInput);
    case Node::kMean1:
      return row_means(at(Node::kInput));
    case Node::kCentred1:
      return centred(at(Node::kInput), at(Node::kMean1));
    case Node::kVariance1:
      return row_variances(at(Node::kCentred1));
    case Node::kNormalised1:
      return normalised(at(Node::kCentred1), at(Node::kVariance1), spec_.eps);
    case Node::kScaled1:
      return scaled(at(Node::kNormalised1), w_[Weight::kNorm1Weight]);
    case Node::kNorm1:
      return shifted(at(Node::kScaled1), w_[Weight::kNorm1Bias]);
    case Node::kQuery:
      return linear(at(Node::kNorm1), projections_.query, projections_.query_bias);
    case Node::kKey:
      return linear(at(Node::kNorm1), projections_.key, projections_.key_bias);
    case Node::kValue:
      return linear(at(Node::kNorm1), projections_.value, projections_.value_bias);
    case Node::kScores:
      return scores();
    case Node::kWeights:
      return softmax_of_scores();
    case Node::kMixed:
      return mixed();
    case Node::kProjected:
      return linear(at(Node::kMixed), projections_.out, projections_.out_bias);
    case Node::kDropped1:
      return elementwise_product(at(Node::kProjected), b_.factors[DropoutPlace::kAfterAttention]);
    case Node::kMiddle:
      return sum(at(Node::kInput), at(Node::kDropped1));
    case Node::kMean2:
      return row_means(at(Node::kMiddle));
    case Node::kCentred2:
      return centred(at(Node::kMiddle), at(Node::kMean2));
    case Node::kVariance2:
      return row_variances(at(Node::kCentred2));
    case Node::kNormalised2:
      return normalised(at(Node::kCentred2), at(Node::kVariance2), spec_.eps);
    case Node::kScaled2:
      return scaled(at(Node::kNormalised2), w_[Weight::kNorm2Weight]);
    case Node::kNorm2:
      return shifted(at(Node::kScaled2), w_[Weight::kNorm2Bias]);
    case Node::kHidden:
      return linear(at(Node::kNorm2), w_[Weight::kFc1Weight], w_[Weight::kFc1Bias]);
    case Node::kActivated:
      return activated(spec_.activation, at(Node::kHidden));
    case Node::kKept:
      return elementwise_product(at(Node::kActivated), b_.factors[DropoutPlace::kInsideMlp]);
    case Node::kMlp:
      return linear(at(Node::kKept), w_[Weight::kFc2Weight], w_[Weight::kFc2Bias]);
    case Node::kDropped2:
      return elementwise_product(at(Node::kMlp), b_.factors[DropoutPlace::kAfterMlp]);
    case Node::kOutput:
      break;
  }
  return sum(at(Node::kMiddle), at(Node::kDropped2));
}

// The three steps of attention() apart, so that each can be moved by itself.
Tensor<double> ForwardPass::scores() const {
  const auto [tokens, embed_dim, heads, head_dim, mlp_dim] = b_.sizes;
  Tensor<double> out({heads, tokens, tokens});
  for (Index h = 0; h < heads; ++h)
    for (Index t = 0; t < tokens; ++t)
      for (Index s = 0; s < tokens; ++s) {
        for (Index i = h * head_dim; i < (h + 1) * head_dim; ++i)
          out(h, t, s) += at(Node::kQuery)(t, i) * at(Node::kKey)(s, i);
        out(h, t, s) *= rsqrt_scale(head_dim);
      }
  return out;
}

Tensor<double> ForwardPass::softmax_of_scores() const {
  Tensor<double> out(at(Node::kScores).shape());
  const auto row = static_cast<std::size_t>(b_.sizes.tokens);
  for (std::size_t first = 0; first < out.values().size(); first += row) {
    const auto weights = out.values().subspan(first, row);
    softmax_row(at(Node::kScores).values().subspan(first, row), 1, {}, weights, weights);
  }
  return out;
}

Tensor<double> ForwardPass::mixed() const {
  const Index tokens = b_.sizes.tokens, head_dim = b_.sizes.head_dim;
  Tensor<double> out(at(Node::kValue).shape());
  for (Index t = 0; t < tokens; ++t)
    for (Index s = 0; s < tokens; ++s)
      for (Index i = 0; i < out.size(1); ++i)
        out(t, i) += at(Node::kWeights)(i / head_dim, t, s) * at(Node::kValue)(s, i);
  return out;
}

EncoderSizes encoder_sizes(const Tensor<double>& input, const EncoderWeights& weights, Index heads) {
  const auto name = [](Weight w) { return std::string(kEncoderWeightNames[static_cast<std::size_t>(w)]); };
  core::require_matrix("input", input.shape());
  if (heads < 1) throw std::invalid_argument("heads is " + std::to_string(heads) + ", not at least 1");
  for (const Weight w : {Weight::kQkvWeight, Weight::kFc1Weight})
    if (weights[w].rank() != 2 || weights[w].empty())
      throw ShapeError(name(w) + " " + to_string(weights[w].shape()) + " is not a matrix");
  const Index rows = weights[Weight::kQkvWeight].size(0), parts = core::checked_mul(3, heads);
  if (rows % parts != 0)
    throw std::invalid_argument(name(Weight::kQkvWeight) + " has " + std::to_string(rows) +
                                " rows, which do not make queries, keys and values of " +
                                std::to_string(heads) + " heads: a multiple of " + std::to_string(parts) +
                                " is expected");
  const EncoderSizes sizes{input.size(0), input.size(1), heads, rows / parts,
                           weights[Weight::kFc1Weight].size(0)};
  for (std::size_t i = 0; i < kEncoderWeights; ++i) {
    const auto w = static_cast<Weight>(i);
    const Shape expected = weight_shape(w, sizes);
    const bool none = weights[w].empty() && expected.rank() == 1;
    const std::optional<Weight> source = source_of_size(w);
    if (!none && !(weights[w].shape() == expected))
      throw ShapeError(name(w) + " " + to_string(weights[w].shape()) + " does not fit " +
                       (source ? name(*source) + " " + to_string(weights[*source].shape())
                               : "input " + to_string(input.shape())) +
                       ": " + to_string(expected) + " is expected");
  }
  return sizes;
}

Shape weight_shape(Weight weight, const EncoderSizes& s) {
  switch (weight) {
    case Weight::kQkvWeight:
      return {core::checked_mul(3, s.inner()), s.embed_dim};
    case Weight::kQkvBias:
      return {core::checked_mul(3, s.inner())};
    case Weight::kProjWeight:
      return {s.embed_dim, s.inner()};
    case Weight::kFc1Weight:
      return {s.mlp_dim, s.embed_dim};
    case Weight::kFc1Bias:
      return {s.mlp_dim};
    case Weight::kFc2Weight:
      return {s.embed_dim, s.mlp_dim};
    default:
      return {s.embed_dim};
  }
}

Shape node_shape(Node node, const EncoderSizes& s) {
  switch (node) {
    case Node::kMean1:
    case Node::kVariance1:
    case Node::kMean2:
    case Node::kVariance2:
      return {s.tokens};
    case Node::kQuery:
    case Node::kKey:
    case Node::kValue:
    case Node::kMixed:
      return {s.tokens, s.inner()};
    case Node::kScores:
    case Node::kWeights:
      return {s.heads, s.tokens, s.tokens};
    case Node::kHidden:
    case Node::kActivated:
    case Node::kKept:
      return {s.tokens, s.mlp_dim};
    default:
      return {s.tokens, s.embed_dim};
  }
}

EncoderBlock encoder_block(const Tensor<double>& input, const EncoderWeights& weights,
                           const EncoderSpec& spec) {
  if (!(spec.eps > 0) || !std::isfinite(spec.eps))
    throw std::invalid_argument("eps " + core::exact(spec.eps) + " is not a finite number above 0");
  EncoderBlock block{.sizes = encoder_sizes(input, weights, spec.heads), .nodes = {}, .factors = {}};
  for (std::size_t i = 0; i < kEncoderNodes; ++i)
    core::within_limit(node_shape(static_cast<Node>(i), block.sizes));
  const auto draw = [&](DropoutPlace place, Node of) {
    block.factors[place] =
        dropout_factors(node_shape(of, block.sizes), spec.dropout, static_cast<std::uint64_t>(place));
  };
  draw(DropoutPlace::kAfterAttention, Node::kProjected);
  draw(DropoutPlace::kInsideMlp, Node::kActivated);
  draw(DropoutPlace::kAfterMlp, Node::kMlp);
  block.nodes[Node::kInput] = input;
  const bool finite = core::all_finite(input) &&
                      std::all_of(weights.all.begin(), weights.all.end(),
                                  [](const Tensor<double>& weight) { return core::all_finite(weight); });
  ForwardPass pass(std::move(block), weights, spec);
  for (std::size_t i = 1; i < kEncoderNodes; ++i) {
    const auto node = static_cast<Node>(i);
    pass.compute(node);
    if (finite && !core::all_finite(pass.nodes()[node]))
      throw std::invalid_argument("a number of the " + std::string(kNodeWords[i]) +
                                  " passes a double's range");
  }
  return pass.take();
}

}  // namespace vitrine::sequence
