// The header of a .npy: a Python dict literal with three keys, such as
//   {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }
#pragma once

#include <string>
#include <string_view>

#include "engine/core/shape.h"

namespace vitrine::io {

struct NpyHeader {
  std::string type;  // "<f8"
  bool fortran_order = false;
  core::Shape shape;
};

// Throws FormatError: not that literal, a key missing, unknown or twice, records of several fields, a
// negative size, more than 64 axes or an axis beyond 2^63.
NpyHeader parse_npy_header(std::string_view text);

}  // namespace vitrine::io
