// The equations of "Attention by hand": what is lit, with its real numbers.
//   e = q . k,  s = beta e (minus infinity where masked),  x = exp(s - max s),  a = x / sum x,  y = sum a v
#include <algorithm>
#include <cmath>

#include "app/labs/attention/formula.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Equation;
using widgets::factor;
using widgets::Math;
using widgets::number;
using widgets::Role;

using namespace formula;
using formula::Line;

namespace {

using Focus = Attention::Focus;
using Phase = Attention::Phase;
using Result = Attention::Result;

// The scaled and masked scores' greatest, which is subtracted before exp.
double largest_score(const Result& r, Index t) {
  const double* row = &r.attention.masked(t, 0);
  return *std::max_element(row, row + r.keys());
}

Index heaviest(const Result& r, Index t) {
  const double* row = &r.attention.weights(t, 0);
  return std::max_element(row, row + r.keys()) - row;
}

Index visible_keys(const Result& r, Index t) {
  const std::uint8_t* row = &r.mask(t, 0);
  return r.keys() - std::count(row, row + r.keys(), std::uint8_t{0});
}

// What a softmax becomes at its limits; empty in between.
std::string limit_words(const Result& r, Index t) {
  if (r.params.masks_late()) return "";
  const double* row = &r.attention.weights(t, 0);
  const Index visible = visible_keys(r, t), best = heaviest(r, t);
  if (std::any_of(row, row + r.keys(), [](double w) { return std::isnan(w); }))
    return "Query " + name(t) + " sees a number that is not finite: its weights become NaN";
  if (visible == 1)
    return "Query " + name(t) + " may see only key " + name(best) +
           ": its weight is 1, the output is value " + name(best);
  if (r.beta == 0)
    return "β = 0: all " + std::to_string(visible) + " keys weigh the same, the output is the values' mean";
  if (const Index winners = r.keys() - std::count(row, row + r.keys(), 0.0);
      std::isinf(r.beta) && winners > 1)
    return "β = ∞: " + std::to_string(winners) + " keys tie for the best and share the weight equally";
  if (row[best] > 0.999)
    return "Key " + name(best) + (row[best] == 1 ? " takes everything" : " takes nearly everything") +
           ": a choice, no longer a mix";
  return "";
}

Equation score(const Result& r, const Focus& f) {
  const Index d = r.depth();
  if (f.query && f.key) {
    const Index t = *f.query, s = *f.key;
    Line symbols, numbers;
    symbols << plain("e", name(t, s)) << "=" << q(name(t)) << "·" << k(name(s)) << "=";
    numbers << plain("e", name(t, s)) << "=";
    for (Index i = 0; i < d; ++i) {
      if (i > 0) symbols << "+", numbers << "+";
      symbols << q(name(t, i)) << "·" << k(name(s, i));
      numbers << factor(r.query(t, i), Role::kInput) << "·" << factor(r.key(s, i), Role::kKernel);
    }
    numbers << "=" << number(r.attention.dots(t, s));
    return {{symbols.done(), numbers.done()},
            "The score of query " + name(t) + " and key " + name(s) + ": how well they match"};
  }
  if (f.query) {
    const Index t = *f.query;
    Line query, scores;
    query << q(name(t)) << "=" << row_of(r.query, t, Role::kInput);
    scores << plain("e", name(t)) << "=" << q(name(t)) << widgets::word("Kᵀ", Role::kKernel) << "="
           << row_of(r.attention.dots, t);
    return {{query.done(), scores.done()},
            "Query " + name(t) + " is compared with every key: row " + name(t) + " of all that follows"};
  }
  if (f.key) {
    const Index s = *f.key;
    Line key, value;
    key << k(name(s)) << "=" << row_of(r.key, s, Role::kKernel);
    value << v(name(s)) << "=" << row_of(r.value, s, Role::kOutput);
    return {
        {key.done(), value.done()},
        "Every query meets key " + name(s) + ": column " + name(s) + " of the scores, and value " + name(s)};
  }
  Line line;
  line << "E"
       << "=" << widgets::word("Q", Role::kInput) << widgets::word("Kᵀ", Role::kKernel);
  if (short_enough(r.query) && short_enough(r.key))
    line << "=" << all_of(r.query, Role::kInput) << all_of(r.key, Role::kKernel, true) << "="
         << all_of(r.attention.dots);
  return {{line.done()}, "All scores at once are one product of matrices"};
}

// "β = 1/√3 = 0.5774 ·" without the name
Math scale_factor(const Result& r) {
  if (r.params.scale == Attention::Scale::kRsqrt)
    return widgets::fraction(say("1"), widgets::root(number(static_cast<double>(r.depth()))));
  return number(r.beta);
}

// At infinity what is left of the scores are their distances from the row's best, 0 or endless.
Equation hard_scale(const Result& r, const Focus& f) {
  Line line;
  if (f.query) {
    const std::string t = name(*f.query), at = f.key ? name(*f.query, *f.key) : t;
    line << plain("s", at) << "="
         << "∞"
         << "·"
         << "(" << plain("e", at) << "−"
         << "max " << plain("e", t) << ")"
         << "=";
    if (f.key)
      line << number(r.attention.scores(*f.query, *f.key));
    else
      line << row_of(r.attention.scores, *f.query);
  } else {
    line << "S"
         << "="
         << "∞ · (E − row max)";
    if (short_enough(r.attention.scores)) line << "=" << all_of(r.attention.scores);
  }
  return {{line.done()}, Attention::beta_words(r.beta, r.depth())};
}

Equation scale(const Result& r, const Focus& f) {
  if (std::isinf(r.beta)) return hard_scale(r, f);
  Line line;
  if (f.query && f.key) {
    const std::string at = name(*f.query, *f.key);
    line << plain("s", at) << "="
         << "β"
         << "·" << plain("e", at) << "=" << scale_factor(r) << "·"
         << factor(r.attention.dots(*f.query, *f.key)) << "=" << number(r.attention.scores(*f.query, *f.key));
  } else if (f.query) {
    line << plain("s", name(*f.query)) << "="
         << "β"
         << "·" << plain("e", name(*f.query)) << "=" << scale_factor(r) << "·"
         << row_of(r.attention.dots, *f.query) << "=" << row_of(r.attention.scores, *f.query);
  } else {
    line << "S"
         << "="
         << "β"
         << "E"
         << "=" << scale_factor(r) << "·"
         << "E";
    if (short_enough(r.attention.scores)) line << "=" << all_of(r.attention.scores);
  }
  return {{line.done()}, Attention::beta_words(r.beta, r.depth())};
}

// The keys that a query may not see: "1, 3"
std::string hidden_from(const Result& r, Index t) {
  std::string hidden;
  for (Index s = 0; s < r.keys(); ++s)
    if (!r.may_see(t, s)) hidden += (hidden.empty() ? "" : ", ") + name(s);
  return hidden;
}

Equation late_mask(const Result& r, const Focus& f) {
  Line line;
  if (!f.query) {
    line << plain("α", "") << "→";
    if (short_enough(r.attention.weights)) line << all_of(r.softmaxed) << "→" << all_of(r.attention.weights);
    return {{line.done()}, "Wrong: weights set to 0 after the softmax, so rows no longer sum to 1"};
  }
  const Index t = *f.query;
  line << plain("α", name(t)) << "=" << row_of(r.softmaxed, t) << "→" << row_of(r.attention.weights, t)
       << ",  Σ"
       << "=" << number(r.late.sums[t], Role::kTrouble, 6);
  if (visible_keys(r, t) == r.keys())
    return {{line.done()}, "Query " + name(t) + " may see every key: nothing is thrown away"};
  return {{line.done()}, "Wrong: key " + hidden_from(r, t) + " took its share and it is thrown away"};
}

Equation mask(const Result& r, const Focus& f) {
  if (r.params.masks_late()) return late_mask(r, f);
  Line line;
  if (!f.query) {
    line << "S";
    if (short_enough(r.attention.masked)) line << "=" << all_of(r.attention.masked);
    return {{line.done()}, "Hidden scores become −∞ before the softmax: exp(−∞) is exactly 0"};
  }
  const Index t = *f.query;
  line << plain("s", name(t)) << "=" << row_of(r.attention.scores, t) << "→" << row_of(r.attention.masked, t);
  const Index visible = visible_keys(r, t);
  if (visible == r.keys())
    return {{line.done()}, "Query " + name(t) + " may see every key: nothing is hidden"};
  return {{line.done()},
          "Hidden from query " + name(t) + ": key " + hidden_from(r, t) + ". exp(−∞) is exactly 0"};
}

Equation exponentials(const Result& r, const Focus& f) {
  const std::string words = "Minus the row's largest: ratios stay, and nothing can overflow";
  Line line, sum;
  if (!f.query) {
    line << "X"
         << "="
         << "exp(S − row max)";
    if (short_enough(r.attention.exps)) line << "=" << all_of(r.attention.exps);
    return {{line.done()}, words};
  }
  const Index t = *f.query;
  const Math largest = factor(largest_score(r, t));
  if (f.key) {
    const std::string at = name(t, *f.key);
    line << plain("x", at) << "="
         << "exp(" << plain("s", at) << "−"
         << "max " << plain("s", name(t)) << ")"
         << "="
         << "exp(" << number(r.attention.masked(t, *f.key)) << "−" << largest << ")"
         << "=" << number(r.attention.exps(t, *f.key));
    return {{line.done()}, words};
  }
  line << plain("x", name(t)) << "="
       << "exp(" << plain("s", name(t)) << "−"
       << "max " << plain("s", name(t)) << ")"
       << "="
       << "exp(" << row_of(r.attention.masked, t) << "−" << largest << ")";
  sum << plain("x", name(t)) << "=" << row_of(r.attention.exps, t) << ",  Σ"
      << "=" << number(r.attention.sums[t]);
  return {{line.done(), sum.done()}, words};
}

Equation normalise(const Result& r, const Focus& f) {
  Line fraction, weights;
  if (!f.query) {
    weights << "α"
            << "="
            << "softmax(S)";
    if (short_enough(r.softmaxed)) weights << "=" << all_of(r.softmaxed);
    return {{weights.done()}, "Every row divided by its sum: the weights of a query sum to 1"};
  }
  const Index t = *f.query, s = f.key.value_or(heaviest(r, t));
  const auto exp_of = [](Math inside) { return widgets::row({say("exp("), std::move(inside), say(")")}); };
  Line terms;
  for (Index j = 0; j < r.keys(); ++j) {
    if (j > 0) terms << "+";
    terms << exp_of(number(r.attention.masked(t, j)));
  }
  fraction << plain("α", name(t, s)) << "="
           << widgets::fraction(exp_of(number(r.attention.masked(t, s))), terms.done()) << "="
           << widgets::fraction(number(r.attention.exps(t, s)), number(r.attention.sums[t])) << "="
           << number(r.softmaxed(t, s));
  weights << plain("α", name(t)) << "=" << row_of(r.softmaxed, t);
  std::string words = limit_words(r, t);
  if (words.empty())
    words = "Query " + name(t) + ": weights sum to 1, entropy " + core::shown(r.attention.entropy[t], 4) +
            (r.params.masks_late() ? " nats, before the mask"
                                   : " of ln " + std::to_string(visible_keys(r, t)) + " = " +
                                         core::shown(r.entropy_limits[t], 4) + " nats");
  return {{fraction.done(), weights.done()}, std::move(words)};
}

Equation mix(const Result& r, const Focus& f) {
  if (!f.query && f.key) {
    Line value;
    value << v(name(*f.key)) << "=" << row_of(r.value, *f.key, Role::kOutput);
    std::vector<Math> symbols, numbers;
    for (Index t = 0; t < r.queries(); ++t) {
      symbols.push_back(plain("α", name(t, *f.key)));
      numbers.push_back(number(r.attention.weights(t, *f.key)));
    }
    const int columns = static_cast<int>(r.queries());
    Line weights;
    weights << widgets::matrix(columns, std::move(symbols)) << "="
            << widgets::matrix(columns, std::move(numbers));
    return {{value.done(), weights.done()},
            "Value " + name(*f.key) + " goes into every output with the weights in column " + name(*f.key)};
  }
  if (!f.query) {
    Line line;
    line << widgets::word("Y", Role::kOutput) << "="
         << "α" << widgets::word("V", Role::kOutput);
    if (short_enough(r.attention.weights) && short_enough(r.value))
      line << "=" << all_of(r.attention.weights) << all_of(r.value, Role::kOutput) << "="
           << all_of(r.attention.output, Role::kOutput);
    return {{line.done()}, "All outputs at once are one product of matrices"};
  }
  const Index t = *f.query;
  Line symbols, numbers;
  const std::string at = f.component ? name(t, *f.component) : name(t);
  symbols << y(at) << "=";
  numbers << y(at) << "=";
  for (Index s = 0; s < r.keys(); ++s) {
    if (s > 0) symbols << "+", numbers << "+";
    symbols << plain("α", name(t, s)) << "·" << v(f.component ? name(s, *f.component) : name(s));
    numbers << number(r.attention.weights(t, s)) << "·";
    if (f.component)
      numbers << factor(r.value(s, *f.component), Role::kOutput);
    else
      numbers << row_of(r.value, s, Role::kOutput);
  }
  numbers << "=";
  if (f.component)
    numbers << number(r.attention.output(t, *f.component), Role::kOutput, 6);
  else
    numbers << row_of(r.attention.output, t, Role::kOutput);
  const std::string limit = limit_words(r, t);
  if (r.params.masks_late() && visible_keys(r, t) < r.keys())
    return {
        {symbols.done(), numbers.done()},
        "Wrong: row " + name(t) + " of the weights sums to " + core::shown(r.late.sums[t], 6) + ", not to 1"};
  return {{symbols.done(), numbers.done()},
          !limit.empty()
              ? limit
              : "Output " + name(t) + " is the mean of the values, weighted by row " + name(t) + " of α"};
}

}  // namespace

Equation Attention::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  if (f.slope) return explain_slope(r, f);
  switch (f.phase) {
    case Phase::kMakeQuery:
    case Phase::kMakeKey:
    case Phase::kMakeValue:
      return explain_making(r, f);
    case Phase::kScore:
      return score(r, f);
    case Phase::kScale:
      return scale(r, f);
    case Phase::kMask:
      return mask(r, f);
    case Phase::kExp:
      return exponentials(r, f);
    case Phase::kNormalise:
      return normalise(r, f);
    case Phase::kMix:
      break;
  }
  return mix(r, f);
}

lessons::Symbols Attention::numbers(const Result& r, const View& view) {
  using lessons::number;
  const Params& p = r.params;
  lessons::Symbols all{{"Q", r.query},
                       {"K", r.key},
                       {"V", r.value},
                       {"dots", r.attention.dots},
                       {"scores", r.attention.scores},
                       {"masked", r.attention.masked},
                       {"exps", r.attention.exps},
                       {"weights", r.attention.weights},
                       {"row_sums", p.masks_late() ? r.late.sums : r.right_sums},
                       {"output", r.attention.output},
                       {"entropy", r.attention.entropy},
                       {"mask", r.mask.cast<double>()},
                       {"beta", number(r.beta)},
                       {"d", number(static_cast<double>(r.depth()))},
                       {"queries", number(static_cast<double>(r.queries()))},
                       {"keys", number(static_cast<double>(r.keys()))},
                       {"causal", number(p.masking == Masking::kCausal)},
                       {"masks_late", number(p.masks_late())},
                       {"nudged_key", number(static_cast<double>(p.nudged_key + 1))},
                       {"nudge", number(p.nudge)},
                       {"cost_tokens", number(static_cast<double>(p.cost_tokens))},
                       {"cost_dim", number(static_cast<double>(p.cost_dim))},
                       {"projections", number(static_cast<double>(r.cost.projections))},
                       {"mixing", number(static_cast<double>(r.cost.mixing))},
                       {"exhibit", number(static_cast<double>(view.exhibit))},
                       {"query", number(static_cast<double>(focus(r, view, true).row + 1))}};
  if (p.made()) all.insert({{"H", p.hidden}, {"M", r.memory()}});
  return all;
}

}  // namespace vitrine::labs
