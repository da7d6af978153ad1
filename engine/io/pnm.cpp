#include "engine/io/pnm.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/image.h"

namespace vitrine::io {

namespace {

using core::Index;
using core::Tensor;

constexpr Index kMostMaxval = 65535;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Header {
  bool binary = false;
  bool bits = false;  // of a PBM: one bit a sample, set where black
  Index channels = 1, width = 0, height = 0, maxval = 1;
  Index row_samples() const { return width * channels; }
  Index samples() const { return row_samples() * height; }
};

// A PNM from its start to its end.
class PnmReader {
 public:
  explicit PnmReader(std::string_view bytes) : rest_(bytes) {}

  Tensor<float> read() {
    const Header header = read_header();
    const Index least_bytes = header.binary ? row_bytes(header) * header.height : least_digits(header);
    if (least_bytes > static_cast<Index>(rest_.size()))
      throw FormatError("PNM: is cut short: " + std::to_string(header.width) + " x " +
                        std::to_string(header.height) + " pixels take at least " +
                        std::to_string(least_bytes) + " bytes, there are " + std::to_string(rest_.size()));
    if (header.binary) refuse_rest_behind(static_cast<std::size_t>(least_bytes));
    auto pixels = Tensor<float>::uninitialized({header.channels, header.height, header.width});
    for (Index row = 0; row < header.height; ++row) read_row(header, row, pixels);
    skip_blanks();
    refuse_rest_behind(0);
    return pixels;
  }

 private:
  void refuse_rest_behind(std::size_t bytes) const {
    if (rest_.size() > bytes)
      throw FormatError("PNM: " + std::to_string(rest_.size() - bytes) + " bytes are left over");
  }
  Header read_header() {
    const char kind = rest_[1];
    rest_.remove_prefix(2);
    Header header;
    header.binary = kind >= '4';
    header.bits = kind == '1' || kind == '4';
    header.channels = kind == '3' || kind == '6' ? 3 : 1;
    header.width = header_number("width");
    header.height = header_number("height");
    check_image_size(header.height, header.width);
    if (!header.bits) header.maxval = header_number("maxval");
    if (header.maxval < 1 || header.maxval > kMostMaxval)
      throw FormatError("PNM: a maxval of " + std::to_string(header.maxval) + ", 1 to 65535 is expected");
    if (header.binary && (rest_.empty() || !is_blank(rest_[0])))
      throw FormatError("PNM: a blank is expected behind the header");
    if (header.binary) rest_.remove_prefix(1);
    return header;
  }
  // Behind blanks and comments.
  Index header_number(const std::string& name) {
    skip_blanks();
    return whole_number(name);
  }
  Index whole_number(const std::string& name) {
    Index value = 0;
    const bool digits = !rest_.empty() && is_digit(rest_[0]);
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (!digits || error != std::errc())
      throw FormatError("PNM: " + name + " is expected, not " +
                        (rest_.empty() ? "the end" : "\"" + core::printable(rest_.substr(0, 20)) + "\""));
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  void skip_blanks() {
    while (!rest_.empty() && (is_blank(rest_[0]) || rest_[0] == '#')) {
      const bool comment = rest_[0] == '#';
      rest_.remove_prefix(comment ? std::min(rest_.find_first_of("\r\n"), rest_.size()) : 1);
    }
  }

  static Index sample_bytes(const Header& header) { return header.maxval > 255 ? 2 : 1; }
  static Index row_bytes(const Header& header) {
    return header.bits ? core::divide_up(header.width, 8) : header.row_samples() * sample_bytes(header);
  }
  // A digit a sample, with a blank before it except for bits.
  static Index least_digits(const Header& header) {
    return header.bits ? header.samples() : 2 * header.samples();
  }

  void read_row(const Header& header, Index row, Tensor<float>& pixels) {
    const auto largest = static_cast<float>(header.maxval);
    for (Index i = 0; i < header.row_samples(); ++i) {
      const Index value = header.binary ? binary_sample(header, i) : digits_sample(header);
      if (value > header.maxval)
        throw FormatError("PNM: row " + std::to_string(row + 1) + ", sample " + std::to_string(i + 1) + ": " +
                          std::to_string(value) + " is above maxval " + std::to_string(header.maxval));
      const float brightness = static_cast<float>(value) / largest;
      pixels(i % header.channels, row, i / header.channels) = header.bits ? 1 - brightness : brightness;
    }
    if (header.binary) rest_.remove_prefix(static_cast<std::size_t>(row_bytes(header)));
  }
  // Of the row that begins here.
  Index binary_sample(const Header& header, Index i) const {
    if (header.bits) return byte_at(i / 8) >> (7 - i % 8) & 1;
    return sample_bytes(header) == 1 ? byte_at(i) : byte_at(2 * i) * 256 + byte_at(2 * i + 1);
  }
  Index byte_at(Index i) const { return static_cast<std::uint8_t>(rest_[static_cast<std::size_t>(i)]); }
  Index digits_sample(const Header& header) {
    skip_blanks();
    if (!header.bits) return whole_number("a number");
    if (!rest_.starts_with('0') && !rest_.starts_with('1')) throw FormatError("PNM: 0 or 1 is expected");
    const Index bit = rest_[0] - '0';  // the next may follow at once
    rest_.remove_prefix(1);
    return bit;
  }

  std::string_view rest_;
};

}  // namespace

bool is_pnm(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
         (is_blank(bytes[2]) || bytes[2] == '#');
}

Tensor<float> decode_pnm(std::string_view bytes) {
  if (!is_pnm(bytes)) throw FormatError("is no PNM picture");
  return PnmReader(bytes).read();
}

}  // namespace vitrine::io
