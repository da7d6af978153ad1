#include "app/labs/pooling/board.h"

#include <algorithm>
#include <cmath>

namespace vitrine::labs {

using core::Index;
using widgets::Cell;
using widgets::Point;
using widgets::Rect;

namespace {

constexpr float kMargin = 26;
constexpr float kUnder = 46, kBetweenLines = 12;  // below a panel: its legend or its number
constexpr float kLargestCell = 72, kLargestSeenCell = 44;
constexpr float kNarrowestSeen = 76, kNarrowestMax = 56, kNarrowestAverage = 72,
                kNarrowestChange = 92;  // their words
constexpr float kSeenGap = 26;          // between the windows of a picture and of its copy

using widgets::as_float;

// A grid with its left end at x, its middle at this height.
PoolingGrid centred(float x, float middle, Index rows, Index columns, float cell) {
  return {{std::floor(x), std::floor(middle - cell * as_float(rows) / 2), cell * as_float(columns),
           cell * as_float(rows)},
          rows,
          columns,
          cell};
}

}  // namespace

Cell PoolingGrid::under(Point at) const {
  const auto index = [&](float offset, Index n) {
    return std::clamp<Index>(static_cast<Index>(std::floor(offset / cell)), 0, n - 1);
  };
  return {index(at.y - box.y, rows), index(at.x - box.x, columns)};
}

PoolingBoard::PoolingBoard(const Rect& area, const Pooling::Result& r) {
  const signal::PoolSpec& pool = r.params.pool;
  count = r.copy ? 2 : 1;
  top = pool.rows.padding_before;
  left = pool.columns.padding_before;
  height = r.original.input.size(1) + top + pool.rows.padding_after;
  width = r.original.input.size(2) + left + pool.columns.padding_after;
  if (r.params.input == Pooling::Input::kMatrix)
    place_matrices(area, r);
  else
    place_pictures(area, r);
}

void PoolingBoard::place_matrices(const Rect& area, const Pooling::Result& r) {
  const signal::PoolSpec& pool = r.params.pool;
  const float outputs = r.copy ? 3 : 2, gap = std::clamp(area.w * 0.035f, 20.0f, 60.0f);
  const float band = (area.h - 12) / as_float(count), room = band - kTitle - kBetweenLines;
  const float w = area.w - 2 * kMargin - (outputs + 1) * gap;
  const float with_words =
      as_float(std::max(pool.kernel_rows, r.copy ? r.rows() : 1));  // below them stand words
  const auto slot = [&](float side, float narrowest) {
    return std::max(side * as_float(r.columns()), narrowest);
  };
  const auto seen_slot = [&](float side) {
    return std::max(side * as_float(pool.kernel_columns), kNarrowestSeen);
  };
  const auto total = [&](float side) {
    return side * as_float(width) + seen_slot(side) + slot(side, kNarrowestMax) +
           slot(side, kNarrowestAverage) + (r.copy ? slot(side, kNarrowestChange) : 0);
  };
  float cell = std::min({kLargestCell, room / as_float(std::max(height, r.rows())),
                         (room + kBetweenLines - kUnder) / with_words});
  cell = std::max(std::floor(cell), 4.0f);
  while (cell > 4 && total(cell) > w) --cell;
  const float tallest = cell * std::max(as_float(std::max(height, r.rows())), with_words + kUnder / cell);
  for (int i = 0; i < count; ++i) {
    const float top_y = area.y + 6 + band * as_float(i) + kTitle + std::max(0.0f, (room - tallest) / 2);
    const auto hung = [&](float left_x, Index rows, Index columns) {
      return centred(left_x, top_y + cell * as_float(rows) / 2, rows, columns, cell);
    };
    float x = area.x + (area.w - total(cell) - (outputs + 1) * gap) / 2;
    Line& line = lines[i];
    line.padded = hung(x, height, width);
    line.seen = hung(x += line.padded.box.w + gap, pool.kernel_rows, pool.kernel_columns);
    line.largest = hung(x += seen_slot(cell) + gap, r.rows(), r.columns());
    line.mean = hung(x += slot(cell, kNarrowestMax) + gap, r.rows(), r.columns());
    if (r.copy) line.change = hung(x += slot(cell, kNarrowestAverage) + gap, r.rows(), r.columns());
  }
}

void PoolingBoard::place_pictures(const Rect& area, const Pooling::Result& r) {
  const signal::PoolSpec& pool = r.params.pool;
  const float bands = as_float(count + 1), gap = std::clamp(area.w * 0.05f, 24.0f, 72.0f);
  const float band = (area.h - 12) / bands, room = band - kTitle - kUnder;
  const float spread_rows = as_float(pool.rows.stride), spread_columns = as_float(pool.columns.stride);
  const float column = (area.w - 2 * kMargin - 2 * gap) / 3;
  float cell = std::min(column / std::max(as_float(width), spread_columns * as_float(r.columns())),
                        room / std::max(as_float(height), spread_rows * as_float(r.rows())));
  if (cell >= 4) cell = std::floor(cell);
  const float side = std::max(cell * as_float(width), std::min(column, 150.0f));
  const float x = area.x + (area.w - 3 * side - 2 * gap) / 2;
  const auto middle = [&](int line) { return area.y + 6 + band * as_float(line) + kTitle + room / 2; };
  const float room_for_seen = (x + side - area.x - kMargin - kSeenGap) / as_float(count);
  const float seen = std::min(
      {kLargestSeenCell, room_for_seen / as_float(pool.kernel_columns), room / as_float(pool.kernel_rows)});
  const float step = seen * as_float(pool.kernel_columns) + kSeenGap;
  const float first_seen = std::min(x, x + side + kSeenGap - as_float(count) * step);
  for (int i = 0; i < count; ++i) {
    Line& line = lines[i];
    line.padded = centred(x, middle(i), height, width, cell);
    line.largest = centred(x + side + gap, middle(i), r.rows(), r.columns(), cell * spread_columns);
    line.mean = centred(x + 2 * (side + gap), middle(i), r.rows(), r.columns(), cell * spread_columns);
    line.seen =
        centred(first_seen + as_float(i) * step, middle(count), pool.kernel_rows, pool.kernel_columns, seen);
    if (!r.copy) continue;
    const PoolingGrid& above = i == 0 ? line.largest : line.mean;
    line.change = centred(above.box.x, middle(count), r.rows(), r.columns(), above.cell);
  }
}

Rect PoolingBoard::input(const Line& line, const Pooling::Result& r) const {
  const Rect first = line.padded.at(top, left);
  return {first.x, first.y, first.w * as_float(r.original.input.size(2)),
          first.h * as_float(r.original.input.size(1))};
}

Rect PoolingBoard::window(const Line& line, const signal::PoolSpec& pool, Cell output) const {
  const Rect first = line.padded.at(output.row * pool.rows.stride, output.column * pool.columns.stride);
  const auto extent = [&](Index kernel, const signal::WindowSpec& spec) {
    return line.padded.cell * as_float(signal::kernel_extent(kernel, spec.dilation));
  };
  return {first.x, first.y, extent(pool.kernel_columns, pool.columns), extent(pool.kernel_rows, pool.rows)};
}

}  // namespace vitrine::labs
