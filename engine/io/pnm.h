// PNM: the plainest pictures, "P1" to "P6" (Poskanzer, netpbm's pbm(5), pgm(5), ppm(5)): bits, grey and
// colours, as digits or as bytes, behind a header of width, height and the largest value.
#pragma once

#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::io {

// Whether a file begins as a PNM does.
bool is_pnm(std::string_view file_bytes);

// [C, H, W], value / maxval; of a PBM 0 (black) where the bit is set. Throws FormatError: cut short, bytes
// left over, a value above maxval, maxval not in 1 to 65535, above kImageLimit_pixels. Sizes are compared
// with the bytes that are there before memory is asked for.
core::Tensor<float> decode_pnm(std::string_view file_bytes);

}  // namespace vitrine::io
