// The picture of "Gated RNN": the net unrolled, a column a step; under it the weights, or the gradient that
// the steps' terms add up to beside its finite difference; and how far a gradient reaches. Numbers travel
// from the cells that made them: forward to the right, backward to the left.
#include <algorithm>
#include <cmath>

#include "app/labs/gated_rnn/lights.h"
#include "app/labs/gated_rnn/scale_strip.h"
#include "app/labs/matrix_row.h"
#include "app/labs/unrolled.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Canvas;
using widgets::Cell;
using widgets::CellLook;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;

namespace {

using Focus = GatedRnn::Focus;
using Part = GatedRnn::Part;
using Pass = GatedRnn::Pass;
using Phase = GatedRnn::Phase;
using Result = GatedRnn::Result;
using Spot = GatedRnn::Spot;
using Weight = GatedRnn::Weight;

constexpr float kUnder[] = {0.42f, 0.58f}, kBeside[] = {0.54f, 0.46f};  // the panels' shares
constexpr double kSuspicious = 1e-6;  // a difference from the finite difference that is more than rounding
constexpr std::string_view kWeightNames[] = {"Wx", "Wc", "Wh"};

std::string_view weight_name(const Result& r) {
  return kWeightNames[static_cast<std::size_t>(r.params.weight)];
}

// The rows of the unrolled net in this pass, from top to bottom.
std::vector<Part> parts_of(const Result& r) {
  if (r.params.pass == Pass::kForward)
    return {Part::kInput, Part::kGate, Part::kCandidate, Part::kState, Part::kJacobian};
  const Part right = r.params.weight == Weight::kState ? Part::kState : Part::kInput;
  return {right, Part::kJacobian, Part::kLocal, Part::kCarried, Part::kTotal, Part::kTerm};
}

StepRow row_of(const Result& r, Part part) {
  switch (part) {
    case Part::kInput:
      return {"gated x", Role::kInput, "x", "input", &r.params.input, 1, 0, [](Index) { return true; }};
    case Part::kGate:
      return {"gated c", Role::kText, "c", "gate, 0 to 1", &r.states.gate};
    case Part::kCandidate:
      return {"gated u", Role::kOutput, "u", "offer Wx x", &r.states.candidate};
    case Part::kState:
      return {"gated h", Role::kOutput, "h", "state", &r.all_states, 0, 0, [](Index t) { return t == 0; }};
    case Part::kJacobian:
      return {"gated J", Role::kGradient, "J", "∂h[t]/∂h[t−1]", &r.states.jacobian};
    case Part::kLocal:
      return {"gated local",
              Role::kGradient,
              "local",
              "∂L/∂h[t]",
              &r.params.local,
              1,
              0,
              [](Index) { return true; }};
    case Part::kCarried:
      return {"gated carried", Role::kGradient, "later", "Jᵀ δ[t+1]", &r.gradients.carried};
    case Part::kTotal:
      return {"gated total", Role::kGradient, "δ", "total dL/dh[t]", &r.gradients.total};
    default:
      break;
  }
  return {"gated term", Role::kGradient, "term", "dL/d" + std::string(weight_name(r)), &r.terms()};
}

Shade shade_of(const Result& r, Part part) {
  switch (part) {
    case Part::kInput:
      return widgets::tinted(Role::kInput, r.params.input);
    case Part::kGate:
      return {Role::kText, gpu::Colormap::kViridis, {-1, 1}};
    case Part::kCandidate:
    case Part::kState:
      return widgets::tinted(Role::kOutput, r.all_states);
    case Part::kJacobian:
      return widgets::tinted(Role::kGradient, r.states.jacobian);
    case Part::kWeightX:
      return widgets::tinted(Role::kKernel, r.weights.w_x);
    case Part::kWeightC:
      return widgets::tinted(Role::kKernel, r.weights.w_c);
    case Part::kWeightH:
      return widgets::tinted(Role::kKernel, r.weights.w_h);
    case Part::kTerm:
      return widgets::tinted(Role::kGradient, r.terms());
    case Part::kSum:
      return widgets::tinted(Role::kGradient, r.gradient());
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
  const GatedLights& lights;
  const Unrolled& net;
  const std::vector<Part>& parts;

  std::optional<std::size_t> row(Part part) const {
    const auto at = std::find(parts.begin(), parts.end(), part);
    if (at == parts.end()) return std::nullopt;
    return static_cast<std::size_t>(at - parts.begin());
  }
  // Where a number stands in the unrolled net.
  std::optional<Rect> place(const Spot& s) const {
    const auto at = row(s.part);
    if (!at) return std::nullopt;
    return net.at(*at, {s.step, s.row, s.column});
  }
  // 0 not yet, 1 there, between the two on its way.
  float presence(const Spot& s) const {
    const int there = GatedRnn::arrival(r, s);
    return there < f.reached ? 1 : there > f.reached ? 0 : f.progress >= 1 ? 1 : f.progress * f.progress;
  }
  CellLook look(const Spot& s) const { return {.alpha = presence(s), .lit = lights.is_target(s)}; }
};

void draw_rows(const Scene& s) {
  for (std::size_t i = 0; i < s.parts.size(); ++i) {
    const Part part = s.parts[i];
    s.net.draw_row(s.c, i, shade_of(s.r, part), [&](const StepCell& at) {
      return s.look({part, at.step, at.row, at.column});
    });
  }
  for (const Spot& cause : s.lights.causes)
    if (const auto place = s.place(cause); place && !s.lights.is_target(cause))
      s.c.stroke(place->inset(0.5f), {Role::kFocus, 0.75f}, 1.5f);
}

// Arrows from step to step where there is room between two columns.
void draw_arrows(const Scene& s) {
  constexpr float kRoom = 16;
  const bool forward = s.r.params.pass == Pass::kForward;
  const auto row = s.row(forward ? Part::kState : Part::kTotal);
  const auto to_row = s.row(forward ? Part::kState : Part::kCarried);
  if (!row || !to_row || s.net.pitch() - s.net.box(*row, 1).w < kRoom) return;
  for (Index t = 1; t <= s.r.steps(); ++t) {
    if (!forward && t == 1) break;
    const Rect from = s.net.box(*row, forward ? t - 1 : t), to = s.net.box(*to_row, forward ? t : t - 1);
    const widgets::Paint paint{forward ? Role::kOutput : Role::kGradient, 0.8f};
    if (forward)
      widgets::arrow(s.c, {from.right() + 3, from.center().y}, {to.x - 3, to.center().y}, paint);
    else
      widgets::arrow(s.c, {from.x - 3, from.center().y}, {to.right() + 3, to.center().y}, paint);
  }
}

// A number on its way from one cell to another.
void fly(const Scene& s, const Spot& from, const Rect& target, float f, float opacity = 1) {
  const auto start = s.place(from);
  if (!start || !s.r.has(from)) return;
  const Rect now = mix(*start, target, f);
  widgets::draw_cell(s.c, now, s.r.value(from), {.alpha = opacity * (0.95f - 0.6f * f)},
                     shade_of(s.r, from.part));
}

float share(double part) {
  return std::isfinite(part) ? static_cast<float>(std::clamp(part, 0.0, 1.0)) : 1.0f;
}

// sum: where the terms go in the backward pass.
void draw_flights(const Scene& s, const CellGrid& sum) {
  if (s.f.spot || s.f.progress >= 1) return;
  const float f = s.f.progress, second = std::max(0.0f, 2 * f - 1);
  const Index t = s.f.step;
  for (const Spot& target : s.lights.targets) {
    const auto place = s.place(target);
    if (!place) continue;
    switch (s.f.phase) {
      case Phase::kGate:
        for (Index j = 0; j < s.r.n(); ++j) fly(s, {Part::kInput, t, j}, *place, f);
        for (Index j = 0; j < s.r.m(); ++j) fly(s, {Part::kState, t - 1, j}, *place, f);
        break;
      case Phase::kCandidate:
        for (Index j = 0; j < s.r.n(); ++j) fly(s, {Part::kInput, t, j}, *place, f);
        break;
      case Phase::kBlend: {  // each as opaque as its share of the mix
        const double gate = s.r.states.gate(t - 1, target.row);
        fly(s, {Part::kState, t - 1, target.row}, *place, f, share(gate));
        fly(s, {Part::kCandidate, t, target.row}, *place, f, share(1 - gate));
        break;
      }
      case Phase::kJacobian:
        fly(s, {target.row == target.column ? Part::kGate : Part::kCandidate, t, target.row}, *place, f);
        break;
      case Phase::kCarry:  // first what comes from later, then both into their sum
        if (second <= 0) {
          if (const auto carried = s.place({Part::kCarried, t, target.row}))
            for (Index j = 0; j < s.r.m(); ++j) fly(s, {Part::kTotal, t + 1, j}, *carried, 2 * f);
        } else {
          fly(s, {Part::kCarried, t, target.row}, *place, second);
          fly(s, {Part::kLocal, t, target.row}, *place, second);
        }
        break;
      case Phase::kTerm: {
        const bool state = s.r.params.weight == Weight::kState;
        if (second > 0) {  // made, it falls into the sum
          fly(s, target, sum.at({target.row, target.column}), second);
          break;
        }
        fly(s, {Part::kTotal, t, target.row}, *place, 2 * f);
        fly(s, {state ? Part::kState : Part::kInput, state ? t - 1 : t, target.column}, *place, 2 * f);
        break;
      }
      case Phase::kSum:
        break;
    }
  }
}

// The pointer may drag the number under it.
void pull(const Scene& s, const widgets::Touch& pointer, const std::optional<Spot>& under,
          GatedRnn::View& v) {
  v.drag.pull(pointer, under, under ? s.r.value(*under) : 0);
}

// Wx, Wc and Wh as they are, the scale in Wh.
void draw_weights(const Scene& s, const Rect& box, GatedRnn::View& v) {
  constexpr float kRoomForWords = 190;
  Rect inner = titled(s.c, box, "Weights",
                      box.h < kRoomForWords ? "" : "The same at every step. Drag what is underlined.");
  inner.h = std::max(inner.h - kScaleStripHeight, 30.0f);
  const Part parts[] = {Part::kWeightX, Part::kWeightC, Part::kWeightH};
  const Tensor<double>* values[] = {&s.r.weights.w_x, &s.r.weights.w_c, &s.r.weights.w_h};
  std::vector<SmallMatrix> matrices;
  for (std::size_t i = 0; i < 3; ++i) {
    std::string name(kWeightNames[i]);
    if (i == 2 && s.r.params.h_scale != 1) name = core::shown(s.r.params.h_scale, 3) + " × Wh";
    matrices.push_back({.id = "gated " + std::string(kWeightNames[i]),
                        .name = name,
                        .role = Role::kKernel,
                        .values = values[i],
                        .shade = shade_of(s.r, parts[i]),
                        .shape = widgets::shape_words(values[i]->shape()),
                        .look =
                            [&s, part = parts[i]](Cell at) {
                              const Spot spot{part, 0, at.row, at.column};
                              return CellLook{.lit = s.lights.is_target(spot) || s.lights.is_cause(spot)};
                            },
                        .draggable = i < 2 || s.r.params.h_scale != 0});
  }
  const MatrixRow drawn = draw_matrix_row(s.c, inner, matrices, 60);
  for (std::size_t i = 0; i < 3; ++i) {
    s.c.numbers({std::string(kWeightNames[i]), drawn.grids[i].cells, values[i]});
    std::optional<Spot> under;
    if (const auto at = drawn.touches[i].hovered) {
      under = Spot{parts[i], 0, at->row, at->column};
      widgets::point_at(*under, drawn.touches[i].clicked, v.hovered, v.pinned);
    }
    if (matrices[i].draggable) pull(s, drawn.touches[i].pointer, under, v);
  }
  const float end = drawn.grids[0].cells.bottom() + 12;
  draw_scale_strip(s.c, {inner.x, end, inner.w, kScaleStripHeight}, s.r, v);
}

std::string sum_words(const Result& r, Index reached_step, bool done) {
  if (!done && reached_step > r.steps()) return "No term is there yet.";
  if (!done)
    return "Steps " + std::to_string(r.steps()) + " down to " + std::to_string(reached_step) + " so far.";
  if (r.largest_error <= kSuspicious)
    return "All " + std::to_string(r.steps()) + " terms; a nudge of each weight agrees within " +
           core::shown(r.largest_error, 1) + ".";
  if (std::isnan(r.largest_error)) return "Not every number is finite, so nothing can be checked.";
  return "A nudge says something else: even one of 1e−5 grows on its way until the gates saturate.";
}

// The terms so far, added up, and beside them what a nudge of the weight says; returns where the sum stands.
CellGrid draw_sum(const Scene& s, const Rect& box, GatedRnn::View& v) {
  const bool done = s.f.reached == GatedRnn::last_step(s.r);
  // The last step whose term is there.
  const Index terms =
      done ? s.r.steps() : (s.f.reached + (s.f.progress >= 1 ? 1 : 0)) / GatedRnn::kBackwardPhases;
  const Index from = s.r.steps() + 1 - terms;
  const std::string name = "dL/d" + std::string(weight_name(s.r));
  const Rect inner = titled(s.c, box, name + " = Σ of the terms", sum_words(s.r, from, done));
  const core::Shape& shape = s.r.gradient().shape();
  Tensor<double> so_far(shape);
  if (terms > 0) std::copy_n(&s.r.partial(from - 1, 0, 0), so_far.count(), so_far.data());
  const Shade shade = shade_of(s.r, Part::kSum);
  const SmallMatrix matrices[] = {{.id = "gated sum",
                                   .name = done ? "Σ" : "Σ so far",
                                   .role = Role::kGradient,
                                   .values = &so_far,
                                   .shade = shade,
                                   .shape = widgets::shape_words(shape),
                                   .before = {},
                                   .look =
                                       [&](Cell at) {
                                         return CellLook{
                                             .alpha = terms > 0 ? 1.0f : 0.0f,
                                             .lit = s.lights.is_target({Part::kSum, 0, at.row, at.column})};
                                       }},
                                  {.id = "gated check",
                                   .name = "check",
                                   .role = Role::kQuiet,
                                   .values = &s.r.check(),
                                   .shade = shade,
                                   .before = !done                              ? ""
                                             : s.r.largest_error <= kSuspicious ? "≈"
                                                                                : "≠",
                                   .look = [&](Cell) { return CellLook{.alpha = done ? 1.0f : 0.0f}; }}};
  const MatrixRow drawn = draw_matrix_row(s.c, inner, matrices, 58);
  s.c.numbers(
      done ? widgets::Numbers{"d" + std::string(weight_name(s.r)), drawn.grids[0].cells, &s.r.gradient()}
           : widgets::Numbers{"Sums from each step on", drawn.grids[0].cells, &s.r.partial});
  s.c.numbers({"check", drawn.grids[1].cells, &s.r.check()});
  for (const GridTouch& touch : drawn.touches)
    if (touch.hovered)
      widgets::point_at(Spot{Part::kSum, 0, touch.hovered->row, touch.hovered->column}, touch.clicked,
                        v.hovered, v.pinned);
  return drawn.grids[0];
}

void draw_reach(const Scene& s, const Rect& box) {
  const bool forward = s.r.params.pass == Pass::kForward;
  const std::vector<double>& norms = forward ? s.r.from_start : s.r.to_end;
  const NormCurve curve[] = {{forward ? "‖∂h[t]/∂h[0]‖" : "‖∂h[T]/∂h[t]‖", Role::kGradient, norms}};
  const Index step = s.f.spot && s.f.spot->part < Part::kSum ? s.f.spot->step : s.f.step;
  draw_norms(s.c, box, "gated reach", forward ? "What is left of h[0]" : "What reaches back",
             forward ? "step t,  ‖J[t] … J[1]‖ (spectral)" : "T − t,  ‖J[T] … J[t+1]‖ (spectral)", curve,
             forward ? step : s.r.steps() - step);
}

void touch_rows(const Scene& s, GatedRnn::View& v) {
  for (std::size_t i = 0; i < s.parts.size(); ++i) {
    const Unrolled::Pointed p = s.net.touch(s.c, i);
    std::optional<Spot> under;
    if (p.cell) {
      under = Spot{s.parts[i], p.cell->step, p.cell->row, p.cell->column};
      widgets::point_at(*under, p.clicked, v.hovered, v.pinned);
    }
    const auto& draggable = s.net.row(i).draggable;
    if (draggable && under && !draggable(under->step)) under.reset();
    if (draggable) pull(s, p.pointer, under, v);
  }
}

}  // namespace

void GatedRnn::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const Result& r = *result;
  const std::vector<Part> parts = parts_of(r);
  std::vector<StepRow> rows;
  Index lines = 0;
  for (const Part part : parts) {
    rows.push_back(row_of(r, part));
    lines += rows.back().rows();
  }
  const Index first = r.params.pass == Pass::kForward || r.params.weight == Weight::kState ? 0 : 1;
  UnrolledStage stage =
      unrolled_stage(canvas.area().inset(16), r.steps() + 1 - first, lines, {kUnder, kBeside});
  const Unrolled net(stage.net, first, r.steps(), std::move(rows));
  stage.close_up(net.bottom());
  const Focus f = focus(r, view, canvas.reduce_motion());
  const GatedLights lights = gated_lights(r, f);
  const Scene scene{canvas, r, f, lights, net, parts};
  view.hovered.reset();
  view.drag.begin_frame();
  touch_rows(scene, view);
  net.draw_frame(canvas, f.spot ? (f.spot->part < Part::kSum ? std::optional(f.spot->step) : std::nullopt)
                         : f.phase == Phase::kSum ? std::nullopt
                                                  : std::optional(f.step));
  draw_arrows(scene);
  draw_rows(scene);
  CellGrid sum;
  if (r.params.pass == Pass::kForward)
    draw_weights(scene, stage.panels[0], view);
  else
    sum = draw_sum(scene, stage.panels[0], view);
  if (view.drag.held()) view.hovered = view.drag.held();
  draw_reach(scene, stage.panels[1]);
  draw_flights(scene, sum);
  draw_overflow(canvas, r.overflow, r.given_not_finite);
}

}  // namespace vitrine::labs
