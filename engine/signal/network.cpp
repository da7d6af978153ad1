#include "engine/signal/network.h"

#include <algorithm>
#include <string>

#include "engine/core/stop.h"

namespace vitrine::signal {

using core::Shape;
using core::ShapeError;
using core::Tensor;

namespace {

// Every kind of layer has one answer to each question.
struct Applied {
  const Tensor<double>& x;
  const std::stop_token& stop;

  Tensor<double> operator()(const ConvolutionLayer& layer) const {
    return correlate(x, layer.weight, Tensor<double>(), layer.spec, stop);
  }
  Tensor<double> operator()(const ReluLayer&) const {
    Tensor<double> y = x;
    for (double& v : y.values())
      if (v < 0) v = 0;  // a NaN stays
    return y;
  }
  Tensor<double> operator()(const MaxPoolLayer& layer) const { return max_pool(x, layer.spec, stop).output; }
  Tensor<double> operator()(const AveragePoolLayer& layer) const {
    return average_pool(x, layer.spec, layer.count, stop);
  }
  Tensor<double> operator()(const DenseLayer& layer) const {
    const Index n = x.count();
    if (!(layer.weight.shape() == Shape{n, n}))
      throw ShapeError("weight " + to_string(layer.weight.shape()) + " does not fit the " +
                       std::to_string(n) + " numbers of input " + to_string(x.shape()));
    Tensor<double> y(x.shape());
    for (Index i = 0; i < n; ++i) {
      core::throw_if_stopped(stop);
      double sum = 0;
      for (Index j = 0; j < n; ++j) sum += layer.weight[i * n + j] * x[j];
      y[i] = sum;
    }
    return y;
  }
};

struct Strides {
  TotalStride operator()(const ConvolutionLayer& layer) const {
    return {layer.spec.rows.stride, layer.spec.columns.stride};
  }
  TotalStride operator()(const MaxPoolLayer& layer) const {
    return {layer.spec.rows.stride, layer.spec.columns.stride};
  }
  TotalStride operator()(const AveragePoolLayer& layer) const {
    return {layer.spec.rows.stride, layer.spec.columns.stride};
  }
  template <class Layer>
  TotalStride operator()(const Layer&) const {
    return {};
  }
};

TotalStride joined(const TotalStride& a, const TotalStride& b) {
  return {core::checked_mul(a.rows, b.rows), core::checked_mul(a.columns, b.columns)};
}

using Mask = Tensor<std::uint8_t>;  // [H, W]

// One axis of a layer's window, and whether its padding is no border.
struct BorderAxis {
  WindowAxis window;
  bool circular = false;
  bool beyond(Index output, Index tap) const {
    const Index position = window.position(output, tap);
    return !circular && (position < 0 || position >= window.input());
  }
};

// The mask of a layer's outputs: set where a tap reaches beyond the border or onto a cell that is set.
Mask met(const Mask& mask, const BorderAxis& rows, const BorderAxis& columns) {
  Mask out(Shape{rows.window.outputs(), columns.window.outputs()});
  for (Index i = 0; i < rows.window.outputs(); ++i)
    for (Index j = 0; j < columns.window.outputs(); ++j)
      for (Index u = 0; u < rows.window.kernel(); ++u)
        for (Index v = 0; v < columns.window.kernel(); ++v)
          if (rows.beyond(i, u) || columns.beyond(j, v) ||
              mask(rows.window.source(i, u), columns.window.source(j, v)) != 0)
            out(i, j) = 1;
  return out;
}

struct Met {
  const Mask& mask;
  bool rows_close, columns_close;  // a circle along this axis still is the input's

  Mask operator()(const ConvolutionLayer& layer) const {
    const ConvSpec& spec = layer.spec;
    const bool circular = spec.boundary == Boundary::kCircular;
    return met(
        mask,
        {WindowAxis(mask.size(0), layer.weight.size(2), spec.rows, spec.boundary), circular && rows_close},
        {WindowAxis(mask.size(1), layer.weight.size(3), spec.columns, spec.boundary),
         circular && columns_close});
  }
  Mask operator()(const MaxPoolLayer& layer) const { return pooled(layer.spec); }
  Mask operator()(const AveragePoolLayer& layer) const { return pooled(layer.spec); }
  Mask operator()(const ReluLayer&) const { return mask; }
  Mask operator()(const DenseLayer&) const { return Mask(mask.shape(), 1); }

 private:
  Mask pooled(const PoolSpec& spec) const {
    return met(mask, {WindowAxis(mask.size(0), spec.kernel_rows, spec.rows)},
               {WindowAxis(mask.size(1), spec.kernel_columns, spec.columns)});
  }
};

}  // namespace

Tensor<double> output_of(const Network& network, Tensor<double> x, std::stop_token stop) {
  for (const NetworkLayer& layer : network) x = std::visit(Applied{x, stop}, layer);
  return x;
}

TotalStride total_stride(const Network& network) {
  TotalStride total;
  for (const NetworkLayer& layer : network) total = joined(total, std::visit(Strides{}, layer));
  return total;
}

Mask meets_border(const Network& network, const Shape& input, Circle circle) {
  if (input.rank() != 3) throw ShapeError("input " + to_string(input) + " does not have 3 axes");
  Mask mask(Shape{input[1], input[2]});
  TotalStride before;
  const auto closes = [&](Index cells, Index stride, Index of_input) {
    return circle == Circle::kClosed && core::checked_mul(cells, stride) == of_input;
  };
  for (const NetworkLayer& layer : network) {
    const Met met{mask, closes(mask.size(0), before.rows, input[1]),
                  closes(mask.size(1), before.columns, input[2])};
    mask = std::visit(met, layer);
    before = joined(before, std::visit(Strides{}, layer));
  }
  return mask;
}

}  // namespace vitrine::signal
