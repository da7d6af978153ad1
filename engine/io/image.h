// Pictures: PNG, JPEG and PNM files as tensors of numbers, and PNG files from bytes.
// Sizes are checked in the header before anything is decoded; what is damaged is refused, never shown.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::io {

inline constexpr core::Index kImageLimit_pixels = core::Index{64} << 20;
inline constexpr core::Index kImageLimit_bytes = core::Index{400} << 20;  // of a file

struct Image {
  core::Tensor<float> pixels;  // [C, H, W], 0 to 1; C = 1 (grey) or 3 (red, green, blue)
};

// A PNG, JPEG or PNM, told apart by its first bytes: value / 255 (or / 65535, a PNM's maxval), alpha a over
// white: a*v + (1 - a). Throws FileError: unreadable, no such format, damaged, cut short, above
// kImageLimit_pixels, or CMYK.
Image read_image(const std::filesystem::path& path);
// The same from memory; throws FormatError.
Image decode_image(std::string_view file_bytes);

// Throws FormatError unless a picture has a pixel and at most kImageLimit_pixels.
void check_image_size(core::Index height, core::Index width);

// Rec. 601's luma 0.299 red + 0.587 green + 0.114 blue of [3, H, W], as [1, H, W]; a grey picture as it is.
core::Tensor<float> grey(const core::Tensor<float>& pixels);

// 8-bit PNG of H x W pixels of 1 (grey), 3 (RGB) or 4 (RGBA) bytes, row by row from the top.
// Throws ShapeError if the bytes are not height * width * channels, FileError if the file cannot be written.
void write_png(const std::filesystem::path& path, core::Index height, core::Index width, core::Index channels,
               std::span<const std::uint8_t> bytes);

}  // namespace vitrine::io
