// What "Backward" says of the number that is lit: its sum in letters, in numbers, and by finite differences.
#include "app/labs/backward/lab.h"
#include "engine/core/text.h"
#include "engine/lessons/expression.h"

namespace vitrine::labs {

using core::Index;
using signal::GradientTerm;
using widgets::Math;
using widgets::Role;
using widgets::word;

namespace {

using Part = Backward::Part;
using Spot = Backward::Spot;
using Result = Backward::Result;

constexpr std::size_t kMostTerms = 9;  // that are written out

// "2,1,3": a number's place in a tensor whose axes are its filters, channels, rows and columns; counted from
// 1, without the axes that there is only one of before the last (in a picture, the last two).
std::string place(const Result& r, const core::Tensor<double>& values, Index flat) {
  const core::Shape shape = r.params.shown_shape(values);
  const std::size_t cell_axes = r.params.one_dimensional() ? 1 : 2;
  std::string words;
  for (std::size_t axis = shape.rank(); axis-- > 0; flat /= shape[axis])
    if (axis + cell_axes >= shape.rank() || shape[axis] > 1)
      words = std::to_string(flat % shape[axis] + 1) + (words.empty() ? "" : "," + words);
  return words;
}

// dL/dW, dL/dx with the place as index.
Math name_of(const Result& r, const Spot& spot) {
  switch (spot.part) {
    case Part::kWeight:
      return widgets::symbol("dL/dW", place(r, r.params.weight, spot.cell), Role::kGradient);
    case Part::kInput:
      return widgets::symbol("dL/dx", place(r, r.params.input, spot.cell), Role::kGradient);
    case Part::kBias:
      break;
  }
  return r.params.filters() > 1 ? widgets::symbol("dL/db", std::to_string(spot.cell + 1), Role::kGradient)
                                : word("dL/db", Role::kGradient);
}

// The other factor of a product: an input, or a weight.
Math factor_symbol(const Result& r, const Spot& spot, const GradientTerm& t) {
  if (spot.part == Part::kInput)
    return widgets::symbol("W", place(r, r.params.weight, t.weight_index), Role::kKernel);
  if (!Backward::reads_input(t)) return word("0", Role::kQuiet);
  const core::Shape& x = r.params.input.shape();
  const Index flat = (t.channel * x[1] + t.tap.source_row) * x[2] + t.tap.source_column;
  return widgets::symbol("x", place(r, r.params.input, flat), Role::kInput);
}

// Letters or numbers of the sum, without its name and its value.
std::vector<Math> sum_of(const Result& r, const Spot& spot, bool letters) {
  widgets::Sum sum(kMostTerms);
  const auto upstream = [&](Index i) {
    return letters ? widgets::symbol("g", place(r, r.params.upstream, i), Role::kGradient)
                   : widgets::factor(r.params.upstream[i], Role::kGradient);
  };
  if (spot.part == Part::kBias)
    for (Index i = 0; i < r.params.outputs(); ++i)
      if (!sum.add({upstream(spot.cell * r.params.outputs() + i)})) break;
  for (const GradientTerm& t : r.terms(spot)) {
    const Role other = spot.part == Part::kInput  ? Role::kKernel
                       : Backward::reads_input(t) ? Role::kInput
                                                  : Role::kQuiet;
    const Math factor = letters ? factor_symbol(r, spot, t) : widgets::factor(t.factor, other);
    if (!sum.add({upstream(r.params.output_of(t)), word("·"), factor})) break;
  }
  return sum.parts();
}

std::string words_of(const Result& r, const Spot& spot) {
  switch (spot.part) {
    case Part::kWeight:
      return "This weight met these inputs: x correlated with dL/dy" +
             std::string(r.spread.count() > r.params.upstream.count() ? ", spread by the stride" : "");
    case Part::kInput:
      return r.terms(spot).empty() ? "No window reads this input"
                                   : "This input met these weights: its row of Kᵀ times dL/dy";
    case Part::kBias:
      break;
  }
  return "The bias is in every output once";
}

}  // namespace

widgets::Equation Backward::explain(const Result& r, const View& view) {
  const Spot spot = focus(r, view, true).spot;
  std::vector<Math> line{name_of(r, spot), word("=")};
  const auto append = [&](std::vector<Math> parts) { line.insert(line.end(), parts.begin(), parts.end()); };
  append(sum_of(r, spot, true));
  line.push_back(word("="));
  append(sum_of(r, spot, false));
  line.push_back(word("="));
  line.push_back(widgets::number(r.gradient(spot), Role::kGradient, 6));
  const std::string varied = spot.part == Part::kWeight ? "W" : spot.part == Part::kInput ? "x" : "b";
  const Math check =
      widgets::row({word("check: (L(" + varied + " + h) − L(" + varied + " − h)) / 2h", Role::kQuiet),
                    word("="), widgets::number(r.check(spot), Role::kGradient, 6),
                    word(",  difference ", Role::kQuiet), widgets::number(r.error(spot), Role::kQuiet, 2)});
  return {{widgets::row(std::move(line)), check}, words_of(r, spot)};
}

lessons::Symbols Backward::numbers(const Result& r, const View& view) {
  using lessons::number;
  const Params& p = r.params;
  // As shown; filters and channels of a picture's kernels are one axis.
  const auto shown = [&p](const core::Tensor<double>& values) {
    const core::Shape shape = p.shown_shape(values);
    return values.reshaped(shape.rank() == 4 ? core::Shape{shape[0] * shape[1], shape[2], shape[3]} : shape);
  };
  return {{"x", shown(p.input)},
          {"W", shown(p.weight)},
          {"g", shown(p.upstream)},
          {"y", shown(r.output)},
          {"spread", shown(r.spread)},
          {"KT", r.matrix},
          {"dW", shown(r.gradients.weight)},
          {"dx", shown(r.gradients.input)},
          {"db", r.gradients.bias},
          {"check_dW", shown(r.checks.weight)},
          {"check_dx", shown(r.checks.input)},
          {"largest_error", number(r.largest_error)},
          {"outputs", number(p.outputs())},
          {"input_length", number(p.input.size(2))},
          {"channels", number(p.channels())},
          {"filters", number(p.filters())},
          {"kernel_size", number(p.weight.size(3))},
          {"stride", number(p.columns.stride)},
          {"dilation", number(p.columns.dilation)},
          {"padding_left", number(p.columns.padding_before)},
          {"padding_right", number(p.columns.padding_after)},
          {"boundary", number(static_cast<int>(p.boundary))},
          {"pinned", number(view.pinned && r.has(*view.pinned) ? r.step_of(*view.pinned) + 1 : 0)}};
}

}  // namespace vitrine::labs
