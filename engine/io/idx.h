// IDX: the format of MNIST and its relatives (LeCun, Cortes, Burges): two zero bytes, the number type, the
// number of axes, their sizes as 32-bit big-endian numbers, then the numbers; often compressed with gzip.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/core/tensor.h"
#include "engine/io/files.h"

namespace vitrine::io {

// Both accept the file compressed or not, and throw FileError: not IDX, another number type, other axes (the
// image and the label file swapped), cut short, bytes left over, damaged compression, or more than
// `limit_bytes` numbers.

// [N, H, W], bytes.
core::Tensor<std::uint8_t> read_idx_images(const std::filesystem::path& path,
                                           core::Index limit_bytes = kFileLimit_bytes);
// [N], bytes.
core::Tensor<std::uint8_t> read_idx_labels(const std::filesystem::path& path,
                                           core::Index limit_bytes = kFileLimit_bytes);

}  // namespace vitrine::io
