// What "Backward" says of the number that is lit: its sum in letters, in numbers, and by finite differences.
#include "app/labs/backward_lab.h"
#include "engine/core/text.h"

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

std::string pair_of(Index row, Index column) {
  return std::to_string(row + 1) + "," + std::to_string(column + 1);
}

// "3" of a signal of one channel, "2,3" else: channel and position, or row and column.
std::string place(const Result& r, Index row, Index column) {
  return r.params.one_dimensional() && r.params.input.size(0) == 1 ? std::to_string(column + 1)
                                                                   : pair_of(row, column);
}
std::string place(const Result& r, Index flat, const core::Tensor<double>& matrix) {
  return place(r, flat / matrix.size(1), flat % matrix.size(1));
}

Math upstream_symbol(const Result& r, const GradientTerm& t) {
  const std::string at = r.params.one_dimensional() ? std::to_string(t.output_column + 1)
                                                    : pair_of(t.output_row, t.output_column);
  return widgets::symbol("g", at, Role::kGradient);
}

// dL/dW, dL/dx with the place as index.
Math name_of(const Result& r, const Spot& spot) {
  switch (spot.part) {
    case Part::kWeight:
      return widgets::symbol("dL/dW", place(r, spot.cell, r.params.weight), Role::kGradient);
    case Part::kInput:
      return widgets::symbol("dL/dx", place(r, spot.cell, r.params.input), Role::kGradient);
    case Part::kBias:
      break;
  }
  return word("dL/db", Role::kGradient);
}

// The other factor of a product: an input, or a weight.
Math factor_symbol(const Result& r, const Spot& spot, const GradientTerm& t) {
  if (spot.part == Part::kInput)
    return widgets::symbol("W", place(r, t.weight_index, r.params.weight), Role::kKernel);
  if (!t.tap.inside) return word("0", Role::kQuiet);
  return r.params.one_dimensional() ? widgets::symbol("x", place(r, t.channel, t.tap.column), Role::kInput)
                                    : widgets::symbol("x", pair_of(t.tap.row, t.tap.column), Role::kInput);
}

// letters or numbers of the sum, without its name and its value
std::vector<Math> sum(const Result& r, const Spot& spot, bool letters) {
  std::vector<Math> parts;
  const auto plus = [&] {
    if (!parts.empty()) parts.push_back(word("+"));
  };
  if (spot.part == Part::kBias) {
    for (Index i = 0; i < r.params.upstream.count() && i < static_cast<Index>(kMostTerms); ++i) {
      plus();
      const Index row = i / r.params.upstream.size(1), column = i % r.params.upstream.size(1);
      const std::string at = r.params.one_dimensional() ? std::to_string(i + 1) : pair_of(row, column);
      parts.push_back(letters ? widgets::symbol("g", at, Role::kGradient)
                              : widgets::factor(r.params.upstream[i], Role::kGradient));
    }
    if (r.params.upstream.count() > static_cast<Index>(kMostTerms)) {
      plus();
      parts.push_back(word("…"));
    }
    return parts;
  }
  const auto& terms =
      (spot.part == Part::kWeight ? r.weight_terms : r.input_terms)[static_cast<std::size_t>(spot.cell)];
  const Role other = spot.part == Part::kWeight ? Role::kInput : Role::kKernel;
  for (std::size_t i = 0; i < terms.size() && i < kMostTerms; ++i) {
    plus();
    const GradientTerm& t = terms[i];
    parts.push_back(letters ? upstream_symbol(r, t) : widgets::factor(t.upstream, Role::kGradient));
    parts.push_back(word("·"));
    const bool nothing = spot.part == Part::kWeight && !t.tap.inside;
    parts.push_back(letters ? factor_symbol(r, spot, t)
                            : widgets::factor(t.factor, nothing ? Role::kQuiet : other));
  }
  if (terms.size() > kMostTerms) {
    plus();
    parts.push_back(word("…"));
  }
  if (terms.empty()) parts.push_back(word("0", Role::kQuiet));
  return parts;
}

std::string words_of(const Result& r, const Spot& spot) {
  switch (spot.part) {
    case Part::kWeight:
      return "This weight met these inputs: x correlated with dL/dy" +
             std::string(r.spread.count() > r.params.upstream.count() ? ", spread by the stride" : "");
    case Part::kInput:
      return r.input_terms[static_cast<std::size_t>(spot.cell)].empty()
                 ? "No window reads this input"
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
  append(sum(r, spot, true));
  line.push_back(word("="));
  append(sum(r, spot, false));
  line.push_back(word("="));
  line.push_back(widgets::number(r.gradient(spot), Role::kGradient, 6));
  const std::string varied = spot.part == Part::kWeight ? "W" : spot.part == Part::kInput ? "x" : "b";
  const Math check =
      widgets::row({word("check: (L(" + varied + " + h) − L(" + varied + " − h)) / 2h", Role::kQuiet),
                    word("="), widgets::number(r.check(spot), Role::kGradient, 6),
                    word(",  difference ", Role::kQuiet), widgets::number(r.error(spot), Role::kQuiet, 2)});
  return {{widgets::row(std::move(line)), check}, words_of(r, spot)};
}

}  // namespace vitrine::labs
