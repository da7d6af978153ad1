// Rollout: how much each token has drawn from each patch after every layer, along all paths. Abnar, Zuidema
// 2020, "Quantifying attention flow in transformers", section 3.
#include <algorithm>
#include <numeric>

#include "app/labs/formula.h"
#include "app/labs/inside/scene.h"
#include "app/widgets/large_matrix.h"
#include "app/widgets/pointing.h"
#include "app/widgets/tiles.h"
#include "engine/core/text.h"

namespace vitrine::labs::inside {

using widgets::Align;
using widgets::Canvas;
using widgets::Equation;
using widgets::Face;
using widgets::Math;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kTitle = 26, kLegend = 34, kGap = 26, kLargestTile = 130;
constexpr Index kTerms = 3;

std::string one(Index i) { return std::to_string(i + 1); }

// The colours end at four even shares, since a token is mostly itself; or at the largest share of a patch.
gpu::Range share_range(const Scene& s) {
  const auto shares = s.token->rollouts.values();
  return {0,
          s.view.fit_colors ? *std::ranges::max_element(shares) : std::min(1.0f, 4 / px(s.grid().tokens()))};
}

// The rollout up to every layer, of the lit token. Returns where it ends.
float draw_layers(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const Focus& f = s.focus;
  const PatchGrid& grid = s.grid();
  const std::string shape = widgets::shape_words({grid.rows, grid.columns});
  draw_heading(c, box, "What " + the_token(grid, f.query) + " is made of", Role::kText,
               {"after each of " + std::to_string(s.depth()) + " layers, " + shape, "layer by layer →",
                std::to_string(s.depth()) + " × " + shape});
  const widgets::Tiles tiles{.id = "inside rollouts",
                             .values = &s.token->rollouts,
                             .source = s.token,
                             .rows = grid.rows,
                             .columns = grid.columns,
                             .range = share_range(s),
                             .box = {box.x, box.y + kTitle + 14, box.w, box.h - kTitle - 14 - kLegend},
                             .largest_tile = kLargestTile};
  const widgets::TilesLayout l = layout(tiles);
  const widgets::TilesTouch touch = draw(c, tiles);
  c.numbers({"rollouts to " + the_token(grid, f.query), l.all, tiles.values});
  number_tiles(c, l);
  widgets::outline(c, l.tile(f.head.layer));
  const float width = std::min(l.all.w, 140.0f);
  widgets::legend(c, {l.all.x, l.all.bottom() + 8, width, 20}, tiles.colormap, tiles.range);
  const TextStyle quiet{widgets::kQuietSize_px - 1, Face::kWords, Role::kQuiet};
  const char* saturated = "four even shares or more";
  if (!s.view.fit_colors && width + 8 + c.text_width(saturated, quiet) <= box.w)
    c.text({l.all.x + width + 8, l.all.bottom() + 12}, saturated, quiet);
  if (touch.tile) {
    view.hovered.head = HeadPlace{touch.tile->column, f.head.head};
    view.hovered.key = grid.first_patch + touch.cell.row * grid.columns + touch.cell.column;
    if (touch.clicked) view.head = *view.hovered.head;
  }
  return l.all.bottom() + kLegend;
}

void draw_matrix(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const Focus& f = s.focus;
  const Index tokens = s.grid().tokens();
  const std::string shape = widgets::shape_words({tokens, tokens});
  draw_heading(c, box, "R after layer " + one(f.head.layer), Role::kText,
               {shape + ": row token, drawn from column token", "token ↓ from token →", shape});
  const float side = std::min(box.w, box.h - kTitle);
  const widgets::LargeMatrix matrix{.id = "inside rollout",
                                    .values = &s.head->rollout,
                                    .source = s.head,
                                    .colormap = gpu::Colormap::kViridis,
                                    .range = share_range(s),
                                    .box = {box.x, box.y + kTitle, side, side}};
  widgets::MatrixLight light{{f.query}, {}};
  if (s.view.hovered.key) light.columns = {f.key};
  const widgets::CellTouch touch = draw(c, matrix, light);
  c.numbers({"rollout after layer " + one(f.head.layer), layout(matrix).cells, matrix.values});
  if (!touch.hovered) return;
  widgets::point_at(touch.hovered->row, touch.clicked, view.hovered.token, view.pinned.token);
  view.hovered.key = touch.hovered->column;
}

}  // namespace

void draw_rollout(Canvas& c, const Rect& box, const Scene& s, View& view) {
  if (!s.has_tokens())
    return draw_nothing(c, box,
                        "Rollout follows attention from layer to layer; this model has no attention. "
                        "It has Filters, Mistakes and Norms.");
  const Focus& f = s.focus;
  const float left = std::floor(std::min(0.42f * box.w, 0.8f * box.h));
  const Index tokens = s.grid().tokens();
  const auto row = s.head->rollout.values().subspan(static_cast<std::size_t>(f.query * tokens),
                                                    static_cast<std::size_t>(tokens));
  const auto patches = row.subspan(static_cast<std::size_t>(s.grid().first_patch));
  draw_probe(c,
             {"Probe",
              "rollout after layer " + one(f.head.layer),
              {box.x, box.y, left, box.h},
              row,
              *std::ranges::max_element(patches)},
             s, view);
  const Rect right{box.x + left + kGap, box.y, box.w - left - kGap, box.h};
  const float below = draw_layers(c, {right.x, right.y, right.w, 0.5f * right.h}, s, view) + 6;
  draw_matrix(c, {right.x, below, right.w, right.bottom() - below}, s, view);
}

Equation explain_rollout(const Scene& s) {
  if (!s.has_tokens()) return {};
  const Focus& f = s.focus;
  const PatchGrid& grid = s.grid();
  const core::Tensor<float>& rollouts = s.inside().rollouts;
  const Index layer = f.head.layer, tokens = grid.tokens();
  const float* row = &rollouts(layer, f.query, grid.first_patch);  // over the patches
  const Index key = s.view.hovered.key
                        ? f.key
                        : grid.first_patch + (std::max_element(row, row + tokens - grid.first_patch) - row);
  const auto before = [&](Index token) {
    return layer > 0 ? static_cast<double>(rollouts(layer - 1, token, key)) : token == key ? 1.0 : 0.0;
  };
  const auto mixed = [&](Index token) {
    return static_cast<double>(s.token->mixed[static_cast<std::size_t>(token)]);
  };
  std::vector<Index> through(static_cast<std::size_t>(tokens));
  std::iota(through.begin(), through.end(), Index{0});
  std::ranges::stable_sort(through, std::greater(), [&](Index j) { return mixed(j) * before(j); });
  widgets::Sum sum(static_cast<std::size_t>(kTerms));
  for (const Index j : through)
    if (!sum.add({widgets::number(mixed(j), Role::kText, 3), widgets::word("·"),
                  widgets::number(before(j), Role::kInput, 3)}))
      break;
  PlainLine line;
  const auto r = [&](const std::string& up, const std::string& index, Role role) {
    return widgets::scripts(widgets::word("R", role), widgets::word(index), widgets::word(up));
  };
  line << r(one(layer), token_name(grid, f.query) + ", " + token_name(grid, key), Role::kFocus) << " = "
       << widgets::scripts(widgets::word("Σ"), widgets::word("j")) << " "
       << widgets::scripts(widgets::word("Ã"), widgets::word("q, j"), widgets::word(one(layer))) << " "
       << r(std::to_string(layer), "j, k", Role::kInput) << " = " << sum << " = "
       << widgets::number(rollouts(layer, f.query, key), Role::kFocus, 3);
  return {{line.done()},
          "Ã: half heads, half residual path; most by way of " + the_token(grid, through.front())};
}

}  // namespace vitrine::labs::inside
