#include "engine/core/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "engine/core/utf8.h"

namespace vitrine::core {

namespace {

// The length of the character that `text` begins with; 0 if it begins with none, or with a control character.
std::size_t printable_bytes(std::string_view text) {
  const auto c = first_character(text);
  const bool prints = c && c->code >= 0x20 && (c->code < 0x7F || c->code >= 0xA0);
  return prints ? c->bytes : 0;
}

}  // namespace

std::string exact(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

std::string shown(double value, int digits) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  std::array<char, 64> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, digits)
          .ptr;
  std::string text(buffer.data(), end);
  if (text == "-0") return "0";
  // 1e+06 -> 1e6, 1e-07 -> 1e−7, and a minus as wide as a plus
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool in_exponent =
        i > 0 && (text[i - 1] == 'e' || (i > 1 && text[i - 2] == 'e' && text[i - 1] != '0'));
    if (text[i] == '-')
      out += "−";
    else if (text[i] == '+')
      continue;
    else if (text[i] == '0' && in_exponent && i + 1 < text.size() &&
             (text[i - 1] == '+' || text[i - 1] == '-'))
      continue;
    else
      out += text[i];
  }
  return out;
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string labelled(double value, int digits) {
  constexpr double kGrouped = 1e3, kLargest = 1e9;
  const double size = std::abs(value);
  if (!(size < kLargest) || (size < kGrouped && value != std::round(value))) return shown(value, digits);
  if (size < kGrouped) return shown(value, digits);
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(size)) + 1 - digits));
  const std::string text = grouped(std::llround(size / unit) * std::llround(unit));
  return value < 0 ? "−" + text : text;
}

std::string clock_text(double seconds) {
  const auto whole = std::llround(seconds);
  const auto two = [](long long n) { return (n < 10 ? ":0" : ":") + std::to_string(n); };
  const auto hours = whole / 3600, minutes = whole / 60 % 60;
  return (hours > 0 ? std::to_string(hours) + two(minutes) : std::to_string(minutes)) + two(whole % 60);
}

std::optional<double> parse_number(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 3) == "−") {
      plain += '-';
      i += 2;
    } else {
      plain += text[i] == ',' ? '.' : text[i];
    }
  }
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  std::string_view rest = plain;
  while (!rest.empty() && blank(rest.front())) rest.remove_prefix(1);
  while (!rest.empty() && blank(rest.back())) rest.remove_suffix(1);
  if (rest.starts_with('+') && !rest.starts_with("+-")) rest.remove_prefix(1);
  double value;
  const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (code != std::errc{} || end != rest.data() + rest.size() || rest.empty()) return std::nullopt;
  return value;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string line;
  while (!text.empty()) {
    const std::size_t bytes = printable_bytes(text);
    if (bytes == 0) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const char c = text[0];
      const auto byte = static_cast<unsigned char>(c);
      line += c == '\n' ? "\\n" : c == '\t' ? "\\t" : std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
    }
    line += text.substr(0, bytes);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  if (line.size() <= limit) return line;
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80;
  };
  std::size_t tail = line.size() - limit / 2;
  while (tail < line.size() && continues(tail)) ++tail;
  return std::string(cut_text(line, limit / 2)) + "..." + line.substr(tail);
}

}  // namespace vitrine::core
