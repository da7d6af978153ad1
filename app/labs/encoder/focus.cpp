// The order of the steps, and what is lit: by the playhead or by the pointer.
#include <algorithm>
#include <cmath>

#include "app/labs/encoder/formula_maker.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using sequence::EncoderSizes;
using sequence::kEncoderNodes;

using Node = Encoder::Node;
using Result = Encoder::Result;
using Step = Encoder::Step;
using Weight = Encoder::Weight;
using Which = Encoder::Which;

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

Formula formula_of(const Result& r, const Step& step) {
  return r.params.backward() ? backward_formula(r, step) : forward_formula(r, step);
}

Formula formula_of(const Result& r, const Encoder::Focus& focus) {
  if (focus.spot && r.params.backward())
    return formula_of(r, Step{focus.spot->which, r.part_of(*focus.spot)});
  return formula_of(r, focus.step);
}

namespace {

// Going forwards a weight that is pointed at shows the tensor that it makes, and of it the first token's
// number.
Encoder::Spot made_by(const Result& r, const Encoder::Spot& spot) {
  constexpr Node kMade[] = {Node::kScaled1,   Node::kNorm1,     Node::kQuery,   Node::kQuery,
                            Node::kProjected, Node::kProjected, Node::kScaled2, Node::kNorm2,
                            Node::kHidden,    Node::kHidden,    Node::kMlp,     Node::kMlp};
  const Tensor<double>& weight = r.values(spot.which);
  const Index part = r.part_of(spot), width = weight.rank() == 2 ? weight.size(1) : 1;
  const Index row = spot.cell / width - part * r.block.sizes.inner();
  return {static_cast<Node>(static_cast<Index>(kMade[spot.which.index]) + part), row};
}

// The strongest number of a sheet; its first where all are 0.
Index strongest(const Sheet& s) {
  Index best = s.flat(0, 0);
  for (Index i = 0; i < s.rows; ++i)
    for (Index j = 0; j < s.columns; ++j)
      if (std::abs(s.at(i, j)) > std::abs((*s.values)[best])) best = s.flat(i, j);
  return best;
}

// Of a gradient the strongest number, or where none came through the strongest that set out; going forwards
// the first that is not 0.
Index telling_cell(const Result& r, const Formula& f) {
  const Sheet& s = f.result.sheet;
  if (r.params.backward()) {
    const Index best = strongest(s);
    if ((*s.values)[best] != 0 || f.operands.empty() || f.operands[0].reach != Reach::kCell) return best;
    const Sheet& from = f.operands[0].sheet;
    const auto at = from.find(strongest(from));
    return at && at->row < s.rows && at->column < s.columns ? s.flat(at->row, at->column) : best;
  }
  for (Index i = 0; i < s.rows; ++i)
    for (Index j = 0; j < s.columns; ++j)
      if (s.at(i, j) != 0) return s.flat(i, j);
  return s.flat(0, 0);
}

}  // namespace

Encoder::Focus Encoder::focus(const Result& r, const View& v, bool reduce_motion) {
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  Focus f;
  f.reached = std::clamp(lit.step, 0, last_step(r));
  f.progress = lit.progress;
  f.step = r.steps[static_cast<std::size_t>(f.reached)];
  for (const auto& pointed : {v.pinned, v.hovered}) {
    if (!pointed || !r.has(*pointed)) continue;
    const Spot made = pointed->which.weight && !r.params.backward() ? made_by(r, *pointed) : *pointed;
    f.pointed = true;
    f.spot = pointed;
    f.step = {made.which, r.part_of(made)};
    f.cell = made.cell;
    break;
  }
  const Formula formula = formula_of(r, f);
  if (!f.pointed) f.cell = telling_cell(r, formula);
  const Sheet& sheet = formula.result.sheet;
  if (v.target && v.target->row < sheet.rows && v.target->column < sheet.columns)
    f.cell = sheet.flat(v.target->row, v.target->column);
  return f;
}

}  // namespace vitrine::labs
