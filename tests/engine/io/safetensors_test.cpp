#include "engine/io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/io/files.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

using core::Tensor;
using testing::HasSubstr;

// A file with this header and `data_bytes` zero bytes.
std::string file_of(const std::string& header, std::size_t data_bytes) {
  std::string file;
  for (int byte = 0; byte < 8; ++byte) file += static_cast<char>(header.size() >> (8 * byte));
  return file + header + std::string(data_bytes, '\0');
}

TEST(Safetensors, RoundTripKeepsOrderNamesShapesAndBits) {
  TemporaryFolder folder;
  const std::vector<NamedTensor> tensors = {
      {"z.weight", Tensor<float>({2, 3}, {1, -0.0F, 3, 1e-45F, std::nanf(""), 6})},
      {"a", Tensor<float>({1}, {7})},
      {"none", Tensor<float>({0, 4})},
      {"scalar \"q\"", Tensor<float>(core::Shape{}, 2.5F)}};
  write_safetensors(folder / "w.safetensors", tensors);
  const auto back = read_safetensors(folder / "w.safetensors");
  ASSERT_EQ(back.size(), tensors.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ(back[i].name, tensors[i].name);
    EXPECT_EQ(back[i].values, tensors[i].values) << back[i].name;
  }
}

TEST(Safetensors, WritesTheDocumentedBytes) {
  const std::string bytes = encode_safetensors({{"w", Tensor<float>({1}, {1})}});
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  const std::size_t padded = (header.size() + 7) / 8 * 8;
  EXPECT_EQ(bytes.substr(0, 8), std::string({static_cast<char>(padded), 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(bytes.substr(8, header.size()), header);
  EXPECT_EQ(bytes.substr(8 + padded), std::string({0, 0, '\x80', '\x3F'}));
  EXPECT_THROW(encode_safetensors({{"w", {}}, {"w", {}}}), std::invalid_argument);
}

// Each type's numbers by their bits: 1, -2, the smallest above 0, the largest, infinity and NaN.
TEST(Safetensors, OtherTypesBecomeFloats) {
  const auto read = [](const std::string& type, auto bits) {
    const std::size_t size = sizeof(bits[0]);
    std::string data;
    for (const auto number : bits)
      for (std::size_t byte = 0; byte < size; ++byte) data += static_cast<char>(number >> (8 * byte));
    const std::string header = R"({"w":{"dtype":")" + type + R"(","shape":[)" + std::to_string(bits.size()) +
                               R"(],"data_offsets":[0,)" + std::to_string(data.size()) + "]}}";
    const auto tensors = decode_safetensors(file_of(header, 0) + data);
    const auto values = tensors.at(0).values.values();
    return std::vector<float>(values.begin(), values.end());
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const auto half =
      read("F16", std::vector<std::uint16_t>{0x3C00, 0xC000, 0x0001, 0x03FF, 0x0400, 0x7BFF, 0xFC00, 0x8000});
  EXPECT_EQ(half, (std::vector<float>{1, -2, 0x1p-24F, 1023 * 0x1p-24F, 0x1p-14F, 65504, -kInfinity, -0.0F}));
  EXPECT_TRUE(std::signbit(half.back()));
  EXPECT_TRUE(std::isnan(read("F16", std::vector<std::uint16_t>{0x7C01})[0]));
  EXPECT_EQ(read("BF16", std::vector<std::uint16_t>{0x3F80, 0xC000, 0x0001, 0x7F7F, 0x7F80}),
            (std::vector<float>{1, -2, 0x1p-133F, 0x1.FEp127F, kInfinity}));
  EXPECT_EQ(read("F64", std::vector<std::uint64_t>{0x3FF0000000000000, 0xC000000000000000, 0x3FB999999999999A,
                                                   0x7FF0000000000000}),
            (std::vector<float>{1, -2, 0.1F, kInfinity}));
  EXPECT_EQ(read("F32", std::vector<std::uint32_t>{0x3F800000, 0x00000001}),
            (std::vector<float>{1, 0x1p-149F}));
}

// As the package safetensors may write it: metadata anywhere, entries in any order, mixed types, spaces.
TEST(Safetensors, TakesWhatOthersWrite) {
  const auto tensors =
      decode_safetensors(file_of(R"({"b": {"shape": [2], "dtype": "F32", "data_offsets": [2, 10]}, )"
                                 R"("__metadata__": {"format": "pt", "made by": "someone"}, )"
                                 R"("a": {"data_offsets": [0, 2], "dtype": "BF16", "shape": []}}      )",
                                 10));
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors[0].name, "a");
  EXPECT_EQ(tensors[0].values.shape(), core::Shape{});
  EXPECT_EQ(tensors[1].name, "b");
  EXPECT_EQ(tensors[1].values, Tensor<float>({2}));
}

TEST(Safetensors, DamageIsRefused) {
  const std::string whole =
      encode_safetensors({{"w", Tensor<float>({2}, {1, 2})}, {"b", Tensor<float>({1}, {3})}});
  expect_prefixes_refused<FormatError>(whole, decode_safetensors);
  EXPECT_GT(refused_bit_flips<FormatError>(whole, decode_safetensors), 100u);
}

struct BadHeader {
  std::string header;
  std::size_t data_bytes;
  std::string_view error;
};

TEST(Safetensors, EachLieHasItsLine) {
  const BadHeader cases[] = {
      {R"({"w":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}})", 4,
       "w: numbers of type I16, one of F32, F64, F16, BF16 is expected"},
      {R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "w: shape [2] does not fill 4 bytes"},
      {R"({"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "w: a size of -1 is negative"},
      {R"({"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}})", 4,
       "w: 4611686018427387904 x 4 passes 2^63"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "w: data_offsets is not [begin, end]"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, "w: data_offsets is not [begin, end]"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 3,
       "the header places 4 bytes of numbers, the file holds 3"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8,
       "w: its data starts at byte 4, the one before ends at 0"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       8, "b: its data starts at byte 4, the one before ends at 8"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", 4, "w: unknown field x"},
      {R"({"w":{"dtype":"F32","data_offsets":[0,4]}})", 4, "w: shape is missing"},
      {R"({"w":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}})", 8, "w: shape [2] does not fill 8 bytes"},
      {R"({"w":{"dtype":"F64","shape":[1152921504606846976],"data_offsets":[0,0]}})", 0,
       "w: 1152921504606846976 x 8 passes 2^63"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]}})", 4,
       "w: 18446744073709551615 is beyond a 64-bit integer's range"},
      {R"({"w":{"dtype":"F32","shape":[2305843009213693951],"data_offsets":[0,9223372036854775804]}})", 4,
       "the header places 9223372036854775804 bytes of numbers, the file holds 4"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       8, "the key \"w\" occurs twice in one object"},
      {R"({"w":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", 4, "w: text is expected, not 7"},
      {R"({"w":{"dtype":"F32","shape":3,"data_offsets":[0,4]}})", 4, "w: a list is expected, not 3"},
      {R"({"w":[1]})", 4, "w: an object is expected, not a list"},
      {"[]", 0, "the header is an empty list, an object is expected"},
  };
  for (const auto& [header, data_bytes, error] : cases)
    EXPECT_EQ(error_of<FormatError>([&] { decode_safetensors(file_of(header, data_bytes)); }), error)
        << header;
  EXPECT_THAT(error_of<FormatError>([] { decode_safetensors(file_of(std::string((8 << 20) + 1, ' '), 0)); }),
              HasSubstr("its header would be 8388609 bytes long"));
  EXPECT_THAT(error_of<FormatError>([] { decode_safetensors(std::string(20, '\xFF')); }),
              HasSubstr("18446744073709551615 bytes long"));
  EXPECT_THAT(error_of<FormatError>([] { decode_safetensors(file_of("{\"w\":", 0)); }),
              HasSubstr("not JSON"));
}

}  // namespace
}  // namespace vitrine::io
