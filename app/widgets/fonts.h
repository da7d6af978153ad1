// Fonts: the faces a canvas writes with, each in a few sizes. Who loads them (app/shell/fonts.h) fills this
// in.
#pragma once

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
  bool ascii_only = false;  // only ImGui's built-in font was found

  // The smallest of the face that is at least as large, else its largest; ImGui's default if there is none.
  ImFont* pick(Face face, float size_px) const;
};

}  // namespace vitrine::widgets
