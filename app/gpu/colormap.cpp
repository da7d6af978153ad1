#include "app/gpu/colormap.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace vitrine::gpu {
namespace {

constexpr int kKnots = 18;
using Knots = std::array<std::uint32_t, kKnots>;  // 0xRRGGBB at i/17 of the way

constexpr Knots kViridis = {0x440154, 0x481769, 0x472A7A, 0x433D84, 0x3D4E8A, 0x355E8D,
                            0x2E6D8E, 0x297B8E, 0x23898E, 0x1F978B, 0x21A585, 0x2EB37C,
                            0x46C06F, 0x65CB5E, 0x89D548, 0xB0DD2F, 0xD8E219, 0xFDE725};
constexpr Knots kMagma = {0x000004, 0x090720, 0x1A1042, 0x311165, 0x4A1079, 0x621980,
                          0x792282, 0x912B81, 0xAA337D, 0xC23B75, 0xD9466B, 0xEC5860,
                          0xF7725C, 0xFC8E64, 0xFEAA74, 0xFEC68A, 0xFDE2A3, 0xFCFDBF};
constexpr Knots kCividis = {0x00224E, 0x002D68, 0x163770, 0x2E416D, 0x3F4C6C, 0x4E566C,
                            0x5C616E, 0x696B71, 0x767676, 0x838179, 0x928C78, 0xA09875,
                            0xAFA471, 0xBFB06B, 0xCFBD62, 0xDFCA57, 0xF0D846, 0xFEE838};

// Straight lines between equally spaced knots.
ColorTable interpolated(std::span<const Rgba8> knots) {
  ColorTable table;
  const std::size_t pieces = knots.size() - 1, step = (kColors - 1) / pieces;
  for (std::size_t i = 0; i < kColors; ++i) {
    const std::size_t piece = std::min(i / step, pieces - 1);
    table[i] = mixed(knots[piece], knots[piece + 1],
                     static_cast<double>(i - piece * step) / static_cast<double>(step));
  }
  return table;
}

ColorTable interpolated(const Knots& knots) {
  std::array<Rgba8, kKnots> colors;
  std::transform(knots.begin(), knots.end(), colors.begin(), rgb);
  return interpolated(std::span<const Rgba8>(colors));
}

}  // namespace

ColorTable color_table(Colormap map, const DivergingColors& diverging) {
  switch (map) {
    case Colormap::kViridis:
      return interpolated(kViridis);
    case Colormap::kMagma:
      return interpolated(kMagma);
    case Colormap::kCividis:
      return interpolated(kCividis);
    case Colormap::kGrey:
      return interpolated(std::array{rgb(0x000000), rgb(0xFFFFFF)});
    case Colormap::kDiverging:
      return interpolated(std::array{diverging.negative, diverging.neutral, diverging.positive});
  }
  return {};
}

Range shown_range(Colormap map, Range range) {
  if (map != Colormap::kDiverging) return range;
  const float most = std::max(std::fabs(range.lo), std::fabs(range.hi));
  return {-most, most};
}

float position(float value, Range range) {
  const float width = 0.5f * range.hi - 0.5f * range.lo;  // halves, so that no finite range overflows
  if (!(width > 0)) return 0.5f;
  return std::clamp((0.5f * value - 0.5f * range.lo) / width, 0.0f, 1.0f);
}

Rgba8 color_of(const ColorTable& table, float value, Range range) {
  return table[static_cast<std::size_t>(position(value, range) * (kColors - 1) + 0.5f)];
}

}  // namespace vitrine::gpu
