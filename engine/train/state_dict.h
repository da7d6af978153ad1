// A model's weights by name, as PyTorch and timm write and read them.
#pragma once

#include <vector>

#include "engine/io/safetensors.h"
#include "engine/nn/parameters.h"

namespace vitrine::train {

std::vector<io::NamedTensor> state_dict(const nn::ParameterLayout& layout, const nn::Weights<float>& weights);

// From tensors in any order. Throws std::invalid_argument in one line that names the tensor and, where it is
// known, what decides about it: not the model's, missing, not finite, and as ShapeError of another shape.
nn::Weights<float> weights_from(const nn::ParameterLayout& layout,
                                const std::vector<io::NamedTensor>& tensors);

}  // namespace vitrine::train
