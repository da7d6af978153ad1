#include "engine/nn/kernel.h"

#include <cmath>

namespace vitrine::nn {
namespace {

double bound(const core::Shape& shape) {
  return 1 / std::sqrt(static_cast<double>(shape.count() / shape[0]));
}

}  // namespace

ParameterInfo kernel_weight(const std::string& name, const core::Shape& shape, Index channels,
                            Innermost innermost, Trains trains) {
  const Index filters = shape[0], places = shape.count() / filters / channels;
  ParameterInfo info{name + ".weight", shape, Initial::kUniform, bound(shape), true};
  info.order = innermost == Innermost::kInputs ? StoredOrder{{filters, channels, places, 1}, {0, 2, 1, 3}}
                                               : StoredOrder{{filters, channels, places, 1}, {2, 1, 0, 3}};
  info.trains = trains == Trains::kYes;
  return info;
}

ParameterInfo kernel_bias(const std::string& name, const core::Shape& weight_shape, Trains trains) {
  ParameterInfo info{name + ".bias", {weight_shape[0]}, Initial::kUniform, bound(weight_shape)};
  info.trains = trains == Trains::kYes;
  return info;
}

}  // namespace vitrine::nn
