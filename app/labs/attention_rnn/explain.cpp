// What "Attention RNN" says of what is lit: the formula of a step's numbers, or of a single one, with its
// real numbers.
#include <algorithm>

#include "app/labs/attention_rnn/scene.h"
#include "app/labs/formula.h"
#include "engine/core/text.h"
#include "engine/sequence/jacobian.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Equation;
using widgets::factor;
using widgets::fraction;
using widgets::Math;
using widgets::number;
using widgets::Role;
using widgets::symbol;
using widgets::word;

namespace {

using Focus = AttentionRnn::Focus;
using Part = AttentionRnn::Part;
using Phase = AttentionRnn::Phase;
using Result = AttentionRnn::Result;
using Spot = AttentionRnn::Spot;

constexpr Index kMostTerms = 4;  // vectors that are written out in one line

std::string name(Index i) { return std::to_string(i + 1); }
std::string step_words(Index t) { return "[" + std::to_string(t) + "]"; }
Role role_of(Index source) { return source == 0 ? Role::kInput : Role::kOutput; }

Math exp_of(Math inside) { return widgets::row({word("exp("), std::move(inside), word(")")}); }

Math row_of(const Tensor<double>& all, Index t, Index count, Role role) {
  std::vector<Math> cells;
  for (Index i = 0; i < count; ++i) cells.push_back(number(all(t - 1, i), role));
  return widgets::matrix(static_cast<int>(count), std::move(cells));
}

// Vector (t, i) of [T, sources, n], upright.
Math vector_of(const Tensor<double>& all, Index t, Index i, Role role) {
  std::vector<Math> cells;
  for (Index c = 0; c < all.size(2); ++c) cells.push_back(number(all(t - 1, i, c), role));
  return widgets::matrix(1, std::move(cells));
}

Equation scores(const Result& r, Index t) {
  Line symbols, numbers;
  const Index sources = r.sources(t);
  numbers << symbol("w", "", Role::kText) << "=" << row_of(r.states.scores, t, sources, Role::kText);
  symbols << symbol("w", "i", Role::kText) << "=" << symbol("q", "i", Role::kInput) << "·"
          << symbol("k", "i", Role::kKernel) << "="
          << "(" << symbol("Q", "i", Role::kInput) << symbol("z", "i", Role::kText) << ")"
          << "·"
          << "(" << symbol("K", "i", Role::kKernel) << symbol("z", "i", Role::kText) << ")";
  return {{symbols.done(), numbers.done()},
          "Step " + std::to_string(t) + " asks each of " + std::to_string(sources) +
              (sources == 1 ? " source" : " sources") + " how well its own query meets its own key"};
}

Equation score(const Result& r, Index t, Index i) {
  Line line;
  line << symbol("w", std::to_string(i), Role::kText) << "=" << symbol("q", std::to_string(i), Role::kInput)
       << "·" << symbol("k", std::to_string(i), Role::kKernel) << "=";
  for (Index c = 0; c < r.n(); ++c) {
    if (c > 0) line << "+";
    line << factor(r.states.queries(t - 1, i, c), Role::kInput) << "·"
         << factor(r.states.keys(t - 1, i, c), Role::kKernel);
  }
  line << "=" << number(r.states.scores(t - 1, i), Role::kText, 6);
  return {{line.done()},
          t - i < 1 && i > 0
              ? "A state before the first is zero: its score is 0, and it takes part all the same"
              : "The score of " + source_words(t, i) + ": its query times its key"};
}

Equation weights(const Result& r, Index t, std::optional<Index> i) {
  const Index sources = r.sources(t);
  const double* first = &r.states.weights(t - 1, 0);
  const Index most = std::max_element(first, first + sources) - first, shown = i.value_or(most);
  Line line, all;
  Line sum;
  for (Index j = 0; j < std::min(sources, kMostTerms); ++j) {
    if (j > 0) sum << "+";
    sum << exp_of(number(r.states.scores(t - 1, j)));
  }
  if (sources > kMostTerms) sum << "+ …";
  line << symbol("a", std::to_string(shown), Role::kText) << "="
       << fraction(exp_of(number(r.states.scores(t - 1, shown))), sum.done()) << "="
       << number(r.states.weights(t - 1, shown), Role::kText, 6);
  all << word("a") << "=" << row_of(r.states.weights, t, sources, Role::kText);
  const std::string words = "Step " + std::to_string(t) + " gives " + source_words(t, shown) +
                            " the weight " + core::shown(r.states.weights(t - 1, shown), 3) + " of 1";
  return {{line.done(), all.done()}, i ? words : words + ", the most of all"};
}

Equation value(const Result& r, Index t, Index i, Index row) {
  Line line;
  const std::string index = std::to_string(i);
  line << symbol("v", index, Role::kOutput) << "=" << symbol("V", index, Role::kOutput)
       << word(source_words(t, i), role_of(i)) << "=" << vector_of(r.states.values, t, i, Role::kOutput);
  return {{line.done()},
          "What " + source_words(t, i) + " brings: number " + name(row) + " is " +
              core::shown(r.states.values(t - 1, i, row), 6) +
              ", weighed with a = " + core::shown(r.states.weights(t - 1, i), 4)};
}

Equation mix(const Result& r, Index t, std::optional<Index> row) {
  Line line;
  const Index sources = r.sources(t);
  line << at_step("h", t, Role::kOutput, row ? name(*row) : "") << "=";
  for (Index i = 0; i < std::min(sources, kMostTerms); ++i) {
    if (i > 0) line << "+";
    line << number(r.states.weights(t - 1, i)) << "·";
    if (row)
      line << factor(r.states.values(t - 1, i, *row), Role::kOutput);
    else
      line << vector_of(r.states.values, t, i, Role::kOutput);
  }
  if (sources > kMostTerms) line << "+ …";
  line << "=";
  if (row)
    line << number(r.states.h(t - 1, *row), Role::kOutput, 6);
  else
    line << upright(r.states.h, t - 1, Role::kOutput);
  return {{line.done()},
          "The new state is the mean of " + std::to_string(sources) + (sources == 1 ? " value" : " values") +
              ", weighed by a"};
}

// a_1 V_1 + a_1 (v_1 - h[t]) h[t-1]^T (Q_1^T K_1 + K_1^T Q_1)
Equation jacobian(const Result& r, Index t) {
  Line line, numbers;
  if (r.sources(t) < 2) {
    line << word("J" + step_words(t), Role::kGradient) << "= 0";
    return {{line.done()}, "There is no state before the first: nothing to derive by"};
  }
  line << word("J" + step_words(t), Role::kGradient) << "=" << symbol("a", "1", Role::kText)
       << symbol("V", "1", Role::kOutput) << "+" << symbol("a", "1", Role::kText) << "("
       << symbol("v", "1", Role::kOutput) << "−" << at_step("h", t, Role::kOutput) << ")"
       << word("h" + step_words(t - 1) + "ᵀ", Role::kOutput) << "("
       << widgets::scripts(word("Q", Role::kInput), word("1"), word("T")) << symbol("K", "1", Role::kKernel)
       << "+" << widgets::scripts(word("K", Role::kKernel), word("1"), word("T"))
       << symbol("Q", "1", Role::kInput) << ")"
       << "=" << matrix_of(r.jacobian(t, 1), Role::kGradient);
  return {{line.done()},
          "By two ways: through the value, and through the weights that it shifts; a = " +
              core::shown(r.states.weights(t - 1, 1), 4)};
}

Equation jacobian_cell(const Result& r, Index t, Index i, Index j) {
  Line line;
  line << fraction(at_step("∂h", t, Role::kOutput, name(i)), at_step("∂h", t - 1, Role::kOutput, name(j)))
       << "=" << number(r.states.jacobian_previous(t - 1, i, j), Role::kGradient, 6);
  const Equation whole = jacobian(r, t);
  return {{line.done(), whole.lines.front()}, whole.words};
}

Equation term(const Result& r, Index t, Index i, std::optional<Index> row) {
  Line line;
  const Index later = t + i;
  const Tensor<double>& m = r.jacobian(later, i);
  line << word("(∂h" + step_words(later) + "/∂h" + step_words(t) + ")ᵀ", Role::kGradient)
       << at_step("δ", later, Role::kGradient) << "=";
  if (row) {
    for (Index k = 0; k < r.n(); ++k) {
      if (k > 0) line << "+";
      line << factor(m(k, *row), Role::kGradient) << "·"
           << factor(r.gradients.total(later - 1, k), Role::kGradient);
    }
    line << "=" << number(r.gradients.terms(t - 1, i - 1, *row), Role::kGradient, 6);
  } else {
    line << transposed_matrix_of(m, Role::kGradient) << upright(r.gradients.total, later - 1, Role::kGradient)
         << "=" << vector_of(r.gradients.terms, t, i - 1, Role::kGradient);
  }
  return {{line.done()},
          "h" + step_words(later) + " looked at h" + step_words(t) + " with a = " +
              core::shown(r.states.weights(later - 1, i), 4) + ": so much of its gradient comes back"};
}

Equation terms(const Result& r, Index t) {
  const Index readers = r.readers(t);
  Line line;
  line << word("later", Role::kGradient) << "=";
  if (readers == 0) {
    line << "0";
    return {{line.done()}, "Nobody reads h" + step_words(t) + ": nothing comes back"};
  }
  for (Index i = 1; i <= std::min(readers, kMostTerms); ++i) {
    if (i > 1) line << "+";
    line << vector_of(r.gradients.terms, t, i - 1, Role::kGradient);
  }
  if (readers > kMostTerms) line << "+ …";
  line << "=" << upright(r.gradients.carried, t - 1, Role::kGradient);
  const std::string last = std::to_string(t + readers);
  return {{line.done()},
          readers == 1 ? "One later state looked at h" + step_words(t) + ": one term"
                       : "A sum over the states " + std::to_string(t + 1) + " to " + last +
                             " that looked at h" + step_words(t) + ": one term is not enough"};
}

Equation total(const Result& r, Index t, std::optional<Index> row) {
  Line line, check;
  line << word("dL/dh" + step_words(t), Role::kGradient) << "=" << word("local") << "+" << word("later")
       << "=";
  if (!row) {
    line << upright(r.params.local, t - 1, Role::kGradient) << "+"
         << upright(r.gradients.carried, t - 1, Role::kGradient) << "="
         << upright(r.gradients.total, t - 1, Role::kGradient);
    return {{line.done()},
            "All that the loss owes to h" + step_words(t) + ": directly, and by every later state"};
  }
  line << number(r.params.local(t - 1, *row), Role::kGradient) << "+"
       << factor(r.gradients.carried(t - 1, *row), Role::kGradient) << "="
       << number(r.gradients.total(t - 1, *row), Role::kGradient, 6);
  check << word("check: nudge h" + step_words(t) + " by ±d, (L₊ − L₋) / 2d =", Role::kQuiet)
        << number(r.check(t - 1, *row), Role::kGradient, 6) << word(",  difference", Role::kQuiet)
        << number(r.error(t - 1, *row), Role::kQuiet, 2);
  return {{line.done(), check.done()},
          "Number " + name(*row) + " of the gradient, and what a nudge says of it"};
}

// h = c h' + (1 - c) u and its derivative, of the gated net on the same input.
Equation gated(const Result& r, const Spot& s) {
  const Index t = s.step - 1;
  const Math c = number(r.gated.gate(t, s.row));
  Line line;
  if (s.part == Part::kGatedJacobian) {
    line << fraction(at_step("∂h", s.step, Role::kKernel, name(s.row)),
                     at_step("∂h", t, Role::kKernel, name(s.column)))
         << "=" << number(r.value(s), Role::kKernel, 6) << word(",  gate c =", Role::kQuiet) << c;
    return {{line.done()}, "The gated net beside: its gradient comes back from step to step only"};
  }
  line << at_step("h", s.step, Role::kKernel, name(s.row)) << "=" << c << "·"
       << factor(t == 0 ? 0 : r.gated.h(t - 1, s.row), Role::kKernel) << "+ (1 −" << c << ") ·"
       << factor(r.gated.candidate(t, s.row), Role::kKernel) << "=" << number(r.value(s), Role::kKernel, 6);
  return {{line.done()}, "The gated net on the same input: its last state and what the input offers, mixed"};
}

Equation plain(const Result& r, const Spot& s) {
  Line line;
  const bool input = s.part == Part::kInput;
  line << (input ? at_step("x", s.step, Role::kInput, name(s.row))
                 : symbol("∂L/∂h" + step_words(s.step), name(s.row), Role::kGradient))
       << "=" << number(r.value(s), input ? Role::kInput : Role::kGradient, 6);
  return {{line.done()},
          input ? "Step " + std::to_string(s.step) + " weighs its own input as source 0. Drag to change it"
                : "What the loss itself says of this state: you choose it. Drag to change it"};
}

Equation of_spot(const Result& r, const Spot& s) {
  switch (s.part) {
    case Part::kState:
      return mix(r, s.step, s.row);
    case Part::kJacobian:
      return r.sources(s.step) < 2 ? jacobian(r, s.step) : jacobian_cell(r, s.step, s.row, s.column);
    case Part::kWeight:
      return weights(r, s.step, s.source);
    case Part::kScore:
      return score(r, s.step, s.source);
    case Part::kValue:
      return value(r, s.step, s.source, s.row);
    case Part::kTerm:
      return term(r, s.step, s.source, s.row);
    case Part::kCarried:
      return terms(r, s.step);
    case Part::kTotal:
      return total(r, s.step, s.row);
    case Part::kGatedState:
    case Part::kGatedJacobian:
      return gated(r, s);
    case Part::kInput:
    case Part::kLocal:
      break;
  }
  return plain(r, s);
}

}  // namespace

Equation AttentionRnn::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  if (f.spot) return of_spot(r, *f.spot);
  switch (f.phase) {
    case Phase::kScores:
      return scores(r, f.step);
    case Phase::kWeights:
      return weights(r, f.step, {});
    case Phase::kMix:
      return mix(r, f.step, {});
    case Phase::kJacobian:
      return jacobian(r, f.step);
    case Phase::kTerms:
      return r.readers(f.step) == 1 ? term(r, f.step, 1, {}) : terms(r, f.step);
    case Phase::kSum:
      break;
  }
  return total(r, f.step, {});
}

lessons::Symbols AttentionRnn::numbers(const Result& r, const View&) {
  using lessons::number;
  const auto lengths = [](const std::vector<double>& v) { return Tensor<double>({std::ssize(v)}, v); };
  const bool all = r.params.memory == Memory::kAll;
  return {{"x", r.params.input},
          {"Q", r.weights.query},
          {"K", r.weights.key},
          {"V", r.weights.value},
          {"scores", r.states.scores},
          {"weights", r.states.weights},
          {"v", r.states.values},
          {"h", r.states.h},
          {"J", r.states.jacobian_previous},
          {"local", r.params.local},
          {"terms", r.gradients.terms},
          {"carried", r.gradients.carried},
          {"delta", r.gradients.total},
          {"shares", r.shares},
          {"reach", lengths(r.reach)},
          {"gated_reach", lengths(r.gated_reach)},
          {"all_of_the_past", number(all)},
          {"memory", number(static_cast<double>(all ? r.steps() : r.params.k))},
          {"steps", number(static_cast<double>(r.steps()))},
          {"n", number(static_cast<double>(r.n()))},
          {"backward", number(!r.forward())}};
}

}  // namespace vitrine::labs
