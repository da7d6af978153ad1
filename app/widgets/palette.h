// Palette: a row of small squares to choose a pen from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/widgets/canvas.h"

namespace vitrine::widgets {

// One square of a palette: what it would paint with.
struct Swatch {
  std::string id;  // of what can be clicked
  Color color;
  std::string label;  // on it; may be empty
  bool chosen;
  float dot = 0;  // half the side of a smaller square in it: a brush's width
};

// The index of the square that was clicked, and where the row ends.
struct PaletteTouch {
  std::optional<std::size_t> clicked;
  float right;
};

// A name and the squares beside it, centred vertically at `at`.
PaletteTouch draw_palette(Canvas& canvas, Point at, std::string_view name,
                          const std::vector<Swatch>& swatches);

}  // namespace vitrine::widgets
