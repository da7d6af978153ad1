#include "app/labs/encoder/formula.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"
#include "engine/sequence/attention.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Role;

namespace {

using Kind = Formula::Kind;
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
      {{"x−μ", ""}, "the token without its mean"},
      {{"σ²", ""}, "variance of each token's numbers"},
      {{"n", ""}, "normalised: mean 0 and variance 1 for each token"},
      {{"γn", ""}, "scaled: each component by its own γ"},
      {{"z", ""}, "output of the first LayerNorm: shifted by β"},
      {{"q", "", Role::kInput}, "queries: what each token asks"},
      {{"k", "", Role::kKernel}, "keys: what each token answers to"},
      {{"v", "", Role::kOutput}, "values: what each token gives"},
      {{"S", ""}, "scores: every query meets every key"},
      {{"α", ""}, "attention's weights: each row sums to 1"},
      {{"o", ""}, "heads' outputs: values mixed by the weights"},
      {{"a", ""}, "attention's answer, in the size of a token"},
      {{"drop a", ""}, "attention's answer after dropout"},
      {{"x′", "", Role::kInput}, "first sum: the token and what attention adds"},
      {{"μ′", ""}, "mean of each token's numbers"},
      {{"x′−μ′", ""}, "the token without its mean"},
      {{"σ′²", ""}, "variance of each token's numbers"},
      {{"n′", ""}, "normalised: mean 0 and variance 1 for each token"},
      {{"γ′n′", ""}, "scaled: each component by its own γ′"},
      {{"z′", ""}, "output of the second LayerNorm: shifted by β′"},
      {{"u", ""}, "hidden numbers of the MLP, before the activation"},
      {{"r", ""}, "hidden numbers after the activation"},
      {{"drop r", ""}, "hidden numbers after dropout"},
      {{"m", ""}, "MLP's answer, in the size of a token"},
      {{"drop m", ""}, "MLP's answer after dropout"},
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

// Columns of one head.
Sheet head_sheet(Sheet all, Index head, Index head_dim) {
  all.first += head * head_dim * all.column_step;
  all.columns = head_dim;
  return all;
}

// Puts the formulas together: operands of values and of gradients by their step.
class Maker {
 public:
  explicit Maker(const Result& r) : r_(r) {}

  Operand value(const Step& s, Reach reach, std::string sign = "") const {
    return {.sign = std::move(sign),
            .sheet = sheet_of(r_, s, r_.values(s.which)),
            .name = name_of(s.which, s.part),
            .reach = reach,
            .which = s.which};
  }
  Operand gradient(const Step& s, Reach reach, std::string sign = "") const {
    Operand o = value(s, reach, std::move(sign));
    o.sheet = sheet_of(r_, s, r_.gradient(s.which));
    o.name.role = Role::kGradient;
    o.gradient = true;
    return o;
  }
  // All of q, k, v or o, whatever a step makes of it; or one head's columns.
  Operand whole(Operand o) const {
    const Index width = o.sheet.values->size(1);
    o.sheet = {o.sheet.values, o.sheet.values->size(0), width, 0, width, 1};
    return o;
  }
  Operand of_head(Operand o, Index head) const {
    o = whole(std::move(o));
    o.sheet = head_sheet(o.sheet, head, r_.block.sizes.head_dim);
    o.name.sub = std::to_string(head + 1);
    return o;
  }
  Operand turned(Operand o) const {
    o.sheet = transposed(o.sheet);
    o.is_transposed = true;
    return o;
  }
  Operand factors(sequence::DropoutPlace place) const {
    const Tensor<double>& f = r_.block.factors[place];
    return {.sign = "×", .sheet = {&f, f.size(0), f.size(1), 0, f.size(1), 1}, .name = {"mask/(1−p)", ""}};
  }
  Operand slope() const {
    const Tensor<double>& s = r_.slopes;
    return {.sign = "×", .sheet = {&s, s.size(0), s.size(1), 0, s.size(1), 1}, .name = {"act′(u)", ""}};
  }

  Formula make(Kind kind, std::vector<Operand> operands, Operand result, std::string words) const {
    if (result.sign.empty()) result.sign = "=";
    return {.kind = kind,
            .operands = std::move(operands),
            .result = std::move(result),
            .words = std::move(words)};
  }

  // input · W^T + b
  Formula linear(const Step& input, const Step& weight, const Step& output) const {
    const Step bias{bias_of(weight.which), weight.part};
    Operand below = value(bias, Reach::kColumn, "+");
    below.below = true;
    return make(Kind::kProduct,
                {whole(value(input, Reach::kRow)), turned(value(weight, Reach::kColumn, "·")), below},
                value(output, Reach::kCell),
                "The same weights for every token: a 1 × 1 convolution. No token sees another here");
  }
  // dL/dinput = dL/doutput · W
  Formula linear_back(const Step& output, const Step& weight, const Step& input) const {
    return make(Kind::kProduct, {whole(gradient(output, Reach::kRow)), value(weight, Reach::kColumn, "·")},
                whole(gradient(input, Reach::kCell)),
                "Back through the same weights: what each number did to all outputs of its token");
  }
  // dL/dW = dL/doutput^T · input: a sum over the tokens
  Formula weight_back(const Step& output, const Step& input, const Step& weight) const {
    return make(Kind::kProduct,
                {turned(whole(gradient(output, Reach::kRow))), whole(value(input, Reach::kColumn, "·"))},
                gradient(weight, Reach::kCell),
                "One weight serves all tokens, so its gradient is a sum over them");
  }

  static Which bias_of(const Which& weight) {
    Which bias = weight;
    ++bias.index;
    return bias;
  }

 private:
  const Result& r_;
};

// The nodes of a norm lie one after the other, and so do its weights.
struct NormNodes {
  Node input, mean, centred, variance, normalised, scaled, output;
  Weight weight, bias;
};
constexpr NormNodes kNorms[] = {
    {Node::kInput, Node::kMean1, Node::kCentred1, Node::kVariance1, Node::kNormalised1, Node::kScaled1,
     Node::kNorm1, Weight::kNorm1Weight, Weight::kNorm1Bias},
    {Node::kMiddle, Node::kMean2, Node::kCentred2, Node::kVariance2, Node::kNormalised2, Node::kScaled2,
     Node::kNorm2, Weight::kNorm2Weight, Weight::kNorm2Bias}};

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
                  "LayerNorm, step 4: mean 0 and variance 1, whatever the token's place and size");
  if (w.is(n.scaled))
    return m.make(Kind::kTimes,
                  {m.value({n.normalised}, Reach::kCell), m.value({n.weight}, Reach::kColumn, "×")},
                  m.value({n.scaled}, Reach::kCell),
                  "LayerNorm, step 5: each component has its own scale, the same for every token");
  if (w.is(n.output))
    return m.make(Kind::kSum, {m.value({n.scaled}, Reach::kCell), m.value({n.bias}, Reach::kColumn, "+")},
                  m.value({n.output}, Reach::kCell),
                  "LayerNorm, step 6: each component has its own shift, the same for every token");
  return std::nullopt;
}

Formula dropped(const Maker& m, Node before, sequence::DropoutPlace place, Node after) {
  return m.make(Kind::kTimes, {m.value({before}, Reach::kCell), m.factors(place)},
                m.value({after}, Reach::kCell),
                "Dropout: some numbers become 0, the others grow by 1/(1 − p), so that the mean stays");
}

Formula forward(const Result& r, const Step& s) {
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
                 "Head " + std::to_string(head + 1) + ": here tokens meet, every query with every key");
      f.scale = sequence::rsqrt_scale(r.block.sizes.head_dim);
      return f;
    }
    case Node::kWeights:
      return m.make(Kind::kSoftmax, {m.value({Node::kScores, head}, Reach::kRow)},
                    m.value(s, Reach::kCell, "softmax of each row"),
                    "Head " + std::to_string(head + 1) +
                        ": row t says how much token t takes from each token; the row sums to 1");
    case Node::kMixed:
      return m.make(Kind::kProduct,
                    {m.value({Node::kWeights, head}, Reach::kRow),
                     m.of_head(m.value({Node::kValue}, Reach::kColumn, "·"), head)},
                    m.of_head(m.value(s, Reach::kCell), head),
                    "Head " + std::to_string(head + 1) +
                        ": each token becomes a mix of all tokens' values. The only place where they meet");
    case Node::kProjected:
      return m.linear({Node::kMixed}, {Weight::kProjWeight}, s);
    case Node::kDropped1:
      return dropped(m, Node::kProjected, sequence::DropoutPlace::kAfterAttention, Node::kDropped1);
    case Node::kMiddle:
      return m.make(Kind::kSum,
                    {m.value({Node::kInput}, Reach::kCell),
                     m.value({drops ? Node::kDropped1 : Node::kProjected}, Reach::kCell, "+")},
                    m.value(s, Reach::kCell),
                    "The residual path: x goes on unchanged, attention only adds to it");
    case Node::kHidden:
      return m.linear({Node::kNorm2}, {Weight::kFc1Weight}, s);
    case Node::kActivated:
      return m.make(
          Kind::kActivation, {m.value({Node::kHidden}, Reach::kCell)},
          m.value(s, Reach::kCell, r.params.spec.activation == sequence::Activation::kGelu ? "GELU" : "ReLU"),
          "The only bend in the MLP: number by number, without it two products would be one");
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
                    "The residual path again: x + what attention added + what the MLP adds");
    default:
      break;
  }
  return m.make(Kind::kGiven, {}, m.value(s, Reach::kCell),
                "One row for each token. The first sum takes it as it is: the residual path");
}

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
                  "Two ways back: the residual path brings the gradient unchanged, the branch adds its own");
  }
  return std::nullopt;
}

Formula backward(const Result& r, const Step& s) {
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
                    m.gradient(s, Reach::kCell),
                    of_head + "how much better if token t had taken more from s");
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

Formula formula_of(const Result& r, const Step& step) {
  return r.params.backward() ? backward(r, step) : forward(r, step);
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

// The first number of a sheet, or the strongest one of a gradient's.
Index telling_cell(const Result& r, const Formula& f) {
  const Sheet& s = f.result.sheet;
  Index best = s.flat(0, 0);
  if (r.params.backward())
    for (Index i = 0; i < s.rows; ++i)
      for (Index j = 0; j < s.columns; ++j)
        if (std::abs(s.at(i, j)) > std::abs((*s.values)[best])) best = s.flat(i, j);
  return best;
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
