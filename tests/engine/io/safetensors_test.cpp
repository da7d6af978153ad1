#include "engine/io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

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
      {R"({"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", 4,
       "w: numbers of type F16, F32 is expected"},
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
      {R"({"w":[1]})", 4, "w: an object is expected, not a list"},
      {"[]", 0, "the header is an empty list, an object is expected"},
  };
  for (const auto& [header, data_bytes, error] : cases)
    EXPECT_EQ(error_of<FormatError>([&] { decode_safetensors(file_of(header, data_bytes)); }), error)
        << header;
  EXPECT_THAT(error_of<FormatError>([] { decode_safetensors(std::string(20, '\xFF')); }),
              HasSubstr("18446744073709551615 bytes long"));
  EXPECT_THAT(error_of<FormatError>([] { decode_safetensors(file_of("{\"w\":", 0)); }),
              HasSubstr("not JSON"));
}

}  // namespace
}  // namespace vitrine::io
