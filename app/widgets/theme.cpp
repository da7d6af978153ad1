#include "app/widgets/theme.h"

#include <algorithm>
#include <cmath>

namespace vitrine::widgets {
namespace {

using gpu::rgb;

double linear(std::uint8_t channel) {
  const double c = channel / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

}  // namespace

const Theme& dark_theme() {
  static constexpr Theme kDark{
      {rgb(0xE6E8EB), rgb(0x9AA3AE), rgb(0x2A2F38), rgb(0x14161A), rgb(0x1B1E24), rgb(0x101216),
       rgb(0x56B4E9), rgb(0xE69F00), rgb(0x2BB594), rgb(0xCC79A7), rgb(0xF0E442), rgb(0xDC6200)},
      false};
  return kDark;
}

const Theme& light_theme() {
  static constexpr Theme kLight{
      {rgb(0x16191D), rgb(0x59616B), rgb(0xD3D8DE), rgb(0xECEEF1), rgb(0xF7F8FA), rgb(0xFFFFFF),
       rgb(0x0B6BA8), rgb(0x955800), rgb(0x00725A), rgb(0x9C3F79), rgb(0x7D6500), rgb(0xB34300)},
      true};
  return kLight;
}

gpu::DivergingColors diverging_colors(const Theme& theme) {
  if (theme.light) return {{0x4A, 0xA3, 0xDB}, {0xF1, 0xF3, 0xF5}, {0xE6, 0x9F, 0x00}};
  return {{0x56, 0xB4, 0xE9}, {0x23, 0x27, 0x2E}, {0xE6, 0x9F, 0x00}};
}

Color value_color(const Theme& theme, gpu::Colormap colormap, gpu::Range range, double value) {
  using Tables = std::array<gpu::ColorTable, 5>;
  const auto tables_of = [](const Theme& t) {
    Tables tables;
    for (int map = 0; map < 5; ++map)
      tables[static_cast<std::size_t>(map)] =
          gpu::color_table(static_cast<gpu::Colormap>(map), diverging_colors(t));
    return tables;
  };
  static const Tables kDarkTables = tables_of(dark_theme()), kLightTables = tables_of(light_theme());
  const auto& table = (theme.light ? kLightTables : kDarkTables)[static_cast<std::size_t>(colormap)];
  if (std::isnan(value)) return theme[Role::kTrouble];
  const double within = std::min<double>(std::max<double>(value, range.lo), range.hi);
  return gpu::color_of(table, static_cast<float>(within), range);
}

double luminance(Color c) { return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b); }

double contrast(Color a, Color b) {
  const double la = luminance(a), lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

Color ink_on(Color background) {
  constexpr Color kBlack{12, 14, 18}, kWhite{255, 255, 255};
  return contrast(background, kBlack) >= contrast(background, kWhite) ? kBlack : kWhite;
}

Color Paint::resolve(const Theme& theme) const {
  Color c = explicit_color ? color : theme[role];
  c.a = static_cast<std::uint8_t>(std::lround(c.a * std::clamp(alpha, 0.0f, 1.0f)));
  return c;
}

}  // namespace vitrine::widgets
