#include "engine/io/pnm.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/io/files.h"
#include "engine/io/image.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

using core::Tensor;
using namespace std::string_literals;

std::string error_in(const std::string& bytes) {
  return error_of<FormatError>([&] { decode_pnm(bytes); });
}

// pbm(5), pgm(5) and ppm(5), each in both forms.
TEST(Pnm, EveryKind) {
  const Tensor<float> bits({1, 2, 3}, {0, 1, 0, 1, 0, 1});  // a set bit is black
  EXPECT_EQ(decode_pnm("P1 3 2 1 0 1 0 1 0"), bits);
  EXPECT_EQ(decode_pnm("P1 3 2\n101\n010\n"), bits);
  EXPECT_EQ(decode_pnm("P4 3 2\n\xA0\x5F"s), bits);  // the rest of each byte is not looked at
  const Tensor<float> grey({1, 1, 3}, {0, 0.2F, 1});
  EXPECT_EQ(decode_pnm("P2 3 1 15 0 3 15"), grey);
  EXPECT_EQ(decode_pnm("P5 3 1 15\n\x00\x03\x0F"s), grey);
  const Tensor<float> colours({3, 1, 2}, {1, 0, 0, 0.2F, 0, 1});
  EXPECT_EQ(decode_pnm("P3 2 1 255 255 0 0 0 51 255"), colours);
  EXPECT_EQ(decode_pnm("P6 2 1 255\n\xFF\x00\x00\x00\x33\xFF"s), colours);
}

TEST(Pnm, ABitRowEndsWithItsByte) {
  EXPECT_EQ(decode_pnm("P4 9 2\n\x00\x80\xFF\x00"s),
            Tensor<float>({1, 2, 9}, {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(Pnm, LargeMaxvalsTakeTwoBytesHighFirst) {
  EXPECT_EQ(decode_pnm("P5 2 1 65535\n\x12\x34\xFF\xFF"s), Tensor<float>({1, 1, 2}, {0x1234 / 65535.0F, 1}));
  EXPECT_EQ(decode_pnm("P5 1 1 256\n\x00\x80"s), Tensor<float>({1, 1, 1}, {0.5F}));
  EXPECT_EQ(decode_pnm("P6 1 1 1000\n\x03\xE8\x01\xF4\x00\x00"s), Tensor<float>({3, 1, 1}, {1, 0.5F, 0}));
}

TEST(Pnm, CommentsMayStandBetweenNumbers) {
  EXPECT_EQ(decode_pnm("P2# 9 9\n#\n1 # w\r\n1\n255#\n # v\n51 # end"), Tensor<float>({1, 1, 1}, {0.2F}));
  EXPECT_EQ(decode_pnm("P5\n# GIMP\n1 1\n255\n#"), Tensor<float>({1, 1, 1}, {'#' / 255.0F}));  // a pixel
}

TEST(Pnm, IsReadAsAnyPicture) {
  TemporaryFolder folder;
  write_file(folder / "a.pgm", "P5 1 1 255\n\x33");
  EXPECT_EQ(read_image(folder / "a.pgm").pixels, Tensor<float>({1, 1, 1}, {0.2F}));
  EXPECT_EQ(error_of<FormatError>([] { decode_image("P7 1 1"); }), "is no PNG, JPEG or PNM picture");
  EXPECT_EQ(error_in("Pixels"), "is no PNM picture");
}

TEST(Pnm, EachMistakeHasItsLine) {
  const std::pair<std::string, std::string> cases[] = {
      {"P5 20000 20000 255\n", "a picture of 20000 x 20000 pixels, the limit is 64 megapixels"},
      {"P5 0 3 255\n", "a picture of 0 x 3 pixels, the limit is 64 megapixels"},
      {"P5 9223372036854775807 9223372036854775807 255\n",
       "a picture of 9223372036854775807 x 9223372036854775807 pixels, the limit is 64 megapixels"},
      {"P6 8000 8000 65535\n12",
       "PNM: is cut short: 8000 x 8000 pixels take at least 384000000 bytes, there are 2"},
      {"P1 8000 8000 0", "PNM: is cut short: 8000 x 8000 pixels take at least 64000000 bytes, there are 2"},
      {"P5 1 1 255\n\x01\x02", "PNM: 1 bytes are left over"},
      {"P2 1 1 255 1 2", "PNM: 1 bytes are left over"},
      {"P2 2 1 10 1 11", "PNM: row 1, sample 2: 11 is above maxval 10"},
      {"P2 1 1 0 0", "PNM: a maxval of 0, 1 to 65535 is expected"},
      {"P2 1 1 65536 0", "PNM: a maxval of 65536, 1 to 65535 is expected"},
      {"P5 -1 1 255\n1", "PNM: width is expected, not \"-1 1 255\\n1\""},
      {"P5 99999999999999999999 1 255\n1", "PNM: width is expected, not \"99999999999999999999\""},
      {"P5 1 1", "PNM: maxval is expected, not the end"},
      {"P5 1 1 255x1", "PNM: a blank is expected behind the header"},
      {"P1 1 1 2", "PNM: 0 or 1 is expected"},
      {"P2 1 1 9 x ", "PNM: a number is expected, not \"x \""},
  };
  for (const auto& [bytes, error] : cases) EXPECT_EQ(error_in(bytes), error) << bytes;
}

TEST(Pnm, DamageIsRefused) {
  for (const std::string& whole : {"P6 2 1 255\n123456"s, "P4 9 1\n\x01\x80"s, "P3 1 1 255 255 255 100"s}) {
    expect_prefixes_refused<FormatError>(whole.substr(0, whole.size() - (whole[1] == '3' ? 2 : 0)),
                                         [&](const std::string& bytes) { decode_pnm(bytes); });
    EXPECT_GT(refused_bit_flips<std::runtime_error>(whole, [](const std::string& b) { decode_pnm(b); }), 20u);
  }
}

}  // namespace
}  // namespace vitrine::io
