#include "app/labs/encoder/tensors.h"

#include <array>

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Role;

namespace {

using Node = Encoder::Node;
using Result = Encoder::Result;
using Step = Encoder::Step;
using Weight = Encoder::Weight;
using Which = Encoder::Which;

struct Named {
  TensorName name;
  std::string_view words;
};

const Named& named(const Which& which, Index part) {
  static const std::array<Named, sequence::kEncoderNodes> kNodes{{
      {{"x", "", Role::kInput}, "input: one row for each token"},
      {{"μ", ""}, "mean of each token's numbers"},
      {{"x−μ", "", Role::kText, true}, "the token without its mean"},
      {{"σ²", ""}, "variance of each token's numbers"},
      {{"n", ""}, "normalised: mean 0 and variance 1 for each token"},
      {{"γn", "", Role::kText, true}, "scaled: each component by its own γ"},
      {{"z", ""}, "output of the first LayerNorm: shifted by β"},
      {{"q", "", Role::kInput}, "queries: what each token asks"},
      {{"k", "", Role::kKernel}, "keys: what each token answers to"},
      {{"v", "", Role::kOutput}, "values: what each token gives"},
      {{"S", ""}, "scores: every query meets every key"},
      {{"α", ""}, "attention's weights: each row sums to 1"},
      {{"o", ""}, "heads' outputs: values mixed by the weights"},
      {{"a", ""}, "attention's answer, in the size of a token"},
      {{"drop a", "", Role::kText, true}, "attention's answer after dropout"},
      {{"x′", "", Role::kInput}, "first sum: the token and what attention adds"},
      {{"μ′", ""}, "mean of each token's numbers"},
      {{"x′−μ′", "", Role::kText, true}, "the token without its mean"},
      {{"σ′²", ""}, "variance of each token's numbers"},
      {{"n′", ""}, "normalised: mean 0 and variance 1 for each token"},
      {{"γ′n′", "", Role::kText, true}, "scaled: each component by its own γ′"},
      {{"z′", ""}, "output of the second LayerNorm: shifted by β′"},
      {{"u", ""}, "hidden numbers of the MLP, before the activation"},
      {{"r", ""}, "hidden numbers after the activation"},
      {{"drop r", "", Role::kText, true}, "hidden numbers after dropout"},
      {{"m", ""}, "MLP's answer, in the size of a token"},
      {{"drop m", "", Role::kText, true}, "MLP's answer after dropout"},
      {{"y", "", Role::kOutput}, "output: the token and all that was added"},
  }};
  static const std::array<Named, sequence::kEncoderWeights> kWeights{{
      {{"γ", "", Role::kKernel}, "scale of the first LayerNorm"},
      {{"β", "", Role::kKernel}, "shift of the first LayerNorm"},
      {{"W", "q", Role::kKernel}, "weights of the queries"},
      {{"b", "q", Role::kKernel}, "bias of the queries"},
      {{"W", "o", Role::kKernel}, "weights that mix the heads' outputs"},
      {{"b", "o", Role::kKernel}, "bias of attention's answer"},
      {{"γ′", "", Role::kKernel}, "scale of the second LayerNorm"},
      {{"β′", "", Role::kKernel}, "shift of the second LayerNorm"},
      {{"W", "1", Role::kKernel}, "first weights of the MLP"},
      {{"b", "1", Role::kKernel}, "first bias of the MLP"},
      {{"W", "2", Role::kKernel}, "second weights of the MLP"},
      {{"b", "2", Role::kKernel}, "second bias of the MLP"},
  }};
  static const std::array<Named, 6> kThirds{{
      {{"W", "q", Role::kKernel}, "weights of the queries"},
      {{"W", "k", Role::kKernel}, "weights of the keys"},
      {{"W", "v", Role::kKernel}, "weights of the values"},
      {{"b", "q", Role::kKernel}, "bias of the queries"},
      {{"b", "k", Role::kKernel}, "bias of the keys"},
      {{"b", "v", Role::kKernel}, "bias of the values"},
  }};
  if (which.is(Weight::kQkvWeight)) return kThirds[static_cast<std::size_t>(part)];
  if (which.is(Weight::kQkvBias)) return kThirds[static_cast<std::size_t>(3 + part)];
  return which.weight ? kWeights[which.index] : kNodes[which.index];
}

// [count] as one row, or upright.
Sheet vector_sheet(const Tensor<double>& v, Index first, Index count, bool upright) {
  return upright ? Sheet{&v, count, 1, first, 1, 1} : Sheet{&v, 1, count, first, 1, 1};
}

bool is_upright(const Which& which) {
  return !which.weight && (which.is(Node::kMean1) || which.is(Node::kVariance1) || which.is(Node::kMean2) ||
                           which.is(Node::kVariance2));
}

}  // namespace

std::optional<widgets::Cell> Sheet::find(Index flat_index) const {
  for (Index r = 0; r < rows; ++r)
    for (Index c = 0; c < columns; ++c)
      if (flat(r, c) == flat_index) return widgets::Cell{r, c};
  return std::nullopt;
}

Sheet transposed(const Sheet& s) { return {s.values, s.columns, s.rows, s.first, s.column_step, s.row_step}; }

Sheet sheet_of(const Result& r, const Step& s, const Tensor<double>& values) {
  const sequence::EncoderSizes& sizes = r.block.sizes;
  const Which& w = s.which;
  if (w.is(Weight::kQkvBias)) return vector_sheet(values, s.part * sizes.inner(), sizes.inner(), false);
  if (values.rank() == 1) return vector_sheet(values, 0, values.count(), is_upright(w));
  if (w.is(Weight::kQkvWeight))
    return {&values,         sizes.inner(),
            sizes.embed_dim, s.part * sizes.inner() * sizes.embed_dim,
            sizes.embed_dim, 1};
  if (values.rank() == 3)
    return {&values, sizes.tokens, sizes.tokens, s.part * sizes.tokens * sizes.tokens, sizes.tokens, 1};
  return {&values, values.size(0), values.size(1), 0, values.size(1), 1};
}

TensorName name_of(const Which& which, Index part) {
  TensorName name = named(which, part).name;
  if (which.is(Node::kScores) || which.is(Node::kWeights)) name.sub = std::to_string(part + 1);
  return name;
}

std::string words_of(const Which& which, Index part) { return std::string(named(which, part).words); }

}  // namespace vitrine::labs
