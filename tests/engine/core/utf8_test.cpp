#include "engine/core/utf8.h"

#include <gtest/gtest.h>

namespace vitrine::core {
namespace {

TEST(Utf8, EveryLengthGoesThereAndBack) {
  const std::string all = "a\u00E9\u05E9\u20AC\U0001F642";
  EXPECT_EQ(code_points(all), U"a\u00E9\u05E9\u20AC\U0001F642");
  EXPECT_EQ(utf8(code_points(all)), all);
  for (const char32_t edge : {0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF})
    EXPECT_EQ(code_points(utf8(std::u32string(1, edge))), std::u32string(1, edge));
}

TEST(Utf8, WhatBeginsNoCharacter) {
  for (const std::string_view text :
       {"", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xE2\x82", "\xF4\x90\x80\x80", "\xC3z"})
    EXPECT_FALSE(first_character(text)) << text;
  EXPECT_EQ(first_character("\u20ACz")->bytes, 3u);
  EXPECT_EQ(code_points("z\xE2\x82"), U"z\uFFFD\uFFFD") << "replaced byte by byte";
}

TEST(Utf8, ATextIsCutBetweenCharacters) {
  EXPECT_EQ(cut_text("a\u20ACb", 3), "a");
  EXPECT_EQ(cut_text("a\u20ACb", 4), "a\u20AC");
  EXPECT_EQ(cut_text("ab", 7), "ab");
  EXPECT_EQ(cut_text("\x80\x80", 1), "") << "no character begins there";
}

}  // namespace
}  // namespace vitrine::core
