// UTF-8: texts of users and files as code points and back. Source: RFC 3629, section 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vitrine::core {

// The character that a text begins with, and how many bytes it has. None where the text is empty or its first
// byte begins no character: cut off, longer than need be, a surrogate or past U+10FFFF.
struct Utf8Character {
  char32_t code;
  std::size_t bytes;
};
std::optional<Utf8Character> first_character(std::string_view text);

// The code points of a text; U+FFFD for each byte that is no UTF-8.
std::u32string code_points(std::string_view text);
std::string utf8(std::u32string_view text);
// The longest start of at most `bytes` bytes that ends between two characters.
std::string_view cut_text(std::string_view text, std::size_t bytes);

}  // namespace vitrine::core
