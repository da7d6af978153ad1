// The equations of "Why divide by √d": the moments that are expected and those that came, or what a softmax
// makes of one row or of one d.
#include "app/labs/formula.h"
#include "app/labs/scaling/lab.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Equation;
using widgets::factor;
using widgets::fraction;
using widgets::Math;
using widgets::number;
using widgets::Role;

namespace {

using Focus = Scaling::Focus;
using Result = Scaling::Result;
using Shown = Scaling::Shown;
using Side = Scaling::Side;

Math say(std::string words) { return widgets::word(std::move(words)); }
Math whole(Index n) { return say(core::grouped(n)); }
Math power(Math base, const std::string& exponent) {
  return widgets::scripts(std::move(base), Math{}, say(exponent));
}
Math root_of(Index d) { return widgets::root(whole(d)); }

Equation moments(const Result& r, const Focus& f) {
  const auto& p = r.params;
  const sequence::Moments& raw = r.raw.moments[static_cast<std::size_t>(f.step)];
  const sequence::Moments& scaled = r.scaled.moments[static_cast<std::size_t>(f.step)];
  Equation e;
  e.words = core::grouped(r.count(f.step)) + " products: mean " + core::shown(raw.mean, 3) + ", variance " +
            core::shown(raw.variance, 4) + ", scaled " + core::shown(scaled.variance, 3);
  e.lines.push_back(
      widgets::row({say("E[q·k] = d μ²"), say("="), whole(p.dim), say("·"), power(factor(p.mean), "2"),
                    say("="), grouped_number(r.raw.expected.mean, Role::kKernel), say(",   Var[q·k / √d]"),
                    say("="), fraction(grouped_number(r.raw.expected.variance, Role::kKernel), whole(p.dim)),
                    say("="), number(r.scaled.expected.variance, Role::kOutput)}));
  e.lines.push_back(widgets::row({say("Var[q·k] = d σ⁴ + 2 d σ² μ²"), say("="), whole(p.dim), say("·"),
                                  power(factor(p.std), "4"), say("+"), say("2"), say("·"), whole(p.dim),
                                  say("·"), power(factor(p.std), "2"), say("·"), power(factor(p.mean), "2"),
                                  say("="), grouped_number(r.raw.expected.variance, Role::kKernel)}));
  return e;
}

// A bar of both histograms: the same samples.
Equation bar(const Result& r, const Focus& f) {
  const Index bar = *f.bar, samples = r.count(f.step);
  const auto step = static_cast<std::size_t>(f.step), at = static_cast<std::size_t>(bar);
  const Index inside = r.raw.counts[step][bar];
  const auto line = [&](const Side& side, Role role, Math name) {
    std::vector<Math> parts{number(side.bar_low(bar), Role::kText, 3),
                            say(" ≤ "),
                            std::move(name),
                            say(" < "),
                            number(side.bar_low(bar + 1), Role::kText, 3),
                            say(":  "),
                            fraction(whole(side.counts[step][bar]), whole(samples)),
                            say("="),
                            number(side.shares[step][at], role, 3)};
    if (!side.expected_shares.empty()) {
      parts.push_back(say(",  by the normal curve "));
      parts.push_back(number(side.expected_shares[at], role, 3));
    }
    return widgets::row(std::move(parts));
  };
  return {{line(r.raw, Role::kKernel, say("q·k")),
           line(r.scaled, Role::kOutput, fraction(say("q·k"), root_of(r.params.dim)))},
          "Bar " + std::to_string(bar + 1) + " of " + std::to_string(Scaling::kBins) + ": the same " +
              core::grouped(inside) + " samples, with and without the division"};
}

// What a softmax makes of one key's score in the row of this step.
Equation weight(const Result& r, const Focus& f) {
  const Index key = *f.key;
  const std::string index = std::to_string(key + 1);
  const auto line = [&](const Side& side, Role role, Math score) {
    return widgets::row(
        {widgets::symbol("s", index, Role::kText), say("="), std::move(score), say("="),
         number(side.scores(f.step, key)), say(",   "), widgets::symbol("α", index, role), say("="),
         fraction(widgets::row({say("exp("), number(side.scores(f.step, key)), say(")")}),
                  widgets::row({say("Σ exp("), widgets::symbol("s", "j", Role::kText), say(")")})),
         say("="), number(side.weights(f.step, key), role)});
  };
  return {{line(r.raw, Role::kKernel, say("q·k")),
           line(r.scaled, Role::kOutput, fraction(say("q·k"), root_of(r.params.dim)))},
          "Key " + index + " of query " + std::to_string(f.step + 1) +
              ": the same product, with and without the division"};
}

// The means over many queries at one d.
Equation point(const Result& r, const Focus& f) {
  const auto at = static_cast<std::size_t>(*f.point);
  const auto line = [&](const Side& side, Role role, const std::string& name) {
    const sequence::LargestWeight& m = side.largest[at];
    return widgets::row({say(name + " "), widgets::word("α", role), say("="), number(m.weight.mean, role, 3),
                         say(" ± "), number(m.weight.error, Role::kQuiet, 1), say(",   α (1 − α)"), say("="),
                         number(m.slope.mean, role, 3), say(" ± "), number(m.slope.error, Role::kQuiet, 1)});
  };
  return {{line(r.raw, Role::kKernel, "q·k:"), line(r.scaled, Role::kOutput, "q·k / √d:")},
          "d = " + core::grouped(r.dims[at]) + ": the largest of " + std::to_string(r.params.keys) +
              " weights and the gradient through it, means of " + std::to_string(Scaling::kTrials) +
              " queries"};
}

}  // namespace

Equation Scaling::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  if (f.bar) return bar(r, f);
  return f.key ? weight(r, f) : f.point ? point(r, f) : moments(r, f);
}

lessons::Symbols Scaling::numbers(const Result& r, const View& view) {
  using lessons::number;
  const Params& p = r.params;
  const auto step = static_cast<std::size_t>(focus(r, view, true).step);
  lessons::Symbols all{{"mu", number(p.mean)},
                       {"deviation", number(p.std)},
                       {"d", number(static_cast<double>(p.dim))},
                       {"keys", number(static_cast<double>(p.keys))},
                       {"samples", number(static_cast<double>(r.count(static_cast<Index>(step))))},
                       {"shown", number(static_cast<double>(p.shown))}};
  const auto add = [&](const std::string& name, const Side& side) {
    const double* row = &side.weights(static_cast<Index>(step), 0);
    const Tensor<double> weights({p.keys}, std::span<const double>(row, static_cast<std::size_t>(p.keys)));
    all.insert({{name + "_mean", number(side.moments[step].mean)},
                {name + "_variance", number(side.moments[step].variance)},
                {name + "_expected_mean", number(side.expected.mean)},
                {name + "_expected_variance", number(side.expected.variance)},
                {name + "_weights", weights},
                {name + "_largest", number(weights[side.heaviest[step]])}});
  };
  add("raw", r.raw);
  add("scaled", r.scaled);
  return all;
}

}  // namespace vitrine::labs
