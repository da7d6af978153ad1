// Painter: a Drawing as pixels and as PDF, by cairo.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/figures/drawing.h"
#include "app/figures/typefaces.h"

namespace vitrine::figures {

inline constexpr int kLargestSide_px = 16384;

struct Pixels {
  int width = 0, height = 0;
  std::vector<std::uint32_t> argb;  // premultiplied, row by row from the top
};

// At `scale` pixels a unit. Throws std::invalid_argument where a side is not 1 .. kLargestSide_px.
Pixels painted(const Drawing& drawing, const Typefaces& typefaces, double scale);
// A PNG file's bytes; transparent where the drawing has no ground.
std::string png(const Pixels& pixels);
// A PDF file's bytes: one page, a unit is 3/4 of a point; words can be searched and copied.
std::string pdf(const Drawing& drawing, const Typefaces& typefaces);

}  // namespace vitrine::figures
