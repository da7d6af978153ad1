// IDX: the format of MNIST and its relatives (LeCun, Cortes, Burges): two zero bytes, the number type, the
// number of axes, their sizes as 32-bit big-endian numbers, then the numbers; often compressed with gzip.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "engine/core/progress.h"
#include "engine/core/tensor.h"
#include "engine/io/files.h"

namespace vitrine::io {

struct IdxOptions {
  core::Index limit_bytes = kFileLimit_bytes;  // numbers a file may hold
  std::stop_token stop = {};
  core::Progress* progress = nullptr;  // of the numbers read
};

// Both accept the file compressed or not, and throw FileError: not IDX, another number type, other axes (the
// image and the label file swapped), cut short, bytes left over, damaged compression, or more numbers than
// the limit; core::Stopped soon after a stop is requested. No more is unpacked than the header promises and
// one byte.

// [N, H, W], bytes.
core::Tensor<std::uint8_t> read_idx_images(const std::filesystem::path& path, const IdxOptions& how = {});
// [N], bytes.
core::Tensor<std::uint8_t> read_idx_labels(const std::filesystem::path& path, const IdxOptions& how = {});

// What read_idx_images will answer, from the header alone: [N, H, W]. Throws FileError.
core::Shape idx_images_shape(const std::filesystem::path& path);

}  // namespace vitrine::io
