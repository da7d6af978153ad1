// Attention: how the lit token looks at the patches, in every layer and head; one head's whole matrix; and
// how far heads look. Dosovitskiy et al. 2020, "An image is worth 16x16 words", figures 6 and 7.
#include <algorithm>
#include <cmath>

#include "app/labs/formula.h"
#include "app/labs/inside/scene.h"
#include "app/widgets/large_matrix.h"
#include "app/widgets/plot.h"
#include "app/widgets/pointing.h"
#include "app/widgets/tiles.h"
#include "engine/core/text.h"

namespace vitrine::labs::inside {

using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::Equation;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kTitle = 26, kLegend = 34, kNumbers = 22, kGap = 26;
constexpr float kSmallestMatrix = 70;

std::string one(Index i) { return std::to_string(i + 1); }
std::string head_words(HeadPlace head) { return "layer " + one(head.layer) + " · head " + one(head.head); }

gpu::Range weight_range(const core::Tensor<float>& weights, const Scene& s) {
  const auto values = weights.values();
  return {0, s.view.fit_colors ? *std::ranges::max_element(values) : 1};
}

void draw_heads(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const Focus& f = s.focus;
  const PatchGrid& grid = s.grid();
  const std::string shape = widgets::shape_words({grid.rows, grid.columns});
  const std::string count =
      std::to_string(s.depth()) + " layers ↓ × " + std::to_string(s.heads()) + " heads →";
  draw_heading(c, box, "Where " + the_token(grid, f.query) + " looks", Role::kText,
               {count + ", each " + shape, count, "layers ↓ × heads →"});
  const widgets::Tiles tiles{
      .id = "inside heads",
      .values = &s.token->attention,
      .source = s.token,
      .rows = grid.rows,
      .columns = grid.columns,
      .range = weight_range(s.token->attention, s),
      .box = {box.x + kNumbers, box.y + kTitle + 14, box.w - kNumbers, box.h - kTitle - 14 - kLegend}};
  const widgets::TilesLayout l = layout(tiles);
  const widgets::TilesTouch touch = draw(c, tiles);
  c.numbers({"attention from " + the_token(grid, f.query), l.all, tiles.values});
  number_tiles(c, l);
  widgets::outline(c, l.tile(f.head.layer, f.head.head));
  if (s.view.hovered.key && *s.view.hovered.key >= grid.first_patch && l.cell >= 4) {
    const Index patch = *s.view.hovered.key - grid.first_patch;
    for (Index i = 0; i < l.down * l.across; ++i)
      widgets::outline(c, l.cell_in(l.tile(i), {patch / grid.columns, patch % grid.columns}), false);
  }
  widgets::legend(c, {l.all.x, l.all.bottom() + 10, std::min(l.all.w, 140.0f), 20}, tiles.colormap,
                  tiles.range);
  if (!touch.tile) return;
  const HeadPlace head{touch.tile->row, touch.tile->column};
  view.hovered.head = head;
  view.hovered.key = grid.first_patch + touch.cell.row * grid.columns + touch.cell.column;
  if (touch.clicked) view.head = head;
}

// The whole matrix of the lit head.
void draw_matrix(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const Focus& f = s.focus;
  const Index tokens = s.grid().tokens();
  const std::string shape = widgets::shape_words({tokens, tokens});
  draw_heading(c, box, "α of head " + one(f.head.head), Role::kText,
               {shape + ", query ↓ key →", "query ↓ key →", shape});
  const widgets::LargeMatrix matrix{
      .id = "inside weights",
      .values = &s.head->weights,
      .source = s.head,
      .colormap = gpu::Colormap::kViridis,
      .range = weight_range(s.head->weights, s),
      .box = {box.x, box.y + kTitle, std::min(box.w, box.h - kTitle), std::min(box.w, box.h - kTitle)}};
  widgets::MatrixLight light{{f.query}, {}};
  if (s.view.hovered.key) light.columns = {f.key};
  const widgets::CellTouch touch = draw(c, matrix, light);
  c.numbers({"attention of " + head_words(f.head), layout(matrix).cells, matrix.values});
  if (!touch.hovered) return;
  widgets::point_at(touch.hovered->row, touch.clicked, view.hovered.token, view.pinned.token);
  view.hovered.key = touch.hovered->column;
}

}  // namespace

void draw_attention(Canvas& c, const Rect& box, const Scene& s, View& view) {
  if (!s.has_tokens())
    return draw_nothing(c, box,
                        "Only a Vision Transformer has tokens that attend to each other. This model "
                        "has Filters, Mistakes and Norms.");
  const Focus& f = s.focus;
  const float left = std::floor(std::min(0.4f * box.w, 0.46f * box.h)), top = std::floor(0.57f * box.h);
  const Index tokens = s.grid().tokens();
  const auto row = s.head->weights.values().subspan(static_cast<std::size_t>(f.query * tokens),
                                                    static_cast<std::size_t>(tokens));
  const std::string caption = head_words(f.head);
  draw_probe(c, {"Probe", caption, {box.x, box.y, left, top}, row, *std::ranges::max_element(row)}, s, view);
  if (box.h - top - kTitle >= kSmallestMatrix)
    draw_matrix(c, {box.x, box.y + top + 8, left, box.h - top - 8}, s, view);
  draw_heads(c, {box.x + left + kGap, box.y, box.w - left - kGap, box.h}, s, view);
}

Equation explain_attention(const Scene& s) {
  if (!s.has_tokens()) return {};
  const Focus& f = s.focus;
  const PatchGrid& grid = s.grid();
  const auto key = static_cast<std::size_t>(f.key);
  const TokenPictures& t = *s.token;
  const double weight = s.inside().attention(f.head.layer, f.head.head, f.query, f.key),
               even = weight * static_cast<double>(grid.tokens());
  Equation e;
  e.words = "Layer " + one(f.head.layer) + ", head " + one(f.head.head) + ": " + the_token(grid, f.key) +
            " gets " + core::shown(even, 3) + " times an even share, 1 / " + std::to_string(grid.tokens());
  const widgets::Math power = widgets::scripts(widgets::word("e"), {}, widgets::word("s − max s"));
  Line line;
  line << widgets::symbol("α", token_name(grid, f.query) + ", " + token_name(grid, f.key), Role::kFocus)
       << "=" << widgets::fraction(power, widgets::row({widgets::word("Σ "), power})) << "="
       << widgets::fraction(widgets::number(t.exps[key]), widgets::number(t.exp_sum)) << "="
       << widgets::number(weight, Role::kFocus) << widgets::word("   with   s") << "="
       << widgets::fraction(widgets::row({widgets::word("q", Role::kInput), widgets::word("·"),
                                          widgets::word("k", Role::kKernel)}),
                            widgets::root(widgets::symbol("D", "h", Role::kText)))
       << "=" << widgets::number(t.scores[key]);
  e.lines = {line.done()};
  return e;
}

// --- how far heads look ---

namespace {

void draw_dot(Canvas& c, widgets::Point at, float half, Role role) {
  c.fill({at.x - half - 1, at.y - half - 1, 2 * half + 2, 2 * half + 2}, Role::kStage);
  c.fill({at.x - half, at.y - half, 2 * half, 2 * half}, role);
}

// Every head's distance as a number.
void draw_table(Canvas& c, const Rect& box, gpu::Range range, const Scene& s, View& view) {
  const Focus& f = s.focus;
  const float cell = std::floor(
      std::min({(box.w - kNumbers) / px(s.heads()), (box.h - kLegend - 14) / px(s.depth()), 56.0f}));
  const widgets::TilesLayout l{s.depth(),
                               s.heads(),
                               cell,
                               {box.x + kNumbers, box.y + 14, cell * px(s.heads()), cell * px(s.depth())},
                               {box.x + kNumbers, box.y + 14, cell, cell}};
  number_tiles(c, l);
  const widgets::MatrixPicture matrix{
      .id = "inside distances",
      .title = "",
      .values = &s.inside().attention_distance,
      .shade = widgets::mapped(gpu::Colormap::kViridis, range),
      .box = l.all,
      .look = [&f](Cell at) {
        return widgets::CellLook{.lit = at == Cell{f.head.layer, f.head.head}};
      }};
  const widgets::CellTouch touch = draw(c, matrix);
  c.numbers({"distances", layout(matrix).cells, matrix.values});
  widgets::legend(c, {l.all.x, l.all.bottom() + 10, std::min(l.all.w, 140.0f), 20}, gpu::Colormap::kViridis,
                  range);
  if (!touch.hovered) return;
  view.hovered.head = HeadPlace{touch.hovered->row, touch.hovered->column};
  if (touch.clicked) view.head = *view.hovered.head;
}

}  // namespace

void draw_distance(Canvas& c, const Rect& box, const Scene& s, View& view) {
  if (!s.has_tokens())
    return draw_nothing(c, box,
                        "Heads look over a distance; this model has none. A CNN's kernel sees as far "
                        "as it is wide, an MLP sees the whole picture at once.");
  const Focus& f = s.focus;
  const core::Tensor<double>& px_of = s.inside().attention_distance;
  const float left = std::floor(0.52f * box.w);
  widgets::PlotPicture plot{.id = "inside distance",
                            .title = "Distance (px)",
                            .x_title = "layer",
                            .box = {box.x, box.y, left - kGap, box.h}};
  plot.x_range = widgets::Interval{0.5, px(s.depth()) + 0.5};
  const std::vector<widgets::Sample> even{{plot.x_range->low, s.head->even_distance},
                                          {plot.x_range->high, s.head->even_distance}};
  plot.curves = {{"mean", Role::kOutput, s.head->mean_distances, 1.5f, 1, false, true},
                 {"all alike", Role::kQuiet, even, 1, 1, false, true}};
  const double most = std::max(s.head->even_distance, s.head->greatest_distance);
  plot.y_range = widgets::Interval{0, most * 1.15};
  widgets::draw(c, plot);
  c.numbers({"distances", plot.box, &px_of});
  for (const widgets::Sample& head : s.head->distances)
    if (std::isfinite(head.y)) draw_dot(c, point_of(plot, head), 3, Role::kInput);
  const double lit = px_of(f.head.layer, f.head.head);
  if (std::isfinite(lit))
    draw_dot(c, point_of(plot, {static_cast<double>(f.head.layer + 1), lit}), 5, Role::kFocus);

  const Rect right{box.x + left, box.y, box.w - left, box.h};
  draw_heading(c, right, "Every head", Role::kInput,
               {std::to_string(s.depth()) + " layers ↓ × " + std::to_string(s.heads()) + " heads →, px",
                widgets::shape_words({s.depth(), s.heads()}) + ", px"});
  draw_table(c, {right.x, right.y + kTitle, right.w, right.h - kTitle}, {0, static_cast<float>(most)}, s,
             view);
}

Equation explain_distance(const Scene& s) {
  if (!s.has_tokens()) return {};
  const Focus& f = s.focus;
  const double distance = s.inside().attention_distance(f.head.layer, f.head.head);
  Line line;
  line << widgets::symbol("d", "layer " + one(f.head.layer) + ", head " + one(f.head.head), Role::kFocus)
       << "=" << widgets::scripts(widgets::word("mean"), widgets::word("patches i"))
       << widgets::fraction(widgets::row({widgets::scripts(widgets::word("Σ"), widgets::word("j")),
                                          widgets::symbol("α", "ij", Role::kText), widgets::word("|"),
                                          widgets::symbol("c", "i", Role::kText), widgets::word("−"),
                                          widgets::symbol("c", "j", Role::kText), widgets::word("|")}),
                            widgets::row({widgets::scripts(widgets::word("Σ"), widgets::word("j")),
                                          widgets::symbol("α", "ij", Role::kText)}))
       << "=" << widgets::number(distance, Role::kFocus, 3) << widgets::word(" px");
  return {{line.done()},
          "How far this head looks; one that looks at all patches alike: " +
              core::shown(s.head->even_distance, 3) + " px"};
}

}  // namespace vitrine::labs::inside
