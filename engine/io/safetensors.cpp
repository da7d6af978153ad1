#include "engine/io/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/half.h"
#include "engine/io/json_text.h"

namespace vitrine::io {

namespace {

using core::Index;
using core::Shape;
using core::Tensor;
using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "the format's numbers are little-endian");

constexpr std::size_t kLength_bytes = 8;
constexpr std::uint64_t kHeaderLimit_bytes = 8 << 20;  // a hundred thousand tensors
constexpr Index kFloat_bytes = sizeof(float);

// A float out of its first 16 bits.
float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

// out[i] = convert(the i-th Stored number of `bytes`), which need not be aligned
template <class Stored, class Convert>
void convert_all(const char* bytes, Tensor<float>& out, Convert convert) {
  for (Index i = 0; i < out.count(); ++i, bytes += sizeof(Stored)) {
    Stored stored;
    std::memcpy(&stored, bytes, sizeof(Stored));
    out[i] = static_cast<float>(convert(stored));
  }
}

// A type of numbers that becomes float.
struct NumberType {
  std::string_view name;
  Index size_bytes;
  void (*read)(const char* bytes, Tensor<float>& out);
};
constexpr NumberType kTypes[] = {
    {"F32", 4,
     [](const char* bytes, Tensor<float>& out) { convert_all<float>(bytes, out, std::identity()); }},
    {"F64", 8,
     [](const char* bytes, Tensor<float>& out) { convert_all<double>(bytes, out, std::identity()); }},
    {"F16", 2,
     [](const char* bytes, Tensor<float>& out) { convert_all<std::uint16_t>(bytes, out, from_f16); }},
    {"BF16", 2,
     [](const char* bytes, Tensor<float>& out) { convert_all<std::uint16_t>(bytes, out, from_bf16); }},
};

const NumberType& type_of(const std::string& name) {
  const auto found = std::ranges::find(kTypes, name, &NumberType::name);
  if (found == std::end(kTypes))
    throw FormatError("numbers of type " + core::printable(name, 20) +
                      ", one of F32, F64, F16, BF16 is expected");
  return *found;
}

// One tensor's place as the header declares it.
struct Entry {
  std::string name;
  const NumberType* type;
  Shape shape;
  Index begin = 0, end = 0;  // bytes from the start of the data
};

const json& member(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) throw FormatError(std::string(name) + " is missing");
  return *found;
}

std::vector<Index> sizes_from(const json& list) {
  if (!list.is_array()) throw FormatError("a list is expected, not " + described(list));
  std::vector<Index> sizes;
  for (const json& size : list) sizes.push_back(integer_from(size));
  return sizes;
}

Entry entry_from(const std::string& name, const json& object) {
  if (!object.is_object()) throw FormatError("an object is expected, not " + described(object));
  for (const auto& [key, value] : object.items())
    if (key != "dtype" && key != "shape" && key != "data_offsets")
      throw FormatError("unknown field " + core::printable(key));
  const NumberType& type = type_of(text_from(member(object, "dtype")));
  const std::vector<Index> place = sizes_from(member(object, "data_offsets"));
  if (place.size() != 2 || place[0] < 0 || place[1] < place[0])
    throw FormatError("data_offsets is not [begin, end]");
  Entry entry{name, &type, Shape(sizes_from(member(object, "shape"))), place[0], place[1]};
  if (core::checked_mul(entry.shape.count(), type.size_bytes) != entry.end - entry.begin)
    throw FormatError("shape " + core::to_string(entry.shape) + " does not fill " +
                      std::to_string(entry.end - entry.begin) + " bytes");
  return entry;
}

// The header's entries in the order of their data, which they fill without gap or overlap.
std::vector<Entry> entries_from(const json& header, Index data_bytes) {
  if (!header.is_object())
    throw FormatError("the header is " + described(header) + ", an object is expected");
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") continue;
    try {
      entries.push_back(entry_from(name, value));
    } catch (const FormatError& error) {
      throw FormatError(core::printable(name) + ": " + error.what());
    } catch (const core::ShapeError& error) {
      throw FormatError(core::printable(name) + ": " + error.what());
    }
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  Index at = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != at)
      throw FormatError(core::printable(entry.name) + ": its data starts at byte " +
                        std::to_string(entry.begin) + ", the one before ends at " + std::to_string(at));
    at = entry.end;
  }
  if (at != data_bytes)
    throw FormatError("the header places " + std::to_string(at) + " bytes of numbers, the file holds " +
                      std::to_string(data_bytes));
  return entries;
}

// Of a file of so many bytes, of which `start` holds at least the first.
std::uint64_t header_bytes(std::string_view start, std::uint64_t file_bytes) {
  std::uint64_t length = 0;
  if (start.size() < kLength_bytes) throw FormatError("is cut short");
  std::memcpy(&length, start.data(), kLength_bytes);
  if (length > kHeaderLimit_bytes || length > file_bytes - kLength_bytes)
    throw FormatError("is cut short or not a safetensors file: its header would be " +
                      std::to_string(length) + " bytes long");
  return length;
}

// Up to so many bytes, fewer where the file ends.
std::string read_some(std::istream& file, std::uint64_t count) {
  std::string bytes(count, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

}  // namespace

std::string encode_safetensors(const std::vector<NamedTensor>& tensors) {
  std::string header = R"({"__metadata__":{"format":"pt"})";
  std::set<std::string_view> names = {"__metadata__"};
  Index at = 0;
  for (const NamedTensor& tensor : tensors) {
    if (!names.insert(tensor.name).second)
      throw std::invalid_argument("two tensors are named " + tensor.name);
    const Index end = at + tensor.values.count() * kFloat_bytes;
    header += "," + json_text(tensor.name) + R"(:{"dtype":"F32","shape":)" +
              core::to_string(tensor.values.shape()) + R"(,"data_offsets":[)" + std::to_string(at) + "," +
              std::to_string(end) + "]}";
    at = end;
  }
  header += "}";
  header.resize((header.size() + kLength_bytes - 1) / kLength_bytes * kLength_bytes, ' ');  // aligns the data

  const std::uint64_t length = header.size();
  std::string bytes(kLength_bytes, '\0');
  std::memcpy(bytes.data(), &length, kLength_bytes);
  bytes.reserve(kLength_bytes + header.size() + static_cast<std::size_t>(at));
  bytes += header;
  for (const NamedTensor& tensor : tensors)
    bytes.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.values().size_bytes());
  return bytes;
}

std::vector<NamedTensor> decode_safetensors(std::string_view bytes) {
  const std::uint64_t length = header_bytes(bytes, bytes.size());
  bytes.remove_prefix(kLength_bytes);
  const std::string_view data = bytes.substr(length);
  std::vector<NamedTensor> tensors;
  for (Entry& entry : entries_from(parse_json(bytes.substr(0, length)), static_cast<Index>(data.size()))) {
    auto values = Tensor<float>::uninitialized(entry.shape);
    entry.type->read(data.data() + entry.begin, values);
    tensors.push_back({std::move(entry.name), std::move(values)});
  }
  return tensors;
}

void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors) {
  write_file(path, encode_safetensors(tensors));
}

std::vector<NamedTensor> read_safetensors(const std::filesystem::path& path, Index limit_bytes) {
  const std::string bytes = read_file(path, limit_bytes);
  try {
    return decode_safetensors(bytes);
  } catch (const FormatError& error) {
    throw FileError(path, error.what());
  }
}

std::vector<TensorFacts> read_safetensors_header(const std::filesystem::path& path) {
  std::error_code failed;
  const std::uint64_t size = std::filesystem::file_size(path, failed);
  std::ifstream file(path, std::ios::binary);
  if (failed || !file) throw FileError(path, failed ? failed.message() : "cannot be read");
  try {
    const std::uint64_t length = header_bytes(read_some(file, kLength_bytes), size);
    const auto data_bytes = static_cast<Index>(size - kLength_bytes - length);
    std::vector<TensorFacts> facts;
    for (Entry& entry : entries_from(parse_json(read_some(file, length)), data_bytes))
      facts.push_back({std::move(entry.name), std::move(entry.shape)});
    return facts;
  } catch (const FormatError& error) {
    throw FileError(path, error.what());
  }
}

}  // namespace vitrine::io
