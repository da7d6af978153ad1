// How each gradient is made, from the chosen number of y back to x.
#include "app/labs/encoder/formula_maker.h"
#include "engine/sequence/attention.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Role;

namespace {

using Kind = Formula::Kind;
using Maker = FormulaMaker;
using Node = Encoder::Node;
using Result = Encoder::Result;
using Step = Encoder::Step;
using Weight = Encoder::Weight;
using Which = Encoder::Which;

std::optional<Formula> norm_backward(const Result& r, const Maker& m, const NormNodes& n, const Which& w) {
  if (w.is(n.bias))
    return m.make(Kind::kColumnSum, {m.gradient({n.output}, Reach::kColumn)},
                  m.gradient({n.bias}, Reach::kCell, "sum of each column"),
                  "One shift serves all tokens, so its gradient is a sum over them");
  if (w.is(n.scaled))
    return m.make(Kind::kCopy, {m.gradient({n.output}, Reach::kCell)}, m.gradient({n.scaled}, Reach::kCell),
                  "Adding β changes nothing on the way back");
  if (w.is(n.weight))
    return m.make(Kind::kColumnDot,
                  {m.gradient({n.scaled}, Reach::kColumn), m.value({n.normalised}, Reach::kColumn, "×")},
                  m.gradient({n.weight}, Reach::kCell, "sum of each column"),
                  "One scale serves all tokens, so its gradient is a sum over them");
  if (w.is(n.normalised))
    return m.make(Kind::kTimes,
                  {m.gradient({n.scaled}, Reach::kCell), m.value({n.weight}, Reach::kColumn, "×")},
                  m.gradient({n.normalised}, Reach::kCell), "Back through the scale");
  if (w.is(n.variance))
    return m.make(Kind::kVarianceBack,
                  {m.gradient({n.normalised}, Reach::kRow), m.value({n.centred}, Reach::kRow, "×"),
                   m.value({n.variance}, Reach::kRow, "÷ (σ²+ε)^1.5")},
                  m.gradient({n.variance}, Reach::kCell, "−½ Σ of each row"),
                  "A larger variance shrinks all of the token's numbers at once");
  if (w.is(n.centred))
    return m.make(
        Kind::kCentredBack,
        {m.gradient({n.normalised}, Reach::kCell), m.value({n.variance}, Reach::kRow, "÷ √( · + ε)"),
         m.value({n.centred}, Reach::kCell, "+ 2/D ·"), m.gradient({n.variance}, Reach::kRow, "×")},
        m.gradient({n.centred}, Reach::kCell), "Two ways back: straight, and by way of the variance");
  if (w.is(n.mean))
    return m.make(Kind::kMeanBack, {m.gradient({n.centred}, Reach::kRow)},
                  m.gradient({n.mean}, Reach::kCell, "−Σ of each row"),
                  "The mean was taken from every number of its token");
  if (w.is(n.input)) {
    const Tensor<double>& branch =
        n.input == Node::kInput ? r.gradients.input_branch : r.gradients.middle_branch;
    Operand back = m.gradient({n.centred}, Reach::kCell, "+");
    back.sheet.values = &branch;
    back.which.reset();
    back.name = {"branch", "", Role::kGradient};
    Operand skip = m.gradient({n.input == Node::kInput ? Node::kMiddle : Node::kOutput}, Reach::kCell);
    return m.make(Kind::kSum, {skip, back}, m.gradient({n.input}, Reach::kCell),
                  "Two ways back: the residual path, unchanged, and the branch");
  }
  return std::nullopt;
}

}  // namespace

Formula backward_formula(const Result& r, const Step& s) {
  const Maker m(r);
  const Which& w = s.which;
  for (const NormNodes& n : kNorms)
    if (auto formula = norm_backward(r, m, n, w)) return *std::move(formula);
  const bool drops = r.params.drops();
  const Index head = s.part;
  const std::string of_head = "Head " + std::to_string(head + 1) + ": ";
  const auto copy = [&](Node from, std::string words) {
    return m.make(Kind::kCopy, {m.gradient({from}, Reach::kCell)}, m.gradient(s, Reach::kCell),
                  std::move(words));
  };
  const auto dropout = [&](Node from, sequence::DropoutPlace place) {
    return m.make(Kind::kTimes, {m.gradient({from}, Reach::kCell), m.factors(place)},
                  m.gradient(s, Reach::kCell), "What was dropped gets no gradient, the rest 1/(1 − p) of it");
  };
  const std::string at_sum = "A sum passes its gradient on to both of its terms, unchanged";
  if (w.is(Weight::kFc2Weight))
    return m.weight_back({Node::kMlp}, {drops ? Node::kKept : Node::kActivated}, s);
  if (w.is(Weight::kFc1Weight)) return m.weight_back({Node::kHidden}, {Node::kNorm2}, s);
  if (w.is(Weight::kProjWeight)) return m.weight_back({Node::kProjected}, {Node::kMixed}, s);
  if (w.is(Weight::kQkvWeight)) {
    constexpr Node kProjections[] = {Node::kQuery, Node::kKey, Node::kValue};
    return m.weight_back({kProjections[s.part]}, {Node::kNorm1}, s);
  }
  if (w.weight) {  // the bias of a linear layer
    const Node output = w.is(Weight::kFc2Bias)   ? Node::kMlp
                        : w.is(Weight::kFc1Bias) ? Node::kHidden
                        : w.is(Weight::kProjBias)
                            ? Node::kProjected
                            : static_cast<Node>(static_cast<Index>(Node::kQuery) + s.part);
    return m.make(Kind::kColumnSum, {m.whole(m.gradient({output}, Reach::kColumn))},
                  m.gradient(s, Reach::kCell, "sum of each column"),
                  "One bias serves all tokens, so its gradient is a sum over them");
  }
  switch (static_cast<Node>(w.index)) {
    case Node::kDropped2:
      return copy(Node::kOutput, at_sum);
    case Node::kMlp:
      return drops ? dropout(Node::kDropped2, sequence::DropoutPlace::kAfterMlp)
                   : copy(Node::kOutput, at_sum);
    case Node::kKept:
      return m.linear_back({Node::kMlp}, {Weight::kFc2Weight}, s);
    case Node::kActivated:
      return drops ? dropout(Node::kKept, sequence::DropoutPlace::kInsideMlp)
                   : m.linear_back({Node::kMlp}, {Weight::kFc2Weight}, s);
    case Node::kHidden:
      return m.make(Kind::kTimes, {m.gradient({Node::kActivated}, Reach::kCell), m.slope()},
                    m.gradient(s, Reach::kCell), "Back through the activation: times its slope at each u");
    case Node::kNorm2:
      return m.linear_back({Node::kHidden}, {Weight::kFc1Weight}, s);
    case Node::kDropped1:
      return copy(Node::kMiddle, at_sum);
    case Node::kProjected:
      return drops ? dropout(Node::kDropped1, sequence::DropoutPlace::kAfterAttention)
                   : copy(Node::kMiddle, at_sum);
    case Node::kMixed:
      return m.linear_back({Node::kProjected}, {Weight::kProjWeight}, s);
    case Node::kWeights:
      return m.make(Kind::kProduct,
                    {m.of_head(m.gradient({Node::kMixed}, Reach::kRow), head),
                     m.turned(m.of_head(m.value({Node::kValue}, Reach::kColumn, "·"), head))},
                    m.gradient(s, Reach::kCell), of_head + "what L gains if token t takes more of token s");
    case Node::kScores:
      return m.make(Kind::kSoftmaxBack,
                    {m.value({Node::kWeights, head}, Reach::kRow),
                     m.gradient({Node::kWeights, head}, Reach::kRow, "× ( · − row's mean under α)")},
                    m.gradient(s, Reach::kCell),
                    of_head + "back through the softmax: what one key gains the others lose");
    case Node::kQuery:
    case Node::kKey: {
      const bool query = w.is(Node::kQuery);
      Operand scores = m.gradient({Node::kScores, head}, Reach::kRow);
      Formula f = m.make(
          Kind::kProduct,
          {query ? scores : m.turned(scores),
           m.of_head(m.value({query ? Node::kKey : Node::kQuery}, Reach::kColumn, "·"), head)},
          m.of_head(m.gradient(s, Reach::kCell, "÷ √" + std::to_string(r.block.sizes.head_dim) + "  ="),
                    head),
          of_head + (query ? "a query's gradient is a mix of the keys it met"
                           : "a key's gradient is a mix of the queries it met"));
      f.scale = sequence::rsqrt_scale(r.block.sizes.head_dim);
      return f;
    }
    case Node::kValue:
      return m.make(Kind::kProduct,
                    {m.turned(m.value({Node::kWeights, head}, Reach::kRow)),
                     m.of_head(m.gradient({Node::kMixed}, Reach::kColumn, "·"), head)},
                    m.of_head(m.gradient(s, Reach::kCell), head),
                    of_head + "a value gets from every token what that token took of it");
    case Node::kNorm1: {
      std::vector<Operand> operands;
      constexpr Node kProjections[] = {Node::kQuery, Node::kKey, Node::kValue};
      for (Index part = 0; part < 3; ++part) {
        operands.push_back(m.whole(m.gradient({kProjections[part]}, Reach::kRow, part > 0 ? "+" : "")));
        operands.push_back(m.value({Weight::kQkvWeight, part}, Reach::kColumn, "·"));
      }
      return m.make(Kind::kProducts, std::move(operands), m.gradient(s, Reach::kCell),
                    "Three ways back: by the query, the key and the value of each token");
    }
    default:
      break;
  }
  return m.make(Kind::kGiven, {}, m.gradient(s, Reach::kCell),
                "L is this one number of y: its own gradient is 1, that of all others 0");
}

}  // namespace vitrine::labs
