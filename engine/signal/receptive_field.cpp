#include "engine/signal/receptive_field.h"

#include <string>

namespace vitrine::signal {

using core::checked_add;
using core::checked_mul;
using core::Index;
using core::ShapeError;

ReceptiveField widened(const ReceptiveField& field, const ReceptiveLayer& layer) {
  core::require_at_least(1, "kernel", layer.kernel);
  core::require_at_least(1, "stride", layer.stride);
  core::require_at_least(1, "dilation", layer.dilation);
  const Index reach = checked_mul(layer.dilation, layer.kernel - 1);
  return {checked_add(field.size, checked_mul(reach, field.jump)), checked_mul(field.jump, layer.stride)};
}

ReceptiveField receptive_field(std::span<const ReceptiveLayer> layers) {
  ReceptiveField field;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    try {
      field = widened(field, layers[i]);
    } catch (const ShapeError& error) {
      throw ShapeError("layer " + std::to_string(i + 1) + ": " + error.what());
    }
  }
  return field;
}

}  // namespace vitrine::signal
