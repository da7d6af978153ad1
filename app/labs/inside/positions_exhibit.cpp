// Similarity of learned positions: of every patch the cosines of its row of pos_embed with all others', a map
// where that patch stands. Dosovitskiy et al. 2020, "An image is worth 16x16 words", figure 7 centre.
#include <algorithm>

#include "app/labs/formula.h"
#include "app/labs/inside/scene.h"
#include "app/widgets/large_matrix.h"
#include "app/widgets/pointing.h"
#include "app/widgets/tiles.h"
#include "engine/core/text.h"

namespace vitrine::labs::inside {

using widgets::Canvas;
using widgets::Cell;
using widgets::Equation;
using widgets::Face;
using widgets::Rect;
using widgets::Role;

namespace {

constexpr float kTitle = 26, kLegend = 34, kGap = 30, kLegendWidth = 130;
constexpr gpu::Range kCosines{-1, 1};

// Whose map is enlarged: the class token's where there is one tells nothing, so the first patch's.
Index token_of(const Scene& s) {
  const Focus& f = s.focus;
  return f.token ? *f.token : s.grid().first_patch;
}

// What another token it is compared with.
Index other_of(const Scene& s) {
  return s.view.hovered.key && *s.view.hovered.key < s.grid().tokens() ? *s.view.hovered.key : token_of(s);
}

Cell place(const PatchGrid& grid, Index token) {
  return {(token - grid.first_patch) / grid.columns, (token - grid.first_patch) % grid.columns};
}

void draw_all(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const PatchGrid& grid = s.grid();
  const std::string shape = widgets::shape_words({grid.rows, grid.columns});
  draw_heading(c, box, "A map for every patch", Role::kText,
               {shape + " maps of " + shape, shape + " of " + shape,
                widgets::shape_words({grid.rows, grid.columns, grid.rows, grid.columns})});
  const widgets::Tiles tiles{.id = "inside positions",
                             .values = &s.weights->cosine_tiles,
                             .source = s.weights,
                             .rows = grid.rows,
                             .columns = grid.columns,
                             .colormap = gpu::Colormap::kDiverging,
                             .range = kCosines,
                             .box = {box.x, box.y + kTitle, box.w, box.h - kTitle - kLegend}};
  const widgets::TilesLayout l = layout(tiles);
  const widgets::TilesTouch touch = draw(c, tiles);
  c.numbers({"cosines", l.all, &s.weights->cosines});
  const Index token = token_of(s), other = other_of(s);
  if (token >= grid.first_patch) {
    const Cell at = place(grid, token);
    const Rect tile = l.tile(at.row, at.column);
    widgets::outline(c, tile);
    if (other >= grid.first_patch) widgets::outline(c, l.cell_in(tile, place(grid, other)), false);
  }
  widgets::legend(c, {l.all.x, l.all.bottom() + 8, std::min(kLegendWidth, l.all.w), 20},
                  gpu::Colormap::kDiverging, kCosines);
  if (!touch.tile) return;
  view.hovered.key = grid.first_patch + touch.cell.row * grid.columns + touch.cell.column;
  widgets::point_at(grid.first_patch + touch.tile->row * grid.columns + touch.tile->column, touch.clicked,
                    view.hovered.token, view.pinned.token);
}

// The lit one's, with its numbers.
void draw_one(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const PatchGrid& grid = s.grid();
  const Index token = token_of(s), other = other_of(s);
  draw_heading(c, box, "Cosine with " + the_token(grid, token), Role::kText,
               {widgets::shape_words({grid.rows, grid.columns})});
  const core::Tensor<float>& map = s.weights->cosine_maps[static_cast<std::size_t>(token)];
  const widgets::LargeMatrix matrix{.id = "inside position",
                                    .values = &map,
                                    .source = std::shared_ptr<const void>(s.weights, &map),
                                    .range = kCosines,
                                    .box = {box.x, box.y + kTitle, box.w, box.h - kTitle},
                                    .max_cell = box.w,
                                    .look = [](Cell) { return widgets::CellLook{}; }};
  const widgets::MatrixLayout m = layout(matrix);
  const widgets::CellTouch touch = draw(c, matrix);
  c.numbers({"cosines with " + the_token(grid, token), m.cells, &map});
  if (token >= grid.first_patch) widgets::outline(c, m.at(place(grid, token)), false);
  if (other >= grid.first_patch && other != token) widgets::outline(c, m.at(place(grid, other)));
  if (touch.hovered)
    view.hovered.key = grid.first_patch + touch.hovered->row * grid.columns + touch.hovered->column;
}

}  // namespace

void draw_positions(Canvas& c, const Rect& box, const Scene& s, View& view) {
  if (!s.has_tokens())
    return draw_nothing(c, box,
                        "A CNN and an MLP need no positions: where a pixel is, is built into their "
                        "weights.");
  if (!s.weights) return draw_waiting(c, box, "Comparing positions …", s.progress);
  if (s.weights->cosine_maps.empty())
    return draw_nothing(c, box,
                        "This model learns no positions: they are sinusoids that never change, or "
                        "there are none. Positions: learned, in the lab Training, gives it some.");
  const float left = std::floor(std::min(0.56f * box.w, box.h - kTitle - kLegend));
  draw_all(c, {box.x, box.y, left, box.h}, s, view);
  const Rect right{box.x + left + kGap, box.y, box.w - left - kGap, box.h};
  const float words = 76;
  draw_one(c, {right.x, right.y, right.w, right.h - words}, s, view);
  const float side = kTitle + std::min(right.w, right.h - words - kTitle);
  widgets::paragraph(
      c, {right.x, right.y + side + 10}, right.w,
      "Nobody told the model where a patch stands: what is alike near a patch, along its row or "
      "its column, it has learned.",
      {widgets::kQuietSize_px, Face::kWords, Role::kQuiet});
}

Equation explain_positions(const Scene& s) {
  if (!s.weights || s.weights->cosine_maps.empty()) return {};
  const PatchGrid& grid = s.grid();
  const Index a = token_of(s), b = other_of(s);
  const auto letter = [&](Index token) {
    return widgets::symbol("e", token_name(grid, token), Role::kKernel);
  };
  const auto length = [&](Index token) {
    return widgets::number(s.weights->lengths[static_cast<std::size_t>(token)], Role::kText, 3);
  };
  Line line;
  line << "cos ="
       << widgets::fraction(widgets::row({letter(a), widgets::word("·"), letter(b)}),
                            widgets::row({widgets::word("|"), letter(a), widgets::word("| |"), letter(b),
                                          widgets::word("|")}))
       << "="
       << widgets::fraction(widgets::number(s.weights->products(a, b), Role::kText, 3),
                            widgets::row({length(a), widgets::word("·"), length(b)}))
       << "=" << widgets::number(s.weights->cosines(a, b), Role::kFocus, 3);
  return {{line.done()},
          a == b ? "A row of pos_embed, compared with itself: point at another patch"
                 : "How alike the learned positions of " + the_token(grid, a) + " and " + the_token(grid, b) +
                       " are"};
}

}  // namespace vitrine::labs::inside
