// The picture of "Attention RNN": the net unrolled, arcs from every state to what it looks at, as thick as
// the weight; under it the lit step taken apart, all weights as a heatmap over time, and how far a gradient
// reaches here and in a gated net. Backward the same arcs carry the terms that add up to dL/dh[t].
#include <algorithm>
#include <cmath>

#include "app/labs/attention_rnn/lab.h"
#include "app/labs/unrolled.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;
using widgets::TextStyle;

namespace {

using Columns = AttentionRnn::Columns;
using Focus = AttentionRnn::Focus;
using Part = AttentionRnn::Part;
using Pass = AttentionRnn::Pass;
using Phase = AttentionRnn::Phase;
using Result = AttentionRnn::Result;
using Spot = AttentionRnn::Spot;

constexpr float kShares[] = {0.36f, 0.26f, 0.38f};  // of the panels
constexpr float kFaint = 0.14f;                     // arcs of steps that are not lit
constexpr gpu::Range kUnit{0, 1};                   // of the weights, always

const TextStyle kLabel{widgets::kQuietSize_px - 1, Face::kNumbers, Role::kQuiet, Align::kCenter};

float as_float(Index n) { return static_cast<float>(n); }
bool forward(const Result& r) { return r.params.pass == Pass::kForward; }

std::vector<Part> parts_of(const Result& r) {
  if (forward(r)) return {Part::kInput, Part::kState, Part::kJacobian};
  return {Part::kLocal, Part::kCarried, Part::kTotal};
}

StepRow row_of(const Result& r, Part part, float arcs) {
  switch (part) {
    case Part::kInput:
      return {"attending x", Role::kInput, "x", "input", &r.params.input};
    case Part::kState:
      return {"attending h", Role::kOutput, "h", "state", &r.states.h, 1, arcs};
    case Part::kJacobian:
      return {"attending J", Role::kGradient, "J", "∂h[t]/∂h[t−1]", &r.states.jacobian_previous};
    case Part::kLocal:
      return {"attending local", Role::kGradient, "local", "∂L/∂h[t]", &r.params.local};
    case Part::kCarried:
      return {"attending carried", Role::kGradient, "later", "sum of terms", &r.gradients.carried};
    default:
      break;
  }
  return {"attending total", Role::kGradient, "dL/dh", "local + later", &r.gradients.total, 1, arcs};
}

Shade shade_of(const Result& r, Part part) {
  switch (part) {
    case Part::kInput:
      return widgets::tinted(Role::kInput, r.params.input);
    case Part::kState:
      return widgets::tinted(Role::kOutput, r.states.h);
    case Part::kValue:
      return widgets::tinted(Role::kOutput, r.states.values);
    case Part::kJacobian:
      return widgets::tinted(Role::kGradient, r.states.jacobian_previous);
    case Part::kScore:
      return widgets::tinted(Role::kText, r.states.scores);
    case Part::kWeight:
      return widgets::mapped(gpu::Colormap::kMagma, kUnit);
    default:
      break;
  }
  return widgets::tinted(Role::kGradient, r.gradients.total);
}

// What one frame draws with.
struct Scene {
  Canvas& c;
  const Result& r;
  const Focus& f;
  const Unrolled& net;
  const std::vector<Part>& parts;

  std::size_t row(Part part) const {
    return static_cast<std::size_t>(std::find(parts.begin(), parts.end(), part) - parts.begin());
  }
  bool shows(Part part) const { return row(part) < parts.size(); }
  // The row that the arcs belong to.
  std::size_t arc_row() const { return row(forward(r) ? Part::kState : Part::kTotal); }
  // 0 not yet, 1 there, between the two on its way.
  float presence(const Spot& s) const {
    const int there = AttentionRnn::arrival(r, s);
    return there < f.reached ? 1 : there > f.reached ? 0 : f.progress >= 1 ? 1 : f.progress * f.progress;
  }
  // One source only, where the pointer is on it.
  std::optional<Index> lit_source() const {
    if (!f.spot) return std::nullopt;
    const Part p = f.spot->part;
    const bool of_source = p == Part::kWeight || p == Part::kScore || p == Part::kValue || p == Part::kTerm;
    return of_source              ? std::optional(f.spot->source)
           : p == Part::kJacobian ? std::optional<Index>(1)
                                  : std::nullopt;
  }
};

// The part whose numbers become in this phase.
Part part_of(Phase phase) {
  switch (phase) {
    case Phase::kScores:
      return Part::kScore;
    case Phase::kWeights:
      return Part::kWeight;
    case Phase::kMix:
      return Part::kState;
    case Phase::kJacobian:
      return Part::kJacobian;
    case Phase::kTerms:
      return Part::kCarried;
    case Phase::kSum:
      break;
  }
  return Part::kTotal;
}

// What becomes: the number that is pointed at, or all that the phase makes in its step.
bool is_target(const Scene& s, const Spot& spot) {
  if (s.f.spot) return *s.f.spot == spot;
  return spot.step == s.f.step && spot.part == part_of(s.f.phase);
}

// What that is made of, in the rows above.
bool is_cause(const Scene& s, const Spot& spot) {
  const Index t = s.f.step, i = t - spot.step;  // forward: h[t-i]; backward: from h[t+i]
  const auto source = s.lit_source();
  if (forward(s.r)) {
    if (spot.part == Part::kInput) return i == 0 && source.value_or(0) == 0;
    return spot.part == Part::kState && i >= 1 && i < s.r.sources(t) && source.value_or(i) == i;
  }
  if (spot.part == Part::kTotal) return -i >= 1 && -i <= s.r.readers(t) && source.value_or(-i) == -i;
  return i == 0 && !source && (spot.part == Part::kLocal || spot.part == Part::kCarried);
}

void draw_rows(const Scene& s) {
  for (std::size_t r = 0; r < s.parts.size(); ++r) {
    const auto spot_of = [&](const StepCell& at) { return Spot{s.parts[r], at.step, 0, at.row, at.column}; };
    s.net.draw_row(s.c, r, shade_of(s.r, s.parts[r]), [&](const StepCell& at) {
      const bool nothing = s.parts[r] == Part::kJacobian && s.r.sources(at.step) < 2;  // no h[t-1]
      return CellLook{.alpha = s.presence(spot_of(at)), .lit = is_target(s, spot_of(at)), .masked = nothing};
    });
    for (Index t = 1; t <= s.r.steps(); ++t)
      if (is_cause(s, spot_of({t, 0, 0})))
        s.c.stroke(s.net.box(r, t).inset(0.5f), {Role::kFocus, 0.8f}, 1.5f);
  }
}

// --- arcs ---

Point top_of(const Rect& r) { return {r.center().x, r.y - 1}; }

// Higher for what is further away, as far as there is room.
float arc_height(const Scene& s, Index distance) {
  const float room = s.net.row(s.arc_row()).space_above - 4;
  return room * std::min(1.0f, 0.4f + 0.2f * as_float(distance - 1));
}

void draw_forward_arcs(const Scene& s, Index t, float alpha) {
  const std::size_t h = s.row(Part::kState), x = s.row(Part::kInput);
  const auto source = s.lit_source();
  for (Index i = 0; i < s.r.sources(t); ++i) {
    const float there = s.presence({Part::kWeight, t, i});
    const double weight = s.r.states.weights(t - 1, i);
    const bool chosen = t == s.f.step && source == i;
    const widgets::Paint paint{chosen   ? Role::kFocus
                               : i == 0 ? Role::kInput
                                        : Role::kOutput,
                               there * (t == s.f.step && source && !chosen ? kFaint : alpha)};
    if (i == 0) {
      const Rect from = s.net.box(x, t), to = s.net.box(h, t);
      draw_arc(s.c, {from.center().x, from.bottom() + 1}, top_of(to), 0, weight, paint);
    } else {
      const Index from = std::max<Index>(t - i, 0);  // all states before the first stand in one column
      draw_arc(s.c, top_of(s.net.box(h, from)), top_of(s.net.box(h, t)), arc_height(s, i), weight, paint);
    }
  }
}

void draw_backward_arcs(const Scene& s, Index t, float alpha) {
  const std::size_t row = s.arc_row();
  const auto source = s.lit_source();
  for (Index i = 1; i <= s.r.readers(t); ++i) {
    const bool chosen = t == s.f.step && source == i;
    const float there = s.presence({Part::kTerm, t, i});
    draw_arc(s.c, top_of(s.net.box(row, t + i)), top_of(s.net.box(row, t)), arc_height(s, i),
             s.r.shares(t - 1, i - 1),
             {chosen ? Role::kFocus : Role::kGradient,
              there * (t == s.f.step && source && !chosen ? kFaint : alpha)});
  }
}

void draw_arcs(const Scene& s) {
  const auto draw_step = [&](Index t, float alpha) {
    forward(s.r) ? draw_forward_arcs(s, t, alpha) : draw_backward_arcs(s, t, alpha);
  };
  for (Index t = 1; t <= s.r.steps(); ++t)
    if (t != s.f.step) draw_step(t, kFaint);
  draw_step(s.f.step, 0.9f);  // on top
}

// The zeros that stand for every state before the first.
void draw_ghost(const Scene& s) {
  if (!s.r.weights.memory || !forward(s.r)) return;
  const Rect box = s.net.box(s.row(Part::kState), 0);
  const float height = box.h / as_float(s.r.n());
  for (Index i = 0; i < s.r.n(); ++i)
    widgets::draw_cell(s.c, {box.x, box.y + height * as_float(i), box.w, height}, 0,
                       {.dashed = true, .plain = true}, {});
}

// --- what moves ---

float opacity(double share) {
  return std::isfinite(share) ? static_cast<float>(std::clamp(share, 0.0, 1.0)) : 1.0f;
}

// The values of all sources come together in the new state, each as opaque as its weight; backward the terms
// in theirs.
void draw_flights(const Scene& s) {
  if (s.f.spot || s.f.progress >= 1) return;
  const float f = s.f.progress;
  const Index t = s.f.step;
  const auto fly = [&](std::size_t from_row, Index from, Part to, const Spot& value, double share) {
    for (Index c = 0; c < s.r.n(); ++c) {
      Spot number = value;
      number.row = c;
      const Rect place = mix(s.net.at(from_row, {from, c, 0}), s.net.at(s.row(to), {t, c, 0}), f);
      widgets::draw_cell(s.c, place, s.r.value(number), {.alpha = (1 - 0.4f * f) * opacity(share)},
                         shade_of(s.r, number.part));
    }
  };
  switch (s.f.phase) {
    case Phase::kMix:
      for (Index i = 0; i < s.r.sources(t); ++i) {
        const bool input = i == 0;
        if (!input && t - i < 1) continue;
        fly(s.row(input ? Part::kInput : Part::kState), t - i, Part::kState, {Part::kValue, t, i},
            s.r.states.weights(t - 1, i));
      }
      break;
    case Phase::kTerms:
      for (Index i = 1; i <= s.r.readers(t); ++i)
        fly(s.row(Part::kTotal), t + i, Part::kCarried, {Part::kTerm, t, i}, 0.9);
      break;
    case Phase::kSum:
      fly(s.row(Part::kLocal), t, Part::kTotal, {Part::kLocal, t}, 0.9);
      fly(s.row(Part::kCarried), t, Part::kTotal, {Part::kCarried, t}, 0.9);
      break;
    default:
      break;
  }
}

// --- the lit step taken apart ---

std::string source_words(Index t, Index i) {
  if (i == 0) return "x[" + std::to_string(t) + "]";
  return t - i < 1 ? "zeros" : "h[" + std::to_string(t - i) + "]";
}

// Rows are the sources of step t: score, weight, value.
void draw_sources(const Scene& s, const Rect& box, AttentionRnn::View& v) {
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
      return CellLook{.alpha = s.presence(spot), .lit = is_target(s, spot)};
    };
  };
  const SmallMatrix columns[] = {
      {"attending scores", "q·k", Role::kText, &scores, shade_of(s.r, Part::kScore), "", look(Part::kScore)},
      {"attending weights", "a", Role::kText, &weights, shade_of(s.r, Part::kWeight), "",
       look(Part::kWeight)},
      {"attending values", "v", Role::kOutput, &values, shade_of(s.r, Part::kValue), "", look(Part::kValue)}};
  const MatrixRow drawn =
      draw_matrix_row(s.c, {inner.x + kNames, inner.y, inner.w - kNames, inner.h}, columns, 34);
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

std::string terms_words(const Result& r, Index t) {
  const Index readers = r.readers(t);
  if (readers == 0) return "Nobody reads the last state: there is no term.";
  const std::string from = std::to_string(t + 1), to = std::to_string(t + readers);
  return readers == 1 ? "One term: from h[" + from + "]."
                      : std::to_string(readers) + " terms: from h[" + from + "] to h[" + to + "].";
}

// local + a column for each later state = total, and the check beside.
void draw_terms(const Scene& s, const Rect& box, AttentionRnn::View& v) {
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
  const Shade shade = shade_of(s.r, Part::kTotal);
  const auto look = [&](Part part) {
    return [&s, part, t](Cell cell) {
      const Spot spot{part, t, part == Part::kTerm ? cell.column + 1 : 0, cell.row};
      return CellLook{.alpha = s.presence(spot), .lit = is_target(s, spot)};
    };
  };
  std::vector<SmallMatrix> sum{
      {"attending local part", "local", Role::kGradient, &local, shade, "", look(Part::kLocal)}};
  if (readers > 0)
    sum.push_back({"attending terms", "terms", Role::kGradient, &terms, shade, "+", look(Part::kTerm)});
  sum.push_back({"attending total part", "total", Role::kGradient, &total, shade, "=", look(Part::kTotal)});
  constexpr float kRoomForCheck = 230;
  if (inner.w >= kRoomForCheck)
    sum.push_back({"attending check", "check", Role::kQuiet, &check, shade, "≈", [&](Cell cell) {
                     return CellLook{.alpha = s.presence({Part::kTotal, t, 0, cell.row})};
                   }});
  const MatrixRow drawn = draw_matrix_row(s.c, {inner.x, inner.y, inner.w, inner.h - 16}, sum, 40);
  if (readers > 0)
    for (Index i = 0; i < readers; ++i) {
      const Rect cell = drawn.grids[1].at({n - 1, i});
      if (cell.w >= 22)
        s.c.text({cell.center().x, cell.bottom() + 10}, "h[" + std::to_string(t + i + 1) + "]", kLabel);
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

// --- the heatmap ---

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
    if (!by_age) return first_time + column < 1 ? "0" : std::to_string(first_time + column);
    return column == 0 ? "x" : "−" + std::to_string(column);
  }
};

// Forward what the lit step looks at; backward where it is looked at.
std::vector<Spot> lit_weights(const Scene& s) {
  std::vector<Spot> lit;
  const Index t = s.f.step;
  if (forward(s.r) || (s.f.spot && s.f.spot->part == Part::kWeight))
    for (Index i = 0; i < s.r.sources(t); ++i) lit.push_back({Part::kWeight, t, i});
  else
    for (Index i = 1; i <= s.r.readers(t); ++i) lit.push_back({Part::kWeight, t + i, i});
  return lit;
}

void draw_weights(const Scene& s, const Rect& box, AttentionRnn::View& v) {
  constexpr float kNames = 20, kAbove = 14, kBelow = 26, kLargest = 40;
  const WeightColumns columns(s.r);
  const Index steps = s.r.steps();
  const Rect inner =
      titled(s.c, box, "Weights a", columns.by_age ? "row t, column t − i" : "row t; diagonal: x[t]");
  CellGrid grid{steps, columns.count, {inner.x + kNames, inner.y + kAbove, 0, 0}};
  grid.cells.w = std::min(inner.w - kNames, kLargest * as_float(grid.columns));
  grid.cells.h = std::min(inner.h - kAbove - kBelow, kLargest * as_float(grid.rows));
  if (grid.cells.h < 2 * as_float(grid.rows)) return;
  const Shade shade = shade_of(s.r, Part::kWeight);
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
  widgets::legend(s.c, {grid.cells.x, grid.cells.bottom() + 6, std::max(grid.cells.w, 70.0f), 0},
                  gpu::Colormap::kMagma, kUnit);
  const widgets::CellTouch touched = touch(s.c, "attending heatmap", grid);
  if (!touched.hovered) return;
  const Index t = touched.hovered->row + 1;
  const Spot spot{Part::kWeight, t, columns.source(t, touched.hovered->column)};
  if (s.r.has(spot)) widgets::point_at(spot, touched.clicked, v.hovered, v.pinned);
}

void draw_reach(const Scene& s, const Rect& box) {
  constexpr float kRoomForTitle = 230;  // beside the curves' names
  const NormCurve curves[] = {{"gated", Role::kKernel, s.r.gated_reach},
                              {"attention", Role::kOutput, s.r.reach}};
  draw_norms(s.c, box, "attending reach", box.w < kRoomForTitle ? "" : "Reach",
             "‖∂h[T]/∂h[t]‖ at distance T − t", curves, s.r.steps() - s.f.step);
}

void touch_rows(const Scene& s, AttentionRnn::View& v) {
  for (std::size_t i = 0; i < s.parts.size(); ++i) {
    const Unrolled::Pointed p = s.net.touch(s.c, i);
    if (p.cell)
      widgets::point_at(Spot{s.parts[i], p.cell->step, 0, p.cell->row, p.cell->column}, p.clicked, v.hovered,
                        v.pinned);
  }
}

}  // namespace

void AttentionRnn::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const Result& r = *result;
  const std::vector<Part> parts = parts_of(r);
  const Rect area = canvas.area().inset(16);
  const float arcs = std::clamp(0.13f * area.h, 34.0f, 90.0f);
  std::vector<StepRow> rows;
  for (const Part part : parts) rows.push_back(row_of(r, part, arcs));
  const Index first = forward(r) && r.weights.memory ? 0 : 1, room_for_arcs = 3;
  UnrolledStage stage = unrolled_stage(area, r.steps() + 1 - first, 3 * r.n() + room_for_arcs, kShares);
  const Unrolled net(stage.net, first, r.steps(), std::move(rows));
  stage.close_up(net.bottom());
  const Focus f = focus(r, view, canvas.reduce_motion());
  const Scene scene{canvas, r, f, net, parts};
  view.hovered.reset();
  touch_rows(scene, view);
  net.draw_frame(canvas, f.step);
  draw_arcs(scene);
  draw_ghost(scene);
  draw_rows(scene);
  forward(r) ? draw_sources(scene, stage.panels[0], view) : draw_terms(scene, stage.panels[0], view);
  draw_weights(scene, stage.panels[1], view);
  draw_reach(scene, stage.panels[2]);
  draw_flights(scene);
  draw_overflow(canvas, r.overflow, r.given_not_finite);
}

}  // namespace vitrine::labs
