// Where everything stands in the picture of "Attention by hand": bands of matrices that read like lines of
// text,
//   H . W_q^T -> Q, H . W_k^T -> K, H . W_v^T -> V     where they are made
//   Q . K^T = scores -> scaled and masked
//   exp -> weights . V = output
// and what each matrix is called and coloured with.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "app/labs/attention/lab.h"

namespace vitrine::labs {

inline constexpr float kNarrowestLegend = 76;

class AttentionBoard {
 public:
  using Panel = Attention::Panel;
  using Result = Attention::Result;

  // One matrix on the stage.
  struct Grid {
    bool shown = false;
    widgets::Rect cells{};
    core::Index rows = 0, columns = 0;
    float w = 0, h = 0;  // of a cell
    widgets::Rect at(core::Index row, core::Index column) const {
      return {cells.x + w * static_cast<float>(column), cells.y + h * static_cast<float>(row), w, h};
    }
    widgets::Cell under(widgets::Point p) const;  // the nearest to it
    widgets::Rect row(core::Index i) const { return {cells.x, at(i, 0).y, cells.w, h}; }
    widgets::Rect column(core::Index j) const { return {at(0, j).x, cells.y, w, cells.h}; }
    // The cell, row or column; all of it where both are empty.
    widgets::Rect part(std::optional<core::Index> row_, std::optional<core::Index> column_) const {
      if (row_ && column_) return at(*row_, *column_);
      return row_ ? row(*row_) : column_ ? column(*column_) : cells;
    }
  };

  // Two or three bands, their cells as large as the area allows. On a low stage, and beside an exhibit, there
  // may not be room for all of them: then those stay that are nearest to what the playhead does, and beside
  // an exhibit there may be none.
  AttentionBoard(const widgets::Canvas& canvas, const Result& result, const widgets::Rect& area, bool beside,
                 Attention::Phase playing);

  const Grid& operator[](Panel p) const { return grids_[static_cast<std::size_t>(p)]; }
  bool has(Panel p) const { return (*this)[p].shown; }
  bool empty() const { return bands_.empty(); }
  bool has_scores() const { return has(Panel::kDots); }
  bool has_weights() const { return has(Panel::kWeights); }
  widgets::Rect sum(core::Index i) const {
    const Grid& exps = (*this)[Panel::kExps];
    return {sums_x_, exps.at(i, 0).y, exps.w, exps.h};
  }
  float gap() const { return gap_; }              // between two panels: the operator
  float channel_y() const { return channel_y_; }  // of the line from the scores to exp
  float bottom() const { return bottom_; }

 private:
  using Band = std::vector<Panel>;
  float gap_after(Panel p) const;
  float slot_width(Panel p, float cell) const;
  float band_width(const Band& band, float cell) const;
  std::vector<Band> bands_of(const Result& result) const;  // all, in reading order
  static std::vector<Panel> nearest_first(Attention::Phase phase, bool late_mask);
  void choose_bands(const Result& result, const widgets::Rect& area, bool beside, Attention::Phase playing);
  float rows_of(const Band& band) const;
  float fixed_height() const;
  float fitting_height(const widgets::Rect& area) const;
  void place_band(const Band& band, const widgets::Rect& area, float top, float height);
  Grid& grid(Panel p) { return grids_[static_cast<std::size_t>(p)]; }

  std::array<Grid, Attention::kPanels> grids_{};
  std::array<float, Attention::kPanels> title_widths_{};
  std::vector<Band> bands_;
  bool cross_ = false;
  float sums_x_ = 0, gap_ = 0, channel_y_ = 0, bottom_ = 0;
};

// A panel's name, "W" with "q" below it and "ᵀ" above, and the id under which it can be touched.
struct PanelName {
  std::string id, title;
  widgets::Role role = widgets::Role::kText;
  std::string below = "";
};
PanelName name_of(const Attention::Result& result, Attention::Panel panel);
widgets::Shade shade_of(const Attention::Result& result, Attention::Panel panel);
// The name at a point, and its shape beside it.
void draw_name(widgets::Canvas& canvas, widgets::Point at, const PanelName& name, std::string_view shape);

}  // namespace vitrine::labs
