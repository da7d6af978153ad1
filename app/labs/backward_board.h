// Where everything stands in the picture of "Backward": on the left x, the spread dL/dy and dL/dx, one under
// the other with their columns aligned; on the right K^T beside dL/dy and y, then W beside dL/dW and dL/db.
#pragma once

#include <array>
#include <string>

#include "app/labs/backward_lab.h"

namespace vitrine::labs {

class BackwardBoard {
 public:
  enum Panel : std::size_t {
    kX,       // with its padding
    kSpread,  // dL/dy with its zeros, where the first weight has it: under a signal, upon a picture
    kInputGradient,
    kMatrix,    // K^T, of a signal for one channel
    kUpstream,  // dL/dy, upright
    kOutput,    // y, upright
    kWeight,
    kWeightGradient,
    kBias,
    kPanels
  };

  // One matrix on the stage; its cells are squares.
  struct Grid {
    widgets::Rect cells{};
    core::Index rows = 1, columns = 1;
    float cell = 0;
    widgets::Rect at(core::Index row, core::Index column) const {
      return {cells.x + cell * static_cast<float>(column), cells.y + cell * static_cast<float>(row), cell,
              cell};
    }
    widgets::Rect at(core::Index flat) const { return at(flat / columns, flat % columns); }
    widgets::Rect row(core::Index r) const { return {cells.x, at(r, 0).y, cells.w, cell}; }
    void place(float x, float y, float side);
  };

  // What stands above a grid: its name and, quieter, its shape or a remark.
  struct Title {
    std::string name;
    widgets::Role role = widgets::Role::kText;
    std::string beside;
  };

  BackwardBoard(const widgets::Canvas& canvas, const widgets::Rect& area, const Backward::Result& result,
                core::Index channel);

  const Grid& operator[](Panel p) const { return grids_[p]; }
  const Title& title(Panel p) const { return titles_[p]; }
  float title_height() const { return title_height_; }  // above the cells of a grid
  // Where the panel's title must end.
  float title_end(Panel p) const { return p < kMatrix ? left_end_ : area_.right(); }
  // The place of one of x's numbers, and the first number of x in the grid with its padding.
  widgets::Rect input(core::Index flat) const;
  core::Index first_row() const { return first_row_; }
  core::Index first_column() const { return first_column_; }
  // Where a tap looks, in x with its padding.
  widgets::Rect under(const signal::GradientTerm& term) const;
  // The first of x's numbers in K^T's rows, and whether a number has one.
  core::Index first_number() const { return first_number_; }
  bool in_matrix(core::Index flat) const {
    return flat >= first_number_ && flat < first_number_ + grids_[kMatrix].rows;
  }

 private:
  using Band = std::array<Panel, 3>;
  static constexpr Band kAbove{kMatrix, kUpstream, kOutput}, kBelow{kWeight, kWeightGradient, kBias};
  // The cells of the left half, and of the right one's two bands.
  struct Sides {
    float left, above, below;
    float score() const;
  };
  float advance(Panel p, float cell) const;
  float band_width(const Band& band, float cell) const;
  core::Index lines(const Band& band) const;
  float fitting(const Band& band, float width, float height) const;
  Sides sides(float left_width) const;
  void place_left(float width, float cell);
  void place_right(float left, const Sides& sides);
  void place_band(const Band& band, float left, float top, float cell);
  float left_lines() const;
  float left_fixed() const;

  std::array<Grid, kPanels> grids_;
  std::array<Title, kPanels> titles_;
  std::array<float, kPanels> title_widths_{};
  widgets::Rect area_;
  bool one_dimensional_;
  float title_height_, gap_;  // less on a low stage, where the cells need the room
  float left_end_ = 0;
  core::Index first_row_, first_column_, first_number_;
};

}  // namespace vitrine::labs
