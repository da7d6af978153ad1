// The formula of the probe's answer, with its numbers: softmax, loss, the lit patch's attention, and what the
// last edit has done.
#include <algorithm>
#include <cmath>

#include "app/labs/formula.h"
#include "app/labs/probe/lab.h"
#include "app/labs/training/run_numbers.h"
#include "engine/nn/vit.h"

namespace vitrine::labs {

using core::Index;
using widgets::Math;
using widgets::Role;

namespace {

std::string percent(double share) { return core::shown(std::round(1000 * share) / 10, 3) + " %"; }

// p[v] = exp(z[v]) / sum_w exp(z[w]), the sum as one power of e
Math softmax_line(const Looked& looked, Index target) {
  const auto& inside = looked.inside;
  const auto at = static_cast<std::size_t>(target);
  const auto z = static_cast<double>(inside.logits[at]), p = static_cast<double>(inside.probabilities[at]);
  const std::string name = class_name(looked, target);
  const auto power = [](Math exponent) {
    return widgets::scripts(widgets::word("e"), widgets::word(""), std::move(exponent));
  };
  const double most = *std::max_element(inside.logits.begin(), inside.logits.end());
  double sum = 0;
  for (const float logit : inside.logits) sum += std::exp(static_cast<double>(logit) - most);
  Line line;
  line << widgets::symbol("p", name, Role::kOutput) << "=" << power(widgets::symbol("z", name, Role::kOutput))
       << "/ ∑" << power(widgets::symbol("z", "v", Role::kOutput)) << "="
       << power(widgets::number(z, Role::kOutput, 3)) << "/"
       << power(widgets::number(most + std::log(sum), Role::kOutput, 3)) << "="
       << widgets::number(p, Role::kOutput, 4);
  if (looked.label >= 0)
    line << widgets::word("      loss", Role::kText) << "= − ln" << widgets::symbol("p", name, Role::kOutput)
         << "=" << widgets::number(inside.loss, Role::kOutput, 4);
  return line.done();
}

}  // namespace

widgets::Equation ProbeLab::explain() const {
  if (!aside_) return {{}, nothing_words()};
  const Looked& looked = *aside_->looked;
  const Index target = aside_->target();
  widgets::Equation e;
  const double best = looked.inside.probabilities[static_cast<std::size_t>(aside_->guess())];
  const std::string when = looked.opened ? "It" : "After " + core::grouped(looked.step) + " updates it";
  e.words = when + " is taken for " + class_name(looked, aside_->guess()) + " with " + percent(best);
  if (aside_->edit) {
    const auto at = static_cast<std::size_t>(target);
    const double was = aside_->edit->probabilities[at], is = looked.inside.probabilities[at];
    e.words += "; the last edit took p of " + class_name(looked, target) + " from " + percent(was) + " to " +
               percent(is);
  }
  e.words += ".";
  e.lines.push_back(softmax_line(looked, target));
  if (!aside_->has_tokens()) return e;

  const auto& vit = dynamic_cast<const nn::Vit<float>&>(*looked.model);
  const auto [layer, head] = view_.head;
  const Index query = token();
  const auto scores = train::attention_scores(vit, *looked.weights, looked.inside, layer, head, query);
  const float* row = &looked.inside.attention(layer, head, query, 0);
  const Index key = std::max_element(row, row + aside_->grid.tokens()) - row;
  Line line;
  line << widgets::symbol("α", token_name(aside_->grid, query) + ", " + token_name(aside_->grid, key),
                          Role::kFocus)
       << "= softmax (";
  line << widgets::fraction(widgets::row({widgets::word("q", Role::kInput), widgets::word("·"),
                                          widgets::word("k", Role::kKernel)}),
                            widgets::root(widgets::scripts(widgets::word("D"), widgets::word("h"))))
       << "=" << widgets::number(scores[static_cast<std::size_t>(key)], Role::kText, 3)
       << ") =" << widgets::number(row[key], Role::kFocus, 3)
       << widgets::word("  the largest of its row", Role::kQuiet);
  e.lines.push_back(line.done());
  return e;
}

lessons::Symbols ProbeLab::numbers(core::Index) const {
  lessons::Symbols all = bench().shows_opened() ? lessons::Symbols() : run_numbers(bench());
  if (!aside_ || (all.empty() && !aside_->looked->opened)) return all;
  all.merge(look_numbers(*aside_->looked));
  all.insert({{"drawn", lessons::number(!bench().params().probe.own.empty())},
              {"light", lessons::number(static_cast<double>(view_.light))}});
  if (!aside_->has_tokens()) return all;
  all.insert({{"layer", lessons::number(static_cast<double>(view_.head.layer + 1))},
              {"head", lessons::number(static_cast<double>(view_.head.head + 1))},
              {"token", lessons::number(static_cast<double>(token() + 1))}});
  return all;
}

}  // namespace vitrine::labs
