// The picture of "Attention RNN": the net unrolled, arcs from every state to what it looks at, as thick as
// the weight; under it the lit step taken apart, all weights as a heatmap over time, and how far a gradient
// reaches here and in a gated net. Backward the same arcs carry the terms that add up to dL/dh[t].
#include <algorithm>
#include <cmath>

#include "app/labs/attention_rnn/scene.h"
#include "app/widgets/pointing.h"

namespace vitrine::labs {

using core::Index;
using widgets::Canvas;
using widgets::CellLook;
using widgets::Point;
using widgets::Rect;
using widgets::Role;

namespace {

using Focus = AttentionRnn::Focus;
using Part = AttentionRnn::Part;
using Phase = AttentionRnn::Phase;
using Result = AttentionRnn::Result;
using Spot = AttentionRnn::Spot;

// The panels' shares; backward a state may have many terms.
constexpr float kForward[] = {0.34f, 0.27f, 0.39f}, kBackward[] = {0.44f, 0.28f, 0.28f};
constexpr float kFaint = 0.14f;     // arcs of steps that are not lit
constexpr float kBeforeGated = 10;  // between the two nets

using widgets::as_float;

// With the gated net's rows on the same input where there is room.
std::vector<Part> parts_of(const Result& r, bool with_gated) {
  if (r.forward() && with_gated)
    return {Part::kInput, Part::kState, Part::kJacobian, Part::kGatedState, Part::kGatedJacobian};
  if (r.forward()) return {Part::kInput, Part::kState, Part::kJacobian};
  return {Part::kLocal, Part::kCarried, Part::kTotal};
}

StepRow row_of(const Result& r, Part part, float arcs) {
  switch (part) {
    case Part::kInput:
      return {"attending x", Role::kInput, "x", "input", &r.params.input, 1, 0, [](Index) { return true; }};
    case Part::kState:
      return {"attending h", Role::kOutput, "h", "state", &r.states.h, 1, arcs};
    case Part::kJacobian:
      return {"attending J", Role::kGradient, "J", "∂h[t]/∂h[t−1]", &r.states.jacobian_previous};
    case Part::kLocal:
      return {"attending local",         Role::kGradient, "local", "∂L/∂h[t]", &r.params.local, 1, 0,
              [](Index) { return true; }};
    case Part::kGatedState:
      return {"attending gated h", Role::kKernel, "h", "gated net", &r.gated.h, 1, kBeforeGated};
    case Part::kGatedJacobian:
      return {"attending gated J", Role::kKernel, "J", "∂h[t]/∂h[t−1]", &r.gated.jacobian};
    case Part::kCarried:
      return {"attending carried", Role::kGradient, "later", "sum of terms", &r.gradients.carried};
    default:
      break;
  }
  return {"attending total", Role::kGradient, "dL/dh", "local + later", &r.gradients.total, 1, arcs};
}

// What becomes is made of these, in the rows above.
bool is_cause(const AttentionScene& s, const Spot& spot) {
  const Index t = s.f.step, i = t - spot.step;  // forward: h[t-i]; backward: from h[t+i]
  const auto source = s.lit_source();
  if (s.r.forward()) {
    if (spot.part == Part::kInput) return i == 0 && source.value_or(0) == 0;
    return spot.part == Part::kState && i >= 1 && i < s.r.sources(t) && source.value_or(i) == i;
  }
  if (spot.part == Part::kTotal) return -i >= 1 && -i <= s.r.readers(t) && source.value_or(-i) == -i;
  return i == 0 && !source && (spot.part == Part::kLocal || spot.part == Part::kCarried);
}

void draw_rows(const AttentionScene& s) {
  for (std::size_t r = 0; r < s.parts.size(); ++r) {
    const auto spot_of = [&](const StepCell& at) { return Spot{s.parts[r], at.step, 0, at.row, at.column}; };
    s.net.draw_row(s.c, r, s.shade_of(s.parts[r]), [&](const StepCell& at) {
      const bool nothing = s.parts[r] == Part::kJacobian && s.r.sources(at.step) < 2;  // no h[t-1]
      return CellLook{.alpha = s.presence(spot_of(at)), .lit = s.is_target(spot_of(at)), .masked = nothing};
    });
    for (Index t = 1; t <= s.r.steps(); ++t)
      if (is_cause(s, spot_of({t, 0, 0})))
        s.c.stroke(s.net.box(r, t).inset(0.5f), {Role::kFocus, 0.8f}, 1.5f);
  }
}

// --- arcs ---

// The row that the arcs belong to.
std::size_t arc_row(const AttentionScene& s) { return s.row(s.r.forward() ? Part::kState : Part::kTotal); }

Point top_of(const Rect& r) { return {r.center().x, r.y - 1}; }

// Higher for what is further away, as far as there is room.
float arc_height(const AttentionScene& s, Index distance) {
  const float room = s.net.row(arc_row(s)).space_above - 4;
  return room * std::min(1.0f, 0.4f + 0.2f * as_float(distance - 1));
}

void draw_forward_arcs(const AttentionScene& s, Index t, float alpha) {
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

void draw_backward_arcs(const AttentionScene& s, Index t, float alpha) {
  const std::size_t row = arc_row(s);
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

void draw_arcs(const AttentionScene& s) {
  const auto draw_step = [&](Index t, float alpha) {
    s.r.forward() ? draw_forward_arcs(s, t, alpha) : draw_backward_arcs(s, t, alpha);
  };
  for (Index t = 1; t <= s.r.steps(); ++t)
    if (t != s.f.step) draw_step(t, kFaint);
  draw_step(s.f.step, 0.9f);  // on top
}

// The zeros that stand for every state before the first.
void draw_ghost(const AttentionScene& s) {
  if (!s.r.weights.memory || !s.r.forward()) return;
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
void draw_flights(const AttentionScene& s) {
  if (s.f.spot || s.f.progress >= 1) return;
  const float f = s.f.progress;
  const Index t = s.f.step;
  const auto fly = [&](std::size_t from_row, Index from, Part to, const Spot& value, double share) {
    for (Index c = 0; c < s.r.n(); ++c) {
      Spot number = value;
      number.row = c;
      const Rect place = mix(s.net.at(from_row, {from, c, 0}), s.net.at(s.row(to), {t, c, 0}), f);
      widgets::draw_cell(s.c, place, s.r.value(number), {.alpha = (1 - 0.4f * f) * opacity(share)},
                         s.shade_of(number.part));
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

void touch_rows(const AttentionScene& s, AttentionRnn::View& v) {
  for (std::size_t i = 0; i < s.parts.size(); ++i) {
    const Unrolled::Pointed p = s.net.touch(s.c, i);
    std::optional<Spot> under;
    if (p.cell) {
      under = Spot{s.parts[i], p.cell->step, 0, p.cell->row, p.cell->column};
      widgets::point_at(*under, p.clicked, v.hovered, v.pinned);
    }
    if (s.net.row(i).draggable) v.drag.pull(p.pointer, under, under ? s.r.value(*under) : 0);
  }
}

}  // namespace

void AttentionRnn::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const Result& r = *result;
  const Rect area = canvas.area().inset(16);
  constexpr float kRoomForGated = 500,
                  kRoomForRow = 22;  // of the stage, and for each more row than of 2 numbers
  const std::vector<Part> parts =
      parts_of(r, area.h >= kRoomForGated + kRoomForRow * 5 * as_float(std::max<Index>(r.n() - 2, 0)));
  const float arcs = std::clamp(0.13f * area.h, 34.0f, 90.0f);
  std::vector<StepRow> rows;
  for (const Part part : parts) rows.push_back(row_of(r, part, arcs));
  const Index first = r.forward() && r.weights.memory ? 0 : 1, room_for_arcs = 3;
  UnrolledStage stage =
      unrolled_stage(area, r.steps() + 1 - first, std::ssize(parts) * r.n() + room_for_arcs,
                     r.forward() ? PanelShares{kForward, kForward} : PanelShares{kBackward, kBackward});
  const Unrolled net(stage.net, first, r.steps(), std::move(rows));
  stage.close_up(net.bottom());
  const Focus f = focus(r, view, canvas.reduce_motion());
  const AttentionScene scene{canvas, r, f, net, parts};
  view.hovered.reset();
  view.drag.begin_frame();
  touch_rows(scene, view);
  net.draw_frame(canvas, f.step);
  draw_arcs(scene);
  draw_ghost(scene);
  draw_rows(scene);
  r.forward() ? draw_sources(scene, stage.panels[0], view) : draw_terms(scene, stage.panels[0], view);
  draw_weights(scene, stage.panels[1], view);
  draw_reach(scene, stage.panels[2]);
  if (view.drag.held()) view.hovered = view.drag.held();
  draw_flights(scene);
  draw_overflow(canvas, r.overflow, r.given_not_finite);
}

}  // namespace vitrine::labs
