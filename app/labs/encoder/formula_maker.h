// How formulas are put together: operands of values and of gradients by the step that makes them. Shared by
// forward.cpp and backward.cpp.
#pragma once

#include "app/labs/encoder/formula.h"

namespace vitrine::labs {

// Puts the formulas together: operands of values and of gradients by their step.
class FormulaMaker {
 public:
  explicit FormulaMaker(const Encoder::Result& r) : r_(r) {}

  Operand value(const Encoder::Step& s, Reach reach, std::string sign = "") const {
    return {.sign = std::move(sign),
            .sheet = sheet_of(r_, s, r_.values(s.which)),
            .name = name_of(s.which, s.part),
            .reach = reach,
            .which = s.which};
  }
  Operand gradient(const Encoder::Step& s, Reach reach, std::string sign = "") const {
    Operand o = value(s, reach, std::move(sign));
    o.sheet = sheet_of(r_, s, r_.gradient(s.which));
    o.name.role = widgets::Role::kGradient;
    o.gradient = true;
    return o;
  }
  // All of q, k, v or o, whatever a step makes of it; or one head's columns.
  Operand whole(Operand o) const {
    const core::Index width = o.sheet.values->size(1);
    o.sheet = {o.sheet.values, o.sheet.values->size(0), width, 0, width, 1};
    return o;
  }
  Operand of_head(Operand o, core::Index head) const {
    o = whole(std::move(o));
    o.sheet.first += head * r_.block.sizes.head_dim * o.sheet.column_step;
    o.sheet.columns = r_.block.sizes.head_dim;
    o.name.sub = std::to_string(head + 1);
    return o;
  }
  Operand turned(Operand o) const {
    o.sheet = transposed(o.sheet);
    o.is_transposed = true;
    return o;
  }
  Operand factors(sequence::DropoutPlace place) const {
    const core::Tensor<double>& f = r_.block.factors[place];
    return {.sign = "×", .sheet = {&f, f.size(0), f.size(1), 0, f.size(1), 1}, .name = {"mask/(1−p)", ""}};
  }
  Operand slope() const {
    const core::Tensor<double>& s = r_.slopes;
    return {.sign = "×", .sheet = {&s, s.size(0), s.size(1), 0, s.size(1), 1}, .name = {"act′(u)", ""}};
  }

  Formula make(Formula::Kind kind, std::vector<Operand> operands, Operand result, std::string words) const {
    if (result.sign.empty()) result.sign = "=";
    return {.kind = kind,
            .operands = std::move(operands),
            .result = std::move(result),
            .words = std::move(words)};
  }

  // input · W^T + b
  Formula linear(const Encoder::Step& input, const Encoder::Step& weight, const Encoder::Step& output) const {
    const Encoder::Step bias{bias_of(weight.which), weight.part};
    Operand below = value(bias, Reach::kColumn, "+");
    below.below = true;
    return make(Formula::Kind::kProduct,
                {whole(value(input, Reach::kRow)), turned(value(weight, Reach::kColumn, "·")), below},
                value(output, Reach::kCell),
                "The same weights for every token, which is a 1 × 1 convolution");
  }
  // dL/dinput = dL/doutput · W
  Formula linear_back(const Encoder::Step& output, const Encoder::Step& weight,
                      const Encoder::Step& input) const {
    return make(Formula::Kind::kProduct,
                {whole(gradient(output, Reach::kRow)), value(weight, Reach::kColumn, "·")},
                whole(gradient(input, Reach::kCell)),
                "Back through the weights: what a number did to its token's outputs");
  }
  // dL/dW = dL/doutput^T · input: a sum over the tokens
  Formula weight_back(const Encoder::Step& output, const Encoder::Step& input,
                      const Encoder::Step& weight) const {
    return make(Formula::Kind::kProduct,
                {turned(whole(gradient(output, Reach::kRow))), whole(value(input, Reach::kColumn, "·"))},
                gradient(weight, Reach::kCell),
                "One weight serves all tokens, so its gradient is a sum over them");
  }

  static Encoder::Which bias_of(const Encoder::Which& weight) {
    Encoder::Which bias = weight;
    ++bias.index;
    return bias;
  }

 private:
  const Encoder::Result& r_;
};

// The nodes of a norm lie one after the other, and so do its weights.
struct NormNodes {
  Encoder::Node input, mean, centred, variance, normalised, scaled, output;
  Encoder::Weight weight, bias;
};
inline constexpr NormNodes kNorms[] = {
    {Encoder::Node::kInput, Encoder::Node::kMean1, Encoder::Node::kCentred1, Encoder::Node::kVariance1,
     Encoder::Node::kNormalised1, Encoder::Node::kScaled1, Encoder::Node::kNorm1,
     Encoder::Weight::kNorm1Weight, Encoder::Weight::kNorm1Bias},
    {Encoder::Node::kMiddle, Encoder::Node::kMean2, Encoder::Node::kCentred2, Encoder::Node::kVariance2,
     Encoder::Node::kNormalised2, Encoder::Node::kScaled2, Encoder::Node::kNorm2,
     Encoder::Weight::kNorm2Weight, Encoder::Weight::kNorm2Bias}};

// What forward.cpp and backward.cpp know.
Formula forward_formula(const Encoder::Result& r, const Encoder::Step& step);
Formula backward_formula(const Encoder::Result& r, const Encoder::Step& step);

}  // namespace vitrine::labs
