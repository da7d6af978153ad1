// The lit row of the matrix times x, with its numbers.
#include <string>

#include "app/labs/matrix/lab.h"
#include "engine/core/text.h"
#include "engine/lessons/expression.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using widgets::Math;
using widgets::Role;
using Layer = OneMatrix::Layer;
using Result = OneMatrix::Result;

namespace {

constexpr std::size_t kMostProducts = 12;

std::string one_based(Index i) { return std::to_string(i + 1); }

// "4", or of a picture its pixel: "(2, 1)".
std::string cell_name(const Result& r, Index cell, Index columns) {
  if (!r.params.picture) return one_based(cell);
  return "(" + one_based(cell / columns) + ", " + one_based(cell % columns) + ")";
}

// What the lit cell is: its weight's name and how many others must be equal to it.
std::string cell_words(const Result& r, int step, widgets::Cell at) {
  const std::string output = "output " + cell_name(r, at.row, r.columns.outputs()),
                    input = "input " + cell_name(r, at.column, r.columns.input());
  const std::string where = "Row " + one_based(at.row) + " is " + output + ", column " +
                            one_based(at.column) + " is " + input + ": ";
  if (!r.carries(step, at)) return where + "the one cannot see the other, always 0";
  switch (static_cast<Layer>(step)) {
    case Layer::kFullyConnected:
    case Layer::kLocallyConnected:
      return where + "a weight of its own, equal to no other by law";
    case Layer::kConvolution: {
      Index equal = 0;
      for (Index o = 0; o < r.outputs(); ++o) equal += r.input_under(o, r.tap_at(at)) ? 1 : 0;
      return where + "weight " + one_based(r.tap_at(at)) + " of the kernel, the same in " + grouped(equal) +
             " cells";
    }
    case Layer::kAttention:
      return where + "computed, how much the one looks at the other";
  }
  return where;
}

std::string layer_words(const Result& r, int step) {
  const std::string count = grouped(r.layer(step).free_weights) + " free weights";
  const std::string name(OneMatrix::kLayerNames[step]);
  if (static_cast<Layer>(step) == Layer::kAttention)
    return name + ": no weight is free, every row is computed and sums to 1";
  return name + ": " + count;
}

}  // namespace

widgets::Equation OneMatrix::explain(const Result& r, const View& view) {
  const int step = std::clamp(widgets::lit_at(view.playhead, true).step, 0, kLayers - 1);
  const Matrix& layer = r.layer(step);
  const Spot spot = focus(r, view);
  widgets::Sum products(kMostProducts), weights(kMostProducts);
  for (Index i = 0; i < r.inputs(); ++i) {
    const widgets::Cell at{spot.row, i};
    if (!r.carries(step, at)) continue;
    const Math weight = widgets::factor(layer.number(at), Role::kKernel);
    weights.add({weight});
    if (!products.add({weight, widgets::word("·"), widgets::factor(r.input[i], Role::kInput)})) break;
  }
  const auto line = [](Math name, const widgets::Sum& sum, Math value) {
    std::vector<Math> parts{std::move(name), widgets::word("=")};
    for (Math& part : sum.parts()) parts.push_back(std::move(part));
    parts.insert(parts.end(), {widgets::word("="), std::move(value)});
    return widgets::row(std::move(parts));
  };
  const Math product = line(widgets::symbol("y", one_based(spot.row), Role::kOutput), products,
                            widgets::number(layer.output[spot.row], Role::kOutput, 6));
  std::vector<Math> chain{widgets::word("free weights: ", Role::kQuiet)};
  for (int i = 0; i < kLayers; ++i) {
    if (i > 0) chain.push_back(widgets::word("→"));
    chain.push_back(
        widgets::word(grouped(r.layer(i).free_weights), i == step ? Role::kFocus : Role::kKernel));
  }
  const bool attention = static_cast<Layer>(step) == Layer::kAttention;
  return {{product, attention ? line(widgets::word("row sum", Role::kQuiet), weights,
                                     widgets::number(layer.row_sums[spot.row], Role::kText, 6))
                              : widgets::row(std::move(chain))},
          spot.column ? cell_words(r, step, {spot.row, *spot.column}) : layer_words(r, step)};
}

lessons::Symbols OneMatrix::numbers(const Result& r, const View& view) {
  using lessons::number;
  const Params& p = r.params;
  const int step = std::clamp(widgets::lit_at(view.playhead, true).step, 0, kLayers - 1);
  const Matrix& layer = r.layer(step);
  core::Tensor<double> free_weights({kLayers}), cells({kLayers});
  for (int i = 0; i < kLayers; ++i) {
    free_weights[i] = static_cast<double>(r.layer(i).free_weights);
    cells[i] = static_cast<double>(r.layer(i).cells);
  }
  lessons::Symbols all{
      {"x", r.input},
      {"k", p.kernel},
      {"y", layer.output},
      {"layer", number(step + 1)},
      {"free_weights", free_weights},
      {"cells", cells},
      {"inputs", number(r.inputs())},
      {"outputs", number(r.outputs())},
      {"picture", number(p.picture)},
      {"kernel_rows", number(p.kernel.size(0))},
      {"kernel_columns", number(p.kernel.size(1))},
      {"kernel_size", number(r.taps())},
      {"stride", number(p.column_window.stride)},
      {"dilation", number(p.column_window.dilation)},
      {"padding_left", number(p.column_window.padding_before)},
      {"padding_right", number(p.column_window.padding_after)},
      {"padding_top", number(p.row_window.padding_before)},
      {"padding_bottom", number(p.row_window.padding_after)},
      {"everywhere", number(p.pattern == Pattern::kEverywhere)},
      {"sharpness", number(p.sharpness)},
      {"pinned_row", number(view.pinned ? view.pinned->row + 1 : 0)},
      {"pinned_column", number(view.pinned && view.pinned->column ? *view.pinned->column + 1 : 0)}};
  if (!layer.exact.empty()) all.emplace("W", layer.exact);
  return all;
}

}  // namespace vitrine::labs
