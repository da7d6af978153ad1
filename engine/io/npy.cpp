#include "engine/io/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/half.h"
#include "engine/io/npy_header.h"
#include "engine/io/npy_limited.h"

namespace vitrine::io {

namespace {

using core::Index;
using core::Tensor;

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kVersion_bytes = 2;
constexpr std::size_t kHeaderLimit_bytes = 1 << 16;
constexpr std::size_t kDataAlignment_bytes = 64;

// One number out of its bytes, whose order may have to be turned.
template <class Stored>
double number_at(const char* bytes, bool turned) {
  std::array<char, sizeof(Stored)> copy;
  std::memcpy(copy.data(), bytes, sizeof(Stored));
  if (turned) std::reverse(copy.begin(), copy.end());
  return static_cast<double>(std::bit_cast<Stored>(copy));
}
double half_at(const char* bytes, bool turned) {
  std::array<char, 2> copy = {bytes[0], bytes[1]};
  if (turned) std::swap(copy[0], copy[1]);
  return from_f16(std::bit_cast<std::uint16_t>(copy));
}
double flag_at(const char* bytes, bool) { return *bytes != 0 ? 1 : 0; }

struct NumberType {
  std::string_view name;
  Index size_bytes;
  double (*read)(const char* bytes, bool turned);
};
constexpr NumberType kTypes[] = {
    {"f2", 2, half_at},
    {"f4", 4, number_at<float>},
    {"f8", 8, number_at<double>},
    {"i1", 1, number_at<std::int8_t>},
    {"i2", 2, number_at<std::int16_t>},
    {"i4", 4, number_at<std::int32_t>},
    {"i8", 8, number_at<std::int64_t>},
    {"u1", 1, number_at<std::uint8_t>},
    {"u2", 2, number_at<std::uint16_t>},
    {"u4", 4, number_at<std::uint32_t>},
    {"u8", 8, number_at<std::uint64_t>},
    {"b1", 1, flag_at},
};

// Of "<f8": its row, when the order of its bytes is one that the size allows.
const NumberType& type_of(std::string_view descr) {
  if (descr.ends_with('O')) throw FormatError("holds Python objects, numbers are expected");
  if (!descr.empty()) {
    const char order = descr[0];
    const auto found = std::ranges::find(kTypes, descr.substr(1), &NumberType::name);
    if (found != std::end(kTypes) &&
        (order == '<' || order == '>' || (order == '|' && found->size_bytes == 1)))
      return *found;
  }
  throw FormatError("holds numbers of type \"" + core::printable(descr, 20) +
                    "\", f2, f4, f8, i1 to i8, u1 to u8 or b1 is expected");
}

// Of each number of a row-major tensor, taken with the first axis running fastest: its place in memory.
class FortranOrder {
 public:
  explicit FortranOrder(const core::Shape& shape) : shape_(shape), strides_(shape.rank()), at_(shape.rank()) {
    Index stride = 1;
    for (std::size_t axis = shape.rank(); axis-- > 0; stride *= shape[axis]) strides_[axis] = stride;
  }
  Index next() {
    const Index place = place_;
    for (std::size_t axis = 0; axis < at_.size(); ++axis) {
      place_ += strides_[axis];
      if (++at_[axis] < shape_[axis]) break;
      place_ -= strides_[axis] * shape_[axis];
      at_[axis] = 0;
    }
    return place;
  }

 private:
  const core::Shape& shape_;
  std::vector<Index> strides_, at_;
  Index place_ = 0;
};

// The header's text; `bytes` then begins with the numbers.
std::string_view take_header(std::string_view& bytes) {
  if (!bytes.starts_with(kMagic)) throw FormatError("is not a .npy file");
  bytes.remove_prefix(kMagic.size());
  if (bytes.size() < kVersion_bytes) throw FormatError("is cut short");
  const auto major = static_cast<unsigned char>(bytes[0]), minor = static_cast<unsigned char>(bytes[1]);
  if (major < 1 || major > 3 || minor != 0)
    throw FormatError("is of .npy version " + std::to_string(major) + "." + std::to_string(minor) +
                      ", 1.0, 2.0 or 3.0 is expected");
  bytes.remove_prefix(kVersion_bytes);
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  std::uint32_t length = 0;
  if (bytes.size() < length_bytes) throw FormatError("is cut short");
  std::memcpy(&length, bytes.data(), length_bytes);
  bytes.remove_prefix(length_bytes);
  if (length > kHeaderLimit_bytes)
    throw FormatError("its header would be " + std::to_string(length) + " bytes long, the limit is " +
                      std::to_string(kHeaderLimit_bytes));
  if (length > bytes.size())
    throw FormatError("is cut short: its header would be " + std::to_string(length) + " bytes long");
  const std::string_view header = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return header;
}

void check_size(const core::Shape& shape, Index number_bytes, std::size_t found_bytes, Index limit_numbers) {
  const bool within =
      std::ranges::all_of(shape.sizes(), [](Index size) { return size <= kNpyLimit_numbers; });
  if (!within || shape.count() > limit_numbers)
    throw FormatError("holds " + core::to_string(shape) + " numbers, the limit is " +
                      std::to_string(limit_numbers));
  if (const Index bytes = shape.count() * number_bytes; bytes != static_cast<Index>(found_bytes))
    throw FormatError("its header promises " + core::to_string(shape) + " numbers in " +
                      std::to_string(bytes) + " bytes, there are " + std::to_string(found_bytes));
}

template <class T>
std::string encode(const Tensor<T>& tensor, std::string_view type) {
  std::string sizes;
  for (const Index size : tensor.shape().sizes()) sizes += std::to_string(size) + ", ";
  if (tensor.rank() > 0) sizes.resize(sizes.size() - (tensor.rank() > 1 ? 2 : 1));  // (2, 3) but (3,)
  std::string header =
      "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  const std::size_t before = kMagic.size() + kVersion_bytes + 2;
  const std::size_t whole = before + header.size() + 1;
  header.append((kDataAlignment_bytes - whole % kDataAlignment_bytes) % kDataAlignment_bytes, ' ');
  header += '\n';
  if (header.size() >= kHeaderLimit_bytes)
    throw core::ShapeError("a tensor of " + std::to_string(tensor.rank()) + " axes does not fit into a .npy");
  std::string bytes(kMagic);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  bytes += header;
  if (!tensor.empty())
    bytes.append(reinterpret_cast<const char*>(tensor.data()), tensor.values().size_bytes());
  return bytes;
}

}  // namespace

Tensor<double> decode_npy_within(std::string_view bytes, Index limit_numbers) {
  const NpyHeader header = parse_npy_header(take_header(bytes));
  const NumberType& type = type_of(header.type);
  check_size(header.shape, type.size_bytes, bytes.size(), limit_numbers);
  auto tensor = Tensor<double>::uninitialized(header.shape);
  const bool turned = header.type[0] == '>';
  if (tensor.empty()) return tensor;
  FortranOrder order(header.shape);
  for (Index i = 0; i < tensor.count(); ++i)
    tensor[header.fortran_order ? order.next() : i] = type.read(bytes.data() + i * type.size_bytes, turned);
  return tensor;
}

Tensor<double> decode_npy(std::string_view bytes) { return decode_npy_within(bytes, kNpyLimit_numbers); }

Tensor<double> read_npy(const std::filesystem::path& path) {
  try {
    return decode_npy(read_file(path, kNpyLimit_bytes));
  } catch (const FormatError& error) {
    throw FileError(path, error.what());
  }
}

std::string encode_npy(const Tensor<double>& tensor) { return encode(tensor, "<f8"); }
std::string encode_npy(const Tensor<float>& tensor) { return encode(tensor, "<f4"); }

}  // namespace vitrine::io
