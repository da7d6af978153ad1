#include "engine/io/idx.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

namespace vitrine::io {

namespace {

using core::Index;
using core::Shape;
using core::Tensor;

// A file's content in pieces, through gzip where the file is compressed.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills `out` from where the last call ended. Throws FormatError when there is less.
  virtual void read(std::span<std::uint8_t> out) = 0;
  // Throws FormatError if anything is left.
  virtual void expect_end() = 0;
  // No more than this many bytes can come.
  virtual Index most_bytes() const = 0;
};

class PlainSource final : public ByteSource {
 public:
  explicit PlainSource(std::string_view bytes)
      : rest_(bytes), size_bytes_(static_cast<Index>(bytes.size())) {}
  void read(std::span<std::uint8_t> out) override {
    if (rest_.size() < out.size()) throw FormatError("is cut short");
    std::copy_n(rest_.begin(), out.size(), out.begin());
    rest_.remove_prefix(out.size());
  }
  void expect_end() override {
    if (!rest_.empty()) throw FormatError("holds " + std::to_string(rest_.size()) + " bytes too many");
  }
  Index most_bytes() const override { return size_bytes_; }

 private:
  std::string_view rest_;
  Index size_bytes_;
};

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(std::string_view bytes) : size_bytes_(static_cast<Index>(bytes.size())) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&zlib_, kGzipOnly) != Z_OK) throw std::bad_alloc();
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib reads only
    zlib_.avail_in = static_cast<uInt>(bytes.size());
  }
  ~GzipSource() override { inflateEnd(&zlib_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  void read(std::span<std::uint8_t> out) override {
    if (inflated(out) < out.size())
      throw FormatError(ended_ ? "holds less than its header says" : "is cut short");
  }
  void expect_end() override {
    std::array<std::uint8_t, 1> one;
    if (inflated(one) > 0) throw FormatError("holds more than its header says");
    if (!ended_) throw FormatError("is cut short");
    if (zlib_.avail_in > 0)
      throw FormatError("holds " + std::to_string(zlib_.avail_in) + " bytes after the compressed data");
  }
  Index most_bytes() const override { return core::checked_mul(size_bytes_, 1032); }  // deflate's best

 private:
  // How much of `out` could be filled. Throws FormatError on damaged data.
  std::size_t inflated(std::span<std::uint8_t> out) {
    zlib_.next_out = out.data();
    zlib_.avail_out = static_cast<uInt>(out.size());
    while (!ended_ && zlib_.avail_out > 0) {
      const int code = inflate(&zlib_, Z_NO_FLUSH);
      if (code == Z_STREAM_END)
        ended_ = true;
      else if (code == Z_BUF_ERROR)
        break;  // the input is used up
      else if (code != Z_OK)
        throw FormatError(std::string("has damaged compression: ") +
                          (zlib_.msg != nullptr ? zlib_.msg : "zlib"));
    }
    return out.size() - zlib_.avail_out;
  }

  z_stream zlib_{};
  Index size_bytes_;
  bool ended_ = false;
};

Index big_endian(std::span<const std::uint8_t, 4> bytes) {
  Index value = 0;
  for (const std::uint8_t byte : bytes) value = value * 256 + byte;
  return value;
}

std::string what_axes_mean(std::size_t axes) {
  return axes == 1 ? "labels (1 axis)" : axes == 3 ? "images (3 axes)" : std::to_string(axes) + " axes";
}

Tensor<std::uint8_t> decode(ByteSource& source, std::size_t axes, Index limit_bytes) {
  std::array<std::uint8_t, 4> word;
  source.read(word);
  const auto [zero, zero_too, type, found_axes] = word;
  constexpr std::uint8_t kUnsignedByte = 0x08;
  if (zero != 0 || zero_too != 0) throw FormatError("is not an IDX file");
  if (type != kUnsignedByte)
    throw FormatError("holds numbers of IDX type " + std::to_string(type) + ", bytes (type 8) are expected");
  if (found_axes != axes)
    throw FormatError("holds " + what_axes_mean(found_axes) + ", " + what_axes_mean(axes) + " are expected");
  std::vector<Index> sizes(axes);
  for (Index& size : sizes) {
    source.read(word);
    size = big_endian(word);
  }
  const Shape shape(sizes);
  if (shape.count() > limit_bytes)
    throw FormatError("holds " + core::to_string(shape) + " numbers, the limit is " +
                      std::to_string(limit_bytes));
  if (shape.count() > source.most_bytes())
    throw FormatError("is cut short: its header promises " + core::to_string(shape) + " numbers");
  Tensor<std::uint8_t> numbers(shape);
  constexpr std::size_t kPiece_bytes = std::size_t{1} << 30;  // zlib counts in 32 bits
  for (std::span<std::uint8_t> rest = numbers.values(); !rest.empty();) {
    const std::size_t piece = std::min(rest.size(), kPiece_bytes);
    source.read(rest.first(piece));
    rest = rest.subspan(piece);
  }
  source.expect_end();
  return numbers;
}

Tensor<std::uint8_t> read_idx(const std::filesystem::path& path, std::size_t axes, Index limit_bytes) {
  const std::string bytes = read_file(path);
  try {
    if (bytes.starts_with("\x1F\x8B")) {
      GzipSource source(bytes);
      return decode(source, axes, limit_bytes);
    }
    PlainSource source(bytes);
    return decode(source, axes, limit_bytes);
  } catch (const FormatError& error) {
    throw FileError(path, error.what());
  } catch (const core::ShapeError& error) {
    throw FileError(path, error.what());
  }
}

}  // namespace

Tensor<std::uint8_t> read_idx_images(const std::filesystem::path& path, Index limit_bytes) {
  return read_idx(path, 3, limit_bytes);
}

Tensor<std::uint8_t> read_idx_labels(const std::filesystem::path& path, Index limit_bytes) {
  return read_idx(path, 1, limit_bytes);
}

}  // namespace vitrine::io
