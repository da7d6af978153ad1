// SVG: a Drawing as vectors, its words as text (W3C, SVG 1.1).
#pragma once

#include <string>

#include "app/figures/drawing.h"

namespace vitrine::figures {

// A whole file. Small heatmaps are rectangles, large ones an embedded picture of a pixel a cell.
std::string svg(const Drawing& drawing);

}  // namespace vitrine::figures
