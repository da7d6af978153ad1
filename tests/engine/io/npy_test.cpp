#include "engine/io/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "engine/io/files.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

using core::Shape;
using core::Tensor;
using testing::HasSubstr;

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

// A .npy as numpy.lib.format describes it, without its padding.
std::string npy(const std::string& header, const std::string& numbers, int version = 1) {
  std::string file = "\x93NUMPY";
  file += {static_cast<char>(version), '\0'};
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file += static_cast<char>(header.size() >> (8 * i));
  return file + header + numbers;
}
std::string described(const std::string& type, const std::string& shape, const char* fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

// The numbers' bytes are those that NumPy 1.24 wrote of np.array(numbers, type).
TEST(Npy, EveryTypeInBothOrders) {
  const double infinity = std::numeric_limits<double>::infinity();
  struct Case {
    std::string type;
    std::string_view hex;
    std::vector<double> numbers;
  };
  const Case cases[] = {
      {"<f2", "003e00800100ff7b007c", {1.5, -0.0, 0x1p-24, 65504, infinity}},
      {">f2", "3e00c000", {1.5, -2}},
      {"<f4", "cdcccc3de6b161ff", {0.1F, -3e38F}},
      {">f4", "3dcccccd", {0.1F}},
      {"<f8", "9a9999999999b93fe807000000000000", {0.1, 1e-320}},
      {">f8", "c004000000000000", {-2.5}},
      {"|i1", "807f", {-128, 127}},
      {"|u1", "c8", {200}},
      {"<i2", "00800201", {-32768, 258}},
      {">i2", "80000102", {-32768, 258}},
      {"<u2", "ffff", {65535}},
      {">u2", "0102", {258}},
      {"<i4", "0000008007000000", {-2147483648.0, 7}},
      {">i4", "fffffffb", {-5}},
      {"<u4", "ffffffff", {4294967295.0}},
      {">u4", "00000001", {1}},
      {"<i8", "00000000000000800300000000000000", {-0x1p63, 3}},
      {">i8", "fffffffffffffffe", {-2}},
      {"<u8", "ffffffffffffffff0100000000000000", {0x1p64, 1}},
      {">u8", "0000000000000102", {258}},
      {"|b1", "0100", {1, 0}},
  };
  for (const auto& [type, hex, numbers] : cases) {
    const std::string shape = "(" + std::to_string(numbers.size()) + ",)";
    const Tensor<double> expected({static_cast<core::Index>(numbers.size())},
                                  std::span<const double>(numbers));
    EXPECT_EQ(decode_npy(npy(described(type, shape), bytes_of(hex))), expected) << type;
  }
}

// np.asfortranarray(np.arange(...).reshape(...)), as NumPy 1.24 wrote it.
TEST(Npy, FortranOrderIsTurned) {
  EXPECT_EQ(decode_npy(npy(described("|i1", "(2, 3)", "True"), bytes_of("000301040205"))),
            Tensor<double>({2, 3}, {0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(decode_npy(npy(described("|u1", "(2, 3, 2)", "True"), bytes_of("00060208040a01070309050b"))),
            Tensor<double>({2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

TEST(Npy, VersionsShapesAndSpellingsOfTheHeader) {
  for (const int version : {1, 2, 3})
    EXPECT_EQ(decode_npy(npy(described("|u1", "(1,)"), "\x07", version)), Tensor<double>({1}, {7}));
  EXPECT_EQ(decode_npy(npy(described("|u1", "()"), "\x07")), Tensor<double>(Shape{}, {7}));
  EXPECT_EQ(decode_npy(npy(described("|u1", "(1, 1,)"), "\x07")), Tensor<double>({1, 1}, {7}));
  EXPECT_EQ(decode_npy(npy(described("<f8", "(0, 3)"), "")), Tensor<double>(Shape{0, 3}));
  EXPECT_EQ(decode_npy(npy(R"({"shape":(1,),"descr":"|u1","fortran_order":False})", "\x07")),
            Tensor<double>({1}, {7}));
}

// np.save(np.array([[1, 2.5]])) of NumPy 1.24, byte for byte.
TEST(Npy, WritesWhatNumPyWrites) {
  const std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }";
  const std::string file = "\x93NUMPY" + std::string("\x01\x00v\x00", 4) + header +
                           std::string(117 - header.size(), ' ') + "\n" +
                           bytes_of("000000000000f03f0000000000000440");
  EXPECT_EQ(encode_npy(Tensor<double>({1, 2}, {1, 2.5})), file);
  const std::string floats = encode_npy(Tensor<float>({3}, {1, 2, 3}));
  EXPECT_EQ(floats.size(), 128u + 12);
  EXPECT_THAT(floats, HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"));
  EXPECT_THAT(encode_npy(Tensor<double>(Shape{}, {1})), HasSubstr("'shape': (), }"));
}

TEST(Npy, FilesReadBackExactly) {
  TemporaryFolder folder;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Tensor<double>& tensor :
       {Tensor<double>(Shape{}, {0.1}), Tensor<double>({2, 2}, {1, -0.0, nan, 5e-324}),
        Tensor<double>(Shape{2, 0}), Tensor<double>({1, 2, 1, 1, 1}, {1, 2})}) {
    write_file(folder / "a.npy", encode_npy(tensor));
    EXPECT_EQ(read_npy(folder / "a.npy"), tensor);
  }
  write_file(folder / "a.npy", encode_npy(Tensor<float>({1}, {0.1F})));
  EXPECT_EQ(read_npy(folder / "a.npy"), Tensor<double>({1}, {0.1F}));
  write_file(folder / "b.npy", "hello");
  EXPECT_EQ(error_of<FileError>([&] { read_npy(folder / "b.npy"); }),
            (folder / "b.npy").string() + ": is not a .npy file");
}

TEST(Npy, EachMistakeHasItsLine) {
  const std::string eight(8, '\0');
  const std::pair<std::string, std::string> cases[] = {
      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", eight),
       "holds records of several fields, one type of numbers is expected"},
      {npy(described("|O", "(1,)"), eight), "holds Python objects, numbers are expected"},
      {npy(described("<c8", "(1,)"), eight),
       "holds numbers of type \"<c8\", f2, f4, f8, i1 to i8, u1 to u8 or b1 is expected"},
      {npy(described("|f8", "(1,)"), eight),
       "holds numbers of type \"|f8\", f2, f4, f8, i1 to i8, u1 to u8 or b1 is expected"},
      {npy(described("<f8", "(-1, -1)"), eight), "a size of -1 is negative"},
      {npy(described("<f8", "(4294967296, 4294967296)"), eight), "4294967296 x 4294967296 passes 2^63"},
      {npy(described("<f8", "(0, 4294967296)"), ""), "holds [0, 4294967296] numbers, the limit is 4194304"},
      {npy(described("|u1", "(4194305,)"), eight), "holds [4194305] numbers, the limit is 4194304"},
      {npy(described("<f8", "(4000000,)"), eight),
       "its header promises [4000000] numbers in 32000000 bytes, there are 8"},
      {npy(described("<f8", "(1,)"), eight + "x"), "its header promises [1] numbers in 8 bytes, there are 9"},
      {npy(described("<f8", "(1)"), eight),
       "its header says \", }\\n\" where a comma behind the only size is expected"},
      {npy("{'descr': '<f8', 'shape': (1,)}", eight),
       "its header does not hold descr, fortran_order and shape"},
      {npy("{'descr': '<f8', 'descr': '<f8'}", eight), "its header holds descr twice"},
      {npy("{'a\nb': 1}", eight), "its header holds an unknown key \"a\\nb\""},
      {npy("{'descr': open('/etc/passwd')}", eight),
       "its header says \"open('/etc/passwd')}\" where a text in quotes is expected"},
      {npy(described("<f8", "(1,)") + "x", eight), "its header says \"x\" where nothing is expected"},
      {npy(described("<f8", "(1,)"), eight, 4), "is of .npy version 4.0, 1.0, 2.0 or 3.0 is expected"},
      {std::string("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF", 12),
       "its header would be 4294967295 bytes long, the limit is 65536"},
  };
  for (const auto& [bytes, error] : cases)
    EXPECT_EQ(error_of<FormatError>([&] { decode_npy(bytes); }), error);
}

TEST(Npy, DamageIsRefused) {
  const std::string whole = encode_npy(Tensor<double>({2}, {1, 2}));
  expect_prefixes_refused<FormatError>(whole, decode_npy);
  EXPECT_GT(refused_bit_flips<FormatError>(whole, decode_npy), 8u * 60);
}

// --- .npz ---

// np.savez_compressed(file, w=np.array([[1, 2], [3, 4]], '<i2'), b=np.array(0.5)) of NumPy 1.24
constexpr std::string_view kCompressed =
    "504b03041400000008000000210000cadc6d4e0000008800000005001400772e6e70790100100088000000000000004e00000000"
    "0000"
    "009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a4aea3a09e965f54529498179f5f94920a12774bcc294e058a1767"
    "2416"
    "a402f91a463a0a469a3a0ab50a64032e460626066606160600504b03041400000008000000210070ee9269470000008800000005"
    "001400"
    "622e6e707901001000880000000000000047000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3"
    "a09e96"
    "5f54529498179f5f94920a12774bcc294e058a17672416a402f91a9a3a0ab50a14012e063078600f00504b010214031400000008"
    "000000"
    "210000cadc6d4e00000088000000050000000000000000000000800100000000772e6e7079504b01021403140000000800000021"
    "0070ee"
    "92694700000088000000050000000000000000000000800185000000622e6e7079504b0506000000000200020066000000030100"
    "000000";

using Files = std::vector<std::pair<std::string, std::string>>;

// A ZIP archive of these files, deflated.
std::string archive(const Files& files) {
  zip_source_t* memory = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(memory);
  zip_t* zip = zip_open_from_source(memory, ZIP_TRUNCATE, nullptr);
  for (const auto& [name, bytes] : files)
    zip_file_add(zip, name.c_str(), zip_source_buffer(zip, bytes.data(), bytes.size(), 0), ZIP_FL_ENC_UTF_8);
  zip_close(zip);
  zip_source_open(memory);
  zip_source_seek(memory, 0, SEEK_END);
  std::string out(static_cast<std::size_t>(zip_source_tell(memory)), '\0');
  zip_source_seek(memory, 0, SEEK_SET);
  zip_source_read(memory, out.data(), out.size());
  zip_source_close(memory);
  zip_source_free(memory);
  return out;
}

// The size that the directory and the entry's own header state, of an archive of one file.
std::string with_stated_size(std::string zip, std::uint32_t size) {
  const std::size_t directory = zip.find("PK\x01\x02");
  for (std::size_t i = 0; i < 4; ++i)
    zip[22 + i] = zip[directory + 24 + i] = static_cast<char>(size >> (8 * i));
  return zip;
}

std::string npz_error(const std::string& bytes) {
  return error_of<FormatError>([&] { decode_npz(bytes); });
}

TEST(Npz, ReadsWhatNumPyWrites) {
  TemporaryFolder folder;
  write_file(folder / "a.npz", bytes_of(kCompressed));
  const auto arrays = read_npz(folder / "a.npz");
  ASSERT_EQ(arrays.size(), 2u);
  EXPECT_EQ(arrays[0].name, "w");
  EXPECT_EQ(arrays[0].values, Tensor<double>({2, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(arrays[1].name, "b");
  EXPECT_EQ(arrays[1].values, Tensor<double>(Shape{}, {0.5}));
}

TEST(Npz, DamageIsRefused) {
  const std::string whole = bytes_of(kCompressed);
  expect_prefixes_refused<FormatError>(whole, decode_npz);
  EXPECT_GT(refused_bit_flips<FormatError>(whole, decode_npz), 8u * 100);
}

TEST(Npz, WhatTheDirectoryStatesIsNeverPassed) {
  const std::string zeros = npy(described("|u1", "(100000,)"), std::string(100000, '\0'));
  const std::string honest = archive({{"a.npy", zeros}});
  EXPECT_EQ(decode_npz(honest)[0].values, Tensor<double>(Shape{100000}));
  EXPECT_THAT(npz_error(with_stated_size(honest, 50)), testing::StartsWith("a: "));
  EXPECT_THAT(npz_error(with_stated_size(honest, 0)), testing::StartsWith("a: "));
  EXPECT_THAT(npz_error(with_stated_size(honest, 100200)), testing::StartsWith("a: "));
  EXPECT_THAT(npz_error(with_stated_size(honest, 0xFFFFFFFE)),
              testing::StartsWith("a.npy: would unpack to 4294967294 bytes, the limit is "));
  EXPECT_THAT(npz_error(with_stated_size(honest, 30'000'000)),
              testing::StartsWith("a.npy: would unpack to 30000000 bytes, more than ZIP can make of "));
}

TEST(Npz, EachMistakeHasItsLine) {
  EXPECT_THAT(npz_error("hello"), testing::StartsWith("is not a .npz archive: "));
  EXPECT_EQ(npz_error(archive({{"read me.txt", "hello"}})), "read me.txt: is no .npy");
  EXPECT_EQ(npz_error(archive({{"a\nb.npy", "hello"}})), "a\\nb: is not a .npy file");
  Files many;
  for (int i = 0; i <= kNpzLimit_entries; ++i) many.emplace_back(std::to_string(i) + ".npy", "");
  EXPECT_EQ(npz_error(archive(many)), "holds 1001 arrays, the limit is 1000");
  std::string twice = archive({{"a.npy", encode_npy(Tensor<float>({1}, {1}))}, {"b.npy", "x"}});
  for (std::size_t at = 0; (at = twice.find("b.npy", at)) != twice.npos;) twice[at] = 'a';
  EXPECT_EQ(npz_error(twice), "a: is there twice");
  TemporaryFolder folder;
  write_file(folder / "a.npz", "hello");
  EXPECT_THAT(error_of<FileError>([&] { read_npz(folder / "a.npz"); }),
              HasSubstr("a.npz: is not a .npz archive"));
}

}  // namespace
}  // namespace vitrine::io
