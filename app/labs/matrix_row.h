// Small matrices side by side under one line of names: weights, sums, what they are held against.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/widgets/matrix.h"

namespace vitrine::labs {

// Cells that need not be square.
struct CellGrid {
  core::Index rows = 1, columns = 1;
  widgets::Rect cells{};  // all of them
  widgets::Rect at(widgets::Cell c) const;
};
// What the pointer does to the grid, which is one shape of this id; one that can be dragged holds it.
struct GridTouch {
  std::optional<widgets::Cell> hovered;
  bool clicked = false;
  widgets::Touch pointer{};
};
GridTouch touch(widgets::Canvas& canvas, const std::string& id, const CellGrid& grid, bool draggable = false);

// Matrices side by side under one line of names, as large as fit the box: weights, sums, what they are held
// against.
struct SmallMatrix {
  std::string id, name;
  widgets::Role role = widgets::Role::kText;
  const core::Tensor<double>* values;  // [rows, columns] or [rows]: an upright vector
  widgets::Shade shade;
  std::string shape{};   // beside the name where there is room
  std::string before{};  // a sign between it and the one on its left: "+", "="
  std::function<widgets::CellLook(widgets::Cell)> look = {};
  bool draggable = false;  // its numbers can be dragged, and are underlined
};
struct MatrixRow {
  std::vector<CellGrid> grids;  // where each one's cells are
  std::vector<GridTouch> touches;
};
MatrixRow draw_matrix_row(widgets::Canvas& canvas, const widgets::Rect& box,
                          std::span<const SmallMatrix> matrices, float max_cell);

}  // namespace vitrine::labs
