#include "engine/signal/conv_transpose.h"

#include <algorithm>
#include <string>

#include "engine/core/stop.h"
#include "engine/signal/conv_layer.h"

namespace vitrine::signal {

using core::require_at_least;
using core::Shape;
using core::ShapeError;
using core::Tensor;

namespace {

// One axis, checked.
struct PaintAxis {
  PaintAxis(Index input_cells, Index kernel_cells, const WindowSpec& window, Index output_padding)
      : input(input_cells),
        kernel(kernel_cells),
        outputs(transposed_size(input, kernel, window, output_padding)),
        spec(window) {}
  // Where tap k of input cell i paints; outside [0, outputs) it is cut off.
  Index position(Index i, Index k) const { return i * spec.stride + k * spec.dilation - spec.padding_before; }
  bool inside(Index at) const { return at >= 0 && at < outputs; }

  Index input, kernel, outputs;
  WindowSpec spec;
};

struct PaintLayer {
  PaintLayer(const Shape& input, const Shape& weight, const TransposeSpec& spec)
      : channels(checked(input, weight)[0]),
        filters(weight[1]),
        rows(input[1], weight[2], spec.rows, spec.output_padding_rows),
        columns(input[2], weight[3], spec.columns, spec.output_padding_columns) {}
  static const Shape& checked(const Shape& input, const Shape& weight) {
    if (input.rank() != 3 || weight.rank() != 4)
      throw ShapeError("input " + to_string(input) + " and weight " + to_string(weight) +
                       " are not [C, H, W] and [C, F, Kh, Kw]");
    if (input[0] != weight[0] || weight[0] < 1 || weight[1] < 1)
      throw ShapeError("weight " + to_string(weight) + " is for " + std::to_string(weight[0]) +
                       " channels, input has " + std::to_string(input[0]) + " channels");
    return input;
  }
  Index weight_index(Index c, Index f, Index u, Index v) const {
    return ((c * filters + f) * rows.kernel + u) * columns.kernel + v;
  }

  Index channels, filters;
  PaintAxis rows, columns;
};

}  // namespace

void TransposeSpec::describe(core::Fields& f) {
  f.group("rows", rows);
  f.group("columns", columns);
  f.field("output_padding_rows", output_padding_rows);
  f.field("output_padding_columns", output_padding_columns);
}

Index transposed_size(Index input, Index kernel, const WindowSpec& spec, Index output_padding) {
  require_at_least(1, "input", input);
  require_at_least(1, "kernel", kernel);
  require_at_least(1, "stride", spec.stride);
  require_at_least(1, "dilation", spec.dilation);
  require_at_least(0, "padding", std::min(spec.padding_before, spec.padding_after));
  require_at_least(0, "output_padding", output_padding);
  if (output_padding >= std::max(spec.stride, spec.dilation))
    throw ShapeError("output_padding " + std::to_string(output_padding) + " is not smaller than stride " +
                     std::to_string(spec.stride) + " or dilation " + std::to_string(spec.dilation));
  const auto [painted, padding] = [&] {
    try {
      const Index reach = core::checked_mul(input - 1, spec.stride);
      return std::pair(
          core::checked_add(core::checked_add(reach, kernel_extent(kernel, spec.dilation)), output_padding),
          core::checked_add(spec.padding_before, spec.padding_after));
    } catch (const ShapeError& error) {
      throw ShapeError(std::string("the output's size: ") + error.what());
    }
  }();
  if (painted <= padding)
    throw ShapeError("padding " + std::to_string(spec.padding_before) + " and " +
                     std::to_string(spec.padding_after) + " cuts off all " + std::to_string(painted) +
                     " positions of the output");
  return painted - padding;
}

Tensor<double> correlate_transposed(const Tensor<double>& input, const Tensor<double>& weight,
                                    const Tensor<double>& bias, const TransposeSpec& spec,
                                    std::stop_token stop) {
  const PaintLayer layer(input.shape(), weight.shape(), spec);
  check_bias(bias, {layer.filters});
  Tensor<double> output(core::within_limit({layer.filters, layer.rows.outputs, layer.columns.outputs}));
  if (!bias.empty())
    for (Index f = 0; f < layer.filters; ++f)
      std::fill_n(&output(f, 0, 0), layer.rows.outputs * layer.columns.outputs, bias[f]);
  const auto paint = [&](Index c, Index i, Index j, Index f) {
    for (Index u = 0; u < layer.rows.kernel; ++u) {
      const Index row = layer.rows.position(i, u);
      if (!layer.rows.inside(row)) continue;
      for (Index v = 0; v < layer.columns.kernel; ++v)
        if (const Index column = layer.columns.position(j, v); layer.columns.inside(column))
          output(f, row, column) += input(c, i, j) * weight(c, f, u, v);
    }
  };
  for (Index c = 0; c < layer.channels; ++c) {
    for (Index i = 0; i < layer.rows.input; ++i) {
      core::throw_if_stopped(stop);
      for (Index j = 0; j < layer.columns.input; ++j)
        for (Index f = 0; f < layer.filters; ++f) paint(c, i, j, f);
    }
  }
  return output;
}

std::vector<TransposedTerm> transposed_terms(const Tensor<double>& input, const Tensor<double>& weight,
                                             const TransposeSpec& spec, Index filter, Index output_row,
                                             Index output_column) {
  const PaintLayer layer(input.shape(), weight.shape(), spec);
  if (filter < 0 || filter >= layer.filters || !layer.rows.inside(output_row) ||
      !layer.columns.inside(output_column))
    throw ShapeError("there is no output (" + std::to_string(filter) + ", " + std::to_string(output_row) +
                     ", " + std::to_string(output_column) + ") in " +
                     core::to_string({layer.filters, layer.rows.outputs, layer.columns.outputs}));
  std::vector<TransposedTerm> products;
  for (Index c = 0; c < layer.channels; ++c)
    for (Index i = 0; i < layer.rows.input; ++i)
      for (Index j = 0; j < layer.columns.input; ++j)
        for (Index u = 0; u < layer.rows.kernel; ++u)
          for (Index v = 0; v < layer.columns.kernel; ++v) {
            if (layer.rows.position(i, u) != output_row || layer.columns.position(j, v) != output_column)
              continue;
            const double x = input(c, i, j), w = weight(c, filter, u, v);
            products.push_back({c, i, j, u, v, layer.weight_index(c, filter, u, v), x, w, x * w});
          }
  return products;
}

}  // namespace vitrine::signal
