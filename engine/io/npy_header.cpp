#include "engine/io/npy_header.h"

#include <charconv>
#include <vector>

#include "engine/core/text.h"
#include "engine/io/files.h"

namespace vitrine::io {

namespace {

using core::Index;

constexpr std::size_t kMostAxes = 64;  // NumPy 2's own limit

// The literal from left to right; only what NumPy writes is understood.
class DictReader {
 public:
  explicit DictReader(std::string_view text) : rest_(text) {}

  NpyHeader read() {
    expect('{');
    while (!take('}')) {
      read_member();
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (!rest_.empty()) fail("nothing");
    if (!has_type_ || !has_order_ || !has_shape_)
      throw FormatError("its header does not hold descr, fortran_order and shape");
    return std::move(header_);
  }

 private:
  void read_member() {
    const std::string_view key = quoted();
    expect(':');
    if (key == "descr") {
      once(has_type_, key);
      if (take('[')) throw FormatError("holds records of several fields, one type of numbers is expected");
      header_.type = quoted();
    } else if (key == "fortran_order") {
      once(has_order_, key);
      header_.fortran_order = flag();
    } else if (key == "shape") {
      once(has_shape_, key);
      header_.shape = shape();
    } else {
      throw FormatError("its header holds an unknown key \"" + core::printable(key, 40) + "\"");
    }
  }
  static void once(bool& seen, std::string_view key) {
    if (seen) throw FormatError("its header holds " + std::string(key) + " twice");
    seen = true;
  }

  std::string_view quoted() {
    skip_blanks();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) fail("a text in quotes");
    const std::size_t end = rest_.find(rest_[0], 1);
    if (end == rest_.npos) fail("a closing quote");
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool flag() {
    skip_blanks();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    fail("True or False");
  }
  // (), (3,), (2, 3) or (2, 3,)
  core::Shape shape() {
    std::vector<Index> sizes;
    expect('(');
    bool comma = true;  // before the first size
    while (!take(')')) {
      if (!comma) fail("a comma");
      if (sizes.size() == kMostAxes) throw FormatError("its shape has more than 64 axes");
      sizes.push_back(size());
      comma = take(',');
    }
    if (sizes.size() == 1 && !comma) fail("a comma behind the only size");
    try {
      return core::Shape(std::move(sizes));
    } catch (const core::ShapeError& error) {
      throw FormatError(error.what());
    }
  }
  Index size() {
    skip_blanks();
    Index value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) fail("a size");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  void skip_blanks() {
    const std::size_t first = rest_.find_first_not_of(" \t\n\r");
    rest_.remove_prefix(first == rest_.npos ? rest_.size() : first);
  }
  bool take(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string_view(&c, 1));
  }
  [[noreturn]] void fail(std::string_view expected) const {
    const std::string found = rest_.empty() ? "its end" : "\"" + core::printable(rest_.substr(0, 20)) + "\"";
    throw FormatError("its header says " + found + " where " + std::string(expected) + " is expected");
  }

  std::string_view rest_;
  NpyHeader header_;
  bool has_type_ = false, has_order_ = false, has_shape_ = false;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text) { return DictReader(text).read(); }

}  // namespace vitrine::io
