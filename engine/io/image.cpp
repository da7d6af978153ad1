#include "engine/io/image.h"

#include <csetjmp>
#include <cstdio>  // jpeglib.h needs FILE

#include <jpeglib.h>
#include <png.h>

#include <jerror.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/pnm.h"

namespace vitrine::io {

namespace {

using core::Index;
using core::Tensor;

// The decoded samples of a picture, as the file orders them: rows, pixels, channels.
struct Samples {
  Index height = 0, width = 0;
  Index channels = 0;      // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
  Index sample_bytes = 1;  // 2: high byte first
  std::vector<std::uint8_t> bytes;
  std::size_t row_bytes() const { return static_cast<std::size_t>(width * channels * sample_bytes); }
};

// What a C decoder leaves behind when it jumps out: the reason, in fixed memory that needs no destructor.
struct Reason {
  std::array<char, 200> text{};
  void set(const char* message) {
    const std::size_t length = std::min(std::strlen(message), text.size() - 1);
    std::memcpy(text.data(), message, length);
    text[length] = '\0';
  }
  std::string line() const { return core::printable(text.data()); }
};

// --- PNG ---

// libpng's structures; errors inside it jump back to the last guard.
class PngDecoder {
 public:
  explicit PngDecoder(std::string_view bytes) : rest_(bytes), size_bytes_(bytes.size()) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reason_, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, &info_, nullptr);
      throw std::bad_alloc();
    }
    png_set_read_fn(png_, this, on_read);
  }
  ~PngDecoder() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;

  Samples decode() {
    if (!read_header()) refuse();
    Samples samples;
    samples.height = png_get_image_height(png_, info_);
    samples.width = png_get_image_width(png_, info_);
    check_image_size(samples.height, samples.width);
    // Deflate makes bytes at most 1032 times as many: a header that promises more than the file can hold
    // costs no memory.
    constexpr std::size_t kMostFromOneByte = 1032;
    if (png_get_rowbytes(png_, info_) * static_cast<std::size_t>(samples.height) / kMostFromOneByte >
        size_bytes_)
      throw FormatError("PNG: is cut short");
    if (!prepare()) refuse();
    samples.channels = png_get_channels(png_, info_);
    samples.sample_bytes = png_get_bit_depth(png_, info_) == 16 ? 2 : 1;
    samples.bytes.resize(samples.row_bytes() * static_cast<std::size_t>(samples.height));
    std::vector<png_bytep> rows(static_cast<std::size_t>(samples.height));
    for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = &samples.bytes[row * samples.row_bytes()];
    if (!read_rows(rows.data())) refuse();
    return samples;
  }

 private:
  // Each guard calls into libpng and holds nothing that a jump would leave undestroyed.
  bool read_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_user_limits(png_, PNG_UINT_31_MAX,
                        PNG_UINT_31_MAX);  // check_image_size judges, with a message of ours
    png_read_info(png_, info_);
    return true;
  }
  bool prepare() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_expand(png_);  // palettes to RGB, grey below 8 bits to 8, a transparent colour to alpha
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }
  bool read_rows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }
  [[noreturn]] void refuse() const { throw FormatError("PNG: " + reason_.line()); }

  static void on_read(png_structp png, png_bytep out, std::size_t size) {
    auto& rest = static_cast<PngDecoder*>(png_get_io_ptr(png))->rest_;
    if (size > rest.size()) png_error(png, "is cut short");
    std::memcpy(out, rest.data(), size);
    rest.remove_prefix(size);
  }
  static void on_error(png_structp png, png_const_charp message) {
    static_cast<Reason*>(png_get_error_ptr(png))->set(message);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}

  std::string_view rest_;
  std::size_t size_bytes_;
  Reason reason_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

// --- JPEG ---

// libjpeg's structures; errors inside it, and warnings that mean lost pixels, jump back to the last guard.
class JpegDecoder {
 public:
  explicit JpegDecoder(std::string_view bytes) {
    jpeg_.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    progress_.progress_monitor = on_progress;
    jpeg_.client_data = this;
    if (!create(bytes)) refuse();
  }
  ~JpegDecoder() { jpeg_destroy_decompress(&jpeg_); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  Samples decode() {
    if (!read_header()) refuse();
    Samples samples;
    samples.height = jpeg_.image_height;
    samples.width = jpeg_.image_width;
    check_image_size(samples.height, samples.width);
    if (jpeg_.jpeg_color_space == JCS_CMYK || jpeg_.jpeg_color_space == JCS_YCCK)
      throw FormatError("JPEG: CMYK colours; save it as RGB");
    jpeg_.out_color_space = jpeg_.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    if (!start()) refuse();
    samples.channels = jpeg_.output_components;
    for (Index row = 0; row < samples.height; ++row) {  // grows with the rows that are really there
      samples.bytes.resize(samples.bytes.size() + samples.row_bytes());
      if (!read_row(samples.bytes.data() + samples.bytes.size() - samples.row_bytes())) refuse();
    }
    if (!finish()) refuse();
    return samples;
  }

 private:
  // Each guard calls into libjpeg and holds nothing that a jump would leave undestroyed.
  bool create(std::string_view bytes) {
    if (setjmp(jump_) != 0) return false;
    jpeg_create_decompress(&jpeg_);
    jpeg_.progress = &progress_;
    jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return true;
  }
  bool read_header() {
    if (setjmp(jump_) != 0) return false;
    jpeg_read_header(&jpeg_, TRUE);
    return true;
  }
  bool start() {
    if (setjmp(jump_) != 0) return false;
    jpeg_start_decompress(&jpeg_);
    return true;
  }
  bool read_row(JSAMPROW row) {
    if (setjmp(jump_) != 0) return false;
    jpeg_read_scanlines(&jpeg_, &row, 1);
    return true;
  }
  bool finish() {
    if (setjmp(jump_) != 0) return false;
    jpeg_finish_decompress(&jpeg_);
    return true;
  }
  [[noreturn]] void refuse() const { throw FormatError("JPEG: " + reason_.line()); }

  static JpegDecoder& of(j_common_ptr jpeg) { return *static_cast<JpegDecoder*>(jpeg->client_data); }
  static void on_error(j_common_ptr jpeg) {
    std::array<char, JMSG_LENGTH_MAX> message{};
    jpeg->err->format_message(jpeg, message.data());
    jump_out(of(jpeg), message.data());
  }
  static void on_message(j_common_ptr jpeg, int level) {
    const bool harmless = level >= 0 || jpeg->err->msg_code == JWRN_EXTRANEOUS_DATA;
    if (!harmless) on_error(jpeg);
  }
  static void on_progress(j_common_ptr jpeg) {
    constexpr int kMostScans = 200;  // a progressive picture has about ten; each repeats all the work
    if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMostScans)
      jump_out(of(jpeg), "has more than 200 scans");
  }
  static void jump_out(JpegDecoder& decoder, const char* message) {
    decoder.reason_.set(message);
    std::longjmp(decoder.jump_, 1);
  }

  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  Reason reason_;
};

// [rows, pixels, channels] of whole numbers -> [C, H, W] of 0 to 1, alpha over white.
Image image_of(const Samples& samples) {
  const bool has_alpha = samples.channels % 2 == 0;
  const Index colors = samples.channels - (has_alpha ? 1 : 0);
  const Index pixels = samples.height * samples.width;
  const auto sample = [&](Index i) {
    const auto at = static_cast<std::size_t>(i * samples.sample_bytes);
    return samples.sample_bytes == 1
               ? static_cast<float>(samples.bytes[at]) / 255.0F
               : static_cast<float>(samples.bytes[at] * 256 + samples.bytes[at + 1]) / 65535.0F;
  };
  Image image{Tensor<float>({colors, samples.height, samples.width})};
  for (Index pixel = 0; pixel < pixels; ++pixel) {
    const Index first = pixel * samples.channels;
    const float alpha = has_alpha ? sample(first + colors) : 1.0F;
    for (Index c = 0; c < colors; ++c)
      image.pixels[c * pixels + pixel] = alpha * sample(first + c) + (1.0F - alpha);
  }
  return image;
}

}  // namespace

void check_image_size(Index height, Index width) {
  if (height < 1 || width < 1 || height > kImageLimit_pixels / width)
    throw FormatError("a picture of " + std::to_string(width) + " x " + std::to_string(height) +
                      " pixels, the limit is " + std::to_string(kImageLimit_pixels >> 20) + " megapixels");
}

Image decode_image(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return image_of(PngDecoder(bytes).decode());
  if (bytes.starts_with("\xFF\xD8\xFF")) return image_of(JpegDecoder(bytes).decode());
  if (is_pnm(bytes)) return {decode_pnm(bytes)};
  throw FormatError("is no PNG, JPEG or PNM picture");
}

Image read_image(const std::filesystem::path& path) {
  try {
    return decode_image(read_file(path, kImageLimit_bytes));
  } catch (const FormatError& error) {
    throw FileError(path, error.what());
  }
}

core::Tensor<float> grey(const core::Tensor<float>& pixels) {
  if (pixels.size(0) == 1) return pixels;
  const Index area = pixels.size(1) * pixels.size(2);
  core::Tensor<float> out(core::Shape{1, pixels.size(1), pixels.size(2)});
  for (Index i = 0; i < area; ++i)
    out[i] = 0.299f * pixels[i] + 0.587f * pixels[area + i] + 0.114f * pixels[2 * area + i];
  return out;
}

void write_png(const std::filesystem::path& path, Index height, Index width, Index channels,
               std::span<const std::uint8_t> bytes) {
  const core::Shape shape{height, width, channels};
  if (shape.count() != static_cast<Index>(bytes.size()) || (channels != 1 && channels != 3 && channels != 4))
    throw core::ShapeError("a PNG of " + core::to_string(shape) +
                           " (rows, pixels, 1, 3 or 4 bytes) does not hold " + std::to_string(bytes.size()) +
                           " bytes");
  check_image_size(height, width);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(height);
  image.width = static_cast<png_uint_32>(width);
  image.format = channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(size, '\0');
  if (png_image_write_to_memory(&image, file.data(), &size, 0, bytes.data(), 0, nullptr) == 0)
    throw FileError(path, image.message);
  write_file(path, std::string_view(file).substr(0, size));
}

}  // namespace vitrine::io
