#include "app/labs/backward_board.h"

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
constexpr float kBelowShare = 0.45f, kBelowShareOfPicture = 0.28f;  // of the right half's height, at most

float as_float(Index n) { return static_cast<float>(n); }

BackwardBoard::Grid sized(Index rows, Index columns) { return {.rows = rows, .columns = columns}; }

std::string shape_of(const Backward::Params& p, const Tensor<double>& values) {
  return p.one_dimensional() && values.size(0) == 1 ? core::grouped(values.size(1))
                                                    : widgets::shape_words(values.shape());
}

std::array<BackwardBoard::Title, BackwardBoard::kPanels> titles_of(const Backward::Result& r, Index channel) {
  using Board = BackwardBoard;
  const Backward::Params& p = r.params;
  const Index zeros = r.spread.count() - p.upstream.count();
  const bool many = p.one_dimensional() && p.input.size(0) > 1, padded = r.padded.count() > p.input.count();
  std::array<Board::Title, Board::kPanels> t;
  t[Board::kX] = {"x", Role::kInput, shape_of(p, p.input) + (padded ? " and padding" : "")};
  t[Board::kSpread] = {
      zeros > 0 ? "dL/dy, spread" : "dL/dy", Role::kGradient,
      core::grouped(p.upstream.count()) + (zeros > 0 ? " and " + core::grouped(zeros) + " zeros" : "")};
  t[Board::kInputGradient] = {"dL/dx = Kᵀ · dL/dy", Role::kGradient,
                              shape_of(p, p.input) + ", all checked to " + core::shown(r.largest_error, 1)};
  t[Board::kMatrix] = {
      "Kᵀ", Role::kKernel,
      widgets::shape_words({p.one_dimensional() ? p.input.size(1) : p.input.count(), p.upstream.count()}) +
          (many ? " of channel " + std::to_string(channel + 1) : "")};
  t[Board::kUpstream] = {"dL/dy", Role::kGradient, shape_of(p, p.upstream)};
  t[Board::kOutput] = {"y", Role::kOutput, ""};
  t[Board::kWeight] = {"W", Role::kKernel, shape_of(p, p.weight)};
  t[Board::kWeightGradient] = {"dL/dW", Role::kGradient, shape_of(p, p.weight)};
  t[Board::kBias] = {"dL/db", Role::kGradient, ""};
  return t;
}

}  // namespace

void BackwardBoard::Grid::place(float x, float y, float side) {
  cell = side;
  cells = {std::floor(x), std::floor(y), side * as_float(columns), side * as_float(rows)};
}

BackwardBoard::BackwardBoard(const widgets::Canvas& canvas, const Rect& area, const Backward::Result& r,
                             Index channel)
    : titles_(titles_of(r, channel)),
      area_(area),
      one_dimensional_(r.params.one_dimensional()),
      title_height_(std::clamp(area.h * 0.06f, 18.0f, 26.0f)),
      gap_(std::clamp(area.h * 0.03f, 4.0f, 14.0f)),
      first_row_(r.params.rows.padding_before),
      first_column_(r.params.columns.padding_before),
      first_number_(one_dimensional_ ? channel * r.params.input.size(1) : 0) {
  const Backward::Params& p = r.params;
  grids_[kX] = sized(r.padded.size(0), r.padded.size(1));
  grids_[kSpread] = sized(r.spread.size(0), r.spread.size(1));
  grids_[kInputGradient] = sized(p.input.size(0), p.input.size(1));
  grids_[kMatrix] = sized(one_dimensional_ ? p.input.size(1) : p.input.count(), p.upstream.count());
  grids_[kUpstream] = grids_[kOutput] = sized(p.upstream.count(), 1);
  grids_[kWeight] = grids_[kWeightGradient] = sized(p.weight.size(0), p.weight.size(1));
  grids_[kBias] = sized(1, 1);
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

Rect BackwardBoard::input(Index flat) const {
  const Index columns = grids_[kInputGradient].columns;
  return grids_[kX].at(first_row_ + flat / columns, first_column_ + flat % columns);
}

Rect BackwardBoard::under(const signal::GradientTerm& t) const {
  return grids_[kX].at(one_dimensional_ ? t.channel : first_row_ + t.tap.row, first_column_ + t.tap.column);
}

// The smallest cells count most: there a number must still be read.
float BackwardBoard::Sides::score() const {
  return 4 * std::min({left, above, below}) + left + above + below;
}

float BackwardBoard::advance(Panel p, float cell) const {
  return std::max(cell * as_float(grids_[p].columns), title_widths_[p]) + kBetween;
}

float BackwardBoard::band_width(const Band& band, float cell) const {
  float width = -kBetween;
  for (const Panel p : band) width += advance(p, cell);
  return width;
}

Index BackwardBoard::lines(const Band& band) const {
  return std::max({grids_[band[0]].rows, grids_[band[1]].rows, grids_[band[2]].rows});
}

// The largest cells with which the band fits.
float BackwardBoard::fitting(const Band& band, float width, float height) const {
  float cell = std::min(kLargestCell, height / as_float(lines(band)));
  if (cell >= 4) cell = std::floor(cell);
  while (cell > kSmallestCell && band_width(band, cell) > width) cell -= cell > 4 ? 1.0f : 0.25f;
  return cell;
}

BackwardBoard::Sides BackwardBoard::sides(float left_width) const {
  Sides s{};
  s.left = std::floor(std::min({kLargestCell, (left_width - kBetween) / as_float(grids_[kX].columns),
                                (area_.h - left_fixed()) / left_lines()}));
  const float width = area_.w - left_width, height = area_.h - 2 * title_height_ - gap_;
  s.below = fitting(kBelow, width, (one_dimensional_ ? kBelowShare : kBelowShareOfPicture) * height);
  s.above = fitting(kAbove, width, height - s.below * as_float(lines(kBelow)));
  return s;
}

float BackwardBoard::left_lines() const {
  return as_float(grids_[kX].rows + grids_[kInputGradient].rows + (one_dimensional_ ? 1 : 0));
}
float BackwardBoard::left_fixed() const {
  return one_dimensional_ ? 3 * title_height_ + 2 * gap_ : 2 * title_height_ + gap_;
}

void BackwardBoard::place_left(float width, float cell) {
  const float used = left_fixed() + cell * left_lines();
  const float x = area_.x + std::max(0.0f, (width - cell * as_float(grids_[kX].columns)) / 2);
  float y = area_.y + std::max(0.0f, (area_.h - used) / 2) + title_height_;
  grids_[kX].place(x, y, cell);
  grids_[kSpread].place(x, y, cell);
  y = grids_[kX].cells.bottom() + gap_ + title_height_;
  if (one_dimensional_) {
    grids_[kSpread].place(x, y, cell);
    y = grids_[kSpread].cells.bottom() + gap_ + title_height_;
  }
  grids_[kInputGradient].place(x + cell * as_float(first_column_), y, cell);
}

void BackwardBoard::place_right(float left, const Sides& s) {
  const float above = s.above * as_float(lines(kAbove)), below = s.below * as_float(lines(kBelow));
  const float widest = std::max(band_width(kAbove, s.above), band_width(kBelow, s.below));
  const float x = area_.x + left + std::max(0.0f, (area_.w - left - widest) / 2);
  const float spare = area_.h - above - below - 2 * title_height_ - gap_;
  const float y = area_.y + std::max(0.0f, spare / 2) + title_height_;
  place_band(kAbove, x, y, s.above);
  place_band(kBelow, x, y + above + gap_ + title_height_, s.below);
}

void BackwardBoard::place_band(const Band& band, float left, float top, float cell) {
  for (const Panel p : band) {
    grids_[p].place(left, top, cell);
    left += advance(p, cell);
  }
}

}  // namespace vitrine::labs
