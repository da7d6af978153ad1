// The strip of "Many heads": the number under the pointer; without one, the step of the playhead in the
// numbers of the token that it is told of.
#include "app/labs/formula.h"
#include "app/labs/heads/links.h"
#include "app/labs/heads/sums.h"
#include "app/labs/numbers.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Equation;
using widgets::Math;
using widgets::number;
using widgets::Role;

namespace {

using Focus = ManyHeads::Focus;
using Panel = ManyHeads::Panel;
using Phase = ManyHeads::Phase;
using Positions = ManyHeads::Positions;
using Result = ManyHeads::Result;
using Sheet = ManyHeads::Sheet;

std::string one(Index i) { return std::to_string(i + 1); }
std::string size(Index rows, Index columns) { return widgets::shape_words({rows, columns}); }

Equation single(const Focus& f, const Sheet& sheet, const std::string& letter, Role role,
                const std::string& words) {
  const auto [row, column] = f.spot->cell;
  Line line;
  line << widgets::symbol(letter, one(row) + "," + one(column), role) << "="
       << number(sheet.values(row, column), role);
  return {{line.done()}, words};
}

Equation received(const Result& r, const Focus& f) {
  const Index s = *f.key;
  Line line;
  line << widgets::symbol("a", "·," + one(s), Role::kText) << "="
       << number(r.heads[static_cast<std::size_t>(f.head)].received[static_cast<std::size_t>(s)]);
  return {{line.done()},
          "How much " + token_name(r, s) + " is looked at in head " + one(f.head) +
              ", on average over the tokens"};
}

Equation pointed(const Result& r, const Focus& f) {
  const ManyHeads::Head& h = r.heads[static_cast<std::size_t>(f.head)];
  const HeadSums sums(r, f.head);
  const auto [row, column] = f.spot->cell;
  const std::string of_head = "Row " + one(row) + " of head " + one(f.head) + "'s own rows, against number " +
                              one(column) + " of a token";
  switch (f.spot->panel) {
    case Panel::kInput:
      return single(f, r.input, "x", Role::kInput, "Number " + one(column) + " of " + token_name(r, row));
    case Panel::kQueryWeights:
      return single(f, h.w_query, "Wq", Role::kKernel, of_head);
    case Panel::kKeyWeights:
      return single(f, h.w_key, "Wk", Role::kKernel, of_head);
    case Panel::kValueWeights:
      return single(f, h.w_value, "Wv", Role::kKernel, of_head);
    case Panel::kQuery:
    case Panel::kKey:
    case Panel::kValue:
      return sums.projected(f.spot->panel, f.spot->cell);
    case Panel::kConcat:
      return sums.mixed(f.spot->cell);
    case Panel::kOutWeights:
      return single(f, r.w_out, "WO", Role::kKernel,
                    "How much number " + one(column % r.value_dim()) + " of head " +
                        one(column / r.value_dim()) + " counts in number " + one(row) + " of y");
    case Panel::kOutput:
      return sums.output(f.spot->cell);
    case Panel::kWeights:
      return f.of(Phase::kWeights) > 0 || !r.may_see(row, column) ? sums.weight(row, column)
                                                                  : sums.score(row, column);
    case Panel::kQueryToken:
      return sums.looks(row);
    case Panel::kKeyToken:
      break;
  }
  return received(r, f);
}

// What the tokens are made of.
std::string made_of(const ManyHeads::Params& p) {
  if (p.source == ManyHeads::Source::kSignal) return "its value and where it stands";
  const std::string content =
      p.source == ManyHeads::Source::kText ? "made of the word alone" : "made of its pixels";
  return content + (p.positions == Positions::kAdded    ? ", plus a code of its position"
                    : p.positions == Positions::kBeside ? ", then a code of its position"
                                                        : "");
}

// The sentence of a signal whose heads are the taps of a kernel.
std::string convolution_words(const Result& r) {
  const std::string taps = "Each head looks at one place only and W_O holds the " +
                           std::to_string(r.heads.size()) + " taps: Y is the convolution x ⋆ k";
  return r.correlates ? taps : taps + ", but for the NaN that spreads further";
}

Equation with_words(std::string words, Equation e) {
  e.words = std::move(words);
  return e;
}

Equation phase(const Result& r, const Focus& f) {
  const ManyHeads::Head& h = r.heads[static_cast<std::size_t>(f.head)];
  const HeadSums sums(r, f.head);
  const Index count = r.tokens(), t = *f.query, s = h.strongest[static_cast<std::size_t>(t)];
  const auto heads = static_cast<Index>(r.heads.size());
  const std::string head = "head " + one(f.head), token = token_name(r, t), other = token_name(r, s);
  switch (f.phase) {
    case Phase::kTokens:
      return with_words(core::grouped(count) + (count == 1 ? " token: " : " tokens, each a row: ") +
                            made_of(r.params) + ". Row " + core::grouped(t + 1) + " is " + token,
                        sums.token_row(t));
    case Phase::kProject:
      return with_words("Each head has its own rows of W_q, W_k and W_v. Those of " + head + " make of " +
                            token + " a query, a key and a value",
                        sums.projected(Panel::kQuery, {t, 0}));
    case Phase::kScores:
      return with_words(r.has_scores()
                            ? "Every query meets every key of " + head + ": here " + token + " meets " + other
                            : "Every query meets every key: " + core::grouped(count * count) +
                                  " scores a head, of which only the weights are kept",
                        sums.score(t, s));
    case Phase::kWeights:
      return with_words(
          "Every row of " + head + "'s weights sums to 1: " + token + " looks at " + other + " most",
          sums.weight(t, s));
    case Phase::kMix:
      return with_words("Each token takes the values it looks at, by their weights: number 1 of what " +
                            head + " found for " + token,
                        sums.mixed({t, f.head * r.value_dim()}));
    case Phase::kHeads:
      return with_words(heads == 1
                            ? "There is only one head: " + token + " looks most at"
                            : "All " + std::to_string(heads) +
                                  " heads do the same with their own rows: " + token + " looks most at",
                        sums.looks(t));
    case Phase::kConcat:
      return with_words("Nothing is added up yet: " + size(count, r.value_dim()) +
                            " of each head, side by side: " + size(count, r.concat.columns()) +
                            ". The row of " + token,
                        sums.concat_row(t));
    case Phase::kOut:
      return with_words(r.params.source == ManyHeads::Source::kSignal
                            ? convolution_words(r)
                            : "W_O mixes the heads, back to the tokens' size: number 1 of " + token,
                        sums.output({t, 0}));
    case Phase::kEach:
      break;
  }
  return with_words(
      "Token " + core::grouped(t + 1) + " of " + core::grouped(count) + ": " + token + " looks most at",
      sums.looks(t));
}

// What is said first where a number is not finite.
std::string spread_words(const Result& r) {
  return token_name(r, *r.not_finite) +
         " is not finite, and 0 times it is NaN: its key makes every row NaN. ";
}

}  // namespace

Equation ManyHeads::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  Equation e = f.spot ? pointed(r, f) : phase(r, f);
  if (r.not_finite && f.step > 0) e.words = spread_words(r) + e.words;
  return e;
}

lessons::Symbols ManyHeads::numbers(const Result& r, const View& view, core::Index most) {
  using lessons::number;
  const Params& p = r.params;
  const Index large = focus(r, view, true).head;
  const Head& head = r.heads[static_cast<std::size_t>(large)];
  lessons::Symbols all{{"tokens", number(static_cast<double>(r.tokens()))},
                       {"embed_dim", number(static_cast<double>(r.input.columns()))},
                       {"heads", number(static_cast<double>(r.heads.size()))},
                       {"head_dim", number(static_cast<double>(r.value_dim()))},
                       {"inner", number(static_cast<double>(r.concat.columns()))},
                       {"beta", number(r.beta)},
                       {"causal", number(p.causal)},
                       {"source", number(static_cast<double>(p.source))},
                       {"position_kind", number(static_cast<double>(p.positions))},
                       {"weight_kind", number(static_cast<double>(p.weights))},
                       {"patch", number(static_cast<double>(p.patch))},
                       {"head", number(static_cast<double>(large + 1))},
                       {"mean_entropy", number(head.mean_entropy)},
                       {"links", number(static_cast<double>(head.links))},
                       {"entropy", head.entropy},
                       {"received", Tensor<double>({std::ssize(head.received)}, head.received)}};
  const std::pair<const char*, const Sheet*> sheets[] = {
      {"X", &r.input},       {"Q", &head.query},    {"K", &head.key},         {"V", &head.value},
      {"Wq", &head.w_query}, {"Wk", &head.w_key},   {"Wv", &head.w_value},    {"concat", &r.concat},
      {"Wo", &r.w_out},      {"output", &r.output}, {"scores", &head.scores}, {"correlated", &r.correlated}};
  for (const auto& [name, sheet] : sheets) add_tensor(all, name, sheet->values, most);
  add_tensor(all, "weights", head.weights, most);
  return all;
}

}  // namespace vitrine::labs
