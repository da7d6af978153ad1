// Formulas in print and by hand, spelled one way.
#pragma once

#include <string>
#include <string_view>

namespace vitrine::lessons {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_word(char c) { return is_letter(c) || is_digit(c); }

// In the characters that the grammar knows: "−3·x₁²" becomes "-3*x_1^2".
std::string plain(std::string_view text);

// Subscripts written one way: "x_1" and "x_{1}" as "x1", "x_{k+1}" as "x[k+1]". Throws ExpressionError.
std::string without_subscripts(std::string_view text);

}  // namespace vitrine::lessons
