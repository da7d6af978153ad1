#include "engine/nn/kernel.h"

#include <cmath>

namespace vitrine::nn {

Kernel add_kernel(ParameterLayout& layout, const std::string& name, const core::Shape& shape, Index channels,
                  Trains trains, InputGradient input_gradient) {
  Kernel kernel;
  kernel.filters = shape[0];
  kernel.inputs = shape.count() / shape[0];
  kernel.trains = trains == Trains::kYes;
  const double bound = 1 / std::sqrt(static_cast<double>(kernel.inputs));
  ParameterInfo weight{name + ".weight", shape, Initial::kUniform, bound, true};
  weight.order = StoredOrder{{kernel.filters, channels, kernel.inputs / channels, 1}, {2, 1, 0, 3}};
  weight.trains = kernel.trains;
  kernel.weight = layout.add(std::move(weight));
  if (input_gradient == InputGradient::kYes)
    kernel.transposed = layout.add_transposed(kernel.weight, kernel.inputs, kernel.filters);
  ParameterInfo bias{name + ".bias", {kernel.filters}, Initial::kUniform, bound};
  bias.trains = kernel.trains;
  kernel.bias = layout.add(std::move(bias));
  return kernel;
}

}  // namespace vitrine::nn
