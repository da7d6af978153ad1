#include "engine/signal/convolution.h"

#include <algorithm>

#include "engine/core/stop.h"
#include "engine/signal/conv_layer.h"

namespace vitrine::signal {

namespace {

using core::Shape;
using core::ShapeError;
using core::Tensor;
using core::to_string;

// out[j] += w * in[source of tap v at output column j]
template <class T>
void add_scaled_row(const WindowAxis& columns, Index v, T w, const T* in, T* out) {
  const auto [first, last] = columns.inside(v);
  const auto add_border = [&](Index from, Index to) {
    for (Index j = from; j < to; ++j) {
      const Index at = columns.source(j, v);
      if (at == WindowAxis::kNone) return;  // zeros: the whole border is empty
      out[j] += w * in[at];
    }
  };
  add_border(0, first);
  if (first < last) {
    const Index stride = columns.stride();
    const T* from = in + columns.position(first, v);
    T* to = out + first;
    if (stride == 1) {
      for (Index j = 0; j < last - first; ++j) to[j] += w * from[j];
    } else {
      for (Index j = 0; j < last - first; ++j) to[j] += w * from[j * stride];
    }
  }
  add_border(last, columns.outputs());
}

}  // namespace

void ConvSpec::describe(core::Fields& f) {
  f.group("rows", rows);
  f.group("columns", columns);
  f.field("groups", groups);
  f.choice("boundary", boundary, kBoundaryNames);
  f.field("flip", flip);
}

template <class T>
Tensor<T> correlate(const Tensor<T>& input, const Tensor<T>& weight, const Tensor<T>& bias,
                    const ConvSpec& spec, std::stop_token stop) {
  const ConvLayer layer(input.shape(), weight.shape(), spec);
  check_bias(bias, {layer.filters});
  Tensor<T> output(core::within_limit(layer.output()));
  const Index width = layer.columns.input(), out_width = layer.columns.outputs();
  for (Index f = 0; f < layer.filters; ++f) {
    for (Index i = 0; i < layer.rows.outputs(); ++i) {
      core::throw_if_stopped(stop);
      T* out = &output(f, i, 0);
      std::fill(out, out + out_width, bias.empty() ? T{0} : bias[f]);
      for (Index c = 0; c < layer.group_channels; ++c) {
        for (Index u = 0; u < layer.rows.kernel(); ++u) {
          const Index row = layer.rows.source(i, u);
          if (row == WindowAxis::kNone) continue;
          const T* in = input.data() + ((layer.first_channel(f) + c) * layer.rows.input() + row) * width;
          for (Index v = 0; v < layer.columns.kernel(); ++v)
            add_scaled_row(layer.columns, v, weight[layer.weight_index(f, c, u, v)], in, out);
        }
      }
    }
  }
  return output;
}

Tensor<double> im2col(const Tensor<double>& input, Index kernel_rows, Index kernel_columns,
                      const ConvSpec& spec) {
  if (input.rank() != 3) throw ShapeError("input " + to_string(input.shape()) + " does not have 3 axes");
  const WindowAxis rows(input.size(1), kernel_rows, spec.rows, spec.boundary);
  const WindowAxis columns(input.size(2), kernel_columns, spec.columns, spec.boundary);
  const Shape window{input.size(0), kernel_rows, kernel_columns}, outputs{rows.outputs(), columns.outputs()};
  Tensor<double> matrix(core::within_limit({window.count(), outputs.count()}));
  double* out = matrix.data();
  for (Index c = 0; c < input.size(0); ++c) {
    for (Index u = 0; u < kernel_rows; ++u) {
      for (Index v = 0; v < kernel_columns; ++v) {
        for (Index i = 0; i < rows.outputs(); ++i, out += columns.outputs()) {
          if (const Index row = rows.source(i, u); row != WindowAxis::kNone)
            add_scaled_row(columns, v, 1.0, &input(c, row, 0), out);
        }
      }
    }
  }
  return matrix;
}

Toeplitz toeplitz(const Shape& input_shape, const Tensor<double>& weight, const ConvSpec& spec,
                  std::stop_token stop) {
  const ConvLayer layer(input_shape, weight.shape(), spec);
  const Shape shape = core::within_limit({layer.output().count(), input_shape.count()});
  Toeplitz result{Tensor<double>(shape), Tensor<std::int32_t>(shape, -1)};
  std::vector<bool> occurs(static_cast<std::size_t>(weight.count()));
  Index first_cell = 0;
  for (Index f = 0; f < layer.filters; ++f) {
    for (Index i = 0; i < layer.rows.outputs(); ++i) {
      core::throw_if_stopped(stop);
      for (Index j = 0; j < layer.columns.outputs(); ++j, first_cell += shape[1]) {
        layer.each_product(f, i, j, [&](Index channel, const Tap& tap, Index w) {
          const Index input = layer.input_index(channel, tap);
          if (input == WindowAxis::kNone) return;
          const Index cell = first_cell + input;
          if (result.weight_index[cell] < 0) ++result.nonzeros;
          result.weight_index[cell] = static_cast<std::int32_t>(w);
          result.matrix[cell] += weight[w];
          occurs[static_cast<std::size_t>(w)] = true;
        });
      }
    }
  }
  result.distinct_weights = std::count(occurs.begin(), occurs.end(), true);
  return result;
}

namespace {

// The checked windows of a locally connected layer: input [H, W], weight [Ho, Wo, Kh, Kw].
struct LocalLayer {
  LocalLayer(const Shape& input, const Shape& weight, const WindowSpec& row_spec,
             const WindowSpec& column_spec)
      : rows(checked(input, weight)[0], weight[2], row_spec), columns(input[1], weight[3], column_spec) {
    if (weight[0] != rows.outputs() || weight[1] != columns.outputs())
      throw ShapeError("weight has kernels for outputs " + to_string({weight[0], weight[1]}) +
                       ", the input has " + to_string({rows.outputs(), columns.outputs()}));
  }
  static const Shape& checked(const Shape& input, const Shape& weight) {
    if (input.rank() != 2 || weight.rank() != 4)
      throw ShapeError("input " + to_string(input) + " and weight " + to_string(weight) +
                       " are not [H, W] and [Ho, Wo, Kh, Kw]");
    return input;
  }
  // visit(output, input, weight): flat indices, for every weight over an input cell, in the order of the
  // sums.
  template <class Visit>
  void each_weight(Visit visit) const {
    Index output = 0, weight = 0;
    for (Index i = 0; i < rows.outputs(); ++i)
      for (Index j = 0; j < columns.outputs(); ++j, ++output)
        for (const Tap& tap : taps(rows, columns, i, j)) {
          if (tap.inside) visit(output, tap.row * columns.input() + tap.column, weight);
          ++weight;
        }
  }

  WindowAxis rows, columns;
};

}  // namespace

Tensor<double> locally_connected(const Tensor<double>& input, const Tensor<double>& weight,
                                 const Tensor<double>& bias, const WindowSpec& rows,
                                 const WindowSpec& columns) {
  const LocalLayer layer(input.shape(), weight.shape(), rows, columns);
  const Shape shape{weight.size(0), weight.size(1)};
  check_bias(bias, shape);
  Tensor<double> output = bias.empty() ? Tensor<double>(shape) : bias;
  layer.each_weight([&](Index y, Index x, Index w) { output[y] += weight[w] * input[x]; });
  return output;
}

Tensor<double> locally_connected_matrix(const Shape& input_shape, const Tensor<double>& weight,
                                        const WindowSpec& rows, const WindowSpec& columns) {
  const LocalLayer layer(input_shape, weight.shape(), rows, columns);
  Tensor<double> matrix(core::within_limit({weight.size(0) * weight.size(1), input_shape.count()}));
  layer.each_weight([&](Index y, Index x, Index w) { matrix(y, x) = weight[w]; });
  return matrix;
}

ConvCounts conv_counts(const Shape& input_shape, const Shape& weight_shape, bool bias, const ConvSpec& spec) {
  const ConvLayer layer(input_shape, weight_shape, spec);
  const auto named = [](const char* name, auto count) {
    try {
      return count();
    } catch (const ShapeError& error) {
      throw ShapeError(std::string(name) + ": " + error.what());
    }
  };
  ConvCounts counts;
  counts.output = named("output_shape", [&] { return layer.output(); });
  counts.weights = weight_shape.count();
  counts.parameters = named(
      "parameters", [&] { return bias ? core::checked_add(counts.weights, layer.filters) : counts.weights; });
  counts.macs =
      named("macs", [&] { return core::checked_mul(counts.output.count(), counts.weights / layer.filters); });
  counts.dense_weights =
      named("dense_weights", [&] { return core::checked_mul(counts.output.count(), input_shape.count()); });
  return counts;
}

template <class T>
std::vector<Term> terms(const Tensor<T>& input, const Tensor<double>& weight, const ConvSpec& spec,
                        Index filter, Index output_row, Index output_column) {
  const ConvLayer layer(input.shape(), weight.shape(), spec);
  if (filter < 0 || filter >= layer.filters)
    throw ShapeError("there is no filter " + std::to_string(filter) + " in weight " +
                     to_string(weight.shape()));
  std::vector<Term> products;
  layer.each_product(filter, output_row, output_column, [&](Index channel, const Tap& tap, Index at) {
    const Index from = layer.input_index(channel, tap);
    const bool padding = from == WindowAxis::kNone;
    const double x = padding ? 0 : static_cast<double>(input[from]);
    products.push_back({channel, tap, at, x, weight[at], padding ? 0 : x * weight[at]});
  });
  return products;
}

ChannelSums channel_sums(std::span<const Term> terms) {
  ChannelSums result;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i == 0 || terms[i].channel != terms[i - 1].channel) result.sums.push_back(0);
    result.sums.back() += terms[i].product;
  }
  for (const double sum : result.sums) result.total += sum;
  return result;
}

#define VITRINE_INSTANTIATE(T)                                                                             \
  template Tensor<T> correlate(const Tensor<T>&, const Tensor<T>&, const Tensor<T>&, const ConvSpec&,      \
                               std::stop_token);                                                           \
  template std::vector<Term> terms(const Tensor<T>&, const Tensor<double>&, const ConvSpec&, Index, Index, \
                                   Index)
VITRINE_INSTANTIATE(float);
VITRINE_INSTANTIATE(double);
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::signal
