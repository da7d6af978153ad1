// Matrix: the picture of a small or large matrix (a vector is one row or one column): cells in the colours of
// their values, the number in each cell where it fits, a title with the shape, and one lit cell. Large ones
// become a texture.
#pragma once

#include <functional>
#include <optional>

#include "app/widgets/canvas.h"

namespace vitrine::widgets {

struct Cell {
  core::Index row = 0, column = 0;
  bool operator==(const Cell&) const = default;
};

// How one cell differs from the others.
struct CellLook {
  float alpha = 1;      // 0 = not there yet
  bool dashed = false;  // padding: not really there
  bool lit = false;     // part of what is in focus
  bool masked = false;  // hatched: takes no part
  bool plain = false;   // no colour of its value: a structural zero
};

// How a cell's colour follows from its number: a role's colour, the stronger the larger the number (its sign
// is in the digits), or a colormap over a range.
struct Shade {
  std::optional<Role> tint;
  gpu::Colormap colormap = gpu::Colormap::kDiverging;
  gpu::Range range{};
  Color of(const Theme& theme, double finite_value) const;
};
// The strongest tint is that of the largest finite magnitude among the values.
Shade tinted(Role role, const core::Tensor<double>& values);
Shade mapped(gpu::Colormap colormap, gpu::Range range);

struct MatrixPicture {
  std::string id;
  std::string title;                   // "K"; the shape is added: "K  7 × 9"
  Role role = Role::kText;             // of the title and the numbers' edge
  const core::Tensor<double>* values;  // [rows, columns], or [n] as one row
  Shade shade;
  Rect box;  // the cells are as large as fit, at most max_cell, centred in it
  float max_cell = 56;
  bool column_vector = false;  // a [n] tensor stands upright
  bool show_shape = true;
  std::function<CellLook(Cell)> look = {};
};

// Where the cells of a picture are, before and after it is drawn.
struct MatrixLayout {
  core::Index rows = 0, columns = 0;
  float cell = 0;  // side, px
  Rect cells{};    // all of them
  Rect at(Cell c) const {
    return {cells.x + static_cast<float>(c.column) * cell, cells.y + static_cast<float>(c.row) * cell, cell,
            cell};
  }
};

// The cell nearest to a point of the stage.
Cell cell_under(const MatrixLayout& layout, Point at);

inline constexpr float kTitleHeight_px = 22;  // above the cells

// "7 × 9"; of a vector "9".
std::string shape_words(const core::Shape& shape);
// A name in its role's colour and, quieter, what is to be said beside it: a shape.
void draw_title(Canvas& canvas, Point at, std::string_view name, Role role, std::string_view beside);
// The same, without what is to be said beside the name where both do not fit the width.
void draw_title(Canvas& canvas, Point at, std::string_view name, Role role, std::string_view beside,
                float width);

MatrixLayout layout(const MatrixPicture& picture);
// Draws the picture; returns what the pointer does to it, and to which cell.
struct CellTouch {
  std::optional<Cell> hovered;
  bool clicked = false;
};
CellTouch draw(Canvas& canvas, const MatrixPicture& picture);

// A range symmetric about zero that holds every finite value (at least ±1e-12, at most what a float holds).
gpu::Range symmetric_range(const core::Tensor<double>& values);
// A legend for the colormap: a thin bar with its two ends' numbers, and zero where it is inside.
void legend(Canvas& canvas, const Rect& box, gpu::Colormap colormap, gpu::Range range);
// The same on one line, its numbers left and right of the bar: beside a title, from left to right.
void legend_line(Canvas& canvas, Point left, float right, gpu::Colormap colormap, gpu::Range range);
// Darkens what comes after the cell in reading order: it is there, but nothing has come to it yet.
void veil_after(Canvas& canvas, const Rect& grid, const Rect& cell);
// One pixel of the screen in stage coordinates where the stage is enlarged, else 1: an inset of it stays
// as thin as a line at any zoom.
float hairline(const Canvas& canvas);
// One cell: background, outline and number by its look; for cells that are on their way between two places.
// A number appears as soon as the zoom makes room for it.
void draw_cell(Canvas& canvas, const Rect& rect, double value, const CellLook& look, const Shade& shade);
// The same on its way, on a ground of its own: what it passes over does not show through.
void draw_flying(Canvas& canvas, const Rect& rect, double value, const CellLook& look, const Shade& shade);
// Two numbers that have met, "2·(−1)", on their way to their sum; as wide as the words need.
void draw_flying_product(Canvas& canvas, const Rect& rect, double a, double b, float alpha);

}  // namespace vitrine::widgets
