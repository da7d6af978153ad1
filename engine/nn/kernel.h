// Kernel: the parameters of a convolution, or of a dense layer over a whole image. In the state dict a
// filter's numbers follow one another, (F, C, places); inside they lie as products read them, (places, C, F).
#pragma once

#include <string>

#include "engine/nn/parameters.h"

namespace vitrine::nn {

// Whether backward is asked for the gradient of a layer's input.
enum class InputGradient { kNo, kYes };

struct Kernel {
  Index inputs, filters;  // numbers of one place, and of its answer
  bool trains;
  Index weight;           // offset of [inputs, filters]
  Index transposed = -1;  // offset of [filters, inputs]; -1: without an input gradient nothing reads it
  Index bias;             // offset of [filters]
};

// Parameters name.weight of that shape, [F, C, K, K] or [F, inputs], and name.bias [F]. As PyTorch begins:
// weights by He et al. 2015 with a = sqrt(5), which is uniform within 1/sqrt(inputs), and biases within the
// same (torch/nn/modules/conv.py and linear.py, reset_parameters). Throws ShapeError when the sizes pass
// 2^63.
Kernel add_kernel(ParameterLayout& layout, const std::string& name, const core::Shape& shape, Index channels,
                  Trains trains, InputGradient input_gradient);

}  // namespace vitrine::nn
