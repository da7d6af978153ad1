// The panels of "Attention RNN" under the unrolled net: the lit step taken apart, all weights as a heatmap
// over time, and how far a gradient reaches here and in a gated net.
#include <algorithm>
#include <cmath>

#include "app/labs/attention_rnn/scene.h"
#include "app/labs/matrix_row.h"
#include "app/widgets/pointing.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;
using widgets::TextStyle;

namespace {

using Columns = AttentionRnn::Columns;
using Part = AttentionRnn::Part;
using Result = AttentionRnn::Result;
using Spot = AttentionRnn::Spot;

constexpr gpu::Range kUnit{0, 1};  // of the weights, always

const TextStyle kLabel{widgets::kQuietSize_px - 1, Face::kNumbers, Role::kQuiet, Align::kCenter};

using widgets::as_float;

std::string terms_words(const Result& r, Index t) {
  const Index readers = r.readers(t);
  if (readers == 0) return "Nobody reads the last state: there is no term.";
  const std::string from = std::to_string(t + 1), to = std::to_string(t + readers);
  return readers == 1 ? "One term: from h[" + from + "]."
                      : std::to_string(readers) + " terms: from h[" + from + "] to h[" + to + "].";
}

// Which column of the heatmap source i of step t has, and how many there are.
struct WeightColumns {
  bool by_age;
  Index first_time, count;
  explicit WeightColumns(const Result& r)
      : by_age(r.params.columns == Columns::kAge),
        first_time(r.weights.memory ? 1 - *r.weights.memory : 1),
        count(by_age ? r.sources(r.steps()) : r.steps() - first_time + 1) {}
  Index column(Index t, Index i) const { return by_age ? i : t - i - first_time; }
  Index source(Index t, Index column) const { return by_age ? column : t - column - first_time; }
  std::string label(Index column) const {
    const Index number = by_age ? -column : first_time + column;
    if (by_age && column == 0) return "x";
    return (number < 0 ? "−" : "") + std::to_string(std::abs(number));
  }
};

// Forward what the lit step looks at; backward where it is looked at.
std::vector<Spot> lit_weights(const AttentionScene& s) {
  std::vector<Spot> lit;
  const Index t = s.f.step;
  if (s.r.forward() || (s.f.spot && s.f.spot->part == Part::kWeight))
    for (Index i = 0; i < s.r.sources(t); ++i) lit.push_back({Part::kWeight, t, i});
  else
    for (Index i = 1; i <= s.r.readers(t); ++i) lit.push_back({Part::kWeight, t + i, i});
  return lit;
}

}  // namespace

void draw_sources(const AttentionScene& s, const Rect& box, AttentionRnn::View& v) {
  const Index t = s.f.step, sources = s.r.sources(t), n = s.r.n();
  const std::string at = std::to_string(t);
  const Rect inner = titled(s.c, box, "Step " + at + " looks at", "h[" + at + "] is the sum of a · v");
  Tensor<double> scores({sources, 1}), weights({sources, 1}), values({sources, n});
  for (Index i = 0; i < sources; ++i) {
    scores[i] = s.r.states.scores(t - 1, i);
    weights[i] = s.r.states.weights(t - 1, i);
    std::copy_n(&s.r.states.values(t - 1, i, 0), n, &values(i, 0));
  }
  constexpr float kNames = 48;
  const auto look = [&](Part part) {
    return [&s, part, t](Cell cell) {
      const Spot spot{part, t, cell.row, part == Part::kValue ? cell.column : 0};
      return CellLook{.alpha = s.presence(spot), .lit = s.is_target(spot)};
    };
  };
  const SmallMatrix columns[] = {
      {"attending scores", "q·k", Role::kText, &scores, s.shade_of(Part::kScore), "", "", look(Part::kScore)},
      {"attending weights", "a", Role::kText, &weights, s.shade_of(Part::kWeight), "", "",
       look(Part::kWeight)},
      {"attending values", "v", Role::kOutput, &values, s.shade_of(Part::kValue), "", "",
       look(Part::kValue)}};
  const MatrixRow drawn =
      draw_matrix_row(s.c, {inner.x + kNames, inner.y, inner.w - kNames, inner.h}, columns, 34);
  s.c.numbers({"scores", drawn.grids[0].cells, &s.r.states.scores});
  s.c.numbers({"weights", drawn.grids[1].cells, &s.r.states.weights});
  s.c.numbers({"v", drawn.grids[2].cells, &s.r.states.values});
  for (Index i = 0; i < sources; ++i) {
    const Rect cell = drawn.grids[0].at({i, 0});
    if (cell.h >= 9)
      s.c.text({inner.x, cell.center().y}, source_words(t, i),
               {widgets::kQuietSize_px - (cell.h < 14 ? 3 : 0), Face::kNumbers,
                i == 0 ? Role::kInput : Role::kOutput});
  }
  const Part parts[] = {Part::kScore, Part::kWeight, Part::kValue};
  for (std::size_t i = 0; i < 3; ++i)
    if (const auto cell = drawn.touches[i].hovered)
      widgets::point_at(Spot{parts[i], t, cell->row, i == 2 ? cell->column : 0}, drawn.touches[i].clicked,
                        v.hovered, v.pinned);
}

void draw_terms(const AttentionScene& s, const Rect& box, AttentionRnn::View& v) {
  const Index t = s.f.step, readers = s.r.readers(t), n = s.r.n();
  const Rect inner = titled(s.c, box, "dL/dh[" + std::to_string(t) + "] = local + Σ", terms_words(s.r, t));
  const auto column = [&](const Tensor<double>& rows) {
    return Tensor<double>({n, 1}, std::span<const double>(&rows(t - 1, 0), static_cast<std::size_t>(n)));
  };
  const Tensor<double> local = column(s.r.params.local), total = column(s.r.gradients.total),
                       check = column(s.r.check);
  Tensor<double> terms({n, std::max<Index>(readers, 1)});
  for (Index i = 0; i < readers; ++i)
    for (Index c = 0; c < n; ++c) terms(c, i) = s.r.gradients.terms(t - 1, i, c);
  const Shade shade = s.shade_of(Part::kTotal);
  const auto look = [&](Part part) {
    return [&s, part, t](Cell cell) {
      const Spot spot{part, t, part == Part::kTerm ? cell.column + 1 : 0, cell.row};
      return CellLook{.alpha = s.presence(spot), .lit = s.is_target(spot)};
    };
  };
  std::vector<SmallMatrix> sum{
      {"attending local part", "local", Role::kGradient, &local, shade, "", "", look(Part::kLocal)}};
  if (readers > 0)
    sum.push_back({"attending terms", "terms", Role::kGradient, &terms, shade, "", "+", look(Part::kTerm)});
  sum.push_back(
      {"attending total part", "total", Role::kGradient, &total, shade, "", "=", look(Part::kTotal)});
  constexpr float kRoomForCheck = 230;
  if (inner.w >= kRoomForCheck)
    sum.push_back({"attending check", "check", Role::kQuiet, &check, shade, "", "≈", [&](Cell cell) {
                     return CellLook{.alpha = s.presence({Part::kTotal, t, 0, cell.row})};
                   }});
  const MatrixRow drawn = draw_matrix_row(s.c, {inner.x, inner.y, inner.w, inner.h - 16}, sum, 40);
  const std::size_t at_total = readers > 0 ? 2 : 1;
  s.c.numbers({"local", drawn.grids[0].cells, &s.r.params.local});
  if (readers > 0) s.c.numbers({"terms", drawn.grids[1].cells, &s.r.gradients.terms});
  s.c.numbers({"delta", drawn.grids[at_total].cells, &s.r.gradients.total});
  if (drawn.grids.size() > at_total + 1) s.c.numbers({"check", drawn.grids[at_total + 1].cells, &s.r.check});
  if (readers > 0)
    for (Index i = 0; i < readers; ++i) {
      const Rect cell = drawn.grids[1].at({n - 1, i});
      const std::string step = std::to_string(t + i + 1);
      if (cell.w >= 14)
        s.c.text({cell.center().x, cell.bottom() + 10}, cell.w >= 36 ? "h[" + step + "]" : step, kLabel);
    }
  const Part whole[] = {Part::kLocal, Part::kTotal, Part::kTotal};
  for (std::size_t i = 0; i < drawn.touches.size(); ++i) {
    const auto cell = drawn.touches[i].hovered;
    if (!cell) continue;
    const bool term = readers > 0 && i == 1;
    const Spot spot = term ? Spot{Part::kTerm, t, cell->column + 1, cell->row}
                           : Spot{whole[i - (readers > 0 && i > 1 ? 1 : 0)], t, 0, cell->row};
    widgets::point_at(spot, drawn.touches[i].clicked, v.hovered, v.pinned);
  }
}

void draw_weights(const AttentionScene& s, const Rect& box, AttentionRnn::View& v) {
  constexpr float kNames = 20, kAbove = 14, kBelow = 4, kLargest = 40;
  const WeightColumns columns(s.r);
  const Index steps = s.r.steps();
  const std::string_view title = "Weights a",
                         words = columns.by_age ? "row t; column: how old" : "row t; diagonal: x[t]";
  const Rect inner = titled(s.c, box, title, words);
  const float after = box.x + s.c.text_width(title, {widgets::kTextSize_px, Face::kStrong}) + 14;
  widgets::legend_line(s.c, {after, box.y + 10}, std::min(box.right(), after + 110), gpu::Colormap::kMagma,
                       kUnit);
  CellGrid grid{steps, columns.count, {inner.x + kNames, inner.y + kAbove, 0, 0}};
  grid.cells.w = std::min(inner.w - kNames, kLargest * as_float(grid.columns));
  grid.cells.h = std::min(inner.h - kAbove - kBelow, kLargest * as_float(grid.rows));
  if (grid.cells.h < 2 * as_float(grid.rows)) return;
  s.c.numbers({"weights", grid.cells, &s.r.states.weights});
  const Shade shade = s.shade_of(Part::kWeight);
  for (Index t = 1; t <= steps; ++t)
    for (Index column = 0; column < columns.count; ++column) {
      const Spot spot{Part::kWeight, t, columns.source(t, column)};
      const Rect cell = grid.at({t - 1, column});
      if (!s.r.has(spot)) continue;
      widgets::draw_cell(s.c, cell, s.r.value(spot), {.alpha = s.presence(spot)}, shade);
    }
  const float cell_w = grid.cells.w / as_float(grid.columns), cell_h = grid.cells.h / as_float(grid.rows);
  for (Index column = 0; column < columns.count; ++column)
    if (cell_w >= 18 || column % 2 == 0)
      s.c.text({grid.at({0, column}).center().x, grid.cells.y - 7}, columns.label(column), kLabel);
  for (Index t = 1; t <= steps; ++t)
    if (cell_h >= 11 || t % 2 == 1)
      s.c.text({grid.cells.x - 10, grid.at({t - 1, 0}).center().y}, std::to_string(t), kLabel);
  for (const Spot& spot : lit_weights(s)) {
    const bool chosen = s.lit_source() == spot.source;
    s.c.stroke(grid.at({spot.step - 1, columns.column(spot.step, spot.source)}).inset(0.5f),
               {Role::kFocus, chosen ? 1.0f : 0.8f}, chosen ? 2.5f : 1.5f);
  }
  const GridTouch touched = touch(s.c, "attending heatmap", grid);
  if (!touched.hovered) return;
  const Index t = touched.hovered->row + 1;
  const Index source = columns.source(t, touched.hovered->column);
  const Spot weight{Part::kWeight, t, source};
  // Backward what comes back this way: the term of the state that was looked at.
  const Spot term{Part::kTerm, t - source, source};
  const Spot spot = !s.r.forward() && s.r.has(weight) && s.r.has(term) ? term : weight;
  if (s.r.has(spot)) widgets::point_at(spot, touched.clicked, v.hovered, v.pinned);
}

void draw_reach(const AttentionScene& s, const Rect& box) {
  constexpr float kRoomForTitle = 230;  // beside the curves' names
  const NormCurve curves[] = {{"gated", Role::kKernel, s.r.gated_reach},
                              {"attention", Role::kOutput, s.r.reach}};
  draw_norms(s.c, box, "attending reach", box.w < kRoomForTitle ? "" : "Reach",
             box.w < kRoomForTitle ? "‖∂h[T]/∂h[t]‖, T − t" : "‖∂h[T]/∂h[t]‖ at distance T − t", curves,
             s.r.steps() - s.f.step);
}

}  // namespace vitrine::labs
