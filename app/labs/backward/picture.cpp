// The picture of "Backward": on the left x, the spread dL/dy that slides along it and dL/dx under it; on the
// right K^T and dL/dy, then W beside dL/dW, and dL/db. Products travel from where they are made into their
// sum.
#include <algorithm>
#include <cmath>

#include "app/labs/backward/board.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using signal::GradientTerm;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;
using widgets::TextStyle;

namespace {

using Focus = Backward::Focus;
using Part = Backward::Part;
using Result = Backward::Result;
using Spot = Backward::Spot;
using Board = BackwardBoard;
using Grid = Board::Grid;
using Panel = Board::Panel;
using enum BackwardBoard::Panel;

using widgets::as_float;

constexpr float kSmallestCell_px = 8;  // that is drawn with its edges
constexpr std::string_view kMatrixId = "backward K";
constexpr double kSuspicious = 1e-6;  // a difference from the finite difference that is more than rounding

// Of a weight's gradient: which of dL/dy's filters and of x's channels it is the meeting of, and its tap.
struct Tap {
  Index filter, channel, row, column;
};
Tap tap_of(const Result& r, Index weight) {
  const core::Shape& s = r.params.weight.shape();
  return {weight / (s[1] * s[2] * s[3]), weight / (s[2] * s[3]) % s[1], weight / s[3] % s[2], weight % s[3]};
}

// 0 not yet, 1 there, between the two on its way.
float presence(const Result& r, const Focus& f, const Spot& spot) {
  if (spot == f.spot) return f.progress;
  return r.step_of(spot) <= f.reached ? 1.0f : 0.0f;
}

void draw_title(Canvas& c, const Board& b, Panel p) {
  const Board::Title& t = b.title(p);
  const Point at{b[p].cells.x, b[p].cells.y - b.title_height() / 2};
  const TextStyle strong{widgets::kTextSize_px, Face::kStrong, t.role},
      quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  const float room = b.title_end(p) - at.x - c.text_width(t.name, strong) - 8;
  widgets::draw_title(c, at, t.name, t.role, widgets::elided(c, t.beside, quiet, room));
}

// --- left ---

void draw_input(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const core::Shape &x = r.params.input.shape(), &all = r.padded.shape();
  const Shade shade = widgets::tinted(Role::kInput, r.params.input);
  const bool zeros = r.params.boundary == signal::Boundary::kZeros;
  draw_title(c, b, kX);
  c.numbers({"x", b[kX].cells, &r.params.input});
  for (Index channel = 0; channel < all[0]; ++channel)
    for (Index i = 0; i < all[1]; ++i)
      for (Index j = 0; j < all[2]; ++j) {
        const Index row = i - b.first_row(), column = j - b.first_column();
        const bool inside = row >= 0 && row < x[1] && column >= 0 && column < x[2];
        widgets::draw_cell(c, b.padded(channel, i, j), r.padded(channel, i, j),
                           {.alpha = inside ? 1 : 0.75f, .dashed = !inside, .plain = !inside && zeros},
                           shade);
      }
  if (f.spot.part == Part::kWeight)
    for (const GradientTerm& t : r.terms(f.spot)) c.stroke(b.under(t).inset(1), Role::kFocus, 2);
  if (f.spot.part == Part::kInput) c.stroke(b.input(f.spot.cell).inset(1), Role::kFocus, 2);
}

// How far the spread dL/dy has come along x for the lit weight's gradient, in cells.
Point shift_of(const Result& r, const Focus& f) {
  const auto shift = [&](Index weight) {
    const Tap tap = tap_of(r, weight);
    return Point{as_float(tap.column * r.params.columns.dilation),
                 as_float(tap.row * r.params.rows.dilation)};
  };
  return mix(shift(std::max<Index>(0, f.spot.cell - 1)), shift(f.spot.cell), f.progress);
}

bool is_real(const Result& r, Index row, Index column) {
  return row % r.params.rows.stride == 0 && column % r.params.columns.stride == 0;
}

// dL/dy with its zeros in a row of its own below a signal, a row for each filter.
void draw_spread_below(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const bool active = f.spot.part == Part::kWeight;
  const Shade shade = widgets::tinted(Role::kGradient, r.params.upstream);
  Grid grid = b[kSpread];
  if (active) grid.place(grid.cells.x + shift_of(r, f).x * grid.cell, grid.cells.y, grid.cell);
  draw_title(c, b, kSpread);
  c.numbers({"spread", grid.cells, &r.spread});
  for (Index filter = 0; filter < grid.rows; ++filter)
    for (Index j = 0; j < grid.columns; ++j) {
      const bool real = is_real(r, 0, j);
      widgets::draw_cell(c, grid.at(0, filter, j), r.spread(filter, 0, j), {.dashed = !real, .plain = !real},
                         shade);
    }
  if (active) c.stroke(grid.row(tap_of(r, f.spot.cell).filter).inset(-2), {Role::kFocus, 0.8f}, 1.5f);
}

// The same as a sheet that lies upon a picture's channel while it makes a weight's gradient.
void draw_spread_upon(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  if (f.spot.part != Part::kWeight) return;
  const Tap tap = tap_of(r, f.spot.cell);
  const Point shift = shift_of(r, f);
  const float cell = b[kX].cell;
  const Rect sheet = b[kX].sheet(tap.channel);
  Grid grid = b[kSpread];
  grid.place(sheet.x + shift.x * cell, sheet.y + shift.y * cell, cell);
  const TextStyle style{std::clamp(cell * 0.26f, 9.0f, 14.0f), Face::kNumbers, Role::kGradient,
                        Align::kRight};
  for (Index i = 0; i < grid.rows; ++i)
    for (Index j = 0; j < grid.columns; ++j) {
      if (!is_real(r, i, j)) continue;
      const Rect chip = grid.at(0, i, j).inset(1);
      c.stroke(chip, Role::kGradient, 2);
      if (cell >= 26)
        c.text({chip.right() - 3, chip.bottom() - style.size * 0.7f},
               widgets::fitted(c, r.spread(tap.filter, i, j), style, chip.w * 0.6f, 3), style);
    }
  c.stroke(grid.cells.inset(-2), {Role::kFocus, 0.8f}, 1.5f);
}

// What the finite difference says of a number: below it how far it is away, and in a large cell above it its
// value.
void draw_check(Canvas& c, const Rect& cell, const Result& r, const Spot& spot) {
  constexpr float kDistance = 34, kValueToo = 52;
  if (cell.h < kDistance) return;
  const bool close = r.error(spot) <= kSuspicious * std::max(1.0, std::abs(r.gradient(spot)));
  const TextStyle style{std::clamp(cell.h * 0.19f, 8.0f, 11.0f),
                        Face::kNumbers,
                        {close ? Role::kText : Role::kTrouble, 0.72f},
                        Align::kCenter};
  const float edge = style.size * 0.95f;
  c.text({cell.center().x, cell.bottom() - edge}, "±" + core::shown(r.error(spot), 1), style);
  if (cell.h < kValueToo) return;
  const float room = cell.w - c.text_width("≈", style) - 6;
  c.text({cell.center().x, cell.y + edge}, "≈" + widgets::fitted(c, r.check(spot), style, room, 4), style);
}

// A gradient's numbers, each with its check below it.
void draw_gradient(Canvas& c, const Grid& g, const Result& r, const Focus& f, Part part,
                   const Tensor<double>& values) {
  const Shade shade = widgets::tinted(Role::kGradient, values);
  for (Index i = 0; i < values.count(); ++i) {
    const Spot spot{part, i};
    const bool there = presence(r, f, spot) >= 1;
    widgets::draw_cell(c, g.at(i), values[i], {.alpha = there ? 1.0f : 0.0f}, shade);
    if (there) draw_check(c, g.at(i), r, spot);
    if (spot == f.spot) c.stroke(g.at(i).inset(1), Role::kFocus, 2);
  }
}

// --- right ---

void draw_matrix(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const Shade shade = widgets::tinted(Role::kKernel, r.params.weight);
  const Grid& grid = b[kMatrix];
  const bool whole = grid.cell >= kSmallestCell_px;  // else only what carries a weight is to be seen
  draw_title(c, b, kMatrix);
  c.numbers({"KT", grid.cells, &r.matrix});
  for (Index i = 0; i < grid.rows; ++i)
    for (Index j = 0; j < grid.columns; ++j) {
      const Index row = b.first_number() + i;
      const bool carries = r.weight_index(row, j) >= 0;
      if (whole)
        widgets::draw_cell(c, grid.at(0, i, j), r.matrix(row, j),
                           {.alpha = carries ? 1.0f : 0.999f, .plain = !carries}, shade);
      else if (carries)
        c.fill(grid.at(0, i, j), shade.of(c.theme(), r.matrix(row, j)));
    }
  if (!whole) c.stroke(grid.cells, Role::kHairline);
  if (f.spot.part == Part::kInput && b.in_matrix(f.spot.cell))
    c.stroke(grid.row(f.spot.cell - b.first_number()).inset(-1), Role::kFocus, 2);
  if (f.spot.part == Part::kWeight)  // the lit weight wherever it stands in K
    for (Index i = 0; i < grid.rows; ++i)
      for (Index j = 0; j < grid.columns; ++j)
        if (r.weight_index(b.first_number() + i, j) == f.spot.cell)
          c.stroke(grid.at(0, i, j).inset(0.5f), Role::kFocus, 1.5f);
}

void draw_upstream(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const Shade shade = widgets::tinted(Role::kGradient, r.params.upstream);
  const Grid& grid = b[kUpstream];
  draw_title(c, b, kUpstream);
  c.numbers({"g", grid.cells, &r.params.upstream});
  if (r.params.filters() == 1)
    c.text({std::min((b[kMatrix].cells.right() + grid.cells.x) / 2, b[kMatrix].cells.right() + 14),
            grid.cells.center().y},
           "·", {widgets::kTitleSize_px, Face::kStrong, Role::kText, Align::kCenter});
  for (Index i = 0; i < r.params.upstream.count(); ++i)
    widgets::draw_cell(c, grid.at(i), r.params.upstream[i], {}, shade);
  const auto light = [&](Index i) { c.stroke(grid.at(i).inset(1), Role::kFocus, 2); };
  if (f.spot.part == Part::kBias)
    for (Index i = 0; i < r.params.outputs(); ++i) light(f.spot.cell * r.params.outputs() + i);
  for (const GradientTerm& t : r.terms(f.spot)) light(r.params.output_of(t));
}

void draw_output(Canvas& c, const Board& b, const Result& r) {
  const Shade shade = widgets::tinted(Role::kOutput, r.output);
  draw_title(c, b, kOutput);
  c.numbers({"y", b[kOutput].cells, &r.output});
  for (Index i = 0; i < r.output.count(); ++i)
    widgets::draw_cell(c, b[kOutput].at(i), r.output[i], {}, shade);
}

void draw_weight(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const Shade shade = widgets::tinted(Role::kKernel, r.params.weight);
  draw_title(c, b, kWeight);
  c.numbers({"W", b[kWeight].cells, &r.params.weight});
  for (Index i = 0; i < r.params.weight.count(); ++i)
    widgets::draw_cell(c, b[kWeight].at(i), r.params.weight[i], {}, shade);
  if (f.spot.part == Part::kWeight) c.stroke(b[kWeight].at(f.spot.cell).inset(1), Role::kFocus, 2);
  if (f.spot.part == Part::kInput)
    for (const GradientTerm& t : r.terms(f.spot))
      c.stroke(b[kWeight].at(t.weight_index).inset(1), Role::kFocus, 2);
}

// --- what moves ---

// Each product leaves the cell that made it and falls into the sum; the sum is there when the last has come.
void fly(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  if (f.progress >= 1) return;
  const Grid& grid = f.spot.part == Part::kWeight  ? b[kWeightGradient]
                     : f.spot.part == Part::kInput ? b[kInputGradient]
                                                   : b[kBias];
  const Rect target = grid.at(f.spot.cell);
  const Shade shade = widgets::tinted(Role::kGradient, r.params.upstream);
  const float alpha = 0.9f - 0.5f * f.progress;
  if (f.spot.part == Part::kBias)
    for (Index i = 0; i < r.params.outputs(); ++i) {
      const Index output = f.spot.cell * r.params.outputs() + i;
      widgets::draw_cell(c, mix(b[kUpstream].at(output), target, f.progress), r.params.upstream[output],
                         {.alpha = alpha}, shade);
    }
  for (const GradientTerm& t : r.terms(f.spot)) {
    const bool weight = f.spot.part == Part::kWeight;
    if (weight && !Backward::reads_input(t)) continue;
    const Rect from = weight || !b.in_matrix(f.spot.cell)
                          ? b.under(t)
                          : b[kMatrix].at(0, f.spot.cell - b.first_number(), r.params.output_of(t));
    const Rect now = mix(from, target, f.progress);
    widgets::draw_cell(c, now, t.product, {.alpha = alpha}, shade);
  }
  widgets::draw_cell(c, target, r.gradient(f.spot), {.alpha = f.progress * f.progress}, shade);
  c.stroke(target.inset(1), Role::kFocus, 2);
}

// Touching a gradient, or what it is the gradient of, lights it; a click pins it.
void touch(Canvas& c, const Board& b, const Result& r, Backward::View& v) {
  v.hovered.reset();
  const auto grid = [&](std::string_view id, const Grid& g, Part part) {
    const widgets::Touch t = c.touch(id, g.cells);
    if (!t.hovered) return;
    const Spot spot{part, id == kMatrixId ? b.first_number() + g.under(t.at) / g.columns : g.under(t.at)};
    if (!r.has(spot)) return;
    widgets::point_at(spot, t.clicked, v.hovered, v.pinned);
  };
  grid("backward x", b.numbers(), Part::kInput);
  grid("backward dx", b[kInputGradient], Part::kInput);
  grid(kMatrixId, b[kMatrix], Part::kInput);  // a row is an input
  grid("backward W", b[kWeight], Part::kWeight);
  grid("backward dW", b[kWeightGradient], Part::kWeight);
  grid("backward db", b[kBias], Part::kBias);
}

// K^T is shown for one channel: that of what is lit.
Index channel_of(const Result& r, const Spot& spot) {
  return spot.part == Part::kWeight  ? tap_of(r, spot.cell).channel
         : spot.part == Part::kInput ? spot.cell / r.params.numbers()
                                     : 0;
}

}  // namespace

void Backward::draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas) {
  const Result& r = *result;
  const Rect area = canvas.area().inset(14);
  const Index shown_before = channel_of(r, focus(r, view, canvas.reduce_motion()).spot);
  touch(canvas, Board(canvas, area, r, shown_before), r, view);
  const Focus f = focus(r, view, canvas.reduce_motion());
  const Board b(canvas, area, r, channel_of(r, f.spot));
  draw_input(canvas, b, r, f);
  r.params.one_dimensional() ? draw_spread_below(canvas, b, r, f) : draw_spread_upon(canvas, b, r, f);
  draw_title(canvas, b, kInputGradient);
  canvas.numbers({"dx", b[kInputGradient].cells, &r.gradients.input});
  draw_gradient(canvas, b[kInputGradient], r, f, Part::kInput, r.gradients.input);
  draw_matrix(canvas, b, r, f);
  draw_upstream(canvas, b, r, f);
  draw_output(canvas, b, r);
  draw_weight(canvas, b, r, f);
  draw_title(canvas, b, kWeightGradient);
  canvas.numbers({"dW", b[kWeightGradient].cells, &r.gradients.weight});
  draw_gradient(canvas, b[kWeightGradient], r, f, Part::kWeight, r.gradients.weight);
  draw_title(canvas, b, kBias);
  canvas.numbers({"db", b[kBias].cells, &r.gradients.bias});
  draw_gradient(canvas, b[kBias], r, f, Part::kBias, r.gradients.bias);
  fly(canvas, b, r, f);
}

}  // namespace vitrine::labs
