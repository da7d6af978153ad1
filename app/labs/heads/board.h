// Where everything of "Many heads" stands on the stage: the grid of heads, the large head and the tokens with
// their links above; below them the way of the numbers from X to Y.
#pragma once

#include "app/labs/heads/lab.h"

namespace vitrine::labs {

// A matrix on the stage; its cells need not be square.
struct HeadsGrid {
  widgets::Rect cells{};
  core::Index rows = 0, columns = 0;
  float w = 0, h = 0;  // of a cell
  widgets::Rect at(core::Index row, core::Index column) const {
    return {cells.x + w * static_cast<float>(column), cells.y + h * static_cast<float>(row), w, h};
  }
  widgets::Rect row(core::Index i) const { return {cells.x, at(i, 0).y, cells.w, h}; }
  widgets::Rect column(core::Index j) const { return {at(0, j).x, cells.y, w, cells.h}; }
  // Columns [first, first + count).
  widgets::Rect band(core::Index first, core::Index count) const {
    return {at(0, first).x, cells.y, w * static_cast<float>(count), cells.h};
  }
  widgets::Cell under(widgets::Point at) const;
};

class HeadsBoard {
 public:
  HeadsBoard(const widgets::Canvas& canvas, const ManyHeads::Result& result, core::Index head);

  const HeadsGrid& operator[](ManyHeads::Panel sheet) const {
    return sheets_[static_cast<std::size_t>(sheet)];
  }
  widgets::Rect thumbnail(core::Index head) const;
  float thumbnail_title() const { return thumbnail_title_; }  // the height above it

  widgets::Rect thumbnails{}, map{}, row_names{};  // map: the large head's cells
  widgets::Rect links{};         // the columns of tokens and what is between them; or the picture
  HeadsGrid correlated{};        // beside Y
  float chip_w = 0, chip_h = 0;  // of a token's name
  // The names of query (left) or key (right) t.
  widgets::Rect chip(core::Index t, bool key) const;
  widgets::Rect patch(const ManyHeads::Result& result, core::Index t) const;
  float flow_top() const { return flow_top_; }

 private:
  void place_top(const widgets::Rect& area, const ManyHeads::Result& result);
  void place_flow(const widgets::Rect& area, const ManyHeads::Result& result, core::Index head);

  std::array<HeadsGrid, ManyHeads::kSheets> sheets_{};
  core::Index across_ = 1;  // thumbnails in a line
  float thumbnail_ = 0, thumbnail_title_ = 16, flow_top_ = 0;
};

}  // namespace vitrine::labs
