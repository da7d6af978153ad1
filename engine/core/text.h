// Numbers as text and back, whatever the locale: <charconv> only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vitrine::core {

// The shortest text that reads back exactly ("0.1", "1e+30", "nan", "inf").
std::string exact(double value);
// At most `digits` significant digits, no trailing zeros, a real minus sign: what a cell shows ("−0.333").
std::string shown(double value, int digits);
// 508032 -> "508,032"
std::string grouped(std::int64_t value);
// What a label shows: a whole number grouped, any other with at most `digits` significant digits ("10,000",
// "11,200", "0.35").
std::string labelled(double value, int digits);
// Of a time: "0:07", "12:05", "26:01:01".
std::string clock_text(double seconds);
// The whole text as one number (a decimal comma, Unicode minus or surrounding blanks are accepted); nothing
// else.
std::optional<double> parse_number(std::string_view text);
// One line of UTF-8: controls and broken characters escaped, more than `limit` bytes cut in the middle.
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace vitrine::core
