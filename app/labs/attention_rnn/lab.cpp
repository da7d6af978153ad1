#include "app/labs/attention_rnn/lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/recurrent.h"
#include "app/labs/resized.h"
#include "engine/core/rng.h"
#include "engine/sequence/jacobian.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using widgets::Role;

namespace {

using Part = AttentionRnn::Part;

constexpr std::string_view kMemoryIds[] = {"number", "all"};
constexpr std::string_view kPassIds[] = {"forward", "backward"};
constexpr std::string_view kColumnIds[] = {"age", "time"};
constexpr double kDifferenceStep = 1e-5;

// Numbers in steps of 0.1, normal with this spread, the same on every machine.
Tensor<double> drawn(const Shape& shape, std::uint64_t which, double spread) {
  const core::Rng rng(3, core::RngStream::kLab);
  Tensor<double> t(shape);
  for (Index i = 0; i < t.count(); ++i)
    t[i] = std::round(10 * spread * rng.normal(which, static_cast<std::uint64_t>(i))) / 10;
  return t;
}

AttentionRnn::Params with_memory(Index k, Index steps, Index n) {
  AttentionRnn::Params p;
  p.memory = k > 0 ? AttentionRnn::Memory::kNumber : AttentionRnn::Memory::kAll;
  if (k > 0) p.k = k;
  const Shape shape{p.matrices(), n, n};
  p.query = drawn(shape, 1, 0.9);
  p.key = drawn(shape, 2, 0.9);
  p.value = drawn(shape, 3, 0.9);
  p.input = drawn({steps, n}, 4, 1);
  p.local = Tensor<double>();
  p.fit();
  for (Index i = 0; i < n; ++i) p.local(steps - 1, i) = 1;
  return p;
}

// What is written at the first step is asked for at the last: a long memory that is one step away.
AttentionRnn::Params recall() {
  AttentionRnn::Params p = with_memory(0, 10, 2);
  p.input = Tensor<double>({10, 2});
  p.input(0, 0) = 2;
  for (Index t = 1; t < 10; ++t) p.input(t, 1) = 0.1;
  p.query = p.key = p.value = Tensor<double>({2, 2, 2});
  for (Index m = 0; m < 2; ++m)
    for (Index i = 0; i < 2; ++i) {
      p.query(m, i, i) = m == 0 ? 1 : 1.5;
      p.key(m, i, i) = m == 0 ? 1 : 1.5;
      p.value(m, i, i) = 1;
    }
  return p;
}

Tensor<double> identity(Index n) { return sequence::identity_matrix(n); }

}  // namespace

AttentionRnn::Params::Params() {
  const Shape shape{3, 2, 2};
  query = drawn(shape, 1, 0.9);
  key = drawn(shape, 2, 0.9);
  value = drawn(shape, 3, 0.9);
  input = drawn({6, 2}, 4, 1);
  local = Tensor<double>({6, 2});
  local(5, 0) = local(5, 1) = 1;
  gated_c = gated_h = Tensor<double>({2, 2});
  gated_x = identity(2);
}

void AttentionRnn::Params::describe(core::Fields& f) {
  f.choice("memory", memory, kMemoryIds);
  f.field("k", k);
  f.field("w_query", query);
  f.field("w_key", key);
  f.field("w_value", value);
  f.field("input", input);
  f.field("grad_h", local);
  f.choice("pass", pass, kPassIds);
  f.choice("columns", columns, kColumnIds);
  f.field("gated_w_c", gated_c);
  f.field("gated_w_h", gated_h);
  f.field("gated_w_x", gated_x);
  fit();
}

void AttentionRnn::Params::fit() {
  k = std::clamp<Index>(k, 1, kLargestMemory);
  resize(size_within(input, 0, kMostSteps), size_within(input, 1, kLargestSize));
}

void AttentionRnn::Params::resize(Index steps, Index n) {
  const Shape shape{matrices(), n, n};
  for (Tensor<double>* w : {&query, &key, &value}) *w = resized(*w, shape, 1, 0.0);
  input = resized(input, steps, n, 0.0);
  local = with_last_rows(local, steps, n);
  for (Tensor<double>* w : {&gated_c, &gated_h, &gated_x}) *w = resized(*w, n, n, 0.0);
}

sequence::AttentionRnnWeights AttentionRnn::Params::weights() const {
  return {memory == Memory::kAll ? std::nullopt : std::optional(k), query, key, value};
}

std::vector<Preset<AttentionRnn::Params>> AttentionRnn::presets() {
  Params two, back, four = with_memory(4, 8, 2), all = with_memory(0, 8, 2), looked_up = recall();
  back.pass = looked_up.pass = Pass::kBackward;
  back.local(1, 0) = 1;
  back.local(3, 1) = -1;
  return {{"Two states back", two, kForwardPhases * 4 - 2},
          {"Four states back", four, kForwardPhases * 6 - 2},
          {"All of the past", all, kForwardPhases * 7 - 2},
          {"The gradient's many ways", back, kBackwardPhases * 5 - 1},
          {"Recall", looked_up, kBackwardPhases * 10 - 1}};
}

namespace {

// "x[t]", "h[t−1]", ...; of all the past "h[t−i]".
std::string source_name(const AttentionRnn::Params& p, Index matrix) {
  if (matrix == 0) return "x[t]";
  return p.memory == AttentionRnn::Memory::kAll ? "h[t−i]" : "h[t−" + std::to_string(matrix) + "]";
}

void matrix_controls(AttentionRnn::Params& p, widgets::Controls& c) {
  const Index cells = p.n() * p.n();
  const auto edit = [&](const char* letter, Tensor<double>& all, Index which, Role role, const char* help) {
    Tensor<double> one = sequence::matrix_at(all, which);
    if (c.matrix(std::string(letter) + " of " + source_name(p, which), one, role, help))
      std::copy_n(one.data(), cells, all.data() + which * cells);
  };
  for (Index i = 0; i < p.matrices(); ++i) {
    c.section(i == 0                                   ? "Weights for the input"
              : p.memory == AttentionRnn::Memory::kAll ? "Weights for every past state"
                                                       : "Weights for " + source_name(p, i));
    edit("Q", p.query, i, Role::kInput, "q = Q z. The score of a source is its own query times its own key");
    edit("K", p.key, i, Role::kKernel, "k = K z");
    edit("V", p.value, i, Role::kOutput, "v = V z: what the source brings into the mix");
  }
}

}  // namespace

void AttentionRnn::controls(Params& p, widgets::Controls& c) {
  c.section("What is played");
  static constexpr std::string_view kPasses[] = {"forward", "backward"};
  c.choice("Pass", p.pass, kPasses, Pass::kForward,
           "Forward: the states, from left to right. Backward: their gradients, from right to left");
  static constexpr std::string_view kColumns[] = {"by age", "by time"};
  c.choice(
      "Columns", p.columns, kColumns, Columns::kTime,
      "Of the heatmap. By age: x[t], h[t−1], h[t−2], … By time: h[1], h[2], … with x[t] on the diagonal");
  c.section("Memory and sizes");
  static constexpr std::string_view kMemories[] = {"k states", "all"};
  c.choice("Memory", p.memory, kMemories, Memory::kNumber,
           "k states back, each with weights of its own; or all of the past with one set of weights");
  if (p.memory == Memory::kNumber)
    c.integer("k", p.k, {1, kLargestMemory, 2},
              "How many states back a step can look; those before the first are zero");
  Index steps = p.steps(), n = p.n();
  c.integer("Steps", steps, {1, kMostSteps, 6}, "T: how far the net is unrolled");
  c.integer("Size", n, {1, kLargestSize, 2}, "n: how many numbers an input and a state have");
  p.resize(steps, n);
  c.matrix("x", p.input, Role::kInput, "Row t is x[t]");
  c.matrix("∂L/∂h", p.local, Role::kGradient,
           "Row t: the loss's own gradient on h[t], before anything flows back");
  matrix_controls(p, c);
  c.section("The gated net beside");
  c.matrix("Wx", p.gated_x, Role::kKernel, "u[t] = Wx x[t]");
  c.matrix("Wc", p.gated_c, Role::kKernel, "c[t] = σ(Wc x[t] + Wh h[t−1])");
  c.matrix("Wh", p.gated_h, Role::kKernel, "h[t] = c ⊙ h[t−1] + (1 − c) ⊙ u[t], from a state of zeros");
  c.note("Reach: the spectral norm of ∂h[T]/∂h[t], the most that a gradient can grow on its way back.");
  note_not_finite(c, {&p.input, &p.query, &p.key, &p.value, &p.local, &p.gated_c, &p.gated_h, &p.gated_x});
}

namespace {

// |dh[T]/dh[T-d]| for d = 0 .. T-1 from the derivatives of h[T] with respect to h[1] .. h[T].
std::vector<double> by_distance(const Tensor<double>& derivatives) {
  const Tensor<double> norms = sequence::spectral_norms(derivatives);
  return {norms.values().rbegin(), norms.values().rend()};
}

// Each term's length as a part of the lengths of all terms of its state.
Tensor<double> shares_of(const Tensor<double>& terms) {
  const Index steps = terms.size(0), readers = terms.size(1), n = terms.size(2);
  Tensor<double> shares({steps, readers});
  for (Index t = 0; t < steps; ++t) {
    double sum = 0;
    for (Index i = 0; i < readers; ++i) {
      double square = 0;
      for (Index c = 0; c < n; ++c) square += terms(t, i, c) * terms(t, i, c);
      shares(t, i) = std::sqrt(square);
      sum += shares(t, i);
    }
    for (Index i = 0; i < readers && sum > 0; ++i) shares(t, i) /= sum;
  }
  return shares;
}

std::vector<double> gated_reach(const sequence::GatedStates& gated) {
  std::vector<double> reach = by_distance(sequence::products_to_end(gated.jacobian));
  reach.pop_back();  // of h[0], which the attending net may not have
  return reach;
}

}  // namespace

AttentionRnn::Result AttentionRnn::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  r.weights = p.weights();
  r.states = sequence::attention_rnn(r.weights, p.input, {}, stop);
  r.gradients = sequence::attention_rnn_backward(r.weights, p.input, r.states, p.local, stop);
  r.check = sequence::attention_rnn_differences(r.weights, p.input, p.local, kDifferenceStep, stop);
  r.error = distances(r.gradients.total, r.check, r.largest_error);
  for (Index t = 0; t < p.steps(); ++t)
    for (Index i = 0; i < r.states.weights.size(1); ++i)
      r.jacobians.push_back(i < r.weights.sources(t)
                                ? sequence::source_jacobian(r.weights, p.input, r.states, t, i)
                                : Tensor<double>());
  r.shares = shares_of(r.gradients.terms);
  r.reach = by_distance(sequence::derivatives_of_last(r.weights, p.input, r.states, stop));
  r.gated =
      sequence::gated_rnn({p.gated_c, p.gated_h, p.gated_x}, p.input, Tensor<double>(Shape{p.n()}), {}, stop);
  r.gated_reach = gated_reach(r.gated);
  if (const auto row = sequence::first_not_finite(r.states.h)) r.overflow = *row + 1;
  r.given_not_finite = !all_finite({&p.input, &p.query, &p.key, &p.value});
  return r;
}

Index AttentionRnn::Result::readers(Index step) const {
  const Index later = steps() - step;
  return weights.memory ? std::min(later, *weights.memory) : later;
}

const Tensor<double>& AttentionRnn::Result::jacobian(Index step, Index source) const {
  return jacobians[static_cast<std::size_t>((step - 1) * states.weights.size(1) + source)];
}

bool AttentionRnn::Result::has(const Spot& s) const {
  if (s.step < 1 || s.step > steps() || s.row < 0 || s.row >= n() || s.column < 0 || s.column >= n())
    return false;
  switch (s.part) {
    case Part::kWeight:
    case Part::kScore:
    case Part::kValue:
      return s.source >= 0 && s.source < sources(s.step);
    case Part::kTerm:
      return s.source >= 1 && s.source <= readers(s.step);
    default:
      return true;
  }
}

double AttentionRnn::Result::value(const Spot& s) const {
  const Index t = s.step - 1;
  switch (s.part) {
    case Part::kInput:
      return params.input(t, s.row);
    case Part::kState:
      return states.h(t, s.row);
    case Part::kJacobian:
      return states.jacobian_previous(t, s.row, s.column);
    case Part::kWeight:
      return states.weights(t, s.source);
    case Part::kScore:
      return states.scores(t, s.source);
    case Part::kValue:
      return states.values(t, s.source, s.row);
    case Part::kLocal:
      return params.local(t, s.row);
    case Part::kTerm:
      return gradients.terms(t, s.source - 1, s.row);
    case Part::kCarried:
      return gradients.carried(t, s.row);
    case Part::kGatedState:
      return gated.h(t, s.row);
    case Part::kGatedJacobian:
      return gated.jacobian(t, s.row, s.column);
    case Part::kTotal:
      break;
  }
  return gradients.total(t, s.row);
}

StageEdit AttentionRnn::edit_on_stage(View& view, Params& p) {
  return view.drag.apply([&](const Spot& s, double value) {
    Tensor<double>* const rows = s.part == Part::kInput   ? &p.input
                                 : s.part == Part::kLocal ? &p.local
                                                          : nullptr;
    if (!rows || s.step > p.steps() || s.row >= p.n()) return false;
    (*rows)(s.step - 1, s.row) = value;
    return true;
  });
}

int AttentionRnn::last_step(const Result& r) {
  return static_cast<int>(r.steps()) * (r.params.pass == Pass::kForward ? kForwardPhases : kBackwardPhases) -
         1;
}

int AttentionRnn::arrival(const Result& r, const Spot& s) {
  const int t = static_cast<int>(s.step) - 1, back = static_cast<int>(r.steps() - s.step);
  if (!r.forward()) {
    if (s.part == Part::kTerm || s.part == Part::kCarried) return kBackwardPhases * back;
    return s.part == Part::kTotal ? kBackwardPhases * back + 1 : 0;
  }
  switch (s.part) {
    case Part::kScore:
    case Part::kValue:
      return kForwardPhases * t;
    case Part::kWeight:
      return kForwardPhases * t + 1;
    case Part::kState:
    case Part::kGatedState:
      return kForwardPhases * t + 2;
    case Part::kJacobian:
    case Part::kGatedJacobian:
      return kForwardPhases * t + 3;
    default:
      return 0;
  }
}

AttentionRnn::Focus AttentionRnn::focus(const Result& r, const View& v, bool reduce_motion) {
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  Focus f;
  f.reached = std::clamp(lit.step, 0, last_step(r));
  f.progress = lit.progress;
  if (r.forward()) {
    f.step = 1 + f.reached / kForwardPhases;
    f.phase = static_cast<Phase>(f.reached % kForwardPhases);
  } else {
    f.step = r.steps() - f.reached / kBackwardPhases;
    f.phase = f.reached % kBackwardPhases == 0 ? Phase::kTerms : Phase::kSum;
  }
  const auto known = [&](const std::optional<Spot>& s) { return s && r.has(*s); };
  const auto spot = known(v.pinned) ? v.pinned : known(v.hovered) ? v.hovered : std::nullopt;
  if (!spot) return f;
  f.spot = spot;
  f.step = spot->step;
  // What is pointed at is shown even where the playhead has not been.
  if (const int there = arrival(r, *spot); there > f.reached) {
    f.reached = there;
    f.progress = 1;
  }
  return f;
}

}  // namespace vitrine::labs
