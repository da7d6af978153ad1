#include "engine/io/idx.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "engine/core/stop.h"

namespace vitrine::io {

namespace {

using core::Index;
using core::Shape;
using core::Tensor;

constexpr std::size_t kUnpacked_bytes = std::size_t{1} << 20;
constexpr std::array<std::uint8_t, 2> kGzipStart{0x1F, 0x8B};

// A file from its start to its end. Each call may throw core::Stopped.
class InputFile {
 public:
  InputFile(const std::filesystem::path& path, std::stop_token stop)
      : path_(path), stop_(std::move(stop)), size_bytes_(size_of(path)), file_(path, std::ios::binary) {
    if (!file_) throw FileError(path, std::generic_category().message(errno));
  }
  // How much of `out` could be filled: less only at the end.
  std::size_t read(std::span<std::uint8_t> out) {
    core::throw_if_stopped(stop_);
    file_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
    if (file_.bad()) throw FileError(path_, "cannot be read");
    const std::streamsize got = file_.gcount();
    read_bytes_ += got;
    return static_cast<std::size_t>(got);
  }
  void rewind() {
    file_.clear();
    file_.seekg(0);
    read_bytes_ = 0;
  }
  Index size_bytes() const { return size_bytes_; }
  Index left_bytes() const { return std::max<Index>(0, size_bytes_ - read_bytes_); }

 private:
  static Index size_of(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) throw FileError(path, error.message());
    return static_cast<Index>(size);
  }

  const std::filesystem::path path_;
  const std::stop_token stop_;
  const Index size_bytes_;
  std::ifstream file_;
  Index read_bytes_ = 0;
};

FormatError damaged(const std::string& reason) { return FormatError(reason + "; get the file again"); }

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
  explicit PlainSource(InputFile& file) : file_(file) {}
  void read(std::span<std::uint8_t> out) override {
    if (file_.read(out) < out.size()) throw damaged("is cut short");
  }
  void expect_end() override {
    if (file_.left_bytes() > 0)
      throw damaged("holds " + std::to_string(file_.left_bytes()) + " bytes too many");
  }
  Index most_bytes() const override { return file_.size_bytes(); }

 private:
  InputFile& file_;
};

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(InputFile& file) : file_(file) {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&zlib_, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&zlib_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  void read(std::span<std::uint8_t> out) override {
    if (inflated(out) < out.size())
      throw damaged(ended_ ? "holds less than its header says" : "is cut short");
  }
  void expect_end() override {
    std::array<std::uint8_t, 1> one;
    if (inflated(one) > 0) throw damaged("holds more than its header says");
    if (!ended_) throw damaged("is cut short");
    if (const Index left = zlib_.avail_in + file_.left_bytes(); left > 0)
      throw damaged("holds " + std::to_string(left) + " bytes after the compressed data");
  }
  Index most_bytes() const override { return core::checked_mul(file_.size_bytes(), 1032); }  // deflate's best

 private:
  // How much of `out` could be filled. Throws FormatError on damaged data.
  std::size_t inflated(std::span<std::uint8_t> out) {
    zlib_.next_out = out.data();
    zlib_.avail_out = static_cast<uInt>(out.size());
    while (!ended_ && zlib_.avail_out > 0) {
      if (zlib_.avail_in == 0) {
        zlib_.next_in = packed_.data();
        zlib_.avail_in = static_cast<uInt>(file_.read(packed_));
        if (zlib_.avail_in == 0) break;
      }
      const int code = inflate(&zlib_, Z_NO_FLUSH);
      if (code == Z_STREAM_END)
        ended_ = true;
      else if (code != Z_OK && code != Z_BUF_ERROR)  // which only asks for more input
        throw damaged(std::string("has damaged compression: ") + (zlib_.msg != nullptr ? zlib_.msg : "zlib"));
    }
    return out.size() - zlib_.avail_out;
  }

  InputFile& file_;
  std::array<std::uint8_t, 1 << 14> packed_;
  z_stream zlib_{};
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

// The sizes that the header promises; what it cannot mean is refused.
Shape read_header(ByteSource& source, std::size_t axes, Index limit_bytes) {
  std::array<std::uint8_t, 4> word;
  source.read(word);
  const auto [zero, zero_too, type, found_axes] = word;
  constexpr std::uint8_t kUnsignedByte = 0x08;
  if (zero != 0 || zero_too != 0) throw FormatError("is not an IDX file (compressed by gzip or not)");
  if (type != kUnsignedByte)
    throw FormatError("holds numbers of IDX type " + std::to_string(type) + ", bytes (type 8) are expected");
  if (found_axes != axes)
    throw FormatError("holds " + what_axes_mean(found_axes) + ", " + what_axes_mean(axes) +
                      " are expected; were two files swapped?");
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
    throw damaged("is cut short: its header promises " + core::to_string(shape) + " numbers");
  return shape;
}

Tensor<std::uint8_t> decode(ByteSource& source, std::size_t axes, const IdxOptions& how) {
  const Shape shape = read_header(source, axes, how.limit_bytes);
  auto numbers = Tensor<std::uint8_t>::uninitialized(shape);
  if (how.progress) how.progress->begin(shape.count() / Index{kUnpacked_bytes} + 1);
  for (std::span<std::uint8_t> rest = numbers.values(); !rest.empty();) {
    const std::size_t piece = std::min(rest.size(), kUnpacked_bytes);
    source.read(rest.first(piece));
    rest = rest.subspan(piece);
    if (how.progress) how.progress->advance();
  }
  source.expect_end();
  return numbers;
}

// What `read` makes of the file's content; its errors get the file's name.
template <class Read>
auto from_file(const std::filesystem::path& path, const std::stop_token& stop, const Read& read) {
  InputFile file(path, stop);
  std::array<std::uint8_t, 2> start{};
  file.read(start);
  file.rewind();
  try {
    if (start == kGzipStart) {
      GzipSource source(file);
      return read(source);
    }
    PlainSource source(file);
    return read(source);
  } catch (const FormatError& error) {
    throw FileError(path, error.what());
  } catch (const core::ShapeError& error) {
    throw FileError(path, error.what());
  }
}

}  // namespace

Tensor<std::uint8_t> read_idx_images(const std::filesystem::path& path, const IdxOptions& how) {
  return from_file(path, how.stop, [&](ByteSource& source) { return decode(source, 3, how); });
}

Tensor<std::uint8_t> read_idx_labels(const std::filesystem::path& path, const IdxOptions& how) {
  return from_file(path, how.stop, [&](ByteSource& source) { return decode(source, 1, how); });
}

Shape idx_images_shape(const std::filesystem::path& path) {
  return from_file(path, {}, [](ByteSource& source) { return read_header(source, 3, kFileLimit_bytes); });
}

}  // namespace vitrine::io
