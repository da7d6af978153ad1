#include "engine/io/image.h"

#include <cstdio>  // jpeglib.h needs FILE

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include <vector>

#include "engine/io/files.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

using Bytes = std::vector<std::uint8_t>;
using core::Shape;
using core::Tensor;

struct PngForm {
  unsigned width, height;
  int bits, colour, interlace = PNG_INTERLACE_NONE;
  std::vector<png_color> palette = {};
  Bytes palette_alpha = {};
};

// A PNG of any form; rows hold packed samples.
std::string encode_png(const PngForm& form, std::vector<Bytes> rows) {
  std::string file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp writer, png_bytep data, std::size_t size) {
        static_cast<std::string*>(png_get_io_ptr(writer))->append(reinterpret_cast<char*>(data), size);
      },
      nullptr);
  png_set_IHDR(png, info, form.width, form.height, form.bits, form.colour, form.interlace,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!form.palette.empty())
    png_set_PLTE(png, info, form.palette.data(), static_cast<int>(form.palette.size()));
  if (!form.palette_alpha.empty())
    png_set_tRNS(png, info, form.palette_alpha.data(), static_cast<int>(form.palette_alpha.size()), nullptr);
  std::vector<png_bytep> row_pointers;
  for (Bytes& row : rows) row_pointers.push_back(row.data());
  png_set_rows(png, info, row_pointers.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

std::string encode_jpeg(unsigned width, unsigned height, int channels, const Bytes& bytes,
                        bool progressive = false) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &out, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (unsigned row = 0; row < height; ++row) {
    auto* line = const_cast<JSAMPLE*>(&bytes[row * width * static_cast<unsigned>(channels)]);
    jpeg_write_scanlines(&jpeg, &line, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string file(reinterpret_cast<char*>(out), size);
  free(out);
  return file;
}

std::string decode_error(const std::string& bytes) {
  return error_of<FormatError>([&] { decode_image(bytes); });
}

TEST(Png, WrittenPicturesReadBackExactly) {
  TemporaryFolder folder;
  const Bytes grey = {0, 51, 102, 153, 204, 255};
  write_png(folder / "grey.png", 2, 3, 1, grey);
  const Tensor<float> pixels = read_image(folder / "grey.png").pixels;
  ASSERT_EQ(pixels.shape(), (Shape{1, 2, 3}));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(pixels[i], static_cast<float>(51 * i) / 255.0F);

  write_png(folder / "rgb.png", 1, 2, 3, Bytes{255, 0, 51, 102, 153, 204});
  EXPECT_EQ(read_image(folder / "rgb.png").pixels,
            Tensor<float>({3, 1, 2}, {1, 102 / 255.0F, 0, 153 / 255.0F, 51 / 255.0F, 204 / 255.0F}));
}

TEST(Png, AlphaLiesOverWhite) {
  TemporaryFolder folder;
  write_png(folder / "rgba.png", 1, 3, 4, Bytes{255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 51});
  const Tensor<float> pixels = read_image(folder / "rgba.png").pixels;
  ASSERT_EQ(pixels.shape(), (Shape{3, 1, 3}));
  const float expected[] = {1, 1, 0.8F, 0, 1, 0.8F, 0, 1, 0.8F};
  for (int i = 0; i < 9; ++i) EXPECT_NEAR(pixels[i], expected[i], 1e-7F) << i;
}

TEST(Png, EveryForm) {
  const auto decoded = [](const PngForm& form, std::vector<Bytes> rows) {
    return decode_image(encode_png(form, std::move(rows))).pixels;
  };
  EXPECT_EQ(decoded({2, 1, 16, PNG_COLOR_TYPE_GRAY}, {{0x12, 0x34, 0xFF, 0xFF}}),
            Tensor<float>({1, 1, 2}, {0x1234 / 65535.0F, 1}));
  EXPECT_EQ(decoded({1, 1, 16, PNG_COLOR_TYPE_GRAY_ALPHA}, {{0, 0, 0x80, 0}}),
            Tensor<float>({1, 1, 1}, {1 - 0x8000 / 65535.0F}));
  EXPECT_EQ(decoded({4, 1, 1, PNG_COLOR_TYPE_GRAY}, {{0b10100000}}), Tensor<float>({1, 1, 4}, {1, 0, 1, 0}));
  EXPECT_EQ(decoded({2, 1, 4, PNG_COLOR_TYPE_GRAY}, {{0x3F}}), Tensor<float>({1, 1, 2}, {0.2F, 1}));
  const std::vector<png_color> palette = {{255, 0, 0}, {0, 0, 255}};
  EXPECT_EQ(decoded({2, 1, 1, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE, palette}, {{0b01000000}}),
            Tensor<float>({3, 1, 2}, {1, 0, 0, 0, 0, 1}));
  EXPECT_EQ(decoded({2, 1, 1, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE, palette, {0}}, {{0b01000000}}),
            Tensor<float>({3, 1, 2}, {1, 0, 1, 0, 1, 1}));
  std::vector<Bytes> rows(9, Bytes(9));
  for (int i = 0; i < 81; ++i)
    rows[static_cast<std::size_t>(i / 9)][static_cast<std::size_t>(i % 9)] = static_cast<std::uint8_t>(3 * i);
  EXPECT_EQ(decoded({9, 9, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_ADAM7}, rows),
            decoded({9, 9, 8, PNG_COLOR_TYPE_GRAY}, rows));
}

TEST(Png, DamageIsRefused) {
  const std::string rgb = encode_png({3, 2, 8, PNG_COLOR_TYPE_RGB}, {Bytes(9, 100), Bytes(9, 200)});
  expect_prefixes_refused<FormatError>(rgb, decode_image);
  // Only the ancillary bits of chunk names are not covered by a checksum that libpng insists on.
  EXPECT_GT(refused_bit_flips<FormatError>(rgb, decode_image), 8 * rgb.size() * 95 / 100);
  const std::string interlaced =
      encode_png({4, 4, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_ADAM7}, std::vector<Bytes>(4, Bytes(4, 9)));
  expect_prefixes_refused<FormatError>(interlaced, decode_image);
}

// Sets the size in a PNG's header and mends the header's checksum.
std::string with_png_size(std::string file, std::uint32_t width, std::uint32_t height) {
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (int i = 0; i < 4; ++i)
      file[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (24 - 8 * i));
  };
  put(16, width);
  put(20, height);
  put(29, static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(&file[12]), 17)));
  return file;
}

TEST(Png, LyingHeadersCostNothing) {
  const std::string small = encode_png({2, 2, 8, PNG_COLOR_TYPE_RGB}, {Bytes(6, 1), Bytes(6, 2)});
  EXPECT_EQ(decode_error(with_png_size(small, 8000, 8000)), "PNG: is cut short");
  EXPECT_EQ(decode_error(with_png_size(small, 8193, 8193)),
            "a picture of 8193 x 8193 pixels, the limit is 64 megapixels");
  EXPECT_EQ(decode_error(with_png_size(small, 0x7FFFFFFF, 0x7FFFFFFF)),
            "a picture of 2147483647 x 2147483647 pixels, the limit is 64 megapixels");
  EXPECT_THAT(decode_error(with_png_size(small, 2, 3)), testing::StartsWith("PNG: "));
  EXPECT_THAT(decode_error(with_png_size(small, 0, 3)), testing::StartsWith("PNG: "));
}

TEST(Png, RefusesToWriteWhatIsNoPicture) {
  EXPECT_EQ(error_of<core::ShapeError>([] { write_png("unused.png", 2, 2, 2, Bytes(8)); }),
            "a PNG of [2, 2, 2] (rows, pixels, 1, 3 or 4 bytes) does not hold 8 bytes");
  EXPECT_THROW(write_png("unused.png", 2, 2, 3, Bytes(8)), core::ShapeError);
  EXPECT_THROW(write_png("unused.png", 0, 2, 3, {}), FormatError);
}

TEST(Jpeg, ReadsGreyAndColourWithinItsPrecision) {
  const Tensor<float> grey = decode_image(encode_jpeg(16, 8, 1, Bytes(128, 51))).pixels;
  ASSERT_EQ(grey.shape(), (Shape{1, 8, 16}));
  for (const float value : grey.values()) EXPECT_NEAR(value, 0.2F, 1.5F / 255);

  Bytes red(3 * 64);
  for (std::size_t i = 0; i < red.size(); i += 3) red[i] = 255;
  for (const bool progressive : {false, true}) {
    const Tensor<float> colour = decode_image(encode_jpeg(8, 8, 3, red, progressive)).pixels;
    ASSERT_EQ(colour.shape(), (Shape{3, 8, 8}));
    EXPECT_NEAR(colour(0, 4, 4), 1, 2.5F / 255);
    EXPECT_NEAR(colour(1, 4, 4), 0, 2.5F / 255);
    EXPECT_NEAR(colour(2, 4, 4), 0, 2.5F / 255);
  }
}

TEST(Jpeg, DamageIsRefused) {
  Bytes bytes(3 * 16 * 16);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i);
  for (const bool progressive : {false, true}) {
    const std::string whole = encode_jpeg(16, 16, 3, bytes, progressive);
    expect_prefixes_refused<FormatError>(whole, decode_image);
    EXPECT_GT(refused_bit_flips<FormatError>(whole, decode_image), 0u);  // the rest shows another picture
  }
}

TEST(Jpeg, RefusesCmykAndLyingHeaders) {
  EXPECT_EQ(decode_error(encode_jpeg(8, 8, 4, Bytes(256, 9))), "JPEG: CMYK colours; save it as RGB");
  std::string whole = encode_jpeg(8, 8, 1, Bytes(64, 9));
  const std::size_t frame = whole.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  whole.replace(frame + 5, 4, "\xFF\xDC\xFF\xDC");
  EXPECT_EQ(decode_error(whole), "a picture of 65500 x 65500 pixels, the limit is 64 megapixels");
  whole.replace(frame + 5, 4, "\x1F\x00\x1F\x00", 4);
  EXPECT_THAT(decode_error(whole), testing::StartsWith("JPEG: "));
}

TEST(Image, OtherFilesAreNamed) {
  TemporaryFolder folder;
  write_file(folder / "note.png", "not a picture");
  EXPECT_EQ(error_of<FileError>([&] { read_image(folder / "note.png"); }),
            (folder / "note.png").string() + ": is no PNG, JPEG or PNM picture");
  EXPECT_EQ(decode_error(""), "is no PNG, JPEG or PNM picture");
}

TEST(Grey, IsTheLumaOfColoursAndGreyItself) {
  const core::Tensor<float> two({3, 1, 2}, {1, 0.5f, 0, 0.5f, 0, 0.5f});
  const core::Tensor<float> luma = grey(two);
  EXPECT_EQ(luma.shape(), (core::Shape{1, 1, 2}));
  EXPECT_NEAR(luma[0], 0.299, 1e-6);
  EXPECT_NEAR(luma[1], 0.5, 1e-6);
  EXPECT_EQ(grey(luma), luma);
}

}  // namespace
}  // namespace vitrine::io
