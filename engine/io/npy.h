// .npy and .npz: NumPy's files of one array and of several (numpy.lib.format, "Format Version 1.0" to "3.0").
// A .npy is "\x93NUMPY", the version, the header's length, a Python dict literal of type, order and shape,
// then the numbers; a .npz is a ZIP archive of them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"

namespace vitrine::io {

// Of a file, also of all entries of a .npz: they are for grids that are edited by hand.
inline constexpr core::Index kNpyLimit_numbers = core::Index{1} << 22;
inline constexpr core::Index kNpyLimit_bytes = (core::Index{1} << 20) + 8 * kNpyLimit_numbers;
inline constexpr core::Index kNpzLimit_entries = 1000;

// Versions 1.0 to 3.0, row-major or Fortran order, either byte order; f2 f4 f8, i1 to i8, u1 to u8 and b1
// become double (8-byte integers beyond 2^53 are rounded). Throws FormatError: not a .npy, another type, cut
// short, bytes left over, more than kNpyLimit_numbers. Memory follows the bytes that are there.
core::Tensor<double> decode_npy(std::string_view bytes);
core::Tensor<double> read_npy(const std::filesystem::path& path);  // throws FileError

// Version 1.0, little-endian, row-major: f8 and f4.
std::string encode_npy(const core::Tensor<double>& tensor);
std::string encode_npy(const core::Tensor<float>& tensor);

struct NamedArray {
  std::string name;  // without the .npy
  core::Tensor<double> values;
};

// The arrays of an archive in its order. Nothing is unpacked before the sizes that its directory states are
// within the limits, and never more than is stated. Throws FormatError: not a ZIP archive, damaged,
// encrypted, an entry that is no .npy, more than kNpzLimit_entries or kNpyLimit_numbers.
std::vector<NamedArray> decode_npz(std::string_view bytes);
std::vector<NamedArray> read_npz(const std::filesystem::path& path);  // throws FileError

}  // namespace vitrine::io
