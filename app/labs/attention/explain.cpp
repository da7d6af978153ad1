// The equations of "Attention by hand": what is lit, with its real numbers.
//   e = q . k,  s = beta e (minus infinity where masked),  x = exp(s - max s),  a = x / sum x,  y = sum a v
#include <algorithm>
#include <cmath>

#include "app/labs/attention/lab.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Equation;
using widgets::factor;
using widgets::Math;
using widgets::number;
using widgets::Role;

namespace {

using Focus = Attention::Focus;
using Phase = Attention::Phase;
using Result = Attention::Result;

constexpr Index kLargestMatrix = 4;  // that is written out with all its numbers

std::string name(Index i) { return std::to_string(i + 1); }
std::string name(Index i, Index j) { return name(i) + name(j); }
Math say(std::string_view words) { return widgets::word(std::string(words)); }
Math q(std::string index) { return widgets::symbol("q", std::move(index), Role::kInput); }
Math k(std::string index) { return widgets::symbol("k", std::move(index), Role::kKernel); }
Math v(std::string index) { return widgets::symbol("v", std::move(index), Role::kOutput); }
Math y(std::string index) { return widgets::symbol("y", std::move(index), Role::kOutput); }
Math plain(const char* letter, std::string index) {
  return widgets::symbol(letter, std::move(index), Role::kText);
}

// A line that is put together term by term.
struct Line {
  std::vector<Math> parts;
  Line& operator<<(Math m) {
    parts.push_back(std::move(m));
    return *this;
  }
  Line& operator<<(std::string_view words) { return *this << say(words); }
  Math done() { return widgets::row(std::move(parts)); }
};

Math row_of(const Tensor<double>& m, Index row, Role role = Role::kText) {
  std::vector<Math> cells;
  for (Index j = 0; j < m.size(1); ++j) cells.push_back(number(m(row, j), role));
  return widgets::matrix(static_cast<int>(m.size(1)), std::move(cells));
}

Math all_of(const Tensor<double>& m, Role role = Role::kText, bool transposed = false) {
  std::vector<Math> cells;
  const Index rows = m.size(transposed ? 1 : 0), columns = m.size(transposed ? 0 : 1);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) cells.push_back(number(transposed ? m(j, i) : m(i, j), role));
  return widgets::matrix(static_cast<int>(columns), std::move(cells));
}

bool short_enough(const Tensor<double>& m) {
  return m.size(0) <= kLargestMatrix && m.size(1) <= kLargestMatrix;
}

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
  const double* row = &r.attention.weights(t, 0);
  const Index visible = visible_keys(r, t), best = heaviest(r, t);
  if (std::any_of(row, row + r.keys(), [](double w) { return std::isnan(w); }))
    return "Query " + name(t) + " sees a number that is not finite: its weights become NaN";
  if (visible == 1)
    return "Query " + name(t) + " may see only key " + name(best) +
           ": its weight is 1, the output is value " + name(best);
  if (r.beta == 0)
    return "β = 0: all " + std::to_string(visible) + " keys weigh the same, the output is the values' mean";
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
      numbers << factor(r.params.query(t, i), Role::kInput) << "·"
              << factor(r.params.key(s, i), Role::kKernel);
    }
    numbers << "=" << number(r.attention.dots(t, s));
    return {{symbols.done(), numbers.done()},
            "The score of query " + name(t) + " and key " + name(s) + ": how well they match"};
  }
  if (f.query) {
    const Index t = *f.query;
    Line query, scores;
    query << q(name(t)) << "=" << row_of(r.params.query, t, Role::kInput);
    scores << plain("e", name(t)) << "=" << q(name(t)) << widgets::word("Kᵀ", Role::kKernel) << "="
           << row_of(r.attention.dots, t);
    return {{query.done(), scores.done()},
            "Query " + name(t) + " is compared with every key: row " + name(t) + " of all that follows"};
  }
  if (f.key) {
    const Index s = *f.key;
    Line key, value;
    key << k(name(s)) << "=" << row_of(r.params.key, s, Role::kKernel);
    value << v(name(s)) << "=" << row_of(r.params.value, s, Role::kOutput);
    return {
        {key.done(), value.done()},
        "Every query meets key " + name(s) + ": column " + name(s) + " of the scores, and value " + name(s)};
  }
  Line line;
  line << "E"
       << "=" << widgets::word("Q", Role::kInput) << widgets::word("Kᵀ", Role::kKernel);
  if (short_enough(r.params.query) && short_enough(r.params.key))
    line << "=" << all_of(r.params.query, Role::kInput) << all_of(r.params.key, Role::kKernel, true) << "="
         << all_of(r.attention.dots);
  return {{line.done()}, "All scores at once are one product of matrices"};
}

std::string scale_words(const Result& r) {
  switch (r.params.scale) {
    case Attention::Scale::kRsqrt:
      return "Divided by √d: scores then do not grow with the size of q and k";
    case Attention::Scale::kBeta:
      return r.beta == 0  ? "β = 0 wipes out every difference between the scores"
             : r.beta < 1 ? "β below 1 brings the scores together: more even weights"
             : r.beta > 1 ? "β above 1 drives the scores apart: the best key takes more"
                          : "β = 1 leaves the scores as they are";
    case Attention::Scale::kNone:
      break;
  }
  return "Not scaled: the scores stay as they are";
}

// "β = 1/√3 = 0.5774 ·" without the name
Math scale_factor(const Result& r) {
  if (r.params.scale == Attention::Scale::kRsqrt)
    return widgets::fraction(say("1"), widgets::root(number(static_cast<double>(r.depth()))));
  return number(r.beta);
}

Equation scale(const Result& r, const Focus& f) {
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
  return {{line.done()}, scale_words(r)};
}

Equation mask(const Result& r, const Focus& f) {
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
  std::string hidden;
  for (Index s = 0; s < r.keys(); ++s)
    if (!r.may_see(t, s)) hidden += (hidden.empty() ? "" : ", ") + name(s);
  return {{line.done()}, "Hidden from query " + name(t) + ": key " + hidden + ". exp(−∞) is exactly 0"};
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
    if (short_enough(r.attention.weights)) weights << "=" << all_of(r.attention.weights);
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
           << number(r.attention.weights(t, s));
  weights << plain("α", name(t)) << "=" << row_of(r.attention.weights, t);
  std::string words = limit_words(r, t);
  if (words.empty())
    words = "Query " + name(t) + ": weights sum to 1, entropy " + core::shown(r.attention.entropy[t], 4) +
            " of ln " + std::to_string(visible_keys(r, t)) + " = " +
            core::shown(std::log(static_cast<double>(visible_keys(r, t))), 4) + " nats";
  return {{fraction.done(), weights.done()}, std::move(words)};
}

Equation mix(const Result& r, const Focus& f) {
  if (!f.query && f.key) {
    Line value;
    value << v(name(*f.key)) << "=" << row_of(r.params.value, *f.key, Role::kOutput);
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
    if (short_enough(r.attention.weights) && short_enough(r.params.value))
      line << "=" << all_of(r.attention.weights) << all_of(r.params.value, Role::kOutput) << "="
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
      numbers << factor(r.params.value(s, *f.component), Role::kOutput);
    else
      numbers << row_of(r.params.value, s, Role::kOutput);
  }
  numbers << "=";
  if (f.component)
    numbers << number(r.attention.output(t, *f.component), Role::kOutput, 6);
  else
    numbers << row_of(r.attention.output, t, Role::kOutput);
  const std::string limit = limit_words(r, t);
  return {{symbols.done(), numbers.done()},
          !limit.empty()
              ? limit
              : "Output " + name(t) + " is the mean of the values, weighted by row " + name(t) + " of α"};
}

}  // namespace

Equation Attention::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  switch (f.phase) {
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

}  // namespace vitrine::labs
