// Painter: a Drawing as pixels and as PDF, by cairo.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/figures/drawing.h"
#include "app/figures/typefaces.h"

namespace vitrine::figures {

inline constexpr int kLargestSide_px = 16384;
inline constexpr std::int64_t kMost_pixels = 100'000'000;

struct Pixels {
  int width = 0, height = 0;
  std::vector<std::uint32_t> argb;  // premultiplied, row by row from the top
};

// At `scale` pixels a unit. Throws std::invalid_argument where a side is not 1 .. kLargestSide_px
// or there would be more than kMost_pixels.
Pixels painted(const Drawing& drawing, const Typefaces& typefaces, double scale);
// Not premultiplied: translucent pixels have the colours that they would have if they were opaque.
Pixels straight(Pixels pixels);
// A PNG file's bytes; transparent where the drawing has no ground.
std::string png(const Pixels& pixels);
// A PDF file's bytes: one page, a unit is 3/4 of a point; words can be searched and copied.
std::string pdf(const Drawing& drawing, const Typefaces& typefaces);

}  // namespace vitrine::figures
