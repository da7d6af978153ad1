// The equations of "Many heads": what is lit, with its real numbers.
//   q = W_q x,  s = beta q . k,  a = softmax(s),  head = a V,  y = W_O concat
#include "app/labs/heads/links.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Equation;
using widgets::factor;
using widgets::Math;
using widgets::number;
using widgets::Role;

namespace {

using Focus = ManyHeads::Focus;
using Panel = ManyHeads::Panel;
using Phase = ManyHeads::Phase;
using Result = ManyHeads::Result;
using Sheet = ManyHeads::Sheet;

constexpr std::size_t kTerms = 6;  // of a sum that are written out

std::string one(Index i) { return std::to_string(i + 1); }
std::string pair(Index i, Index j) { return one(i) + "," + one(j); }
Math say(std::string_view words) { return widgets::word(std::string(words)); }
Math name(const std::string& letter, const std::string& index, Role role) {
  return widgets::symbol(letter, index, role);
}
Math all(const std::string& letter, Role role) { return widgets::word(letter, role); }
Math transposed(const std::string& sub) {
  return widgets::scripts(all("W", Role::kKernel), say(sub), say("T"));
}
std::string size(Index rows, Index columns) { return widgets::shape_words({rows, columns}); }

const ManyHeads::Head& head_of(const Result& r, const Focus& f) {
  return r.heads[static_cast<std::size_t>(f.head)];
}
std::string head_name(const Focus& f) { return "head " + one(f.head); }

// parts = sum_i left(i) right(i), the first few terms of `count`.
template <class Left, class Right>
std::vector<Math> products(Index count, const Left& left, Role left_role, const Right& right,
                           Role right_role) {
  widgets::Sum sum(kTerms);
  for (Index i = 0; i < count; ++i)
    if (!sum.add({factor(left(i), left_role), say("·"), factor(right(i), right_role)})) break;
  return sum.parts();
}

Math line(std::vector<Math> front, std::vector<Math> parts, std::vector<Math> back = {}) {
  for (std::vector<Math>* more : {&parts, &back})
    front.insert(front.end(), std::make_move_iterator(more->begin()), std::make_move_iterator(more->end()));
  return widgets::row(std::move(front));
}

// One number of q, k or v of the large head.
Equation projected(const Result& r, const Focus& f, const Sheet& sheet, const Sheet& weight,
                   const char* letter, Role role) {
  const auto [t, i] = f.spot->cell;
  const Index dim = r.input.columns();
  const std::string w = std::string("W") + letter;
  return {{line({name(letter, pair(t, i), role), say("="), say("∑"), name("x", one(t) + ",j", Role::kInput),
                 say("·"), name(w, one(i) + ",j", Role::kKernel)},
                {}),
           line({name(letter, pair(t, i), role), say("=")},
                products(
                    dim, [&](Index j) { return r.input.values(t, j); }, Role::kInput,
                    [&](Index j) { return weight.values(i, j); }, Role::kKernel),
                {say("="), number(sheet.values(t, i), role)})},
          "Number " + one(i) + " of the " +
              (letter[0] == 'q'   ? "query"
               : letter[0] == 'k' ? "key"
                                  : "value") +
              " of " + token_name(r, t) + " in " + head_name(f) +
              ": its token times a row that is this head's alone"};
}

Equation weight(const Result& r, const Focus& f) {
  const auto [t, s] = f.spot->cell;
  const ManyHeads::Head& h = head_of(r, f);
  const std::string words = token_name(r, t) + " looks at " + token_name(r, s) + " in " + head_name(f);
  if (!r.may_see(t, s))
    return {{line({name("a", pair(t, s), Role::kText), say("="), number(0)}, {})},
            words + ": hidden, for it comes later"};
  std::vector<Math> result;
  if (r.has_scores()) result = {say("="), number(h.scores.values(t, s))};
  return {
      {line({name("s", pair(t, s), Role::kText), say("="), say("β"), name("q", one(t), Role::kInput),
             say("·"), name("k", one(s), Role::kKernel), say("="), number(r.beta), say("·"), say("(")},
            products(
                h.query.columns(), [&](Index i) { return h.query.values(t, i); }, Role::kInput,
                [&](Index i) { return h.key.values(s, i); }, Role::kKernel),
            line({say(")")}, std::move(result)).parts),
       line({name("a", pair(t, s), Role::kText), say("="),
             widgets::fraction(widgets::row({say("exp"), name("s", pair(t, s), Role::kText)}),
                               widgets::row({say("∑"), say("exp"), name("s", one(t) + ",j", Role::kText)})),
             say("="), number(static_cast<double>(h.weights(t, s)))},
            {})},
      words};
}

Equation mixed(const Result& r, const Focus& f) {
  const auto [t, column] = f.spot->cell;
  const Index width = r.value_dim(), head = column / width, i = column % width;
  const ManyHeads::Head& h = r.heads[static_cast<std::size_t>(head)];
  return {{line({name("c", pair(t, column), Role::kOutput), say("="), say("∑"),
                 name("a", one(t) + ",s", Role::kText), say("·"), name("v", "s," + one(i), Role::kOutput)},
                {}),
           line({name("c", pair(t, column), Role::kOutput), say("=")},
                products(
                    r.tokens(), [&](Index s) { return static_cast<double>(h.weights(t, s)); }, Role::kText,
                    [&](Index s) { return h.value.values(s, i); }, Role::kOutput),
                {say("="), number(r.concat.values(t, column), Role::kOutput)})},
          "Number " + one(i) + " of what head " + one(head) + " found for " + token_name(r, t) +
              ": the values, weighted by row " + one(t) + " of its weights"};
}

Equation output(const Result& r, const Focus& f) {
  const auto [t, o] = f.spot->cell;
  return {{line({name("y", pair(t, o), Role::kOutput), say("="), say("∑"),
                 name("c", one(t) + ",j", Role::kOutput), say("·"), name("WO", one(o) + ",j", Role::kKernel)},
                {}),
           line({name("y", pair(t, o), Role::kOutput), say("=")},
                products(
                    r.concat.columns(), [&](Index j) { return r.concat.values(t, j); }, Role::kOutput,
                    [&](Index j) { return r.w_out.values(o, j); }, Role::kKernel),
                {say("="), number(r.output.values(t, o), Role::kOutput, 6)})},
          "W_O mixes what all heads found for " + token_name(r, t)};
}

// The entropies of a token's row in all heads.
Equation token(const Result& r, const Focus& f) {
  const Index t = *f.query;
  std::vector<Math> cells;
  for (const auto& head : r.heads) cells.push_back(number(head.entropy[t], Role::kText, 3));
  const int columns = static_cast<int>(cells.size());
  return {{line({name("H", one(t), Role::kText), say("="), widgets::matrix(columns, std::move(cells))}, {})},
          "How widely " + token_name(r, t) + " looks in each head: entropy in nats, 0 for one token only"};
}

Equation single(const Focus& f, const Sheet& sheet, const std::string& letter, Role role,
                const std::string& words) {
  const auto [row, column] = f.spot->cell;
  return {
      {line({name(letter, pair(row, column), role), say("="), number(sheet.values(row, column), role)}, {})},
      words};
}

Equation pointed(const Result& r, const Focus& f) {
  const ManyHeads::Head& h = head_of(r, f);
  const auto [row, column] = f.spot->cell;
  const std::string of_head = "Row " + one(row) + " of " + head_name(f) + "'s own rows, against number " +
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
      return projected(r, f, h.query, h.w_query, "q", Role::kInput);
    case Panel::kKey:
      return projected(r, f, h.key, h.w_key, "k", Role::kKernel);
    case Panel::kValue:
      return projected(r, f, h.value, h.w_value, "v", Role::kOutput);
    case Panel::kConcat:
      return mixed(r, f);
    case Panel::kOutWeights:
      return single(f, r.w_out, "WO", Role::kKernel,
                    "How much number " + one(column % r.value_dim()) + " of head " +
                        one(column / r.value_dim()) + " counts in number " + one(row) + " of y");
    case Panel::kOutput:
      return output(r, f);
    case Panel::kWeights:
      return weight(r, f);
    case Panel::kQueryToken:
      return token(r, f);
    case Panel::kKeyToken:
      break;
  }
  const Index s = *f.key;
  return {
      {line(
          {name("a", "·," + one(s), Role::kText), say("="), number(h.received[static_cast<std::size_t>(s)])},
          {})},
      "How much " + token_name(r, s) + " is looked at in " + head_name(f) + ", on average over the tokens"};
}

// The sentence of a signal whose heads are the taps of a kernel.
std::string convolution_words(const Result& r) {
  return "Each head looks at one place only and W_O holds the " + std::to_string(r.heads.size()) +
         " taps: Y is the convolution x ⋆ k";
}

Equation phase(const Result& r, const Focus& f) {
  const ManyHeads::Head& h = head_of(r, f);
  const Index count = r.tokens(), dim = r.input.columns(), d = h.query.columns();
  const auto heads = static_cast<Index>(r.heads.size());
  const auto product = [&](const char* left, Role role, const char* sub) {
    return line({all(left, role), say("="), all("X", Role::kInput), transposed(sub)}, {});
  };
  switch (f.phase) {
    case Phase::kTokens: {
      std::string made = r.params.source == ManyHeads::Source::kText ? "made of the word alone"
                         : r.patch_rows > 0                          ? "made of its pixels"
                                                                     : "its value and where it stands";
      if (r.params.source != ManyHeads::Source::kSignal && r.params.positions)
        made += ", plus a code of its position";
      return {{line({all("X", Role::kInput), say(":  " + size(count, dim))}, {})},
              core::grouped(count) + " tokens, each a row of " + core::grouped(dim) + " numbers: " + made};
    }
    case Phase::kProject:
      return {{widgets::row({product("Q", Role::kInput, "q"), say(",  "), product("K", Role::kKernel, "k"),
                             say(",  "), product("V", Role::kOutput, "v")})},
              "Each head has its own rows of W_q, W_k and W_v; those of " + head_name(f) + " make " +
                  size(count, d) + " queries and keys"};
    case Phase::kScores:
      return {{line({say("S"), say("="), say("β"), all("Q", Role::kInput), all("Kᵀ", Role::kKernel),
                     say(",  β"), say("="), number(r.beta)},
                    {})},
              r.has_scores()
                  ? "Every query meets every key of " + head_name(f) + ": " + size(count, count) + " scores"
                  : "Every query meets every key: " + core::grouped(count * count) +
                        " scores a head; of so many only the weights are kept"};
    case Phase::kWeights:
      return {{line({say("A"), say("="), say("softmax(S)")}, {})},
              "Every row of " + head_name(f) + "'s weights sums to 1. Its rows' mean entropy is " +
                  core::shown(h.mean_entropy, 4) + " of at most " + core::shown(r.most_entropy, 4) + " nats"};
    case Phase::kMix:
      return {{line({name("head", one(f.head), Role::kOutput), say("="), say("A"), all("V", Role::kOutput),
                     say(":  " + size(count, r.value_dim()))},
                    {})},
              "Each token takes the values it looks at, by their weights"};
    case Phase::kHeads: {
      std::vector<Math> cells;
      for (const auto& head : r.heads) cells.push_back(number(head.mean_entropy, Role::kText, 3));
      return {{line({say("H"), say("="), widgets::matrix(static_cast<int>(heads), std::move(cells))}, {})},
              heads == 1
                  ? "There is only one head"
                  : "All " + std::to_string(heads) +
                        " heads do the same with their own rows. Click one to see it large. H: mean entropy"};
    }
    case Phase::kConcat:
      return {{line({say("concat:  " + size(count, r.value_dim()) +
                         " of each head, side by side: " + size(count, r.concat.columns()))},
                    {})},
              "Nothing is added up yet: every head keeps its own columns"};
    case Phase::kOut:
      break;
  }
  return {{line({all("Y", Role::kOutput), say("="), all("concat", Role::kOutput), transposed("O"),
                 say(":  " + size(count, r.output.columns()))},
                {})},
          r.params.source == ManyHeads::Source::kSignal ? convolution_words(r)
                                                        : "W_O mixes the heads, back to the tokens' size"};
}

}  // namespace

Equation ManyHeads::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  return f.spot ? pointed(r, f) : phase(r, f);
}

}  // namespace vitrine::labs
