// LaTeX's matrices, as matrix_text.h reads them.

#include <algorithm>
#include <array>
#include <limits>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/matrix_numbers.h"

namespace vitrine::io {

namespace {

using core::Tensor;

constexpr std::array<std::string_view, 8> kEnvironments = {"matrix",  "bmatrix", "pmatrix",     "vmatrix",
                                                           "Vmatrix", "Bmatrix", "smallmatrix", "array"};
// Commands without a meaning for the numbers; behind \left and \right stands a delimiter.
constexpr std::array<std::string_view, 7> kSetting = {"hline", "quad",  "qquad",    "displaystyle",
                                                      "left",  "right", "textstyle"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// From left to right.
class LatexReader {
 public:
  explicit LatexReader(std::string_view text) : rest_(text) {
    // without "A =" and what sets it
    const std::size_t begin = std::min(rest_.find("\\begin"), rest_.size());
    rest_.remove_prefix(rest_.substr(0, begin).rfind('=') + 1);  // npos + 1 is 0
  }

  Tensor<double> read() {
    skip_setting();
    if (!take("\\begin")) return read_one();
    const std::string_view environment = in_braces();
    if (std::ranges::find(kEnvironments, environment) == kEnvironments.end())
      numbers_.fail("the environment " + quoted_start(environment) + " is not a matrix");
    if (environment == "array") in_braces();  // the columns' alignment
    read_rows();
    if (!take("\\end") || in_braces() != environment)
      numbers_.fail("\\end{" + std::string(environment) + "} is missing");
    expect_end();
    return numbers_.take();
  }

 private:
  // One number without a matrix around it.
  Tensor<double> read_one() {
    numbers_.add(number());
    numbers_.end_row();
    expect_end();
    return numbers_.take({});
  }

  void read_rows() {
    do {
      skip_setting();
      if (rest_.empty() || rest_.starts_with("\\end")) break;  // behind the last row's end
      read_row();
    } while (take("\\\\"));
    if (numbers_.rows() == 0) numbers_.fail("a number is missing");
  }
  void read_row() {
    do {
      skip_setting();
      numbers_.add(number());
      skip_setting();
    } while (take("&"));
    numbers_.end_row();
  }

  // 1.5, -\frac{1}{2}, {-1}, \infty or \mathrm{NaN}
  double number() {
    const bool negative = take("-") || take("−");
    if (!negative) take("+");
    const double size = unsigned_number();
    return negative ? -size : size;
  }
  double unsigned_number() {
    for (const std::string_view fraction : {"\\frac", "\\dfrac", "\\tfrac"})
      if (take(fraction)) {
        const double above = value_of(in_braces()), below = value_of(in_braces());
        if (below == 0) numbers_.fail("a fraction's denominator is 0");
        return above / below;
      }
    if (take("\\infty")) return std::numeric_limits<double>::infinity();
    for (const std::string_view font : {"\\mathrm", "\\text"})
      if (take(font)) return value_of(in_braces());
    skip_blanks();
    if (rest_.starts_with('{')) return value_of(in_braces());
    return value_of(plain());
  }
  // Up to what cannot be a number's; a decimal comma may stand in braces.
  std::string plain() {
    std::string text;
    while (true) {
      const std::size_t end = std::min(rest_.find_first_of("&\\{}$"), rest_.size());
      text += rest_.substr(0, end);
      rest_.remove_prefix(end);
      constexpr std::string_view kComma = "{,}";
      if (!rest_.starts_with(kComma)) return text;
      text += ',';
      rest_.remove_prefix(kComma.size());
    }
  }
  double value_of(std::string_view text) const {
    const auto value = core::parse_number(text);
    if (value) return *value;
    if (std::ranges::all_of(text, is_blank)) {
      const bool command =
          rest_.starts_with('\\') && !rest_.starts_with("\\\\") && !rest_.starts_with("\\end");
      numbers_.fail(command ? quoted_start(rest_) + " is not a number" : "a number is missing");
    }
    numbers_.fail(quoted_start(text) + " is not a number (or passes a double's range)");
  }

  // {text}, without braces inside.
  std::string_view in_braces() {
    if (!take("{")) numbers_.fail("a { is missing");
    const std::size_t end = rest_.find('}');
    if (end == rest_.npos) numbers_.fail("a } is missing");
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

  void skip_blanks() {
    const auto first = std::ranges::find_if_not(rest_, is_blank);
    rest_.remove_prefix(static_cast<std::size_t>(first - rest_.begin()));
  }
  // A symbol, or a whole command.
  bool take(std::string_view text) {
    skip_blanks();
    if (!rest_.starts_with(text)) return false;
    const bool command = is_letter(text.back());
    if (command && rest_.size() > text.size() && is_letter(rest_[text.size()])) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  // What only places: blanks, $, \[, \left(, \hline, \quad, \,
  void skip_setting() {
    while (take("$") || take_setting()) {
    }
  }
  bool take_setting() {
    for (const std::string_view space : {"\\,", "\\;", "\\:", "\\!", "\\ ", "\\[", "\\]", "\\(", "\\)"})
      if (take(space)) return true;
    for (const std::string_view command : kSetting)
      if (take("\\" + std::string(command))) {
        if (command == "left" || command == "right") skip_delimiter();
        return true;
      }
    return false;
  }
  // ( or \{ or \lbrace
  void skip_delimiter() {
    skip_blanks();
    const bool command = rest_.starts_with('\\');
    rest_.remove_prefix(std::min<std::size_t>(command ? 2 : 1, rest_.size()));
    while (command && !rest_.empty() && is_letter(rest_[0])) rest_.remove_prefix(1);
  }
  void expect_end() {
    while (take("$") || take_setting() || take(".") || take(",") || take(";")) {
    }
    if (!rest_.empty()) numbers_.fail(quoted_start(rest_) + " is not expected here");
  }

  std::string_view rest_;
  MatrixNumbers numbers_;
};

}  // namespace

Tensor<double> parse_latex_matrix(std::string_view text) { return LatexReader(text).read(); }

}  // namespace vitrine::io
