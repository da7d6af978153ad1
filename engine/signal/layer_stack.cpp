#include "engine/signal/layer_stack.h"

#include <algorithm>

namespace vitrine::signal {

using core::Shape;
using core::ShapeError;

namespace {

constexpr Index kFloat_bytes = 4;

Count times(Count a, Count b) {
  Index product;
  if (!a || !b || __builtin_mul_overflow(*a, *b, &product)) return std::nullopt;
  return product;
}

Count plus(Count a, Count b) {
  Index sum;
  if (!a || !b || __builtin_add_overflow(*a, *b, &sum)) return std::nullopt;
  return sum;
}

// The fault of a pooling window that covers nothing but padding somewhere along one axis.
std::optional<StackFault> empty_window(std::size_t index, Index input, Index kernel, const WindowSpec& spec,
                                       StackFault::Kind padding_fault, StackFault::Kind hole_fault) {
  const Index extent = kernel_extent(kernel, spec.dilation);
  const Index padding = std::max(spec.padding_before, spec.padding_after);
  const WindowAxis axis(input, kernel, spec);
  const auto empty = [&](Index output) {
    const auto [first, last] = axis.taps_inside(output);
    return first == last;
  };
  if (padding >= extent && (empty(0) || empty(axis.outputs() - 1)))
    return StackFault{index, padding_fault, extent, padding + 1};
  if (spec.dilation > input)  // only then two taps can stand on either side of it
    for (Index output = 0; output < axis.outputs(); ++output)
      if (empty(output)) return StackFault{index, hole_fault, input, spec.dilation};
  return std::nullopt;
}

std::optional<StackFault> fault_of(std::size_t index, const Shape& input, const StackLayer& layer) {
  using Kind = StackFault::Kind;
  if (!layer.has_window()) return std::nullopt;
  const Index rows = kernel_extent(layer.kernel_rows, layer.rows.dilation);
  const Index columns = kernel_extent(layer.kernel_columns, layer.columns.dilation);
  const Index height =
      core::checked_add(input[1], core::checked_add(layer.rows.padding_before, layer.rows.padding_after));
  const Index width = core::checked_add(
      input[2], core::checked_add(layer.columns.padding_before, layer.columns.padding_after));
  if (height < rows) return StackFault{index, Kind::kRows, height, rows};
  if (width < columns) return StackFault{index, Kind::kColumns, width, columns};
  if (layer.kind == LayerKind::kConvolution) {
    if (input[0] % layer.groups != 0) return StackFault{index, Kind::kChannelGroups, input[0], layer.groups};
    if (layer.filters % layer.groups != 0)
      return StackFault{index, Kind::kFilterGroups, layer.filters, layer.groups};
    return std::nullopt;
  }
  if (const auto fault =
          empty_window(index, input[1], layer.kernel_rows, layer.rows, Kind::kRowPadding, Kind::kRowHoles))
    return fault;
  return empty_window(index, input[2], layer.kernel_columns, layer.columns, Kind::kColumnPadding,
                      Kind::kColumnHoles);
}

LayerFigures figures_of(const Shape& input, const StackLayer& layer, const ReceptiveField& rows,
                        const ReceptiveField& columns) {
  LayerFigures f;
  f.input = input;
  Count weights_of_one = 0;  // numbers that make one number of the output, with a weight each
  if (layer.has_window()) {
    const Index channels = layer.kind == LayerKind::kConvolution ? layer.filters : input[0];
    f.output = {channels, output_size(input[1], layer.kernel_rows, layer.rows),
                output_size(input[2], layer.kernel_columns, layer.columns)};
    if (layer.kind == LayerKind::kConvolution)
      weights_of_one = times(input[0] / layer.groups, times(layer.kernel_rows, layer.kernel_columns));
    f.rows = widened(rows, {layer.kernel_rows, layer.rows.stride, layer.rows.dilation});
    f.columns = widened(columns, {layer.kernel_columns, layer.columns.stride, layer.columns.dilation});
  } else {
    f.output = {layer.filters, 1, 1};
    weights_of_one = input.count();
    f.rows = widened(rows, {.kernel = input[1]});
    f.columns = widened(columns, {.kernel = input[2]});
  }
  f.weights = times(f.output[0], weights_of_one);
  f.parameters = plus(f.weights, layer.has_weights() && layer.bias ? f.output[0] : 0);
  f.macs = times(f.output.count(), weights_of_one);
  f.dense_weights = times(input.count(), f.output.count());
  f.dense_bytes = times(f.dense_weights, kFloat_bytes);
  f.output_bytes = times(f.output.count(), kFloat_bytes);
  f.parameter_bytes = times(f.parameters, kFloat_bytes);
  f.bytes = plus(f.output_bytes, f.parameter_bytes);
  return f;
}

}  // namespace

void StackLayer::describe(core::Fields& f) {
  f.choice("kind", kind, kLayerKindNames);
  f.field("filters", filters);
  f.field("kernel_rows", kernel_rows);
  f.field("kernel_columns", kernel_columns);
  f.group("rows", rows);
  f.group("columns", columns);
  f.field("groups", groups);
  f.field("bias", bias);
}

StackFigures stack_figures(const Shape& input, std::span<const StackLayer> layers) {
  if (input.rank() != 3) throw ShapeError("input " + to_string(input) + " does not have 3 axes");
  for (const Index size : input.sizes()) core::require_at_least(1, "input", size);
  StackFigures figures;
  figures.input_bytes = times(input.count(), kFloat_bytes);
  figures.weights = figures.parameters = figures.macs = 0;
  figures.bytes = figures.input_bytes;
  Shape shape = input;
  ReceptiveField rows, columns;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    core::require_at_least(1, "filters", layers[i].filters);
    core::require_at_least(1, "groups", layers[i].groups);
    figures.fault = fault_of(i, shape, layers[i]);
    if (figures.fault) break;
    const LayerFigures& f = figures.layers.emplace_back(figures_of(shape, layers[i], rows, columns));
    figures.weights = plus(figures.weights, f.weights);
    figures.parameters = plus(figures.parameters, f.parameters);
    figures.macs = plus(figures.macs, f.macs);
    figures.bytes = plus(figures.bytes, f.bytes);
    shape = f.output;
    rows = f.rows;
    columns = f.columns;
  }
  return figures;
}

}  // namespace vitrine::signal
