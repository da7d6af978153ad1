// Colormap: from a number to a colour, one table for the GPU's heatmaps, the legend and pictures on paper.
// viridis, magma: N. Smith and S. van der Walt, 2015 (CC0); cividis: J. Nunez, C. Anderton, R. Renslow, 2018.
#pragma once

#include <array>

#include "app/gpu/color.h"

namespace vitrine::gpu {

enum class Colormap { kViridis, kMagma, kCividis, kGrey, kDiverging };

// The numbers at the ends of a colormap.
struct Range {
  float lo = 0, hi = 1;
  bool operator==(const Range&) const = default;
};

// The theme's share of the diverging map: least, zero, greatest.
struct DivergingColors {
  Rgba8 negative{0x56, 0xB4, 0xE9};
  Rgba8 neutral{0x2A, 0x2F, 0x38};
  Rgba8 positive{0xE6, 0x9F, 0x00};
  bool operator==(const DivergingColors&) const = default;
};

// Odd, so that the middle of a diverging map is an entry of its own; and 510 = 17 x 30, so that each of the
// 18 knots of the other maps is one too.
inline constexpr int kColors = 511;
using ColorTable = std::array<Rgba8, kColors>;

// Entry i is the colour at i/510 of the way through the map. `diverging` matters to Colormap::kDiverging
// only.
ColorTable color_table(Colormap map, const DivergingColors& diverging = {});

// The range that a map shows: the given one, or for the diverging map [-m, m] with m = max(|lo|, |hi|).
Range shown_range(Colormap map, Range range);

// How far `value` lies through `range`, in 0..1; 0.5 where the range is empty. `value` must be finite.
float position(float value, Range range);

// The table's colour of a finite value: the same as HeatmapRenderer's.
Rgba8 color_of(const ColorTable& table, float value, Range range);

}  // namespace vitrine::gpu
