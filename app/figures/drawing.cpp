#include "app/figures/drawing.h"

#include <cmath>

namespace vitrine::figures {

std::vector<Color> colors_of(const Cells& cells) {
  const core::Index count = cells.rows() * cells.columns();
  std::vector<Color> colors(static_cast<std::size_t>(count));
  const auto& values = *cells.values;
  const gpu::ColorTable table = gpu::color_table(cells.colormap, cells.diverging);
  const gpu::Range shown = gpu::shown_range(cells.colormap, cells.range);
  const auto channel = [&](float value) {
    return static_cast<std::uint8_t>(std::lround(255 * gpu::position(value, cells.range)));
  };
  for (core::Index i = 0; i < count; ++i) {
    Color& color = colors[static_cast<std::size_t>(i)];
    if (values.rank() == 3) {
      const float red = values[i], green = values[count + i], blue = values[2 * count + i];
      color = std::isfinite(red) && std::isfinite(green) && std::isfinite(blue)
                  ? Color{channel(red), channel(green), channel(blue)}
                  : cells.trouble;
    } else {
      color = std::isfinite(values[i]) ? gpu::color_of(table, values[i], shown) : cells.trouble;
    }
  }
  return colors;
}

}  // namespace vitrine::figures
