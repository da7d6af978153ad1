#include "app/labs/backward/board.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Face;
using widgets::Rect;
using widgets::Role;

namespace {

constexpr float kBetween = 20;  // from panel to panel
constexpr float kLargestCell = 72, kSmallestCell = 3;
constexpr float kBelowShare = 0.45f, kBelowShareOfOneKernel = 0.28f;  // of the right half's height, at most

using widgets::as_float;

constexpr float kBetweenSheets = 0.5f;  // cells

BackwardBoard::Grid sized(Index rows, Index columns) { return {.rows = rows, .columns = columns}; }

BackwardBoard::Grid sheets(Index down, Index across, Index rows, Index columns) {
  return {.rows = rows,
          .columns = columns,
          .down = down,
          .across = across,
          .pitch_x = as_float(columns) + kBetweenSheets,
          .pitch_y = as_float(rows) + kBetweenSheets};
}

// [A, B, H, W] as A x B sheets, [A, H, W] as A sheets side by side; of a signal, which has no H, an axis
// less.
BackwardBoard::Grid grid_of(const core::Shape& shape) {
  switch (shape.rank()) {
    case 2:
      return sized(shape[0], shape[1]);
    case 3:
      return sheets(shape[0], 1, shape[1], shape[2]);
    default:
      return sheets(shape[0], shape[1], shape[2], shape[3]);
  }
}

// dL/dy and y: of one filter upright, as K^T is multiplied with it; else in their own shape, two sheets a
// row.
BackwardBoard::Grid grid_of_outputs(const Backward::Params& p) {
  if (p.filters() == 1) return sized(p.upstream.count(), 1);
  const core::Shape shape = p.shown_shape(p.upstream);
  if (shape.rank() == 2) return grid_of(shape);
  constexpr Index kAcross = 2;
  return sheets((p.filters() + kAcross - 1) / kAcross, kAcross, shape[1], shape[2]);
}

// "5 × 7": without what there is only one of.
std::string shape_of(const Backward::Params& p, const Tensor<double>& values) {
  const core::Shape shape = p.shown_shape(values);
  std::string words;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    const bool cell_axis = axis + (p.one_dimensional() ? 1 : 2) >= shape.rank();
    if (words.empty() && shape[axis] == 1 && !cell_axis) continue;
    words += (words.empty() ? "" : " × ") + core::grouped(shape[axis]);
  }
  return words;
}

// Whether dL/dx stands right of x, narrow, and not below it.
bool is_beside(const Backward::Params& p) { return !p.one_dimensional() && p.channels() > 1; }

std::array<BackwardBoard::Title, BackwardBoard::kPanels> titles_of(const Backward::Result& r, Index channel) {
  using Board = BackwardBoard;
  const Backward::Params& p = r.params;
  const Index zeros = r.spread.count() - p.upstream.count();
  const bool padded = r.padded.count() > p.input.count();
  std::array<Board::Title, Board::kPanels> t;
  t[Board::kX] = {"x", Role::kInput, shape_of(p, p.input) + (padded ? " and padding" : "")};
  t[Board::kSpread] = {
      zeros > 0 ? "dL/dy, spread" : "dL/dy", Role::kGradient,
      core::grouped(p.upstream.count()) + (zeros > 0 ? " and " + core::grouped(zeros) + " zeros" : "")};
  const std::string error = core::shown(r.largest_error, 1);
  if (is_beside(p))  // narrow, and its shape is that of x
    t[Board::kInputGradient] = {"dL/dx", Role::kGradient, "±" + error};
  else
    t[Board::kInputGradient] = {"dL/dx = Kᵀ · dL/dy", Role::kGradient,
                                shape_of(p, p.input) + ", all ±" + error};
  t[Board::kMatrix] = {"Kᵀ", Role::kKernel,
                       widgets::shape_words({p.numbers(), p.upstream.count()}) +
                           (p.channels() > 1 ? " of channel " + std::to_string(channel + 1) : "")};
  t[Board::kUpstream] = {"dL/dy", Role::kGradient, shape_of(p, p.upstream)};
  t[Board::kOutput] = {"y", Role::kOutput, ""};
  t[Board::kWeight] = {"W", Role::kKernel, shape_of(p, p.weight)};
  t[Board::kWeightGradient] = {"dL/dW", Role::kGradient, shape_of(p, p.weight)};
  t[Board::kBias] = {"dL/db", Role::kGradient, ""};
  return t;
}

}  // namespace

Rect BackwardBoard::Grid::sheet(Index s) const {
  return {cells.x + cell * pitch_x * as_float(s % across), cells.y + cell * pitch_y * as_float(s / across),
          cell * as_float(columns), cell * as_float(rows)};
}

Rect BackwardBoard::Grid::at(Index sheet_index, Index row, Index column) const {
  const Rect s = sheet(sheet_index);
  return {s.x + cell * as_float(column), s.y + cell * as_float(row), cell, cell};
}

Rect BackwardBoard::Grid::at(Index flat) const {
  const Index in_sheet = flat % (rows * columns);
  return at(flat / (rows * columns), in_sheet / columns, in_sheet % columns);
}

Rect BackwardBoard::Grid::row(Index r) const {
  return {cells.x, at(0, r, 0).y, cell * as_float(columns), cell};
}

Index BackwardBoard::Grid::under(widgets::Point p) const {
  const auto index = [](float offset, float step, Index n) {
    return std::clamp<Index>(static_cast<Index>(offset / step), 0, n - 1);
  };
  const Index s =
      index(p.y - cells.y, cell * pitch_y, down) * across + index(p.x - cells.x, cell * pitch_x, across);
  const Rect box = sheet(s);
  return (s * rows + index(p.y - box.y, cell, rows)) * columns + index(p.x - box.x, cell, columns);
}

void BackwardBoard::Grid::place(float x, float y, float side) {
  cell = side;
  cells = {std::floor(x), std::floor(y), side * width(), side * height()};
}

BackwardBoard::BackwardBoard(const widgets::Canvas& canvas, const Rect& area, const Backward::Result& r,
                             Index channel)
    : titles_(titles_of(r, channel)),
      area_(area),
      one_dimensional_(r.params.one_dimensional()),
      beside_(is_beside(r.params)),
      title_height_(std::clamp(area.h * 0.06f, 18.0f, 26.0f)),
      gap_(std::clamp(area.h * 0.03f, 4.0f, 14.0f)),
      first_row_(r.params.rows.padding_before),
      first_column_(r.params.columns.padding_before),
      first_number_(channel * r.params.numbers()) {
  const Backward::Params& p = r.params;
  // A sheet of x is as high as its padding makes it, and that of dL/dx stands beside it.
  grids_[kX] = one_dimensional_ ? sized(p.channels(), r.padded.size(2)) : grid_of(r.padded.shape());
  grids_[kSpread] = sized(one_dimensional_ ? p.filters() : r.spread.size(1), r.spread.size(2));
  grids_[kInputGradient] = grid_of(p.shown_shape(p.input));
  grids_[kInputGradient].pitch_y = grids_[kX].pitch_y;
  grids_[kMatrix] = sized(p.numbers(), p.upstream.count());
  grids_[kUpstream] = grids_[kOutput] = grid_of_outputs(p);
  grids_[kWeight] = grids_[kWeightGradient] =
      one_dimensional_ ? sheets(1, p.filters(), p.channels(), p.weight.size(3)) : grid_of(p.weight.shape());
  grids_[kBias] = sized(p.filters(), 1);
  if (p.filters() > 1)
    matrix_share_ = std::min(1.0f, 2 * std::max(grids_[kUpstream].height(), 4.0f) /
                                       as_float(std::max(p.numbers(), p.upstream.count())));
  for (std::size_t i = 0; i < kPanels; ++i)
    title_widths_[i] = canvas.text_width(titles_[i].name, {widgets::kTextSize_px, Face::kStrong}) + 8 +
                       canvas.text_width(titles_[i].beside, {widgets::kQuietSize_px});
  float left = 0.5f * area.w;
  for (float share = 0.34f; share < 0.67f; share += 0.02f)
    if (sides(share * area.w).score() > sides(left).score()) left = share * area.w;
  left = std::floor(left);
  left_end_ = area.x + left - kBetween;
  const Sides chosen = sides(left);
  place_left(left - kBetween, chosen.left);
  place_right(left, chosen);
}

Rect BackwardBoard::padded(Index channel, Index row, Index column) const {
  return one_dimensional_ ? grids_[kX].at(0, channel, column) : grids_[kX].at(channel, row, column);
}

BackwardBoard::Grid BackwardBoard::numbers() const {
  Grid grid = grids_[kInputGradient];
  const Rect first = padded(0, first_row_, first_column_);
  grid.place(first.x, first.y, grids_[kX].cell);
  return grid;
}

Rect BackwardBoard::under(const signal::GradientTerm& t) const {
  return padded(t.channel, first_row_ + t.tap.row, first_column_ + t.tap.column);
}

// The smallest cells count most: there a number must still be read.
float BackwardBoard::Sides::score() const {
  return 4 * std::min({left, above, below}) + left + above + below;
}

float BackwardBoard::side(Panel p, float cell) const { return p == kMatrix ? matrix_share_ * cell : cell; }

float BackwardBoard::advance(Panel p, float cell) const {
  return std::max(side(p, cell) * grids_[p].width(), title_widths_[p]) + kBetween;
}

float BackwardBoard::band_width(const Band& band, float cell) const {
  float width = -kBetween;
  for (const Panel p : band) width += advance(p, cell);
  return width;
}

float BackwardBoard::lines(const Band& band) const {
  float most = 0;
  for (const Panel p : band) most = std::max(most, side(p, 1) * grids_[p].height());
  return most;
}

// The largest cells with which the band fits.
float BackwardBoard::fitting(const Band& band, float width, float height) const {
  float cell = std::min(kLargestCell, height / lines(band));
  if (cell >= 4) cell = std::floor(cell);
  while (cell > kSmallestCell && band_width(band, cell) > width) cell -= cell > 4 ? 1.0f : 0.25f;
  return cell;
}

BackwardBoard::Sides BackwardBoard::sides(float left_width) const {
  Sides s{};
  s.left = std::floor(std::min(
      {kLargestCell, (left_width - kBetween) / left_columns(), (area_.h - left_fixed()) / left_lines()}));
  const float width = area_.w - left_width, height = area_.h - 2 * title_height_ - gap_;
  const bool one_kernel = !one_dimensional_ && grids_[kWeight].down * grids_[kWeight].across == 1;
  s.below = fitting(kBelow, width, (one_kernel ? kBelowShareOfOneKernel : kBelowShare) * height);
  s.above = fitting(kAbove, width, height - s.below * lines(kBelow));
  return s;
}

float BackwardBoard::left_columns() const {
  return grids_[kX].width() + (beside_ ? 1 + grids_[kInputGradient].width() : 0);
}
float BackwardBoard::left_lines() const {
  if (beside_) return grids_[kX].height();
  return grids_[kX].height() + grids_[kInputGradient].height() +
         (one_dimensional_ ? grids_[kSpread].height() : 0);
}
float BackwardBoard::left_fixed() const {
  return beside_ ? title_height_ : one_dimensional_ ? 3 * title_height_ + 2 * gap_ : 2 * title_height_ + gap_;
}

void BackwardBoard::place_left(float width, float cell) {
  const float used = left_fixed() + cell * left_lines();
  const float x = area_.x + std::max(0.0f, (width - cell * left_columns()) / 2);
  float y = area_.y + std::max(0.0f, (area_.h - used) / 2) + title_height_;
  grids_[kX].place(x, y, cell);
  if (beside_) {
    grids_[kInputGradient].place(grids_[kX].cells.right() + cell, y + cell * as_float(first_row_), cell);
    return;
  }
  y = grids_[kX].cells.bottom() + gap_ + title_height_;
  if (one_dimensional_) {
    grids_[kSpread].place(x, y, cell);
    y = grids_[kSpread].cells.bottom() + gap_ + title_height_;
  }
  grids_[kInputGradient].place(x + cell * as_float(first_column_), y, cell);
}

void BackwardBoard::place_right(float left, const Sides& s) {
  const float above = s.above * lines(kAbove), below = s.below * lines(kBelow);
  const float widest = std::max(band_width(kAbove, s.above), band_width(kBelow, s.below));
  const float x = area_.x + left + std::max(0.0f, (area_.w - left - widest) / 2);
  const float spare = area_.h - above - below - 2 * title_height_ - gap_;
  const float y = area_.y + std::max(0.0f, spare / 2) + title_height_;
  place_band(kAbove, x, y, s.above);
  place_band(kBelow, x, y + above + gap_ + title_height_, s.below);
}

void BackwardBoard::place_band(const Band& band, float left, float top, float cell) {
  for (const Panel p : band) {
    grids_[p].place(left, top, side(p, cell));
    left += advance(p, cell);
  }
}

}  // namespace vitrine::labs
