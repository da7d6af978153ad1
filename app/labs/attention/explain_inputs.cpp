// The equations around the steps of "Attention by hand": where Q, K and V come from, and the softmax's
// slopes.
//   q = W_q h,  k = W_k m,  v = W_v m;   d a[i] / d e[j] = beta (a[i] [i = j] - a[i] a[j])
#include "app/labs/attention/formula.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Equation;
using widgets::factor;
using widgets::Math;
using widgets::number;
using widgets::Role;
using namespace formula;
using formula::Line;

using Focus = Attention::Focus;
using Phase = Attention::Phase;
using Result = Attention::Result;

namespace {

// W_q, W_k or W_v
Math weights_of(const char* of) { return widgets::symbol("W", of, Role::kKernel); }

}  // namespace

// How a token becomes a query, a key or a value: q_t = W_q h_t.
Equation explain_making(const Result& r, const Focus& f) {
  const bool query = f.phase == Phase::kMakeQuery, key = f.phase == Phase::kMakeKey,
             cross = r.params.source == Attention::Source::kCross;
  const char* letter = query ? "q" : key ? "k" : "v";
  const char* token = cross && !query ? "m" : "h";
  const Role role = query ? Role::kInput : key ? Role::kKernel : Role::kOutput;
  const Tensor<double>&from = query ? r.params.hidden : r.memory(),
        &weights = query ? r.params.w_query
                   : key ? r.params.w_key
                         : r.params.w_value,
        &made = query ? r.query
                : key ? r.key
                      : r.value;
  const auto at = query ? f.query : f.key;
  const std::string what = query ? "query" : key ? "key" : "value";
  Line symbols, numbers;
  if (at && f.component) {
    const Index t = *at, i = *f.component;
    symbols << widgets::symbol(letter, name(t, i), role) << "=";
    numbers << widgets::symbol(letter, name(t, i), role) << "=";
    for (Index j = 0; j < from.size(1); ++j) {
      if (j > 0) symbols << "+", numbers << "+";
      symbols << widgets::symbol("w", name(i, j), Role::kKernel) << "·"
              << widgets::symbol(token, name(t, j), Role::kInput);
      numbers << factor(weights(i, j), Role::kKernel) << "·" << factor(from(t, j), Role::kInput);
    }
    numbers << "=" << number(made(t, i), role);
    return {{symbols.done(), numbers.done()},
            "Component " + name(i) + " of " + what + " " + name(t) + ": row " + name(i) +
                " of the weights times the token"};
  }
  if (at) {
    const Index t = *at;
    symbols << widgets::symbol(letter, name(t), role) << "=" << weights_of(letter)
            << widgets::symbol(token, name(t), Role::kInput) << "=";
    if (short_enough(weights)) symbols << all_of(weights, Role::kKernel) << "·";
    symbols << row_of(from, t, Role::kInput) << "=" << row_of(made, t, role);
    return {{symbols.done()},
            "Token " + name(t) + " becomes " + what + " " + name(t) +
                "; the weights are the same for every token"};
  }
  if (f.component) {
    const Index i = *f.component;
    symbols << widgets::symbol("w", name(i), Role::kKernel) << "=" << row_of(weights, i, Role::kKernel);
    return {{symbols.done()}, "These weights make component " + name(i) + " of every " + what};
  }
  symbols << widgets::word(query ? "Q"
                           : key ? "K"
                                 : "V",
                           role)
          << "=" << widgets::word(cross && !query ? "M" : "H", Role::kInput)
          << widgets::scripts(widgets::word("W", Role::kKernel), widgets::word(letter, Role::kKernel),
                              widgets::word("ᵀ", Role::kKernel));
  if (short_enough(from) && short_enough(weights))
    symbols << "=" << all_of(from, Role::kInput) << all_of(weights, Role::kKernel, true) << "="
            << all_of(made, role);
  return {{symbols.done()}, "Every token through the same weights: one product of matrices"};
}

// A cell of the softmax's Jacobian.
Equation explain_slope(const Result& r, const Focus& f) {
  const Index t = f.row, i = f.slope->row, j = f.slope->column;
  const auto gradient = [&] {
    return widgets::row(
        {widgets::fraction(widgets::row({widgets::word("∂", Role::kGradient), plain("α", name(t, i))}),
                           widgets::row({widgets::word("∂", Role::kGradient), plain("e", name(t, j))}))});
  };
  const double weight = r.softmaxed(t, i), other = r.softmaxed(t, j),
               value = r.jacobians[static_cast<std::size_t>(t)](i, j);
  std::string check;
  if (static_cast<std::size_t>(t) < r.checks.size())
    check = ". Finite difference: " + core::shown(r.checks[static_cast<std::size_t>(t)](i, j), 6);
  Line symbols, numbers;
  symbols << gradient() << "=";
  numbers << gradient() << "=";
  if (i == j) {
    symbols << "β"
            << "·" << plain("α", name(t, i)) << "·"
            << "(1 −" << plain("α", name(t, i)) << ")";
    numbers << number(r.beta) << "·" << number(weight) << "·"
            << "(1 −" << number(weight) << ")"
            << "=" << number(value, Role::kGradient);
    return {{symbols.done(), numbers.done()},
            "How weight " + name(i) + " answers when its own score rises a little" + check};
  }
  symbols << "− β"
          << "·" << plain("α", name(t, i)) << "·" << plain("α", name(t, j));
  numbers << "−" << number(r.beta) << "·" << number(weight) << "·" << number(other) << "="
          << number(value, Role::kGradient);
  return {{symbols.done(), numbers.done()},
          "What weight " + name(i) + " loses when the score of key " + name(j) + " rises a little" + check};
}

}  // namespace vitrine::labs
