#include "app/labs/shift/board.h"

#include <algorithm>
#include <cmath>

namespace vitrine::labs {

using core::Index;
using widgets::Rect;

namespace {

constexpr float kMargin = 26, kLegend = 28;
constexpr float kLabel = 124;  // beside a signal's row
constexpr float kLargestCell = 52;
constexpr float kFoot = 128, kLowFoot = 92;  // the bars and the words
constexpr Index kTilesInRow = 6;

using widgets::as_float;

}  // namespace

ShiftBoard::ShiftBoard(const Rect& area, const ShiftLab::Result& r) {
  const bool low = area.h < kLowStage;
  const float foot = !low ? std::min(kFoot, area.h * 0.3f) : r.maps() > 1 ? 0 : kLowFoot;
  const float w = area.w - 2 * kMargin;
  const float bars_width = std::min(w * 0.42f, 460.0f);
  bars = {area.x + kMargin, area.bottom() - foot, bars_width, std::max(foot - 12, 0.0f)};
  words = {bars.right() + 28, bars.y, w - bars_width - 28, bars.h};
  Rect rest{area.x + kMargin, area.y + 6, w, area.h - foot - 12};
  if (r.maps() > 1) {
    const Index lines = (r.maps() + kTilesInRow - 1) / kTilesInRow;
    const float height =
        r.is_picture() ? rest.h * (lines > 1 ? 0.42f : 0.24f) : kTitle + 30 * as_float(lines);
    tiles = {rest.x, rest.bottom() - height, rest.w, height};
    rest.h -= height + 4;
  }
  if (r.is_picture())
    place_pictures(rest, r);
  else
    place_rows(rest, r);
}

void ShiftBoard::place_rows(const Rect& rest, const ShiftLab::Result& r) {
  const Index n = r.input().size(2), outputs = r.output.size(2);
  const float covered = std::max(as_float(n), as_float(outputs * r.stride.columns));
  const float gap = rest.h < kLowStage ? 4 : 9;
  const float cell = std::floor(std::clamp(
      std::min((rest.w - kLabel) / covered, (rest.h - 16) / as_float(kParts) - gap), 5.0f, kLargestCell));
  cell_w = cell_h = out_h = cell;
  out_w = cell * as_float(r.stride.columns);
  const float left = std::floor(rest.x + kLabel + (rest.w - kLabel - cell * covered) / 2);
  const float height = as_float(kParts) * (cell + gap) + 16;
  float y = std::floor(rest.y + std::max(0.0f, (rest.h - height) / 2));
  for (int part = 0; part < kParts; ++part) {
    const float width = is_output(part) ? out_w * as_float(outputs) : cell * as_float(n);
    boxes[static_cast<std::size_t>(part)] = {std::floor(left + (cell * covered - width) / 2), y, width, cell};
    y += cell + gap + (part == kMoved ? 16 : 0);  // above this gap is the input, below it the output
  }
}

void ShiftBoard::place_pictures(const Rect& rest, const ShiftLab::Result& r) {
  const Index rows = r.input().size(1), columns = r.input().size(2);
  const float gap = std::clamp(rest.w * 0.05f, 26.0f, 64.0f);
  const float tallest = std::max(as_float(rows), as_float(r.output.size(1) * r.stride.rows)),
              widest = std::max(as_float(columns), as_float(r.output.size(2) * r.stride.columns));
  const float band = (rest.h - kLegend) / 2;
  float cell = std::min((rest.w - 2 * gap) / (3 * widest), (band - kTitle) / tallest);
  if (cell >= 4) cell = std::floor(cell);
  cell_w = cell_h = cell;
  out_w = cell * as_float(r.stride.columns);
  out_h = cell * as_float(r.stride.rows);
  const float left = rest.x + (rest.w - 3 * cell * widest - 2 * gap) / 2;
  const auto place = [&](Part part, int row, int column) {
    boxes[part] = {std::floor(left + static_cast<float>(column) * (cell * widest + gap)),
                   std::floor(rest.y + kTitle + static_cast<float>(row) * band),
                   is_output(part) ? out_w * as_float(r.output.size(2)) : cell * as_float(columns),
                   is_output(part) ? out_h * as_float(r.output.size(1)) : cell * as_float(rows)};
  };
  place(kX, 0, 0);
  place(kOfX, 0, 1);
  place(kMovedOfX, 0, 2);
  place(kMoved, 1, 0);
  place(kOfMoved, 1, 1);
  place(kDifference, 1, 2);
}

Rect ShiftBoard::at(Part part, Index row, Index column) const {
  const float w = is_output(part) ? out_w : cell_w, h = is_output(part) ? out_h : cell_h;
  return {boxes[part].x + w * as_float(column), boxes[part].y + h * as_float(row), w, h};
}

Rect ShiftBoard::tile(const ShiftLab::Result& r, Index map) const {
  const Index per_row = std::min(r.maps(), kTilesInRow), rows = (r.maps() + per_row - 1) / per_row;
  const float gap = 10, top = kTitle;
  const float w = (tiles.w - gap * as_float(per_row - 1)) / as_float(per_row),
              h = (tiles.h - top) / as_float(rows) - gap;
  const float aspect = r.is_picture() ? boxes[kOfMoved].w / boxes[kOfMoved].h : w / std::min(h, 18.0f);
  const float height = std::min(h, w / aspect), width = height * aspect;
  const float left = tiles.x + (tiles.w - as_float(per_row) * width - gap * as_float(per_row - 1)) / 2;
  return {std::floor(left + as_float(map % per_row) * (width + gap)),
          std::floor(tiles.y + top + as_float(map / per_row) * (height + gap)), width, height};
}

}  // namespace vitrine::labs
