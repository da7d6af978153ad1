#include "engine/signal/network.h"

#include <algorithm>
#include <cmath>
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

using Mask = Tensor<std::uint8_t>;  // [H, W]

// The mask of a layer's outputs: set where a tap reaches into padding or onto a cell that is set.
Mask met(const Mask& mask, const WindowAxis& rows, const WindowAxis& columns, bool circular) {
  const auto beyond = [&](Index position, Index size) {
    return !circular && (position < 0 || position >= size);
  };
  Mask out(Shape{rows.outputs(), columns.outputs()});
  for (Index i = 0; i < rows.outputs(); ++i)
    for (Index j = 0; j < columns.outputs(); ++j)
      for (Index u = 0; u < rows.kernel(); ++u)
        for (Index v = 0; v < columns.kernel(); ++v)
          if (beyond(rows.position(i, u), rows.input()) || beyond(columns.position(j, v), columns.input()) ||
              mask(rows.source(i, u), columns.source(j, v)) != 0)
            out(i, j) = 1;
  return out;
}

struct Met {
  const Mask& mask;

  Mask operator()(const ConvolutionLayer& layer) const {
    const ConvSpec& spec = layer.spec;
    return met(mask, WindowAxis(mask.size(0), layer.weight.size(2), spec.rows, spec.boundary),
               WindowAxis(mask.size(1), layer.weight.size(3), spec.columns, spec.boundary),
               spec.boundary == Boundary::kCircular);
  }
  Mask operator()(const MaxPoolLayer& layer) const { return pooled(layer.spec); }
  Mask operator()(const AveragePoolLayer& layer) const { return pooled(layer.spec); }
  Mask operator()(const ReluLayer&) const { return mask; }
  Mask operator()(const DenseLayer&) const { return Mask(mask.shape(), 1); }

 private:
  Mask pooled(const PoolSpec& spec) const {
    return met(mask, WindowAxis(mask.size(0), spec.kernel_rows, spec.rows),
               WindowAxis(mask.size(1), spec.kernel_columns, spec.columns), false);
  }
};

}  // namespace

Tensor<double> output_of(const Network& network, Tensor<double> x, std::stop_token stop) {
  for (const NetworkLayer& layer : network) x = std::visit(Applied{x, stop}, layer);
  return x;
}

TotalStride total_stride(const Network& network) {
  TotalStride total;
  for (const NetworkLayer& layer : network) {
    const TotalStride stride = std::visit(Strides{}, layer);
    total = {core::checked_mul(total.rows, stride.rows), core::checked_mul(total.columns, stride.columns)};
  }
  return total;
}

Mask meets_border(const Network& network, const Shape& input) {
  if (input.rank() != 3) throw ShapeError("input " + to_string(input) + " does not have 3 axes");
  Mask mask(Shape{input[1], input[2]});
  for (const NetworkLayer& layer : network) mask = std::visit(Met{mask}, layer);
  return mask;
}

Tensor<double> untrained_weights(Shape shape, Index fan_in, const core::Rng& rng, std::uint64_t step) {
  if (fan_in < 1) throw std::invalid_argument("fan_in " + std::to_string(fan_in) + " is not positive");
  Tensor<double> weights(core::within_limit(shape));
  const double deviation = std::sqrt(2 / static_cast<double>(fan_in));
  for (Index i = 0; i < weights.count(); ++i)
    weights[i] = deviation * rng.normal(step, static_cast<std::uint64_t>(i));
  return weights;
}

}  // namespace vitrine::signal
