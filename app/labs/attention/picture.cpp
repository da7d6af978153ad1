// The picture of "Attention by hand": the steps on their board, and below them the exhibit that is chosen.
#include <algorithm>

#include "app/labs/attention/exhibits.h"
#include "app/widgets/pointing.h"
#include "app/widgets/tabs.h"

namespace vitrine::labs {

using widgets::Canvas;
using widgets::Cell;
using widgets::Rect;
using widgets::Role;

namespace {

using Board = AttentionBoard;
using Exhibit = Attention::Exhibit;
using Panel = Attention::Panel;
using Result = Attention::Result;

constexpr float kTabs = 34;  // at the top
constexpr std::string_view kExhibits[] = {"Steps only", "Mix", "Nudge", "Jacobian", "Mask", "Cost"};

// What an exhibit takes of the stage's height beside the steps.
float exhibit_height(const Canvas& c) { return std::clamp(c.area().h * 0.38f, 222.0f, 340.0f); }

Rect steps_area(const Canvas& c, bool beside) {
  const Rect area = c.area();
  const float top = kTabs - 8;
  return {area.x, area.y + top, area.w, area.h - top - (beside ? exhibit_height(c) : 0)};
}

// The lower part of the stage, or all of it where there is no room for a step.
Rect exhibit_box(const Canvas& c, const Board& b) {
  const Rect area = c.area();
  const float height = b.empty() ? area.h - kTabs : exhibit_height(c);
  return Rect{area.x + 20, area.bottom() - height + 12, area.w - 40, height - 20};
}

// Touching a cell lights where it comes from; a click pins it, or turns a score on or off.
void touch(Canvas& c, const Board& b, const Result& r, Attention::View& v) {
  v.hovered.reset();
  for (std::size_t i = 0; i < Attention::kPanels; ++i) {
    const auto p = static_cast<Panel>(i);
    const Board::Grid& g = b[p];
    if (!g.shown) continue;
    const widgets::Touch t = c.touch(name_of(r, p).id, g.cells);
    if (!t.hovered) continue;
    const Cell cell = g.under(t.at);
    const bool edits =
        r.params.masking == Attention::Masking::kCustom && (p == Panel::kDots || p == Panel::kScores);
    widgets::point_at(Attention::Spot{p, cell}, t.clicked && !edits, v.hovered, v.pinned);
    if (t.clicked && edits) v.toggled_mask = cell;
  }
  if (v.exhibit == Exhibit::kMix) touch_mix(c, exhibit_box(c, b), r, v);
  if (v.exhibit != Exhibit::kJacobian) return;
  const Board::Grid m = jacobian_grid(exhibit_box(c, b), r);
  const widgets::Touch t = c.touch(name_of(r, Panel::kJacobian).id, m.cells);
  if (t.hovered)
    widgets::point_at(Attention::Spot{Panel::kJacobian, m.under(t.at)}, t.clicked, v.hovered, v.pinned);
}

void draw_exhibit(Canvas& c, const Board& b, const Result& r, const AttentionProgress& progress,
                  const Attention::Focus& lit, Attention::View& v) {
  const Rect box = exhibit_box(c, b);
  if (!b.empty()) c.line({box.x, box.y - 10}, {box.right(), box.y - 10}, Role::kHairline);
  switch (v.exhibit) {
    case Exhibit::kSteps:
      return;
    case Exhibit::kMix:
      return draw_mix(c, box, r, progress, lit, v);
    case Exhibit::kNudge:
      return draw_nudge(c, box, r, lit);
    case Exhibit::kJacobian:
      return draw_jacobian(c, box, r, lit);
    case Exhibit::kMask:
      return draw_masks(c, box, r, lit);
    case Exhibit::kCost:
      return draw_cost(c, box, r);
  }
}

}  // namespace

void Attention::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const Result& r = *result;
  const Rect area = canvas.area();
  if (const auto tab = widgets::draw_tabs(canvas, {area.x + 14, area.y + kTabs / 2}, "show", kExhibits,
                                          static_cast<std::size_t>(view.exhibit)))
    view.exhibit = static_cast<Exhibit>(*tab);
  const bool beside = view.exhibit != Exhibit::kSteps;
  const int step = widgets::lit_at(view.playhead, canvas.reduce_motion()).step;
  const AttentionBoard board(canvas, r, steps_area(canvas, beside), beside,
                             Timeline(r.params).at(step).phase);
  touch(canvas, board, r, view);
  const Focus lit = focus(r, view, canvas.reduce_motion());
  const AttentionProgress progress(r, lit);
  if (!board.empty()) draw_steps(canvas, board, r, progress);
  draw_lights(canvas, board, r, lit);
  draw_flights(canvas, board, r, progress.now());
  if (beside) draw_exhibit(canvas, board, r, progress, lit, view);
}

}  // namespace vitrine::labs
