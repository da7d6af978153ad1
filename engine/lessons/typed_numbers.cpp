#include "engine/lessons/typed_numbers.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"
#include "engine/lessons/spelling.h"

namespace vitrine::lessons {
namespace {

constexpr std::size_t kMostCells = 10'000;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return is_blank(c) || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Groups of three digits behind one to three: "508,032", "12 345 678", "1'000".
bool grouped_by(std::string_view digits, char separator) {
  const std::size_t first = digits.find(separator);
  if (first == 0 || first > 3 || (first == 1 && digits[0] == '0')) return false;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool place = i >= first && (i - first) % 4 == 0;
    if (place ? digits[i] != separator : !is_digit(digits[i])) return false;
  }
  return (digits.size() - first) % 4 == 0;
}

// The part before a decimal point or an exponent without its groups; a decimal comma as a point.
std::string ungrouped(std::string_view text) {
  std::string_view sign = text.substr(0, !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0);
  text.remove_prefix(sign.size());
  const std::size_t end = std::min(text.find_first_of(".eE%*/^()"), text.size());
  std::string whole(trimmed(text.substr(0, end)));
  const std::string_view rest = text.substr(end);
  for (const char separator : {',', ' ', '\'', '_'})
    if (whole.find(separator) != whole.npos && grouped_by(whole, separator)) std::erase(whole, separator);
  if (const std::size_t comma = whole.find(',');
      comma != whole.npos && whole.find(',', comma + 1) == whole.npos && !rest.starts_with('.'))
    whole[comma] = '.';
  return std::string(sign) + whole + std::string(rest);
}

// "1.50e3" and nothing else: how many digits are significant, and what the last place is worth. The zeros
// that end a whole number are places too few digits were known of: 41,620,000 has four digits. Of fewer than
// three it is no rounded number: 10 is 10.
constexpr int kFewestOfRounded = 3;
struct Decimal {
  int digits;
  double last_place;
};
std::optional<Decimal> decimal(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  int digits = 0, places = 0, seen = 0, zeros = 0;
  bool point = false, leading = true;
  std::size_t i = 0;
  for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point)); ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    ++seen;
    leading = leading && text[i] == '0';
    if (!leading) ++digits;
    if (point) ++places;
    zeros = text[i] == '0' ? zeros + 1 : 0;
  }
  if (!point && digits - zeros >= kFewestOfRounded) digits -= zeros, places -= zeros;
  double exponent = 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    const auto value = core::parse_number(text.substr(text[i + 1] == '+' ? i + 2 : i + 1));
    if (!value || *value != std::floor(*value)) return std::nullopt;
    exponent = *value;
    i = text.size();
  }
  if (i != text.size() || seen == 0) return std::nullopt;
  return Decimal{std::max(digits, 1), std::pow(10.0, exponent - places)};
}

// "9.988 x 10^10" as "9.988e10".
std::string with_exponent(std::string text) {
  for (const std::string_view times : {"*10^", "x10^"}) {
    std::string packed;
    for (const char c : text)
      if (!is_blank(c)) packed += c;
    const std::size_t at = packed.find(times);
    if (at == packed.npos) continue;
    std::string power = packed.substr(at + times.size());
    for (const char bracket : {'(', ')', '{', '}'}) std::erase(power, bracket);
    const std::string joined = packed.substr(0, at) + "e" + power;
    if (decimal(joined)) return joined;
  }
  return text;
}

double value_of(const std::string& text, std::string_view typed) {
  const std::string shown = "\"" + core::printable(typed, 40) + "\"";
  double value = 0;
  try {
    const Value result = evaluated(text);
    if (result.count() != 1) throw ExpressionError("it is not one number");
    value = result[0];
  } catch (const ExpressionError& wrong) {
    throw ExpressionError(shown + " is not a number: " + wrong.what());
  }
  if (std::isnan(value)) throw ExpressionError(shown + " is not a number");
  if (std::isinf(value)) throw ExpressionError(shown + " is larger than a number here can be");
  return value;
}

// What stands between one pair of brackets around all of it; "R^" before it is left out.
std::string_view unwrapped(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with("R^")) text = trimmed(text.substr(2));
  if (text.size() < 2) return text;
  const char open = text.front(), close = open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : 0;
  if (close == 0 || text.back() != close) return text;
  int depth = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    depth += text[i] == open ? 1 : text[i] == close ? -1 : 0;
    if (depth == 0) return text;  // closed before the end
  }
  return trimmed(text.substr(1, text.size() - 2));
}

// Cut where one of `separators` stands outside of brackets; empty pieces are left out when blanks cut.
std::vector<std::string_view> pieces(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> found;
  int depth = 0;
  std::size_t begin = 0;
  const auto put = [&](std::size_t end) {
    const std::string_view piece = trimmed(text.substr(begin, end - begin));
    if (!piece.empty() || separators.find(' ') == separators.npos) found.push_back(piece);
    if (found.size() > kMostCells)
      throw ExpressionError("there are more than " + core::grouped(kMostCells) + " numbers");
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '[' || text[i] == '{') ++depth;
    if (text[i] == ')' || text[i] == ']' || text[i] == '}') --depth;
    if (depth != 0 || separators.find(text[i]) == separators.npos) continue;
    put(i);
    begin = i + 1;
  }
  put(text.size());
  return found;
}

bool has_outside(std::string_view text, char c) { return pieces(text, std::string_view(&c, 1)).size() > 1; }

// A comma may stand between numbers or between a number's thousands.
bool are_whole(const std::vector<std::string_view>& cells) {
  return std::ranges::all_of(cells, [](std::string_view cell) {
    if (cell.starts_with('-')) cell.remove_prefix(1);
    return cell.find(',') == cell.npos || grouped_by(cell, ',');
  });
}

// Numbers between commas with a blank, else between blanks, else between commas.
std::vector<std::string_view> cells_of(std::string_view text) {
  if (text.find(',') == text.npos) return pieces(text, " \t");
  std::vector<std::string_view> cells;
  const std::vector<std::string_view> at_commas = pieces(text, ",");
  for (const std::string_view piece : at_commas) {  // joined again where no blank is between
    const bool joined = !cells.empty() && piece.data() == cells.back().data() + cells.back().size() + 1;
    if (joined)
      cells.back() = {cells.back().data(), cells.back().size() + 1 + piece.size()};
    else
      cells.push_back(piece);
  }
  if (cells.size() > 1 && are_whole(cells)) return cells;
  const std::vector<std::string_view> at_blanks = pieces(text, " \t");
  if (cells.size() == 1 && at_blanks.size() > 1 && are_whole(at_blanks)) return at_blanks;
  return at_commas;
}

std::vector<TypedNumber> row(std::string_view text) {
  text = unwrapped(text);
  if (text.empty()) throw ExpressionError("there is no number");
  std::vector<TypedNumber> numbers;
  for (const std::string_view cell : cells_of(text)) numbers.push_back(typed_number(cell));
  return numbers;
}

}  // namespace

TypedNumber typed_number(std::string_view typed) {
  std::string text(trimmed(plain(typed)));
  if (text.empty()) throw ExpressionError("there is no number");
  if (text.starts_with("=")) text = trimmed(std::string_view(text).substr(1));
  text = with_exponent(ungrouped(text));
  double unit = 1;
  if (text.ends_with('%')) {
    unit = 0.01;
    text = trimmed(std::string_view(text).substr(0, text.size() - 1));
  }
  const auto digits = decimal(text);
  const double value = value_of(text, typed) * unit;
  const bool meant_exactly = !digits || (digits->digits < kFewestOfRounded && value == std::floor(value) &&
                                         text.find_first_of(".eE") == text.npos);
  if (meant_exactly) return {value, 0, TypedNumber::kExact};
  return {value, digits->last_place * unit / 2, digits->digits};
}

std::vector<Index> typed_shape(std::string_view typed) {
  const std::string text = plain(typed);
  const std::string_view inner = unwrapped(text);
  std::string cut;  // at "x", "*" and "by" as at a comma and a blank
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const bool by = inner.substr(i).starts_with("by");
    if (by) ++i;
    cut += by || inner[i] == 'x' || inner[i] == 'X' || inner[i] == '*' ? std::string(", ")
                                                                       : std::string(1, inner[i]);
  }
  if (trimmed(cut).empty()) throw ExpressionError("there is no shape");
  std::vector<Index> sizes;
  for (const TypedNumber& number : row(cut)) {
    if (number.value != std::floor(number.value) || number.value < 0 || number.value > 1e15)
      throw ExpressionError("\"" + core::printable(typed, 40) + "\" is not a shape: sizes are whole numbers");
    sizes.push_back(static_cast<Index>(number.value));
  }
  return sizes;
}

std::vector<TypedNumber> typed_vector(std::string_view typed) {
  const std::string text = plain(typed);
  std::string_view inner = unwrapped(text);
  if (inner.ends_with("^T")) inner = unwrapped(inner.substr(0, inner.size() - 2));
  std::vector<TypedNumber> numbers;
  if (has_outside(inner, ';')) {  // then a comma is a decimal one
    for (const std::string_view piece : pieces(inner, ";")) numbers.push_back(typed_number(piece));
    return numbers;
  }
  for (const std::string_view line : pieces(inner, "\n"))
    for (const TypedNumber& number : row(line)) numbers.push_back(number);
  return numbers;
}

std::vector<std::vector<TypedNumber>> typed_matrix(std::string_view typed) {
  const std::string text = plain(typed);
  const std::string_view inner = unwrapped(text);
  const bool nested =
      inner.find_first_of("([{") != inner.npos && !has_outside(inner, ';') && !has_outside(inner, '\n');
  std::vector<std::vector<TypedNumber>> rows;
  for (const std::string_view piece : pieces(inner, nested ? ", \t" : ";\n"))
    if (!piece.empty()) rows.push_back(row(piece));
  if (rows.empty()) throw ExpressionError("there is no matrix");
  for (const auto& r : rows)
    if (r.size() != rows.front().size())
      throw ExpressionError("the rows differ: " + std::to_string(rows.front().size()) + " and " +
                            std::to_string(r.size()) + " numbers");
  return rows;
}

Closeness compare(const TypedNumber& typed, double right, int digits) {
  const double difference = std::abs(typed.value - right);
  if (difference <= 1e-12 * std::abs(right)) return Closeness::kRight;
  if (difference > typed.slack * (1 + 1e-9)) return Closeness::kWrong;
  if (digits == 0) return Closeness::kTooFewDigits;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(right))) + 1 - digits);
  return typed.digits >= digits || difference <= unit / 2 ? Closeness::kRight : Closeness::kTooFewDigits;
}

}  // namespace vitrine::lessons
