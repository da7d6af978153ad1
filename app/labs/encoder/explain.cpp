// What "Encoder block" says of what is lit: how its tensor is made, and one number of it with its real terms.
#include <algorithm>
#include <cmath>

#include "app/labs/encoder/detail.h"
#include "app/labs/formula.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Cell;
using widgets::Equation;
using widgets::Math;
using widgets::Role;
using widgets::word;

namespace {

using Kind = Formula::Kind;
using Line = PlainLine;
using Node = Encoder::Node;
using Result = Encoder::Result;

constexpr std::size_t kMostTerms = 6;

// "2,3": a number's place in its tensor, counted from 1; of a vector one index.
std::string place(const Operand& o, Cell cell) {
  const Index row = o.is_transposed ? cell.column : cell.row,
              column = o.is_transposed ? cell.row : cell.column;
  const bool single_row =
                 (o.is_transposed ? o.sheet.columns : o.sheet.rows) == 1 && o.sheet.values->rank() == 1,
             single_column = o.sheet.columns == 1 && o.sheet.values->rank() == 1;
  if (single_row) return std::to_string(column + 1);
  if (single_column) return std::to_string(row + 1);
  return std::to_string(row + 1) + "," + std::to_string(column + 1);
}

// The numbers of a formula about one cell of its result.
class Writer {
 public:
  Writer(const Result& r, const Formula& f, Cell target) : r_(r), f_(f), target_(target) {}

  Math symbols() const;  // all of it: q = z Wq^T + bq
  Math numbers() const;  // one number of it

 private:
  const Operand& operand(std::size_t i) const { return f_.operands[i]; }
  Cell clipped(const Operand& o, Index row, Index column) const {
    return {std::min(row, o.sheet.rows - 1), std::min(column, o.sheet.columns - 1)};
  }
  double value(std::size_t i, Index row, Index column) const {
    const Cell c = clipped(operand(i), row, column);
    return operand(i).sheet.at(c.row, c.column);
  }
  // The operand's number that meets the target, as a factor.
  Math number(std::size_t i) const { return number(i, target_.row, target_.column); }
  Math number(std::size_t i, Index row, Index column) const {
    return widgets::factor(value(i, row, column), operand(i).name.role);
  }
  // sum_k a[row,k] b[k,column]
  void add_products(widgets::Sum& sum, std::size_t a, std::size_t b) const {
    for (Index k = 0; k < operand(a).sheet.columns; ++k)
      if (!sum.add({number(a, target_.row, k), word("·"), number(b, k, target_.column)})) return;
  }
  Math root(std::size_t variance) const {
    return widgets::root(widgets::row({number(variance), word("+"), widgets::number(r_.params.spec.eps)}));
  }
  std::string activation() const {
    return r_.params.spec.activation == sequence::Activation::kGelu ? "GELU" : "ReLU";
  }

  const Result& r_;
  const Formula& f_;
  Cell target_;
};

Math Writer::symbols() const {
  if (f_.kind == Kind::kGiven) return math_of(f_.result);
  Line line;
  line << math_of(f_.result) << "=";
  const auto name = [&](std::size_t i) {
    const Operand& o = operand(i);
    const bool difference = !o.gradient && o.name.base.find("−") != std::string::npos;
    return difference ? widgets::row({word("("), math_of(o), word(")")}) : math_of(o);
  };
  const Math scale = widgets::fraction(
      word("1"), widgets::root(widgets::number(static_cast<double>(r_.block.sizes.head_dim))));
  switch (f_.kind) {
    case Kind::kGiven:
      break;
    case Kind::kCopy:
      line << name(0);
      break;
    case Kind::kSum:
      line << name(0) << "+" << name(1);
      break;
    case Kind::kDifference:
      line << name(0) << "−" << name(1);
      break;
    case Kind::kTimes:
      line << name(0) << "⊙" << name(1);
      break;
    case Kind::kMean:
      line << "mean of " << name(0);
      break;
    case Kind::kMeanSquare:
      line << "mean of " << name(0) << "²";
      break;
    case Kind::kNormalise:
      line << widgets::fraction(name(0), widgets::root(widgets::row({name(1), word("+"), word("ε")})));
      break;
    case Kind::kProduct:
      if (f_.scale != 1) line << scale;
      line << name(0) << name(1);
      if (f_.operands.size() > 2) line << "+" << name(2);
      break;
    case Kind::kProducts:
      line << name(0) << name(1) << "+" << name(2) << name(3) << "+" << name(4) << name(5);
      break;
    case Kind::kSoftmax:
      line << "softmax(" << name(0) << ")";
      break;
    case Kind::kActivation:
      line << activation() + "(" << name(0) << ")";
      break;
    case Kind::kSoftmaxBack:
      line << name(0) << "⊙ (" << name(1) << "− Σ" << name(0) << "⊙" << name(1) << ")";
      break;
    case Kind::kColumnSum:
      line << "Σ over tokens of " << name(0);
      break;
    case Kind::kColumnDot:
      line << "Σ over tokens of " << name(0) << "⊙" << name(1);
      break;
    case Kind::kVarianceBack:
      line << "−½ Σ" << name(0) << "⊙" << name(1) << "/ (" << name(2) << "+"
           << "ε"
           << ")" << widgets::scripts(word(""), word(""), word("3/2"));
      break;
    case Kind::kCentredBack:
      line << widgets::fraction(name(0), widgets::root(widgets::row({name(1), word("+"), word("ε")}))) << "+"
           << widgets::fraction(word("2"), word("D")) << name(2) << "⊙" << name(3);
      break;
    case Kind::kMeanBack:
      line << "−Σ" << name(0);
      break;
  }
  return line.done();
}

Math Writer::numbers() const {
  const Sheet& result = f_.result.sheet;
  Line line;
  line << math_of(f_.result, place(f_.result, target_)) << "=";
  widgets::Sum sum(kMostTerms);
  const auto over_row = [&](std::size_t i, const auto& term) {
    for (Index c = 0; c < operand(i).sheet.columns; ++c)
      if (!term(c)) return;
  };
  switch (f_.kind) {
    case Kind::kGiven:
      break;
    case Kind::kCopy:
      break;
    case Kind::kSum:
      line << number(0) << "+" << number(1) << "=";
      break;
    case Kind::kDifference:
      line << number(0) << "−" << number(1) << "=";
      break;
    case Kind::kTimes:
      line << number(0) << "·" << number(1) << "=";
      break;
    case Kind::kMean:
      over_row(0, [&](Index c) { return sum.add({number(0, target_.row, c)}); });
      line << "(" << sum << ")"
           << " / " + std::to_string(operand(0).sheet.columns) << "=";
      break;
    case Kind::kMeanSquare:
      over_row(0, [&](Index c) { return sum.add({number(0, target_.row, c), word("²")}); });
      line << "(" << sum << ")"
           << " / " + std::to_string(operand(0).sheet.columns) << "=";
      break;
    case Kind::kNormalise:
      line << widgets::fraction(number(0), root(1)) << "=";
      break;
    case Kind::kProduct: {
      add_products(sum, 0, 1);
      if (f_.operands.size() > 2) sum.add_last(number(2));
      if (f_.scale != 1)
        line << "(" << sum << ")"
             << "/" << widgets::root(widgets::number(static_cast<double>(r_.block.sizes.head_dim))) << "=";
      else
        line << sum << "=";
      break;
    }
    case Kind::kProducts:
      for (std::size_t i = 0; i < f_.operands.size(); i += 2) add_products(sum, i, i + 1);
      line << sum << "=";
      break;
    case Kind::kSoftmax: {
      const auto exp_of = [&](Index c) {
        return widgets::row({word("exp("), widgets::number(value(0, target_.row, c)), word(")")});
      };
      over_row(0, [&](Index c) { return sum.add({exp_of(c)}); });
      line << widgets::fraction(exp_of(target_.column), widgets::row(sum.parts())) << "=";
      break;
    }
    case Kind::kActivation:
      line << activation() + "(" << widgets::number(value(0, target_.row, target_.column)) << ")"
           << "=";
      break;
    case Kind::kSoftmaxBack:
      over_row(0, [&](Index c) {
        return sum.add({number(0, target_.row, c), word("·"), number(1, target_.row, c)});
      });
      line << number(0) << "· (" << number(1) << "− (" << sum << "))"
           << "=";
      break;
    case Kind::kColumnSum:
      for (Index i = 0; i < operand(0).sheet.rows; ++i)
        if (!sum.add({number(0, i, target_.column)})) break;
      line << sum << "=";
      break;
    case Kind::kColumnDot:
      for (Index i = 0; i < operand(0).sheet.rows; ++i)
        if (!sum.add({number(0, i, target_.column), word("·"), number(1, i, target_.column)})) break;
      line << sum << "=";
      break;
    case Kind::kVarianceBack:
      over_row(0, [&](Index c) {
        return sum.add({number(0, target_.row, c), word("·"), number(1, target_.row, c)});
      });
      line << "−½ · (" << sum << ") / (" << number(2) << "+" << widgets::number(r_.params.spec.eps) << ")"
           << widgets::scripts(word(""), word(""), word("3/2")) << "=";
      break;
    case Kind::kCentredBack:
      line << widgets::fraction(number(0), root(1)) << "+"
           << widgets::fraction(word("2"), word(std::to_string(r_.block.sizes.embed_dim))) << "·" << number(2)
           << "·" << number(3) << "=";
      break;
    case Kind::kMeanBack:
      over_row(0, [&](Index c) { return sum.add({number(0, target_.row, c)}); });
      line << "−(" << sum << ")"
           << "=";
      break;
  }
  line << widgets::number(result.at(target_.row, target_.column), f_.result.name.role, 6);
  return line.done();
}

// Another token of x with the same numbers.
std::optional<Index> twin_of(const Result& r, Index token) {
  const auto& x = r.params.input;
  const Index width = x.size(1);
  for (Index i = 0; i < x.size(0); ++i)
    if (i != token && std::equal(&x(i, 0), &x(i, 0) + width, &x(token, 0))) return i;
  return std::nullopt;
}

// Why a gradient and its finite difference are not the same.
std::string difference_words(const Result& r, const Encoder::Spot& spot) {
  const double error = r.error(spot);
  if (!std::isfinite(error)) return "A number is not finite: nothing can be held against this gradient";
  if (!r.bend)
    return "The finite difference is off by " + core::shown(error, 1) +
           ": a small step cuts the curve's corner, the gradient is its slope";
  const Index width = r.block.nodes[Node::kHidden].size(1);
  return "The finite difference steps over ReLU's bend: u " + std::to_string(*r.bend / width + 1) + "," +
         std::to_string(*r.bend % width + 1) + " = " + core::shown(r.block.nodes[Node::kHidden][*r.bend], 3) +
         ", so it mixes the slopes 0 and 1, and the gradient takes one";
}

}  // namespace

Equation Encoder::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  const Formula formula = formula_of(r, f);
  const Writer writer(r, formula, formula.result.sheet.find(f.cell).value_or(Cell{}));
  std::string words = formula.words;
  if (f.spot && f.spot->which.weight && !r.params.backward()) {
    const Operand weight{.sign = "",
                         .sheet = sheet_of(r, {f.spot->which, r.part_of(*f.spot)}, r.values(f.spot->which)),
                         .name = name_of(f.spot->which, r.part_of(*f.spot))};
    const std::string index = place(weight, weight.sheet.find(f.spot->cell).value_or(Cell{}));
    words = weight.name.base + weight.name.sub + " " + index + " = " +
            core::shown(r.values(f.spot->which)[f.spot->cell], 4) + ", one number that serves every token";
  }
  const bool masked = look_of(r, formula.result.which, r.params.backward(), f.cell).masked;
  if (masked)
    words = r.params.backward() ? "Dropped on the way forward: no gradient comes back here"
                                : "Dropped: this number is 0 in this step of training";
  if (formula.result.which->is(Node::kOutput) && !r.params.backward() && !r.params.drops()) {
    const Index token = f.cell / r.params.input.size(1);
    if (const auto twin = twin_of(r, token))
      words = "Tokens " + std::to_string(token + 1) + " and " + std::to_string(*twin + 1) +
              " are equal, and so are their outputs: nothing here knows a token's place";
  }
  const Encoder::Spot lit{*formula.result.which, f.cell};
  if (r.params.backward() && r.is_suspicious(lit)) words = difference_words(r, lit);
  Equation e{{writer.symbols(), writer.numbers()}, std::move(words)};
  if (formula.kind == Kind::kGiven) e.lines.erase(e.lines.begin());
  return e;
}

lessons::Symbols Encoder::numbers(const Result& r, const View&) {
  using lessons::number;
  const Params& p = r.params;
  const sequence::EncoderSizes &drawn = r.block.sizes, &counted = p.counted;
  const auto& nodes = r.block.nodes;
  lessons::Symbols all{{"x", nodes[Node::kInput]},
                       {"normalised", nodes[Node::kNormalised1]},
                       {"normed", nodes[Node::kNorm1]},
                       {"Q", nodes[Node::kQuery]},
                       {"K", nodes[Node::kKey]},
                       {"V", nodes[Node::kValue]},
                       {"scores", nodes[Node::kScores]},
                       {"weights", nodes[Node::kWeights]},
                       {"mixed", nodes[Node::kMixed]},
                       {"middle", nodes[Node::kMiddle]},
                       {"u", nodes[Node::kHidden]},
                       {"activated", nodes[Node::kActivated]},
                       {"output", nodes[Node::kOutput]},
                       {"tokens", number(static_cast<double>(drawn.tokens))},
                       {"embed_dim", number(static_cast<double>(drawn.embed_dim))},
                       {"heads", number(static_cast<double>(drawn.heads))},
                       {"head_dim", number(static_cast<double>(drawn.head_dim))},
                       {"mlp_dim", number(static_cast<double>(drawn.mlp_dim))},
                       {"eps", number(p.spec.eps)},
                       {"dropout", number(p.spec.dropout.rate)},
                       {"backward", number(p.backward())},
                       {"parameters", number(static_cast<double>(r.drawn.total))},
                       {"counted_parameters", number(static_cast<double>(r.counted.total))},
                       {"counted_norm", number(static_cast<double>(r.counted[Section::kNorm1]))},
                       {"counted_attention", number(static_cast<double>(r.counted[Section::kAttention]))},
                       {"counted_mlp", number(static_cast<double>(r.counted[Section::kMlp]))},
                       {"counted_embed_dim", number(static_cast<double>(counted.embed_dim))},
                       {"counted_heads", number(static_cast<double>(counted.heads))},
                       {"counted_head_dim", number(static_cast<double>(counted.head_dim))},
                       {"counted_mlp_dim", number(static_cast<double>(counted.mlp_dim))}};
  if (p.backward())
    all.insert({{"dx", r.gradients.nodes[Node::kInput]}, {"largest_error", number(r.largest_error)}});
  return all;
}

}  // namespace vitrine::labs
