#include "app/labs/image/board.h"

#include <algorithm>
#include <cmath>

namespace vitrine::labs {

using core::Index;
using widgets::Cell;
using widgets::Rect;

ImageBoard::ImageBoard(const Rect& area, const ImageConvolution::Result& r) {
  const auto& p = r.params;
  const float above = widgets::kTitleHeight_px + 12, below = 44, gap = 64, margin = 28;
  const auto& x = r.input->planes.shape();
  const auto rows = static_cast<float>(x[1] + p.rows.padding_before + p.rows.padding_after),
             columns = static_cast<float>(x[2] + p.columns.padding_before + p.columns.padding_after);
  const auto out_rows = static_cast<float>(r.rows()), out_columns = static_cast<float>(r.columns());
  const bool has_tiles = !r.maps.maps.empty() || !r.parts.maps.empty();
  const float magnifier_height = std::clamp(area.h * (x[0] == 1 ? 0.30f : 0.36f), 120.0f, 280.0f);
  const float tiles_height = has_tiles ? std::clamp(area.h * 0.19f, 84.0f, 190.0f) : 0;
  const float w = area.w - 2 * margin - gap, h = area.h - magnifier_height - tiles_height - above - below;
  pixel = std::min(w / (columns + out_columns), h / std::max(rows, out_rows));
  if (pixel >= 4) pixel = std::floor(pixel);
  const float width = pixel * (columns + out_columns) + gap;
  const float left = std::floor(area.x + (area.w - width) / 2),
              top = std::floor(area.y + above + std::max(0.0f, (h - pixel * rows) / 2));
  padded = {left, top, pixel * columns, pixel * rows};
  input = {left + pixel * static_cast<float>(p.columns.padding_before),
           top + pixel * static_cast<float>(p.rows.padding_before), pixel * static_cast<float>(x[2]),
           pixel * static_cast<float>(x[1])};
  output = {padded.right() + gap, top, pixel * out_columns, pixel * out_rows};
  magnifier = {area.x + margin, area.bottom() - magnifier_height, area.w - 2 * margin, magnifier_height - 8};
  tiles = {area.x + margin, magnifier.y - tiles_height, area.w - 2 * margin, tiles_height - 12};
}

Rect ImageBoard::pixel_of(Cell c) const {
  return {output.x + pixel * static_cast<float>(c.column), output.y + pixel * static_cast<float>(c.row),
          pixel, pixel};
}

Rect ImageBoard::window_of(Cell c, const ImageConvolution::Params& p) const {
  const auto extent = [&](Index taps, const signal::WindowSpec& spec) {
    return pixel * static_cast<float>(signal::kernel_extent(taps, spec.dilation));
  };
  const auto step = [&](Index at, const signal::WindowSpec& spec) {
    return pixel * static_cast<float>(spec.stride * at);
  };
  return {padded.x + step(c.column, p.columns), padded.y + step(c.row, p.rows),
          extent(p.kernels.size(3), p.columns), extent(p.kernels.size(2), p.rows)};
}

gpu::Colormap map_of(gpu::Range range) {
  return range.lo < 0 ? gpu::Colormap::kDiverging : gpu::Colormap::kGrey;
}

void frame(widgets::Canvas& c, const Rect& r) {
  c.stroke(r.inset(-2 * widgets::hairline(c)), widgets::Role::kFocus, 2);
}

}  // namespace vitrine::labs
