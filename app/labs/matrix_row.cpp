#include "app/labs/matrix_row.h"

#include <algorithm>
#include <cmath>

#include "app/labs/stage_drag.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kSmallestCell = 4;

using widgets::as_float;

using widgets::kQuietWords;

}  // namespace

Rect CellGrid::at(Cell c) const {
  const float w = cells.w / as_float(columns), h = cells.h / as_float(rows);
  return {cells.x + w * as_float(c.column), cells.y + h * as_float(c.row), w, h};
}

GridTouch touch(Canvas& c, const std::string& id, const CellGrid& g, bool draggable) {
  const widgets::Touch t = draggable ? c.grab(id, g.cells) : c.touch(id, g.cells);
  if (!t.hovered) return {std::nullopt, false, t};
  const auto index = [](float share, Index n) {
    return std::clamp<Index>(static_cast<Index>(share * as_float(n)), 0, n - 1);
  };
  return {Cell{index((t.at.y - g.cells.y) / g.cells.h, g.rows),
               index((t.at.x - g.cells.x) / g.cells.w, g.columns)},
          t.clicked, t};
}

namespace {

constexpr float kMatrixGap = 20, kMatrixLabel = 20;

Index rows_of(const SmallMatrix& m) { return m.values->size(0); }
Index columns_of(const SmallMatrix& m) { return m.values->rank() == 2 ? m.values->size(1) : 1; }

// How large the cells of matrices in a row are, and whether their shapes stand beside their names.
class RowSizes {
 public:
  RowSizes(const Canvas& c, const Rect& box, std::span<const SmallMatrix> matrices, float max_cell)
      : canvas_(c), matrices_(matrices), most_(box.w) {
    constexpr float kReadable = 26, kWide = 1.5f, kNarrow = 0.65f, kForDigits = 36;
    for (const SmallMatrix& m : matrices) rows = std::max(rows, rows_of(m));
    height = std::min(max_cell, (box.h - kMatrixLabel) / as_float(rows));
    shapes = total() <= most_;  // of the names and shapes alone: cells are 0 wide yet
    wide_ = std::max(kWide, kForDigits / std::max(height, 1.0f));
    while (wide_ > 1 && too_wide()) wide_ -= 0.05f;
    while (height > kReadable && too_wide()) height -= 1;
    while (wide_ > kNarrow && too_wide()) wide_ -= 0.05f;
    while (height > kSmallestCell && too_wide()) height -= 1;
    height = std::floor(std::max(height, kSmallestCell));
  }
  float cells_width(const SmallMatrix& m) const { return wide_ * height * as_float(columns_of(m)); }
  float width(const SmallMatrix& m) const {
    const float shape = shapes && !m.shape.empty() ? 8 + canvas_.text_width(m.shape, kQuietWords) : 0;
    return std::max(cells_width(m), name_width(m) + shape);
  }

  Index rows = 1;
  float height = 0;
  bool shapes = true;

 private:
  float name_width(const SmallMatrix& m) const {
    return canvas_.text_width(m.name, {widgets::kTextSize_px, Face::kStrong});
  }
  float total() const {
    float sum = -kMatrixGap;
    for (const SmallMatrix& m : matrices_) sum += width(m) + kMatrixGap;
    return sum;
  }
  // And smaller cells would help.
  bool too_wide() const {
    return total() > most_ && std::any_of(matrices_.begin(), matrices_.end(), [&](const SmallMatrix& m) {
             return cells_width(m) > name_width(m);
           });
  }

  const Canvas& canvas_;
  std::span<const SmallMatrix> matrices_;
  float most_, wide_ = 0;  // wide: a cell's width as a multiple of its height
};

}  // namespace

MatrixRow draw_matrix_row(Canvas& c, const Rect& box, std::span<const SmallMatrix> matrices, float max_cell) {
  const RowSizes sizes(c, box, matrices, max_cell);
  MatrixRow drawn;
  float x = box.x;
  for (const SmallMatrix& m : matrices) {
    const CellGrid grid{rows_of(m),
                        columns_of(m),
                        {x, box.y + kMatrixLabel, sizes.cells_width(m), sizes.height * as_float(rows_of(m))}};
    widgets::draw_title(c, {x, box.y + 9}, m.name, m.role, sizes.shapes ? m.shape : "");
    if (!m.before.empty())
      c.text({x - kMatrixGap / 2, grid.cells.y + sizes.height * as_float(sizes.rows) / 2}, m.before,
             {widgets::kTextSize_px, Face::kStrong, Role::kText, Align::kCenter});
    const auto look = [&](Cell at) { return m.look ? m.look(at) : widgets::CellLook{}; };
    for (Index i = 0; i < grid.rows; ++i) {
      for (Index j = 0; j < grid.columns; ++j) {
        widgets::draw_cell(c, grid.at({i, j}), (*m.values)[i * grid.columns + j], look({i, j}), m.shade);
        if (m.draggable) draw_handle(c, grid.at({i, j}), m.role);
      }
    }
    for (Index i = 0; i < grid.rows; ++i)
      for (Index j = 0; j < grid.columns; ++j)
        if (look({i, j}).lit) draw_light(c, grid.at({i, j}));
    drawn.grids.push_back(grid);
    drawn.touches.push_back(touch(c, m.id, grid, m.draggable));
    x += sizes.width(m) + kMatrixGap;
  }
  return drawn;
}

}  // namespace vitrine::labs
