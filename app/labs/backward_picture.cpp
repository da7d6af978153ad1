// The picture of "Backward": on the left x, the spread dL/dy that slides along it and dL/dx under it; on the
// right K^T and dL/dy, then W beside dL/dW, and dL/db. Products travel from where they are made into their
// sum.
#include <algorithm>
#include <cmath>
#include <span>

#include "app/labs/backward_board.h"
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

float as_float(Index n) { return static_cast<float>(n); }

constexpr double kSuspicious = 1e-6;  // a difference from the finite difference that is more than rounding

// The terms of the lit number; of dL/db none: its sum is that of dL/dy.
std::span<const GradientTerm> terms_of(const Result& r, const Spot& spot) {
  const auto cell = static_cast<std::size_t>(spot.cell);
  if (spot.part == Part::kBias) return {};
  return spot.part == Part::kWeight ? r.weight_terms[cell] : r.input_terms[cell];
}

Index output_of(const Result& r, const GradientTerm& t) {
  return t.output_row * r.params.upstream.size(1) + t.output_column;
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
  const Tensor<double>& x = r.params.input;
  const Shade shade = widgets::tinted(Role::kInput, x);
  draw_title(c, b, kX);
  for (Index i = 0; i < b[kX].rows; ++i)
    for (Index j = 0; j < b[kX].columns; ++j) {
      const Index row = i - b.first_row(), column = j - b.first_column();
      const bool inside = row >= 0 && row < x.size(0) && column >= 0 && column < x.size(1);
      widgets::draw_cell(c, b[kX].at(i, j), r.padded(i, j), {.dashed = !inside, .plain = !inside}, shade);
    }
  if (f.spot.part == Part::kWeight)
    for (const GradientTerm& t : terms_of(r, f.spot)) c.stroke(b.under(t).inset(1), Role::kFocus, 2);
  if (f.spot.part == Part::kInput) c.stroke(b.input(f.spot.cell).inset(1), Role::kFocus, 2);
}

// How far the spread dL/dy stands from its first place while it makes a weight's gradient, in cells.
Point shift_of(const Result& r, Index weight) {
  const Index u = weight / r.params.weight.size(1), v = weight % r.params.weight.size(1);
  return {as_float(v * r.params.columns.dilation),
          r.params.one_dimensional() ? 0 : as_float(u * r.params.rows.dilation)};
}

// dL/dy with its zeros: a row below the signal, a sheet upon the picture. It slides to the weight that is
// lit.
void draw_spread(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const bool one = r.params.one_dimensional(), active = f.spot.part == Part::kWeight;
  if (!one && !active) return;
  const Index to = active ? f.spot.cell : 0, from = std::max<Index>(0, to - 1);
  const Point shift = mix(shift_of(r, from), shift_of(r, to), active ? f.progress : 1);
  const Shade shade = widgets::tinted(Role::kGradient, r.params.upstream);
  if (one) draw_title(c, b, kSpread);
  const auto moved = [&](Index i, Index j) {
    Rect cell = b[kSpread].at(i, j);
    cell.x += shift.x * b[kSpread].cell;
    cell.y += shift.y * b[kSpread].cell;
    return cell;
  };
  for (Index i = 0; i < r.spread.size(0); ++i)
    for (Index j = 0; j < r.spread.size(1); ++j) {
      const bool real = i % r.params.rows.stride == 0 && j % r.params.columns.stride == 0;
      if (one) {
        widgets::draw_cell(c, moved(i, j), r.spread(i, j), {.dashed = !real, .plain = !real}, shade);
      } else if (real) {
        const Rect chip = moved(i, j).inset(1);
        c.stroke(chip, Role::kGradient, 2);
        const TextStyle style{std::clamp(b[kX].cell * 0.26f, 9.0f, 14.0f), Face::kNumbers, Role::kGradient,
                              Align::kRight};
        if (b[kX].cell >= 26)
          c.text({chip.right() - 3, chip.bottom() - style.size * 0.7f},
                 widgets::fitted(c, r.spread(i, j), style, chip.w * 0.6f, 3), style);
      }
    }
  if (active) {
    Rect outline = moved(0, 0);
    outline.w = b[kSpread].cell * as_float(r.spread.size(1));
    outline.h = b[kSpread].cell * as_float(r.spread.size(0));
    c.stroke(outline.inset(-2), {Role::kFocus, 0.8f}, 1.5f);
  }
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
  if (cell.h >= kValueToo)
    c.text({cell.center().x, cell.y + edge}, "≈" + core::shown(r.check(spot), 4), style);
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
  draw_title(c, b, kMatrix);
  for (Index i = 0; i < b[kMatrix].rows; ++i)
    for (Index j = 0; j < b[kMatrix].columns; ++j) {
      const Index row = b.first_number() + i;
      const Rect cell = b[kMatrix].at(i, j);
      const bool carries = r.weight_index(row, j) >= 0;
      if (b[kMatrix].cell >= 8)
        widgets::draw_cell(c, cell, r.matrix(row, j), {.alpha = carries ? 1.0f : 0.999f, .plain = !carries},
                           shade);
      else if (carries)
        c.fill(cell, shade.of(c.theme(), r.matrix(row, j)));
    }
  if (b[kMatrix].cell < 8) c.stroke(b[kMatrix].cells, Role::kHairline);
  if (f.spot.part == Part::kInput && b.in_matrix(f.spot.cell))
    c.stroke(b[kMatrix].row(f.spot.cell - b.first_number()).inset(-1), Role::kFocus, 2);
  if (f.spot.part == Part::kWeight)  // the lit weight wherever it stands in K
    for (Index i = 0; i < b[kMatrix].rows; ++i)
      for (Index j = 0; j < b[kMatrix].columns; ++j)
        if (r.weight_index(b.first_number() + i, j) == f.spot.cell)
          c.stroke(b[kMatrix].at(i, j).inset(0.5f), Role::kFocus, 1.5f);
}

void draw_upstream(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const Shade shade = widgets::tinted(Role::kGradient, r.params.upstream);
  draw_title(c, b, kUpstream);
  c.text({std::min((b[kMatrix].cells.right() + b[kUpstream].cells.x) / 2, b[kMatrix].cells.right() + 14),
          b[kUpstream].cells.center().y},
         "·", {widgets::kTitleSize_px, Face::kStrong, Role::kText, Align::kCenter});
  for (Index i = 0; i < b[kUpstream].rows; ++i)
    widgets::draw_cell(c, b[kUpstream].at(i), r.params.upstream[i], {}, shade);
  if (f.spot.part == Part::kBias) c.stroke(b[kUpstream].cells.inset(-1), Role::kFocus, 2);
  if (f.spot.part != Part::kInput) return;
  for (const GradientTerm& t : terms_of(r, f.spot))
    c.stroke(b[kUpstream].at(output_of(r, t)).inset(1), Role::kFocus, 2);
}

void draw_output(Canvas& c, const Board& b, const Result& r) {
  const Shade shade = widgets::tinted(Role::kOutput, r.output);
  draw_title(c, b, kOutput);
  for (Index i = 0; i < b[kOutput].rows; ++i) widgets::draw_cell(c, b[kOutput].at(i), r.output[i], {}, shade);
}

void draw_weight(Canvas& c, const Board& b, const Result& r, const Focus& f) {
  const Shade shade = widgets::tinted(Role::kKernel, r.params.weight);
  draw_title(c, b, kWeight);
  for (Index i = 0; i < r.params.weight.count(); ++i)
    widgets::draw_cell(c, b[kWeight].at(i), r.params.weight[i], {}, shade);
  if (f.spot.part == Part::kWeight) c.stroke(b[kWeight].at(f.spot.cell).inset(1), Role::kFocus, 2);
  if (f.spot.part == Part::kInput)
    for (const GradientTerm& t : terms_of(r, f.spot))
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
    for (Index i = 0; i < b[kUpstream].rows; ++i)
      widgets::draw_cell(c, mix(b[kUpstream].at(i), target, f.progress), r.params.upstream[i],
                         {.alpha = alpha}, shade);
  for (const GradientTerm& t : terms_of(r, f.spot)) {
    const bool weight = f.spot.part == Part::kWeight;
    if (weight && !t.tap.inside) continue;
    const Rect from = weight || !b.in_matrix(f.spot.cell)
                          ? b.under(t)
                          : b[kMatrix].at(f.spot.cell - b.first_number(), output_of(r, t));
    const Rect now = mix(from, target, f.progress);
    widgets::draw_cell(c, now, t.product, {.alpha = alpha}, shade);
  }
  widgets::draw_cell(c, target, r.gradient(f.spot), {.alpha = f.progress * f.progress}, shade);
  c.stroke(target.inset(1), Role::kFocus, 2);
}

// Touching a gradient, or what it is the gradient of, lights it; a click pins it.
void touch(Canvas& c, const Board& b, Backward::View& v) {
  v.hovered.reset();
  const auto grid = [&](std::string_view id, const Grid& g, Part part, Index first) {
    const widgets::Touch t = c.touch(id, g.cells);
    if (!t.hovered) return;
    const auto row = std::clamp<Index>(static_cast<Index>((t.at.y - g.cells.y) / g.cell), 0, g.rows - 1);
    const auto column =
        std::clamp<Index>(static_cast<Index>((t.at.x - g.cells.x) / g.cell), 0, g.columns - 1);
    v.hovered = Spot{part, first < 0 ? row * g.columns + column : first + row};
    if (t.clicked) v.pinned = v.pinned == v.hovered ? std::nullopt : v.hovered;
  };
  constexpr Index kEachCell = -1;
  Grid numbers = b[kInputGradient];  // x without its padding
  numbers.place(b.input(0).x, b.input(0).y, b[kX].cell);
  grid("backward x", numbers, Part::kInput, kEachCell);
  grid("backward dx", b[kInputGradient], Part::kInput, kEachCell);
  grid("backward K", b[kMatrix], Part::kInput, b.first_number());
  grid("backward W", b[kWeight], Part::kWeight, kEachCell);
  grid("backward dW", b[kWeightGradient], Part::kWeight, kEachCell);
  grid("backward db", b[kBias], Part::kBias, kEachCell);
}

// Of a signal K^T is shown for one channel: that of what is lit.
Index channel_of(const Result& r, const Spot& spot) {
  if (!r.params.one_dimensional()) return 0;
  const Tensor<double>& values = spot.part == Part::kWeight ? r.params.weight : r.params.input;
  return spot.part == Part::kBias ? 0 : spot.cell / values.size(1);
}

}  // namespace

void Backward::draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas) {
  const Result& r = *result;
  const Rect area = canvas.area().inset(14);
  const Index shown_before = channel_of(r, focus(r, view, canvas.reduce_motion()).spot);
  touch(canvas, Board(canvas, area, r, shown_before), view);
  const Focus f = focus(r, view, canvas.reduce_motion());
  const Board b(canvas, area, r, channel_of(r, f.spot));
  draw_input(canvas, b, r, f);
  draw_spread(canvas, b, r, f);
  draw_title(canvas, b, kInputGradient);
  draw_gradient(canvas, b[kInputGradient], r, f, Part::kInput, r.gradients.input);
  draw_matrix(canvas, b, r, f);
  draw_upstream(canvas, b, r, f);
  draw_output(canvas, b, r);
  draw_weight(canvas, b, r, f);
  draw_title(canvas, b, kWeightGradient);
  draw_gradient(canvas, b[kWeightGradient], r, f, Part::kWeight, r.gradients.weight);
  draw_title(canvas, b, kBias);
  draw_gradient(canvas, b[kBias], r, f, Part::kBias, r.gradients.bias);
  fly(canvas, b, r, f);
}

}  // namespace vitrine::labs
