#include "app/labs/heads/board.h"

#include <algorithm>
#include <cmath>

namespace vitrine::labs {

using core::Index;
using widgets::Point;
using widgets::Rect;

namespace {

using Panel = ManyHeads::Panel;
using Result = ManyHeads::Result;

constexpr float kMargin = 16, kTitle = widgets::kTitleHeight_px, kLegend = 26, kCaption = 40;
constexpr float kEqualCells = 14;              // from this width on all sheets have cells of one width
constexpr float kLargestCell = 40, kGap = 10;  // between thumbnails
constexpr Index kMostNames = 26;               // beside the large head's rows

using widgets::as_float;

// The matrix in the box from its top left; rows of the height `h` where that is not 0.
HeadsGrid grid_in(const Rect& box, Index rows, Index columns, float h = 0) {
  HeadsGrid g{{},
              rows,
              columns,
              std::min(kLargestCell, box.w / as_float(columns)),
              h > 0 ? h : std::min(kLargestCell, box.h / as_float(rows))};
  if (g.w >= 8) g.w = std::floor(g.w);
  if (g.h >= 8) g.h = std::floor(g.h);
  g.cells = {std::floor(box.x), std::floor(box.y), g.w * as_float(columns), g.h * as_float(rows)};
  return g;
}

}  // namespace

widgets::Cell HeadsGrid::under(Point p) const {
  return {std::clamp<Index>(static_cast<Index>((p.y - cells.y) / h), 0, rows - 1),
          std::clamp<Index>(static_cast<Index>((p.x - cells.x) / w), 0, columns - 1)};
}

HeadsBoard::HeadsBoard(const widgets::Canvas& canvas, const Result& r, Index head) {
  const Rect all = canvas.area();
  const Rect area{all.x + kMargin, all.y + 6, all.w - 2 * kMargin, all.h - 12};
  const float flow = std::clamp(area.h * 0.38f, 110.0f, 300.0f);
  flow_top_ = area.bottom() - flow;
  place_top({area.x, area.y, area.w, area.h - flow - 8}, r);
  place_flow({area.x, flow_top_, area.w, flow}, r, head);
}

void HeadsBoard::place_top(const Rect& area, const Result& r) {
  const auto heads = static_cast<Index>(r.heads.size());
  const Rect below_title{area.x, area.y + kTitle, area.w, area.h - kTitle};
  const float names =
      r.tokens() <= kMostNames && !r.words.empty() ? std::clamp(area.w * 0.08f, 44.0f, 84.0f) : 0;
  const float largest = std::clamp(area.w * 0.3f, 120.0f, 420.0f);
  for (Index columns = 1; columns <= heads; ++columns) {
    const float lines = as_float(core::divide_up(heads, columns));
    const float side = std::floor(std::min((largest - kGap * as_float(columns - 1)) / as_float(columns),
                                           (below_title.h - kGap * (lines - 1)) / lines - thumbnail_title_));
    if (side > thumbnail_) thumbnail_ = side, across_ = columns;
  }
  const float used = thumbnail_ * as_float(across_) + kGap * as_float(across_ - 1);
  thumbnails = {below_title.x, below_title.y, used, below_title.h};

  const float left = thumbnails.right() + 28, rest = area.right() - left;
  const float side = std::floor(std::min(below_title.h - kLegend, (rest - names - 28) * 0.5f));
  row_names = {left, below_title.y, names, side};
  map = layout(widgets::LargeMatrix{.id = {},
                                    .values = &r.heads.front().weights,
                                    .source = {},
                                    .range = {},
                                    .box = {left + names, below_title.y, side, side},
                                    .max_cell = side})
            .cells;
  links = {map.right() + 28, below_title.y, area.right() - map.right() - 28, below_title.h - kCaption};
  if (r.patch_rows > 0) {
    const float aspect =
        as_float(r.picture.size(r.picture.rank() - 2)) / as_float(r.picture.size(r.picture.rank() - 1));
    const float w = std::min(links.w, links.h / aspect);
    links = {links.x, links.y, w, w * aspect};
  } else {
    links.w = std::min(links.w, 520.0f);
    chip_w = std::min(links.w * 0.3f, 110.0f);
    chip_h = std::min(kLargestCell, links.h / as_float(r.tokens()));
  }
}

void HeadsBoard::place_flow(const Rect& area, const Result& r, Index head) {
  const ManyHeads::Head& h = r.heads[static_cast<std::size_t>(head)];
  const float gap = std::clamp(area.w * 0.025f, 14.0f, 34.0f);
  const float height = area.h - kTitle - 14;  // below: the numbers of the bands
  const float row = std::min(kLargestCell, height / as_float(r.tokens()));
  const float row_h = row >= 8 ? std::floor(row) : row;
  const bool compares = !r.correlated.values.empty();
  const float width = area.w - 5 * gap - 2 * kGap - (compares ? 84 : 0);
  // Shares of the width: X, the head's weights, q, k, v, concat, W_O, Y; by their columns where all are few.
  std::array<float, 8> shares{0.17f, 0.15f, 0.075f, 0.075f, 0.075f, 0.17f, 0.15f, 0.135f};
  const Index columns[] = {r.input.columns(), r.input.columns(),  h.query.columns(), h.key.columns(),
                           h.value.columns(), r.concat.columns(), r.w_out.columns(), r.output.columns()};
  const auto weight = [&](Index n) { return compares && n < 4 ? 2 * n : n; };  // the taps: room to be read
  Index all = 0;
  for (const Index n : columns) all += weight(n);
  const float cell = std::min(width / as_float(all), kLargestCell);
  if (cell >= kEqualCells)
    for (std::size_t i = 0; i < shares.size(); ++i) shares[i] = cell * as_float(weight(columns[i])) / width;
  float used = 0;
  for (const float share : shares) used += share;
  float x = area.x + width * std::max(0.0f, 1 - used) / 2;
  const float top = area.y + kTitle;
  std::size_t next = 0;
  const auto box = [&](float after) {
    const float w = width * shares[next++];
    const Rect b{x, top, w, height};
    x += w + after;
    return b;
  };
  const auto sheet = [&](Panel p) -> HeadsGrid& { return sheets_[static_cast<std::size_t>(p)]; };
  sheet(Panel::kInput) = grid_in(box(gap), r.tokens(), r.input.columns(), row_h);
  const Rect weights = box(gap);
  const float third = (height - 2 * kTitle) / 3;
  const ManyHeads::Sheet* of_head[] = {&h.w_query, &h.w_key, &h.w_value};
  for (int i = 0; i < 3; ++i) {
    const Rect b{weights.x, weights.y + as_float(i) * (third + kTitle), weights.w, third};
    sheet(static_cast<Panel>(static_cast<int>(Panel::kQueryWeights) + i)) =
        grid_in(b, of_head[i]->rows(), of_head[i]->columns());
  }
  sheet(Panel::kQuery) = grid_in(box(kGap), r.tokens(), h.query.columns(), row_h);
  sheet(Panel::kKey) = grid_in(box(kGap), r.tokens(), h.key.columns(), row_h);
  sheet(Panel::kValue) = grid_in(box(gap), r.tokens(), h.value.columns(), row_h);
  sheet(Panel::kConcat) = grid_in(box(gap), r.tokens(), r.concat.columns(), row_h);
  sheet(Panel::kOutWeights) = grid_in(box(gap), r.w_out.rows(), r.w_out.columns());
  sheet(Panel::kOutput) = grid_in(box(0), r.tokens(), r.output.columns(), row_h);
  if (compares) {
    const Rect y = sheet(Panel::kOutput).cells;
    correlated = grid_in({y.right() + 44, y.y, kLargestCell, height}, r.correlated.rows(), 1, row_h);
  }
}

Rect HeadsBoard::thumbnail(Index head) const {
  return {thumbnails.x + as_float(head % across_) * (thumbnail_ + kGap),
          thumbnails.y + thumbnail_title_ + as_float(head / across_) * (thumbnail_ + thumbnail_title_ + kGap),
          thumbnail_, thumbnail_};
}

Rect HeadsBoard::chip(Index t, bool key) const {
  return {key ? links.right() - chip_w : links.x, links.y + as_float(t) * chip_h, chip_w, chip_h};
}

Rect HeadsBoard::patch(const Result& r, Index t) const {
  const float pixel = links.w / as_float(r.picture.size(r.picture.rank() - 1)),
              side = pixel * as_float(r.params.patch);
  return {links.x + as_float(t % r.patch_columns) * side, links.y + as_float(t / r.patch_columns) * side,
          side, side};
}

}  // namespace vitrine::labs
