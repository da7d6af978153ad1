// What npz.cpp takes of npy.cpp.
#pragma once

#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::io {

// decode_npy with another limit.
core::Tensor<double> decode_npy_within(std::string_view bytes, core::Index limit_numbers);

}  // namespace vitrine::io
