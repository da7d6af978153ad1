// How each tensor of the block is made, from x to y.
#include "app/labs/encoder/formula_maker.h"
#include "engine/sequence/attention.h"

namespace vitrine::labs {

using core::Index;

namespace {

using Kind = Formula::Kind;
using Maker = FormulaMaker;
using Node = Encoder::Node;
using Result = Encoder::Result;
using Step = Encoder::Step;
using Weight = Encoder::Weight;
using Which = Encoder::Which;

std::optional<Formula> norm_forward(const Maker& m, const NormNodes& n, const Which& w) {
  if (w.is(n.mean))
    return m.make(Kind::kMean, {m.value({n.input}, Reach::kRow)},
                  m.value({n.mean}, Reach::kCell, "mean of each row"),
                  "LayerNorm, step 1: each token's mean, over its own numbers only");
  if (w.is(n.centred))
    return m.make(Kind::kDifference, {m.value({n.input}, Reach::kCell), m.value({n.mean}, Reach::kRow, "−")},
                  m.value({n.centred}, Reach::kCell), "LayerNorm, step 2: the token without its mean");
  if (w.is(n.variance))
    return m.make(Kind::kMeanSquare, {m.value({n.centred}, Reach::kRow)},
                  m.value({n.variance}, Reach::kCell, "mean of squares"),
                  "LayerNorm, step 3: the variance, divided by D and not by D − 1");
  if (w.is(n.normalised))
    return m.make(Kind::kNormalise,
                  {m.value({n.centred}, Reach::kCell), m.value({n.variance}, Reach::kRow, "÷ √( · + ε)")},
                  m.value({n.normalised}, Reach::kCell),
                  "LayerNorm, step 4: mean 0 and variance 1, whatever the token was");
  if (w.is(n.scaled))
    return m.make(Kind::kTimes,
                  {m.value({n.normalised}, Reach::kCell), m.value({n.weight}, Reach::kColumn, "×")},
                  m.value({n.scaled}, Reach::kCell),
                  "LayerNorm, step 5: a scale for each component, shared by all tokens");
  if (w.is(n.output))
    return m.make(Kind::kSum, {m.value({n.scaled}, Reach::kCell), m.value({n.bias}, Reach::kColumn, "+")},
                  m.value({n.output}, Reach::kCell),
                  "LayerNorm, step 6: a shift for each component, shared by all tokens");
  return std::nullopt;
}

Formula dropped(const Maker& m, Node before, sequence::DropoutPlace place, Node after) {
  return m.make(Kind::kTimes, {m.value({before}, Reach::kCell), m.factors(place)},
                m.value({after}, Reach::kCell),
                "Dropout: some become 0, the rest grow by 1/(1 − p): the mean stays");
}

}  // namespace

Formula forward_formula(const Result& r, const Step& s) {
  const Maker m(r);
  const Which& w = s.which;
  for (const NormNodes& n : kNorms)
    if (auto formula = norm_forward(m, n, w)) return *std::move(formula);
  const bool drops = r.params.drops();
  const Index head = s.part;
  switch (static_cast<Node>(w.index)) {
    case Node::kQuery:
      return m.linear({Node::kNorm1}, {Weight::kQkvWeight, 0}, s);
    case Node::kKey:
      return m.linear({Node::kNorm1}, {Weight::kQkvWeight, 1}, s);
    case Node::kValue:
      return m.linear({Node::kNorm1}, {Weight::kQkvWeight, 2}, s);
    case Node::kScores: {
      Formula f =
          m.make(Kind::kProduct,
                 {m.of_head(m.value({Node::kQuery}, Reach::kRow), head),
                  m.turned(m.of_head(m.value({Node::kKey}, Reach::kColumn, "·"), head))},
                 m.value(s, Reach::kCell, "÷ √" + std::to_string(r.block.sizes.head_dim) + "  ="),
                 "Head " + std::to_string(head + 1) + ": every token's query meets every token's key");
      f.scale = sequence::rsqrt_scale(r.block.sizes.head_dim);
      return f;
    }
    case Node::kWeights:
      return m.make(
          Kind::kSoftmax, {m.value({Node::kScores, head}, Reach::kRow)},
          m.value(s, Reach::kCell, "softmax of each row"),
          "Head " + std::to_string(head + 1) + ": row t is how much token t takes of each; it sums to 1");
    case Node::kMixed:
      return m.make(
          Kind::kProduct,
          {m.value({Node::kWeights, head}, Reach::kRow),
           m.of_head(m.value({Node::kValue}, Reach::kColumn, "·"), head)},
          m.of_head(m.value(s, Reach::kCell), head),
          "Head " + std::to_string(head + 1) + ": here tokens meet, each becomes a mix of all values");
    case Node::kProjected:
      return m.linear({Node::kMixed}, {Weight::kProjWeight}, s);
    case Node::kDropped1:
      return dropped(m, Node::kProjected, sequence::DropoutPlace::kAfterAttention, Node::kDropped1);
    case Node::kMiddle:
      return m.make(Kind::kSum,
                    {m.value({Node::kInput}, Reach::kCell),
                     m.value({drops ? Node::kDropped1 : Node::kProjected}, Reach::kCell, "+")},
                    m.value(s, Reach::kCell), "The residual path: x goes on unchanged, attention adds to it");
    case Node::kHidden:
      return m.linear({Node::kNorm2}, {Weight::kFc1Weight}, s);
    case Node::kActivated:
      return m.make(
          Kind::kActivation, {m.value({Node::kHidden}, Reach::kCell)},
          m.value(s, Reach::kCell, r.params.spec.activation == sequence::Activation::kGelu ? "GELU" : "ReLU"),
          "The only bend: without it the MLP's two products would be one");
    case Node::kKept:
      return dropped(m, Node::kActivated, sequence::DropoutPlace::kInsideMlp, Node::kKept);
    case Node::kMlp:
      return m.linear({drops ? Node::kKept : Node::kActivated}, {Weight::kFc2Weight}, s);
    case Node::kDropped2:
      return dropped(m, Node::kMlp, sequence::DropoutPlace::kAfterMlp, Node::kDropped2);
    case Node::kOutput:
      return m.make(Kind::kSum,
                    {m.value({Node::kMiddle}, Reach::kCell),
                     m.value({drops ? Node::kDropped2 : Node::kMlp}, Reach::kCell, "+")},
                    m.value(s, Reach::kCell),
                    "The residual path again: x, what attention added, what the MLP adds");
    default:
      break;
  }
  return m.make(Kind::kGiven, {}, m.value(s, Reach::kCell),
                "One row for each token; the residual path carries it as it is");
}

}  // namespace vitrine::labs
