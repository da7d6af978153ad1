#include "engine/signal/convolution_gradients.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include "engine/core/stop.h"
#include "engine/signal/conv_layer.h"

namespace vitrine::signal {

using core::Shape;
using core::ShapeError;
using core::Tensor;

namespace {

ConvLayer checked_layer(const Shape& input, const Shape& weight, const Tensor<double>& grad_output,
                        const ConvSpec& spec) {
  ConvLayer layer(input, weight, spec);
  if (grad_output.shape() != layer.output())
    throw ShapeError("grad_output " + to_string(grad_output.shape()) + " does not fit output " +
                     to_string(layer.output()));
  return layer;
}

void expect_cell(const Shape& shape, std::initializer_list<Index> cell, const char* name) {
  std::size_t axis = 0;
  for (const Index at : cell) {
    if (at < 0 || at >= shape[axis])
      throw ShapeError("there is no cell " + std::to_string(at) + " along axis " + std::to_string(axis) +
                       " of " + name + " " + to_string(shape));
    ++axis;
  }
}

}  // namespace

ConvGradients correlate_backward(const Tensor<double>& input, const Tensor<double>& weight,
                                 const Tensor<double>& grad_output, const ConvSpec& spec,
                                 std::stop_token stop) {
  const ConvLayer layer = checked_layer(input.shape(), weight.shape(), grad_output, spec);
  ConvGradients gradients{Tensor<double>(input.shape()), Tensor<double>(weight.shape()),
                          Tensor<double>({layer.filters})};
  const double* upstream = grad_output.data();
  for (Index f = 0; f < layer.filters; ++f) {
    for (Index i = 0; i < layer.rows.outputs(); ++i) {
      core::throw_if_stopped(stop);
      for (Index j = 0; j < layer.columns.outputs(); ++j) {
        const double g = *upstream++;
        gradients.bias[f] += g;
        layer.each_product(f, i, j, [&](Index channel, const Tap& tap, Index w) {
          const Index x = layer.input_index(channel, tap);
          if (x == WindowAxis::kNone) return;
          gradients.weight[w] += g * input[x];
          gradients.input[x] += g * weight[w];
        });
      }
    }
  }
  return gradients;
}

ConvGradients finite_differences(const Tensor<double>& input, const Tensor<double>& weight,
                                 const Tensor<double>& bias, const Tensor<double>& grad_output,
                                 const ConvSpec& spec, double step, std::stop_token stop) {
  const ConvLayer layer = checked_layer(input.shape(), weight.shape(), grad_output, spec);
  check_bias(bias, {layer.filters});
  if (!(step > 0)) throw std::invalid_argument("step " + std::to_string(step) + " is not positive");
  Tensor<double> x = input, w = weight, b = bias.empty() ? Tensor<double>({layer.filters}) : bias;
  const auto loss = [&] {
    const Tensor<double> y = correlate(x, w, b, spec, stop);
    return std::inner_product(y.values().begin(), y.values().end(), grad_output.data(), 0.0);
  };
  const auto slopes = [&](Tensor<double>& values) {
    Tensor<double> found(values.shape());
    for (Index i = 0; i < values.count(); ++i) {
      const double value = values[i];
      values[i] = value + step;
      const double above = loss();
      values[i] = value - step;
      found[i] = (above - loss()) / (2 * step);
      values[i] = value;
    }
    return found;
  };
  return {slopes(x), slopes(w), slopes(b)};
}

std::vector<GradientTerm> weight_gradient_terms(const Tensor<double>& input, const Shape& weight_shape,
                                                const Tensor<double>& grad_output, const ConvSpec& spec,
                                                Index filter, Index c, Index u, Index v) {
  const ConvLayer layer = checked_layer(input.shape(), weight_shape, grad_output, spec);
  expect_cell(weight_shape, {filter, c, u, v}, "weight");
  const Index channel = layer.first_channel(filter) + c;
  const Index tap_row = layer.flip ? layer.rows.kernel() - 1 - u : u;
  const Index tap_column = layer.flip ? layer.columns.kernel() - 1 - v : v;
  const Index w = layer.weight_index(filter, c, tap_row, tap_column);
  std::vector<GradientTerm> products;
  for (Index i = 0; i < layer.rows.outputs(); ++i) {
    for (Index j = 0; j < layer.columns.outputs(); ++j) {
      const Tap tap = tap_at(layer.rows, layer.columns, i, j, tap_row, tap_column);
      const Index from = layer.input_index(channel, tap);
      const double g = grad_output(filter, i, j), x = from == WindowAxis::kNone ? 0 : input[from];
      products.push_back({filter, i, j, channel, tap, w, g, x, from == WindowAxis::kNone ? 0 : g * x});
    }
  }
  return products;
}

std::vector<GradientTerm> input_gradient_terms(const Shape& input_shape, const Tensor<double>& weight,
                                               const Tensor<double>& grad_output, const ConvSpec& spec,
                                               Index channel, Index row, Index column) {
  const ConvLayer layer = checked_layer(input_shape, weight.shape(), grad_output, spec);
  expect_cell(input_shape, {channel, row, column}, "input");
  const Index group = channel / layer.group_channels, group_filters = layer.filters / layer.groups;
  std::vector<GradientTerm> products;
  for (Index f = group * group_filters; f < (group + 1) * group_filters; ++f) {
    for (Index i = 0; i < layer.rows.outputs(); ++i) {
      for (Index j = 0; j < layer.columns.outputs(); ++j) {
        for (const Tap& tap : taps(layer.rows, layer.columns, i, j)) {
          if (tap.source_row != row || tap.source_column != column) continue;
          const Index w =
              layer.weight_index(f, channel % layer.group_channels, tap.kernel_row, tap.kernel_column);
          const double g = grad_output(f, i, j);
          products.push_back({f, i, j, channel, tap, w, g, weight[w], g * weight[w]});
        }
      }
    }
  }
  return products;
}

Tensor<double> spread(const Tensor<double>& picture, Index row_stride, Index column_stride) {
  if (picture.rank() != 3 || picture.empty())
    throw ShapeError("picture " + to_string(picture.shape()) + " is not [C, H, W]");
  core::require_at_least(1, "stride", std::min(row_stride, column_stride));
  const Index rows = kernel_extent(picture.size(1), row_stride),
              columns = kernel_extent(picture.size(2), column_stride);
  Tensor<double> wide(core::within_limit({picture.size(0), rows, columns}));
  for (Index c = 0; c < picture.size(0); ++c)
    for (Index i = 0; i < picture.size(1); ++i)
      for (Index j = 0; j < picture.size(2); ++j)
        wide(c, i * row_stride, j * column_stride) = picture(c, i, j);
  return wide;
}

}  // namespace vitrine::signal
