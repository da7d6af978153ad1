// A model's weights by name, as PyTorch and timm write and read them.
#pragma once

#include <vector>

#include "engine/io/safetensors.h"
#include "engine/nn/parameters.h"

namespace vitrine::train {

std::vector<io::NamedTensor> state_dict(const nn::ParameterLayout& layout, const nn::Weights<float>& weights);

// Throws std::invalid_argument that names the tensor: missing, not the model's, or of another shape.
nn::Weights<float> weights_from(const nn::ParameterLayout& layout,
                                const std::vector<io::NamedTensor>& tensors);

}  // namespace vitrine::train
