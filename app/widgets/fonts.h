// Fonts: the faces a canvas writes with, each in a few sizes. Who loads them (app/shell/fonts.h) fills this
// in.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "app/widgets/canvas.h"

struct ImFont;

namespace vitrine::widgets {

// What words in text sizes can be written with, first and last code points in pairs, closed by a 0: letters,
// Greek, accents, raised and lowered signs, arrows, operators, brackets and their pieces, shapes.
inline constexpr std::uint16_t kMathematics[] = {0x20,   0x17F,  0x2B0,  0x2FF,  0x370,  0x3FF,  0x1D2C,
                                                 0x1D6A, 0x2010, 0x205E, 0x2070, 0x209C, 0x2100, 0x214F,
                                                 0x2190, 0x21FF, 0x2200, 0x22FF, 0x2308, 0x230B, 0x239B,
                                                 0x23BD, 0x25A0, 0x25FF, 0x27E6, 0x27EF, 0};
constexpr bool can_write(char32_t c) {
  for (const std::uint16_t* range = kMathematics; *range != 0; range += 2)
    if (c >= range[0] && c <= range[1]) return true;
  return false;
}

struct SizedFont {
  Face face;
  float size_px;  // at scale 1
  ImFont* font;
};

struct Fonts {
  std::vector<SizedFont> fonts;
  // By Face. ImGui measures a font by its line, ascent to descent; a size here is an em, as designers mean
  // it.
  std::array<float, 3> line_per_em = {1, 1, 1};
  bool ascii_only = false;  // the signs of mathematics are missing

  // The smallest of the face that is at least as large, else its largest; ImGui's default if there is none.
  ImFont* pick(Face face, float size_px) const;
};

}  // namespace vitrine::widgets
