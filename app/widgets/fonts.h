// Fonts: the faces a canvas writes with, each in a few sizes. Who loads them (app/shell/fonts.h) fills this
// in.
#pragma once

#include <array>
#include <vector>

#include "app/widgets/canvas.h"

struct ImFont;

namespace vitrine::widgets {

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
