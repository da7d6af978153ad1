// safetensors: named float tensors as PyTorch and timm read them (huggingface/safetensors, "Format").
// 8 bytes of header length (little-endian), a JSON header of names, types, shapes and places, then the
// numbers.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/io/files.h"

namespace vitrine::io {

struct NamedTensor {
  std::string name;
  core::Tensor<float> values;
};

// In the given order. Throws std::invalid_argument if a name occurs twice.
std::string encode_safetensors(const std::vector<NamedTensor>& tensors);
// In the order of the data; F64, F16 and BF16 become float (what passes its range, an infinity). The header's
// __metadata__ is skipped. Throws FormatError: cut short, another type, a name twice, a shape that is not its
// place's size, places that overlap, leave gaps or leave the file. Takes no more memory than a few times the
// file's length, whatever the header says.
std::vector<NamedTensor> decode_safetensors(std::string_view bytes);

// The same as a file; both throw FileError, reading also of a file longer than `limit_bytes`.
void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors);
std::vector<NamedTensor> read_safetensors(const std::filesystem::path& path,
                                          core::Index limit_bytes = kFileLimit_bytes);

// What a file says of its tensors, in the order of the data.
struct TensorFacts {
  std::string name;
  core::Shape shape;
};
// Reads only the header. Throws FileError where read_safetensors does before it reads a number.
std::vector<TensorFacts> read_safetensors_header(const std::filesystem::path& path);

}  // namespace vitrine::io
