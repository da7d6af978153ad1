// The parameters of a layer that answers places of an image by filters: of a convolution, of a dense layer
// over the whole image, of a head. In the state dict a filter's inputs are in the order (C, places); inside,
// channels lie innermost, (places, C).
#pragma once

#include <string>

#include "engine/nn/parameters.h"

namespace vitrine::nn {

// Which of a weight's two axes lies innermost in the flat buffer.
enum class Innermost { kInputs, kFilters };

// name.weight of that shape, [F, C, K, K] or [F, inputs], and name.bias [F]. As PyTorch begins: weights by He
// et al. 2015 with a = sqrt(5), which is uniform within 1/sqrt(inputs), and biases within the same
// (torch/nn/modules/conv.py and linear.py, reset_parameters). Throws ShapeError when the sizes pass 2^63.
ParameterInfo kernel_weight(const std::string& name, const core::Shape& shape, Index channels,
                            Innermost innermost, Trains trains);
ParameterInfo kernel_bias(const std::string& name, const core::Shape& weight_shape, Trains trains);

}  // namespace vitrine::nn
