// Where the panels of "Pooling" lie on the stage: x, the window that is lit, both outputs, and what has
// changed in the copy's; a line for the original and one for the copy, or, of pictures, three columns.
#pragma once

#include "app/labs/pooling/lab.h"

namespace vitrine::labs {

// Cells of one size on the stage.
struct PoolingGrid {
  widgets::Rect box{};
  core::Index rows = 0, columns = 0;
  float cell = 0;
  widgets::Rect at(core::Index row, core::Index column) const {
    return {box.x + cell * static_cast<float>(column), box.y + cell * static_cast<float>(row), cell, cell};
  }
  widgets::Rect at(widgets::Cell c) const { return at(c.row, c.column); }
  // The cell nearest to a point of the stage.
  widgets::Cell under(widgets::Point at) const;
};

struct PoolingBoard {
  static constexpr float kTitle = widgets::kTitleHeight_px + 6;  // above a panel

  // The panels of one line; `padded` is x with its padding.
  struct Line {
    PoolingGrid padded, seen, largest, mean, change;
  };
  Line lines[2];
  int count = 1;
  core::Index top, left, height, width;  // padding before, and x with all its padding

  PoolingBoard(const widgets::Rect& area, const Pooling::Result& result);
  // x without its padding.
  widgets::Rect input(const Line& line, const Pooling::Result& result) const;
  // What the window of an output covers of the padded x.
  widgets::Rect window(const Line& line, const signal::PoolSpec& pool, widgets::Cell output) const;

 private:
  // A line for the matrix and one for its copy, all cells alike, all tops on one height.
  void place_matrices(const widgets::Rect& area, const Pooling::Result& result);
  // Columns of pictures as large as x: x and what it becomes, below it the copy's, and at the bottom the
  // windows and the changes. An output pixel is as large as the stride.
  void place_pictures(const widgets::Rect& area, const Pooling::Result& result);
};

}  // namespace vitrine::labs
