// Where everything stands in the picture of "Backward": on the left x, the spread dL/dy and dL/dx, one under
// the other with their columns aligned (a picture of several channels beside its dL/dx); on the right K^T
// beside dL/dy and y, then W beside dL/dW and dL/db. A picture's channels and filters are sheets side by
// side; a signal's are the rows of one sheet.
#pragma once

#include <array>
#include <string>

#include "app/labs/backward/lab.h"

namespace vitrine::labs {

class BackwardBoard {
 public:
  enum Panel : std::size_t {
    kX,       // with its padding
    kSpread,  // dL/dy with its zeros, where the first weight has it: under a signal, upon a picture
    kInputGradient,
    kMatrix,    // K^T, for one channel
    kUpstream,  // dL/dy: of one filter upright, as K^T is multiplied with it; of several in their own shape
    kOutput,    // y, in the same way
    kWeight,    // a row of sheets a filter
    kWeightGradient,
    kBias,
    kPanels
  };

  // One tensor on the stage: sheets of square cells, their numbers in the tensor's order.
  struct Grid {
    core::Index rows = 1, columns = 1;  // of a sheet
    core::Index down = 1, across = 1;   // sheets
    float pitch_x = 1, pitch_y = 1;     // from sheet to sheet, in cells
    float cell = 0;
    widgets::Rect cells{};  // all of them
    float width() const { return pitch_x * static_cast<float>(across - 1) + static_cast<float>(columns); }
    float height() const { return pitch_y * static_cast<float>(down - 1) + static_cast<float>(rows); }
    widgets::Rect sheet(core::Index s) const;
    widgets::Rect at(core::Index sheet, core::Index row, core::Index column) const;
    widgets::Rect at(core::Index flat) const;
    widgets::Rect row(core::Index r) const;     // of the first sheet
    core::Index under(widgets::Point p) const;  // the number there or nearest to it
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
  float title_end(Panel p) const {
    return p == kX && beside_ ? grids_[kInputGradient].cells.x - 8 : p < kMatrix ? left_end_ : area_.right();
  }
  // A cell of x with its padding, by channel, row and column of the padded picture.
  widgets::Rect padded(core::Index channel, core::Index row, core::Index column) const;
  // x's own numbers there, the place of one of them, and where a tap looks.
  Grid numbers() const;
  widgets::Rect input(core::Index flat) const { return numbers().at(flat); }
  widgets::Rect under(const signal::GradientTerm& term) const;
  core::Index first_row() const { return first_row_; }
  core::Index first_column() const { return first_column_; }
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
  float side(Panel p, float cell) const;  // of the panel's cells in a band whose cells have this side
  float advance(Panel p, float cell) const;
  float band_width(const Band& band, float cell) const;
  float lines(const Band& band) const;
  float fitting(const Band& band, float width, float height) const;
  Sides sides(float left_width) const;
  void place_left(float width, float cell);
  void place_right(float left, const Sides& sides);
  void place_band(const Band& band, float left, float top, float cell);
  float left_columns() const;
  float left_lines() const;
  float left_fixed() const;

  std::array<Grid, kPanels> grids_;
  std::array<Title, kPanels> titles_;
  std::array<float, kPanels> title_widths_{};
  widgets::Rect area_;
  bool one_dimensional_, beside_;  // beside: dL/dx stands right of x and not below it
  float title_height_, gap_;       // less on a low stage, where the cells need the room
  float left_end_ = 0;
  float matrix_share_ = 1;  // K^T's cells are so much smaller than those beside it
  core::Index first_row_, first_column_, first_number_;
};

}  // namespace vitrine::labs
