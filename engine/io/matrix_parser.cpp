// Reading of matrix_text.h: which notation a text is, and all of them but LaTeX.

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/matrix_numbers.h"
#include "engine/io/matrix_text.h"

namespace vitrine::io {

namespace {

using core::Index;
using core::Shape;
using core::Tensor;

constexpr std::string_view kBlanks = " \t\r\n";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '.'; }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

// A name with its dots that the text begins with: "np.array".
std::string_view first_name(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return {};
  const auto end = std::find_if_not(text.begin(), text.end(), is_word);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// Without "A =" in front.
std::string_view without_name(std::string_view text) {
  const std::string_view name = first_name(text);
  const std::string_view rest = trimmed(text.substr(name.size()));
  return !name.empty() && rest.starts_with('=') ? rest.substr(1) : text;
}

// Text in brackets, from left to right.
class BracketReader {
 public:
  explicit BracketReader(std::string_view text) : rest_(text) {}

  // [[1, 2], [3, 4]] or [1 2; 3 4]
  Tensor<double> read() {
    expect('[');
    const std::size_t inner = rest_.find_first_not_of(kBlanks);
    Tensor<double> tensor = inner != rest_.npos && rest_[inner] == '[' ? nested() : rows();
    take(';');
    expect_end();
    return tensor;
  }
  // What stands behind "array(": a nested list or one number, then keyword arguments.
  Tensor<double> read_call() {
    Tensor<double> tensor = take('[') ? nested() : single();
    while (take(',') && !starts_with(')')) skip_argument();
    expect(')');
    take(';');
    expect_end();
    return tensor;
  }

 private:
  Tensor<double> single() {
    add_token();
    numbers_.end_row();
    return numbers_.take({});
  }

  Tensor<double> nested() {
    list(0);
    sizes_.resize(depth_of_numbers_.value_or(0) + 1);
    return numbers_.take(Shape(sizes_));
  }
  // Behind its [; `depth` lists are around it.
  void list(std::size_t depth) {
    if (depth == kMatrixTextLimit_axes)
      numbers_.fail("lists within lists, at most " + std::to_string(kMatrixTextLimit_axes) + " deep");
    Index size = 0;
    for (; !take(']'); ++size) {
      if (take('['))
        list_in(depth);
      else
        number_in(depth);
      take(',');
    }
    if (depth == depth_of_numbers_) return numbers_.end_row();
    if (size == 0) numbers_.fail("a list holds no numbers");
    if (sizes_[depth] == 0) sizes_[depth] = size;
    if (sizes_[depth] != size)
      numbers_.fail("a list of " + std::to_string(size) + " lists ends here, the first has " +
                    std::to_string(sizes_[depth]));
  }
  void list_in(std::size_t depth) {
    if (depth_of_numbers_ && depth >= *depth_of_numbers_) numbers_.fail("a list where a number is expected");
    list(depth + 1);
  }
  void number_in(std::size_t depth) {
    if (!depth_of_numbers_) depth_of_numbers_ = depth;
    if (depth != depth_of_numbers_) numbers_.fail("a list is expected, not " + quoted_start(token()));
    add_token();
    if (numbers_.rows() == 0) ++sizes_[depth];
  }

  // MATLAB's rows behind the [: a line's end ends a row unless a comma stands before it.
  Tensor<double> rows() {
    bool matrix = false, comma = false;
    while (true) {
      const bool line_ends = skip_blanks();
      if (line_ends && !comma) end_row_if_begun();
      if (take(']')) break;
      if (take(';')) {
        matrix = true;
        end_row_if_begun();
        comma = false;
        continue;
      }
      add_token();
      comma = take_on_line(',');
    }
    end_row_if_begun();
    if (numbers_.rows() == 0) numbers_.fail("a number is missing");
    Tensor<double> tensor = numbers_.take();
    return matrix || tensor.size(0) > 1 ? tensor : tensor.reshaped({tensor.size(1)});
  }
  void end_row_if_begun() {
    if (!numbers_.row_is_empty()) numbers_.end_row();
  }

  // dtype=torch.float32, device='cuda:0', size=(2, 3), grad_fn=<AddBackward0>
  void skip_argument() {
    skip_blanks();
    const std::string_view name = first_name(rest_);
    rest_.remove_prefix(name.size());
    if (name.empty() || !take('=')) fail_here();
    skip_blanks();
    constexpr std::array<std::string_view, 4> kPairs = {"''", "\"\"", "<>", "()"};
    for (const std::string_view pair : kPairs) {
      if (!rest_.starts_with(pair[0])) continue;
      const std::size_t end = rest_.find(pair[1], 1);
      if (end == rest_.npos) fail_here();
      return rest_.remove_prefix(end + 1);
    }
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_word);
    if (end == rest_.begin()) fail_here();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.begin()));
  }

  // A number's text, at least one character.
  std::string_view token() {
    skip_blanks();
    if (rest_.empty()) numbers_.fail("a closing bracket is missing");
    if (rest_[0] == ',') numbers_.fail("a number is missing");
    const std::string_view text =
        rest_.substr(0, std::max<std::size_t>(1, rest_.find_first_of(" \t\r\n,;[]()")));
    if (text.starts_with("...")) numbers_.fail("... stands for numbers that are left out; print all of them");
    rest_.remove_prefix(text.size());
    return text;
  }
  // The next number, which may be a module's constant: -np.inf.
  void add_token() {
    const std::string_view text = token();
    const std::string_view sign = text.substr(0, text.starts_with('-') ? 1 : 0);
    for (const std::string_view module : {"np.", "numpy.", "torch.", "math."}) {
      const std::string_view word = text.substr(sign.size());
      if (word.starts_with(module) && !first_name(word.substr(module.size())).empty())
        return numbers_.add(std::string(sign).append(word.substr(module.size())));
    }
    numbers_.add(text);
  }

  // True where a line's end was among them.
  bool skip_blanks() {
    const std::size_t count = std::min(rest_.find_first_not_of(kBlanks), rest_.size());
    const bool line_ends = rest_.substr(0, count).find('\n') != rest_.npos;
    rest_.remove_prefix(count);
    return line_ends;
  }
  bool take(char c) {
    skip_blanks();
    return take_now(c);
  }
  bool take_on_line(char c) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size()));
    return take_now(c);
  }
  bool take_now(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool starts_with(char c) {
    skip_blanks();
    return rest_.starts_with(c);
  }
  void expect(char c) {
    if (!take(c)) fail_here();
  }
  void expect_end() {
    skip_blanks();
    if (!rest_.empty()) fail_here();
  }
  [[noreturn]] void fail_here() const {
    numbers_.fail(rest_.empty() ? "the text ends too early" : quoted_start(rest_) + " is not expected here");
  }

  std::string_view rest_;
  MatrixNumbers numbers_;
  std::vector<Index> sizes_ = std::vector<Index>(kMatrixTextLimit_axes);  // of the lists at each depth
  std::optional<std::size_t> depth_of_numbers_;
};

// The numbers of one trimmed line between `separator`s; any number of blanks where it is a blank.
void read_line(std::string_view line, char separator, MatrixNumbers& numbers) {
  while (true) {
    const std::size_t end = line.find(separator);
    numbers.add(trimmed(line.substr(0, end)));
    if (end == line.npos) break;
    line.remove_prefix(end + 1);
    if (separator == ' ') line = trimmed(line);
  }
  numbers.end_row();
}

// Lines of numbers. The end of an only line tells a matrix of one row from a vector.
Tensor<double> read_lines(std::string_view text) {
  char separator = ' ';
  for (const char c : {',', ';', '\t'})
    if (text.find(c) != text.npos) separator = c;
  const bool line_ends = text.find('\n') != text.npos;
  MatrixNumbers numbers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (const std::string_view line = trimmed(text.substr(0, end)); !line.empty())
      read_line(line, separator, numbers);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  Tensor<double> tensor = numbers.take();
  if (line_ends) return tensor;
  return tensor.reshaped(tensor.count() == 1 ? Shape{} : Shape{tensor.count()});
}

}  // namespace

Tensor<double> parse_matrix(std::string_view text) {
  if (static_cast<Index>(text.size()) > kMatrixTextLimit_bytes)
    throw FormatError("a text of " + std::to_string(text.size()) + " bytes, the limit is " +
                      std::to_string(kMatrixTextLimit_bytes));
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.find('\\') != text.npos) return parse_latex_matrix(text);
  const std::string_view body = trimmed(without_name(trimmed(text)));
  if (body.empty()) throw FormatError("row 1, column 1: a number is missing, the text holds none");
  if (body.starts_with('[')) return BracketReader(body).read();

  const std::string_view name = first_name(body);
  const std::string_view word = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  const std::string_view behind = trimmed(body.substr(name.size()));
  constexpr std::array<std::string_view, 5> kCalls = {"array", "asarray", "matrix", "tensor", "Tensor"};
  if (behind.starts_with('(') && std::ranges::find(kCalls, word) != kCalls.end())
    return BracketReader(behind.substr(1)).read_call();
  return read_lines(text.substr(static_cast<std::size_t>(body.data() - text.data())));
}

}  // namespace vitrine::io
