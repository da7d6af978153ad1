#include "app/labs/gated_rnn/lab.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/labs/recurrent.h"
#include "app/labs/resized.h"
#include "engine/sequence/jacobian.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using widgets::Role;

namespace {

using Part = GatedRnn::Part;
using Phase = GatedRnn::Phase;
using Spot = GatedRnn::Spot;

constexpr std::string_view kPassIds[] = {"forward", "backward"};
constexpr std::string_view kWeightIds[] = {"w_x", "w_c", "w_h"};
constexpr double kDifferenceStep = 1e-5;

// Both numbers of a state are always equal, and the gate reads their difference: one half whatever the scale
// of Wh. So the states stay as they are, and only what a nudge would do changes: it grows above a scale of
// 3.4.
GatedRnn::Params dragging() {
  GatedRnn::Params p;
  constexpr Index kSteps = 10;
  p.input = Tensor<double>({kSteps, 1});
  for (Index t = 0; t < kSteps; ++t) p.input[t] = t % 2 == 0 ? 1 : -1;
  p.h0 = Tensor<double>(Shape{2});
  p.w_c = Tensor<double>({2, 1});
  p.w_h = Tensor<double>({2, 2}, {1, -1, 0, 0});
  p.w_x = Tensor<double>({2, 1}, {1, 1});
  p.local = Tensor<double>({kSteps, 2});
  p.local(kSteps - 1, 0) = 1;
  return p;
}

// One number a state: what a gate of one half leaves of a state after ten steps.
GatedRnn::Params vanishing() {
  GatedRnn::Params p;
  p.input = Tensor<double>({10, 1}, {1, 0, -1, 0, 1, 0, -1, 0, 1, 0});
  p.h0 = Tensor<double>(Shape{1}, {1});
  p.w_c = p.w_h = Tensor<double>({1, 1});
  p.w_x = Tensor<double>({1, 1}, {1});
  p.local = Tensor<double>({10, 1});
  p.local[9] = 1;
  return p;
}

// The second input takes back what the gate reads of the state, so that the gate stays one half although Wh
// is 12: steep, and never saturated.
GatedRnn::Params exploding() {
  GatedRnn::Params p;
  constexpr Index kSteps = 20;
  p.input = Tensor<double>({kSteps, 2});
  double h = 0;
  for (Index t = 0; t < kSteps; ++t) {
    p.input(t, 0) = t % 2 == 0 ? 1 : -1;
    p.input(t, 1) = -12 * h;
    h = 0.5 * h + 0.5 * p.input(t, 0);
  }
  p.h0 = Tensor<double>(Shape{1}, {0});
  p.w_c = Tensor<double>({1, 2}, {0, 1});
  p.w_h = Tensor<double>({1, 1}, {12});
  p.w_x = Tensor<double>({1, 2}, {1, 0});
  p.local = Tensor<double>({kSteps, 1});
  p.local[kSteps - 1] = 1;
  return p;
}

// A gate that is nearly open: what came in long ago is still there, and so is its gradient.
GatedRnn::Params remembering() {
  GatedRnn::Params p = vanishing();
  p.input = Tensor<double>({10, 2}, {1, 4, 0, 4, -1, 4, 0, 4, 1, 4, 0, 4, -1, 4, 0, 4, 1, 4, 0, 4});
  p.w_c = Tensor<double>({1, 2}, {0, 1});
  p.w_x = Tensor<double>({1, 2}, {1, 0});
  return p;
}

}  // namespace

void GatedRnn::Params::describe(core::Fields& f) {
  f.field("input", input);
  f.field("h0", h0);
  f.field("w_c", w_c);
  f.field("w_h", w_h);
  f.field("w_x", w_x);
  f.field("h_scale", h_scale);
  f.field("grad_h", local);
  f.choice("pass", pass, kPassIds);
  f.choice("gradient_of", weight, kWeightIds);
  fit();
}

void GatedRnn::Params::fit() {
  resize(size_within(input, 0, kMostSteps), size_within(h0, 0, kLargestSize, 1),
         size_within(input, 1, kLargestSize));
}

void GatedRnn::Params::resize(Index steps, Index m, Index n) {
  input = resized(input, steps, n, 0.0);
  h0 = resized(h0, m, 0.0);
  w_c = resized(w_c, m, n, 0.0);
  w_h = resized(w_h, m, m, 0.0);
  w_x = resized(w_x, m, n, 0.0);
  local = with_last_rows(local, steps, m);
  h_scale = std::isfinite(h_scale) ? std::clamp(h_scale, 0.0, kLargestScale) : 1;
}

sequence::GatedWeights GatedRnn::Params::weights() const {
  sequence::GatedWeights w{w_c, w_h, w_x};
  for (double& v : w.w_h.values()) v *= h_scale;
  return w;
}

std::vector<Preset<GatedRnn::Params>> GatedRnn::presets() {
  Params small, back;
  back.pass = Pass::kBackward;
  Params lost = vanishing();
  lost.pass = Pass::kBackward;
  const auto end_of = [](const Params& p) { return static_cast<double>(kForwardPhases * p.steps() - 1); };
  return {{"A small net", small, 6},
          {"Drag the scale of Wh", dragging(), end_of(dragging())},
          {"Vanishing", vanishing(), end_of(vanishing())},
          {"Exploding", exploding(), end_of(exploding())},
          {"Remembering", remembering(), end_of(remembering())},
          {"Back through time", back, static_cast<double>(kBackwardPhases * back.steps())},
          {"A gradient that is lost", lost, static_cast<double>(kBackwardPhases * lost.steps() - 2)}};
}

void GatedRnn::controls(Params& p, widgets::Controls& c) {
  c.section("What is played");
  static constexpr std::string_view kPasses[] = {"forward", "backward"};
  c.choice("Pass", p.pass, kPasses, Pass::kForward,
           "Forward: the states, from left to right. Backward: their gradients, from right to left");
  static constexpr std::string_view kWeights[] = {"Wx", "Wc", "Wh"};
  if (p.pass == Pass::kBackward)
    c.choice("Gradient of", p.weight, kWeights, Weight::kInput,
             "Which weight's gradient the terms of every step add up to");
  c.section("Weights");
  const widgets::Notch notches[] = {{"0", 0}, {"0.1", 0.1}, {"1", 1}, {"10", 10}};
  c.real("Scale of Wh", p.h_scale, {kSmallestScale, kLargestScale, 1, 0.05, true, "", true},
         "Multiplies Wh. Drag it: the product of the Jacobians vanishes or explodes", notches);
  c.matrix("Wx", p.w_x, Role::kKernel, "[m, n] what a step offers: u[t] = Wx x[t]. Drag or double-click");
  c.matrix("Wc", p.w_c, Role::kKernel, "[m, n] what the gate reads of the input");
  c.matrix("Wh", p.w_h, Role::kKernel, "[m, m] what the gate reads of the last state, before the scale");
  c.section("Inputs and states");
  Index steps = p.steps(), m = p.h0.count(), n = p.input.size(1);
  c.integer("Steps", steps, {1, kMostSteps, 6}, "T: how far the net is unrolled");
  c.integer("Size of h", m, {1, kLargestSize, 2}, "m: how many numbers a state has");
  c.integer("Size of x", n, {1, kLargestSize, 2}, "n: how many numbers an input has");
  p.resize(steps, m, n);
  c.matrix("h[0]", p.h0, Role::kOutput, "The state before the first step");
  c.matrix("x", p.input, Role::kInput, "Row t is x[t]");
  c.matrix("∂L/∂h", p.local, Role::kGradient,
           "Row t: the loss's own gradient on h[t], before anything flows back");
  note_not_finite(c, {&p.input, &p.h0, &p.w_c, &p.w_h, &p.w_x, &p.local});
}

namespace {

// |dh[T]/dh[0]| of the same net with Wh at this scale.
double gain_at(GatedRnn::Params p, double scale, std::stop_token stop) {
  p.h_scale = scale;
  const sequence::GatedStates states = sequence::gated_rnn(p.weights(), p.input, p.h0, {}, stop);
  Tensor<double> product = sequence::identity_matrix(p.h0.count());
  for (Index t = 0; t < p.steps(); ++t)
    product = sequence::product(sequence::matrix_at(states.jacobian, t), product);
  return sequence::spectral_norm(product);
}

// With no Wh at all, and at scales from the smallest to the largest, each the same factor from the last.
std::vector<widgets::Sample> gains_of(const GatedRnn::Params& p, std::stop_token stop) {
  constexpr int kCount = 81;
  constexpr double kFrom = GatedRnn::kSmallestScale, kTo = GatedRnn::kLargestScale;
  std::vector<widgets::Sample> gains{{0, gain_at(p, 0, stop)}};
  for (int i = 0; i < kCount; ++i) {
    const double scale = kFrom * std::pow(kTo / kFrom, i / (kCount - 1.0));
    gains.push_back({scale, gain_at(p, scale, stop)});
  }
  return gains;
}

}  // namespace

GatedRnn::Result GatedRnn::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  r.weights = p.weights();
  r.states = sequence::gated_rnn(r.weights, p.input, p.h0, {}, stop);
  r.gradients = sequence::gated_rnn_backward(r.weights, p.input, p.h0, r.states, p.local);
  r.checks = sequence::gated_rnn_differences(r.weights, p.input, p.h0, p.local, kDifferenceStep, stop);
  const Index steps = p.steps(), m = r.m();
  r.all_states = Tensor<double>({steps + 1, m});
  std::copy_n(p.h0.data(), m, r.all_states.data());
  std::copy_n(r.states.h.data(), steps * m, r.all_states.data() + m);
  const Tensor<double> start = sequence::spectral_norms(sequence::products_from_start(r.states.jacobian)),
                       end = sequence::spectral_norms(sequence::products_to_end(r.states.jacobian));
  r.from_start.assign(start.values().begin(), start.values().end());
  r.to_end.assign(end.values().rbegin(), end.values().rend());
  r.gains = gains_of(p, stop);
  r.partial = r.terms();
  const Index count = r.partial.count() / steps;
  for (Index i = (steps - 1) * count - 1; i >= 0; --i) r.partial[i] += r.partial[i + count];
  const auto compare = [&](const Tensor<double>& found, const Tensor<double>& check) {
    return distances(found, check, r.largest_error);
  };
  const sequence::GatedGradients& g = r.gradients;
  r.errors = {.total = compare(g.total, r.checks.total),
              .w_c = compare(g.w_c, r.checks.w_c),
              .w_h = compare(g.w_h, r.checks.w_h),
              .w_x = compare(g.w_x, r.checks.w_x),
              .input = compare(g.input, r.checks.input),
              .h0 = compare(g.h0, r.checks.h0)};
  if (const auto row = sequence::first_not_finite(r.all_states)) r.overflow = *row;
  r.given_not_finite = !all_finite({&p.input, &p.h0, &p.w_c, &p.w_h, &p.w_x, &p.local});
  return r;
}

const Tensor<double>& GatedRnn::Result::terms() const {
  return params.weight == Weight::kInput  ? gradients.w_x_terms
         : params.weight == Weight::kGate ? gradients.w_c_terms
                                          : gradients.w_h_terms;
}
const Tensor<double>& GatedRnn::Result::gradient() const {
  return params.weight == Weight::kInput  ? gradients.w_x
         : params.weight == Weight::kGate ? gradients.w_c
                                          : gradients.w_h;
}
const Tensor<double>& GatedRnn::Result::of_weight(const sequence::GatedDifferences& numbers) const {
  return params.weight == Weight::kInput  ? numbers.w_x
         : params.weight == Weight::kGate ? numbers.w_c
                                          : numbers.w_h;
}
const Tensor<double>& GatedRnn::Result::left() const {
  return params.weight == Weight::kInput ? gradients.to_candidate : gradients.to_gate;
}
double GatedRnn::Result::right(Index step, Index column) const {
  return params.weight == Weight::kState ? all_states(step - 1, column) : params.input(step - 1, column);
}

Shape GatedRnn::Result::shape_of(Part part) const {
  switch (part) {
    case Part::kInput:
      return {n(), 1};
    case Part::kGate:
    case Part::kCandidate:
    case Part::kState:
    case Part::kLocal:
    case Part::kCarried:
    case Part::kTotal:
      return {m(), 1};
    case Part::kJacobian:
    case Part::kWeightH:
      return {m(), m()};
    case Part::kWeightX:
    case Part::kWeightC:
      return {m(), n()};
    case Part::kScale:
      return {1, 1};
    case Part::kTerm:
    case Part::kSum:
      break;
  }
  return gradient().shape();
}

bool GatedRnn::Result::has(const Spot& s) const {
  const Shape shape = shape_of(s.part);
  const bool timeless = s.part >= Part::kSum;
  const Index first = timeless || s.part == Part::kState ? 0 : 1, last = timeless ? 0 : steps();
  return s.step >= first && s.step <= last && s.row >= 0 && s.row < shape[0] && s.column >= 0 &&
         s.column < shape[1];
}

double GatedRnn::Result::value(const Spot& s) const {
  const Index t = s.step - 1;
  switch (s.part) {
    case Part::kInput:
      return params.input(t, s.row);
    case Part::kGate:
      return states.gate(t, s.row);
    case Part::kCandidate:
      return states.candidate(t, s.row);
    case Part::kState:
      return all_states(s.step, s.row);
    case Part::kJacobian:
      return states.jacobian(t, s.row, s.column);
    case Part::kLocal:
      return params.local(t, s.row);
    case Part::kCarried:
      return gradients.carried(t, s.row);
    case Part::kTotal:
      return gradients.total(t, s.row);
    case Part::kTerm:
      return terms()(t, s.row, s.column);
    case Part::kSum:
      return gradient()(s.row, s.column);
    case Part::kWeightX:
      return weights.w_x(s.row, s.column);
    case Part::kWeightC:
      return weights.w_c(s.row, s.column);
    case Part::kScale:
      return params.h_scale;
    case Part::kWeightH:
      break;
  }
  return weights.w_h(s.row, s.column);
}

StageEdit GatedRnn::edit_on_stage(View& view, Params& p) {
  return view.drag.apply([&](const Spot& s, double value) {
    if (s.part == Part::kScale) {
      p.h_scale = std::clamp(value, 0.0, kLargestScale);
      return true;
    }
    Tensor<double>* const values = s.part == Part::kWeightX                ? &p.w_x
                                   : s.part == Part::kWeightC              ? &p.w_c
                                   : s.part == Part::kWeightH              ? &p.w_h
                                   : s.part == Part::kInput                ? &p.input
                                   : s.part == Part::kLocal                ? &p.local
                                   : s.part == Part::kState && s.step == 0 ? &p.h0
                                                                           : nullptr;
    if (!values || (values == &p.w_h && p.h_scale == 0)) return false;  // what is shown of it is 0
    const bool a_step_a_row = values == &p.input || values == &p.local;
    const Index row = a_step_a_row ? s.step - 1 : s.row, column = a_step_a_row ? s.row : s.column;
    const Index columns = values->rank() == 2 ? values->size(1) : 1;
    if (row >= values->size(0) || column >= columns) return false;
    (*values)[row * columns + column] = values == &p.w_h ? value / p.h_scale : value;
    return true;
  });
}

int GatedRnn::last_step(const Result& r) {
  const int steps = static_cast<int>(r.steps());
  return r.params.pass == Pass::kForward ? kForwardPhases * steps - 1 : kBackwardPhases * steps;
}

int GatedRnn::arrival(const Result& r, const Spot& s) {
  const int t = static_cast<int>(s.step) - 1, back = static_cast<int>(r.steps() - s.step);
  if (r.params.pass == Pass::kForward) {
    if (s.step == 0) return 0;  // h[0] and the weights
    const bool made = s.part >= Part::kGate && s.part <= Part::kJacobian;
    return made ? kForwardPhases * t + static_cast<int>(s.part) - static_cast<int>(Part::kGate) : 0;
  }
  if (s.part == Part::kCarried || s.part == Part::kTotal) return kBackwardPhases * back;
  if (s.part == Part::kTerm) return kBackwardPhases * back + 1;
  return s.part == Part::kSum ? last_step(r) : 0;
}

GatedRnn::Focus GatedRnn::focus(const Result& r, const View& v, bool reduce_motion) {
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  Focus f;
  f.reached = std::clamp(lit.step, 0, last_step(r));
  f.progress = lit.progress;
  if (r.params.pass == Pass::kForward) {
    f.step = 1 + f.reached / kForwardPhases;
    f.phase = static_cast<Phase>(f.reached % kForwardPhases);
  } else if (f.reached == last_step(r)) {
    f.phase = Phase::kSum;
    f.step = 1;
  } else {
    f.step = r.steps() - f.reached / kBackwardPhases;
    f.phase = f.reached % kBackwardPhases == 0 ? Phase::kCarry : Phase::kTerm;
  }
  const auto known = [&](const std::optional<Spot>& s) { return s && r.has(*s); };
  const auto spot = known(v.pinned) ? v.pinned : known(v.hovered) ? v.hovered : std::nullopt;
  if (!spot) return f;
  f.spot = spot;
  // What is pointed at is shown even where the playhead has not been.
  if (const int there = arrival(r, *spot); there > f.reached) {
    f.reached = there;
    f.progress = 1;
  }
  return f;
}

}  // namespace vitrine::labs
