// What "Gated RNN" says of what is lit: the formula of a step's numbers, or of a single one, with its real
// numbers.
#include <algorithm>
#include <cmath>

#include "app/labs/formula.h"
#include "app/labs/gated_rnn/lab.h"
#include "engine/core/text.h"
#include "engine/sequence/jacobian.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Equation;
using widgets::factor;
using widgets::Math;
using widgets::number;
using widgets::Role;
using widgets::word;

namespace {

using Focus = GatedRnn::Focus;
using Part = GatedRnn::Part;
using Phase = GatedRnn::Phase;
using Result = GatedRnn::Result;
using Spot = GatedRnn::Spot;
using Weight = GatedRnn::Weight;

std::string name(Index i) { return std::to_string(i + 1); }
std::string step_words(Index t) { return std::to_string(t); }

// sum_j w[i,j] v[j] with its numbers
void add_products(Line& line, const Tensor<double>& w, Index i, const double* v, Role role, bool first) {
  for (Index j = 0; j < w.size(1); ++j) {
    if (!first || j > 0) line << "+";
    line << factor(w(i, j), Role::kKernel) << "·" << factor(v[j], role);
  }
}

std::string gate_words(double c) {
  return c > 0.9   ? "The gate is nearly open: the old state stays"
         : c < 0.1 ? "The gate is nearly shut: the new offer takes over"
                   : "How much of the old state stays; the rest comes from the new offer";
}

Equation gate(const Result& r, Index t, std::optional<Index> i) {
  Line line;
  if (!i) {
    line << at_step("c", t, Role::kText) << "= σ(" << widgets::symbol("W", "c", Role::kKernel)
         << at_step("x", t, Role::kInput) << "+" << widgets::symbol("W", "h", Role::kKernel)
         << at_step("h", t - 1, Role::kOutput) << ") = σ(" << upright(r.states.gate_sum, t - 1, Role::kText)
         << ") =" << upright(r.states.gate, t - 1, Role::kText);
    return {{line.done()}, "The gate reads the input and the last state; σ(z) = 1/(1 + exp(−z))"};
  }
  line << at_step("c", t, Role::kText, name(*i)) << "= σ(";
  add_products(line, r.weights.w_c, *i, &r.params.input(t - 1, 0), Role::kInput, true);
  add_products(line, r.weights.w_h, *i, &r.all_states(t - 1, 0), Role::kOutput, false);
  line << ") = σ(" << number(r.states.gate_sum(t - 1, *i))
       << ") =" << number(r.states.gate(t - 1, *i), Role::kText, 6);
  return {{line.done()}, gate_words(r.states.gate(t - 1, *i))};
}

Equation candidate(const Result& r, Index t, std::optional<Index> i) {
  Line line;
  if (!i) {
    line << at_step("u", t, Role::kOutput) << "=" << widgets::symbol("W", "x", Role::kKernel)
         << at_step("x", t, Role::kInput) << "=" << matrix_of(r.weights.w_x, Role::kKernel)
         << upright(r.params.input, t - 1, Role::kInput) << "="
         << upright(r.states.candidate, t - 1, Role::kOutput);
  } else {
    line << at_step("u", t, Role::kOutput, name(*i)) << "=";
    add_products(line, r.weights.w_x, *i, &r.params.input(t - 1, 0), Role::kInput, true);
    line << "=" << number(r.states.candidate(t - 1, *i), Role::kOutput, 6);
  }
  return {{line.done()}, "What the input offers as a new state"};
}

Equation blend(const Result& r, Index t, std::optional<Index> i) {
  Line line;
  if (t == 0) {
    line << at_step("h", 0, Role::kOutput) << "=" << upright(r.all_states, 0, Role::kOutput);
    return {{line.done()}, "The state before the first step: you choose it. Drag to change it"};
  }
  if (!i) {
    line << at_step("h", t, Role::kOutput) << "=" << at_step("c", t, Role::kText) << "⊙"
         << at_step("h", t - 1, Role::kOutput) << "+ (1 −" << at_step("c", t, Role::kText) << ") ⊙"
         << at_step("u", t, Role::kOutput) << "=" << upright(r.states.gate, t - 1, Role::kText) << "⊙"
         << upright(r.all_states, t - 1, Role::kOutput) << "+ (1 −"
         << upright(r.states.gate, t - 1, Role::kText) << ") ⊙"
         << upright(r.states.candidate, t - 1, Role::kOutput) << "="
         << upright(r.all_states, t, Role::kOutput);
  } else {
    const Math c = number(r.states.gate(t - 1, *i));
    line << at_step("h", t, Role::kOutput, name(*i)) << "=" << c << "·"
         << factor(r.all_states(t - 1, *i), Role::kOutput) << "+ (1 −" << c << ") ·"
         << factor(r.states.candidate(t - 1, *i), Role::kOutput) << "="
         << number(r.all_states(t, *i), Role::kOutput, 6);
  }
  return {{line.done()}, "The new state is a mix of the last one and the offer, number by number"};
}

std::string reach_words(const Result& r, Index t) {
  const double norm = r.from_start[static_cast<std::size_t>(t)];
  return "The product so far: ‖∂h[" + step_words(t) + "]/∂h[0]‖ = " + core::shown(norm, 4) +
         (norm > 1   ? ": it grows"
          : norm < 1 ? ": it shrinks"
                     : "");
}

Equation jacobian(const Result& r, Index t, std::optional<Index> i, Index j) {
  Line line;
  if (!i) {
    line << word("J[" + step_words(t) + "]", Role::kGradient)
         << "= diag(c) + diag((h[t−1] − u) ⊙ c ⊙ (1 − c))" << widgets::symbol("W", "h", Role::kKernel) << "="
         << matrix_of(sequence::matrix_at(r.states.jacobian, t - 1), Role::kGradient);
    return {{line.done()}, reach_words(r, t)};
  }
  const Math c = number(r.states.gate(t - 1, *i));
  line << widgets::fraction(at_step("∂h", t, Role::kOutput, name(*i)),
                            at_step("∂h", t - 1, Role::kOutput, name(j)))
       << "=";
  if (*i == j) line << c << "+";
  line << "(" << number(r.all_states(t - 1, *i), Role::kOutput) << "−"
       << factor(r.states.candidate(t - 1, *i), Role::kOutput) << ") ·" << c << "· (1 −" << c << ") ·"
       << factor(r.weights.w_h(*i, j), Role::kKernel) << "="
       << number(r.states.jacobian(t - 1, *i, j), Role::kGradient, 6);
  return {{line.done()},
          *i == j ? "Through the mix: c. Through the gate: the rest, and it has Wh in it"
                  : "One number of a state reaches another only through the gate, by Wh"};
}

Math check_line(const std::string& varied, double check, double error) {
  Line line;
  line << word("check: nudge " + varied + " by ±d, (L₊ − L₋) / 2d =", Role::kQuiet)
       << number(check, Role::kGradient, 6) << word(",  difference", Role::kQuiet)
       << number(error, Role::kQuiet, 2);
  return line.done();
}

Equation total(const Result& r, Index t, std::optional<Index> i) {
  Line line;
  const bool last = t == r.steps();
  if (!i) {
    line << at_step("δ", t, Role::kGradient) << "= local + Jᵀ" << at_step("δ", t + 1, Role::kGradient) << "="
         << upright(r.params.local, t - 1, Role::kGradient) << "+";
    if (!last)
      line << transposed_matrix_of(sequence::matrix_at(r.states.jacobian, t), Role::kGradient)
           << upright(r.gradients.total, t, Role::kGradient);
    else
      line << "0";
    line << "=" << upright(r.gradients.total, t - 1, Role::kGradient);
    return {{line.done()},
            last ? "The last state: nothing comes back from later, only the loss's own gradient"
                 : "The loss's own gradient, and what comes back from step " + step_words(t + 1)};
  }
  line << at_step("δ", t, Role::kGradient, name(*i)) << "="
       << number(r.params.local(t - 1, *i), Role::kGradient);
  if (!last)
    for (Index k = 0; k < r.m(); ++k)
      line << "+" << factor(r.states.jacobian(t, k, *i), Role::kGradient) << "·"
           << factor(r.gradients.total(t, k), Role::kGradient);
  line << "=" << number(r.gradients.total(t - 1, *i), Role::kGradient, 6);
  return {{line.done(),
           check_line("h[" + step_words(t) + "]", r.checks.total(t - 1, *i), r.errors.total(t - 1, *i))},
          "All that the loss owes to this number: directly, and by every later state"};
}

Equation carried(const Result& r, Index t, Index i) {
  Line line;
  line << widgets::symbol("(Jᵀ δ[" + step_words(t + 1) + "])", name(i), Role::kGradient) << "=";
  if (t == r.steps()) {
    line << "0";
  } else {
    for (Index k = 0; k < r.m(); ++k) {
      if (k > 0) line << "+";
      line << factor(r.states.jacobian(t, k, i), Role::kGradient) << "·"
           << factor(r.gradients.total(t, k), Role::kGradient);
    }
    line << "=" << number(r.gradients.carried(t - 1, i), Role::kGradient, 6);
  }
  return {{line.done()},
          t == r.steps() ? "Behind the last state there is nothing"
                         : "Column " + name(i) + " of the next step's Jacobian times its δ"};
}

// dL/dWx: (1 - c)*delta x^T; of the gate's weights a = delta*(h - u)*c*(1 - c).
Equation term(const Result& r, Index t, std::optional<Index> i, Index j) {
  const bool input = r.params.weight == Weight::kInput, state = r.params.weight == Weight::kState;
  const char* const left = input ? "(1 − c) ⊙ δ" : "δ ⊙ (h[t−1] − u) ⊙ c ⊙ (1 − c)";
  const Role role = state ? Role::kOutput : Role::kInput;
  Line line;
  if (!i) {
    line << word("term " + step_words(t), Role::kGradient) << "= (" << left << ")"
         << word(state ? "h[" + step_words(t - 1) + "]ᵀ" : "x[" + step_words(t) + "]ᵀ", role) << "="
         << upright(r.left(), t - 1, Role::kGradient);
    std::vector<Math> right;
    for (Index k = 0; k < r.gradient().size(1); ++k) right.push_back(number(r.right(t, k), role));
    const int columns = static_cast<int>(right.size());
    line << widgets::matrix(columns, std::move(right)) << "="
         << matrix_of(sequence::matrix_at(r.terms(), t - 1), Role::kGradient);
    return {{line.done()},
            "What step " + step_words(t) + " adds to the weight's gradient: a column times a row"};
  }
  line << widgets::symbol("term " + step_words(t), name(*i) + "," + name(j), Role::kGradient) << "=";
  const Math c = number(r.states.gate(t - 1, *i));
  line << factor(r.gradients.total(t - 1, *i), Role::kGradient) << "·";
  if (!input)
    line << "(" << number(r.all_states(t - 1, *i), Role::kOutput) << "−"
         << factor(r.states.candidate(t - 1, *i), Role::kOutput) << ") ·" << c << "·";
  line << "(1 −" << c << ") ·" << factor(r.right(t, j), role) << "="
       << number(r.terms()(t - 1, *i, j), Role::kGradient, 6);
  return {{line.done()},
          input ? "δ through the share 1 − c of the offer, times the input"
                : "δ through the gate's slope, times what the gate read"};
}

Equation sum(const Result& r, std::optional<Index> i, Index j) {
  const std::string letter = r.params.weight == Weight::kInput  ? "x"
                             : r.params.weight == Weight::kGate ? "c"
                                                                : "h";
  constexpr std::size_t kMostTerms = 7;
  Line line;
  if (!i) {
    line << widgets::symbol("dL/dW", letter, Role::kGradient) << "="
         << word("sum of " + std::to_string(r.steps()) + " terms") << "="
         << matrix_of(r.gradient(), Role::kGradient) << word(",  check", Role::kQuiet) << "="
         << matrix_of(r.check(), Role::kQuiet);
    return {{line.done()}, "The same weight worked at every step, so every step has its say"};
  }
  line << widgets::symbol("dL/dW", letter + ", " + name(*i) + name(j), Role::kGradient) << "=";
  widgets::Sum terms(kMostTerms);
  for (Index t = 0; t < r.steps(); ++t)
    if (!terms.add({factor(r.terms()(t, *i, j), Role::kGradient)})) break;
  for (Math& part : terms.parts()) line << std::move(part);
  line << "=" << number(r.gradient()(*i, j), Role::kGradient, 6);
  return {{line.done(), check_line("W" + letter, r.check()(*i, j), r.error()(*i, j))},
          "One term a step, from step 1 to step " + step_words(r.steps())};
}

Equation weight(const Result& r, const Spot& s) {
  const char* const letters[] = {"x, ", "c, ", "h, "};
  Line line;
  line << widgets::symbol("W",
                          letters[static_cast<int>(s.part) - static_cast<int>(Part::kWeightX)] + name(s.row) +
                              name(s.column),
                          Role::kKernel)
       << "=" << number(r.value(s), Role::kKernel, 6);
  const bool scaled = s.part == Part::kWeightH && r.params.h_scale != 1;
  if (scaled)
    line << "=" << number(r.params.h_scale) << "·" << factor(r.params.w_h(s.row, s.column), Role::kKernel);
  return {{line.done()},
          s.part == Part::kWeightX ? "Every step's offer u uses it: the row lit above. Drag to change it"
                                   : "Every step's gate c uses it: the row lit above. Drag to change it"};
}

Equation scale(const Result& r) {
  const double norm = r.from_start.back();
  const std::string last = step_words(r.steps());
  Line line;
  line << widgets::symbol("W", "h", Role::kKernel) << "=" << number(r.params.h_scale, Role::kKernel) << "·"
       << matrix_of(r.params.w_h, Role::kKernel) << "=" << matrix_of(r.weights.w_h, Role::kKernel)
       << word(",  ‖")
       << widgets::fraction(at_step("∂h", r.steps(), Role::kOutput), at_step("∂h", 0, Role::kOutput))
       << "‖ =" << number(norm, Role::kGradient);
  return {{line.done()}, "Drag: Wh stands in every Jacobian, so its scale counts " + last + " times"};
}

Equation plain(const Result& r, const Spot& s) {
  Line line;
  const bool input = s.part == Part::kInput;
  line << (input ? at_step("x", s.step, Role::kInput, name(s.row))
                 : widgets::symbol("∂L/∂h[" + step_words(s.step) + "]", name(s.row), Role::kGradient))
       << "=" << number(r.value(s), input ? Role::kInput : Role::kGradient, 6);
  return {{line.done()},
          input ? "The gate and the offer of step " + step_words(s.step) + " read it. Drag to change it"
                : "What the loss itself says of this state: you choose it. Drag to change it"};
}

Equation of_spot(const Result& r, const Spot& s) {
  switch (s.part) {
    case Part::kGate:
      return gate(r, s.step, s.row);
    case Part::kCandidate:
      return candidate(r, s.step, s.row);
    case Part::kState:
      return blend(r, s.step, s.row);
    case Part::kJacobian:
      return jacobian(r, s.step, s.row, s.column);
    case Part::kCarried:
      return carried(r, s.step, s.row);
    case Part::kTotal:
      return total(r, s.step, s.row);
    case Part::kTerm:
      return term(r, s.step, s.row, s.column);
    case Part::kSum:
      return sum(r, s.row, s.column);
    case Part::kInput:
    case Part::kLocal:
      return plain(r, s);
    case Part::kScale:
      return scale(r);
    case Part::kWeightX:
    case Part::kWeightC:
    case Part::kWeightH:
      break;
  }
  return weight(r, s);
}

}  // namespace

Equation GatedRnn::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  if (f.spot) return of_spot(r, *f.spot);
  switch (f.phase) {
    case Phase::kGate:
      return gate(r, f.step, {});
    case Phase::kCandidate:
      return candidate(r, f.step, {});
    case Phase::kBlend:
      return blend(r, f.step, {});
    case Phase::kJacobian:
      return jacobian(r, f.step, {}, 0);
    case Phase::kCarry:
      return total(r, f.step, {});
    case Phase::kTerm:
      return term(r, f.step, {}, 0);
    case Phase::kSum:
      break;
  }
  return sum(r, {}, 0);
}

lessons::Symbols GatedRnn::numbers(const Result& r, const View&) {
  using lessons::number;
  const auto lengths = [](const std::vector<double>& v) { return Tensor<double>({std::ssize(v)}, v); };
  return {{"x", r.params.input},
          {"h0", r.params.h0},
          {"Wx", r.weights.w_x},
          {"Wc", r.weights.w_c},
          {"Wh", r.weights.w_h},
          {"h_scale", number(r.params.h_scale)},
          {"gate", r.states.gate},
          {"u", r.states.candidate},
          {"h", r.states.h},
          {"J", r.states.jacobian},
          {"from_start", lengths(r.from_start)},
          {"to_end", lengths(r.to_end)},
          {"gain", number(r.from_start.back())},
          {"local", r.params.local},
          {"carried", r.gradients.carried},
          {"delta", r.gradients.total},
          {"dWx", r.gradients.w_x},
          {"dWc", r.gradients.w_c},
          {"dWh", r.gradients.w_h},
          {"steps", number(static_cast<double>(r.steps()))},
          {"m", number(static_cast<double>(r.m()))},
          {"n", number(static_cast<double>(r.n()))},
          {"backward", number(r.params.pass == Pass::kBackward)}};
}

}  // namespace vitrine::labs
