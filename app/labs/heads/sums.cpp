#include "app/labs/heads/sums.h"

#include "app/labs/formula.h"
#include "app/labs/heads/links.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Cell;
using widgets::Equation;
using widgets::factor;
using widgets::Math;
using widgets::number;
using widgets::Role;
using widgets::word;

namespace {

using Panel = ManyHeads::Panel;
using Result = ManyHeads::Result;
using Sheet = ManyHeads::Sheet;

constexpr std::size_t kTerms = 6, kFewTerms = 3;  // of a sum that are written out; above a softmax
constexpr float kAlike = 1.0001f;  // of an even share: no token is looked at more than the others
constexpr Index kShares = 4, kHeads = 4, kCells = 8;  // of a softmax, of the heads, of a row

std::string numbered(Index i) { return std::to_string(i + 1); }
std::string pair(Index i, Index j) { return numbered(i) + "," + numbered(j); }
Math name(const std::string& letter, const std::string& index, Role role) {
  return widgets::symbol(letter, index, role);
}

// sum_i left(i) right(i), the first few terms of `count`, behind what the line holds already.
template <class Left, class Right>
void add_products(Line& line, Index count, const Left& left, Role left_role, const Right& right,
                  Role right_role, std::size_t terms = kTerms) {
  widgets::Sum sum(terms);
  for (Index i = 0; i < count; ++i)
    if (!sum.add({factor(left(i), left_role), word("·"), factor(right(i), right_role)})) break;
  for (Math& part : sum.parts()) line << std::move(part);
}

Math exponential(Math of) { return widgets::row({word("exp"), std::move(of)}); }

}  // namespace

Equation HeadSums::projected(Panel sheet, Cell at) const {
  struct Made {
    const char *letter, *words;
    Role role;
    const Sheet &weight, &values;
  };
  const ManyHeads::Head& h = head();
  const Made made = sheet == Panel::kQuery ? Made{"q", "query", Role::kInput, h.w_query, h.query}
                    : sheet == Panel::kKey ? Made{"k", "key", Role::kKernel, h.w_key, h.key}
                                           : Made{"v", "value", Role::kOutput, h.w_value, h.value};
  const auto [t, i] = at;
  const Math left = name(made.letter, pair(t, i), made.role);
  Line general, numbers;
  general << left << "= ∑" << name("x", numbered(t) + ",j", Role::kInput) << "·"
          << name(std::string("W") + made.letter, numbered(i) + ",j", Role::kKernel);
  numbers << left << "=";
  add_products(
      numbers, r_.input.columns(), [&, t = t](Index j) { return r_.input.values(t, j); }, Role::kInput,
      [&, i = i](Index j) { return made.weight.values(i, j); }, Role::kKernel);
  numbers << "=" << number(made.values.values(t, i), made.role);
  return {{general.done(), numbers.done()},
          "Number " + numbered(i) + " of the " + made.words + " of " + token_name(r_, t) + " in head " +
              numbered(head_) + ": its token times a row that is this head's alone"};
}

Equation HeadSums::score(Index t, Index s) const {
  return {{score_line(t, s, kTerms)},
          token_name(r_, t) + " meets " + token_name(r_, s) + " in head " + numbered(head_)};
}

Math HeadSums::score_line(Index t, Index s, std::size_t terms) const {
  const ManyHeads::Head& h = head();
  Line numbers;
  numbers << name("s", pair(t, s), Role::kText) << "= β" << name("q", numbered(t), Role::kInput) << "·"
          << name("k", numbered(s), Role::kKernel) << "=" << number(r_.beta) << "· (";
  add_products(
      numbers, h.query.columns(), [&](Index i) { return h.query.values(t, i); }, Role::kInput,
      [&](Index i) { return h.key.values(s, i); }, Role::kKernel, terms);
  numbers << ")";
  if (r_.has_scores()) numbers << "=" << number(h.scores.values(t, s));
  return numbers.done();
}

Equation HeadSums::weight(Index t, Index s) const {
  const ManyHeads::Head& h = head();
  const std::string words =
      token_name(r_, t) + " looks at " + token_name(r_, s) + " in head " + numbered(head_);
  Line shares;
  shares << name("a", pair(t, s), Role::kText) << "=";
  if (!r_.may_see(t, s)) {
    shares << number(0);
    return {{shares.done()}, words + ": hidden, for it comes later"};
  }
  shares << widgets::fraction(
                exponential(name("s", pair(t, s), Role::kText)),
                widgets::row({word("∑"), exponential(name("s", numbered(t) + ",j", Role::kText))}))
         << "=";
  if (r_.has_scores()) {
    Line below;
    Index terms = 0;
    for (Index j = 0; j < r_.tokens() && terms <= kShares; ++j) {
      if (!r_.may_see(t, j)) continue;
      if (terms > 0) below << "+";
      if (terms++ == kShares)
        below << "…";
      else
        below << exponential(factor(h.scores.values(t, j)));
    }
    shares << widgets::fraction(exponential(factor(h.scores.values(t, s))), below.done()) << "=";
  }
  shares << number(static_cast<double>(h.weights(t, s)));
  return {{score_line(t, s, kFewTerms), shares.done()}, words};
}

Equation HeadSums::mixed(Cell at) const {
  const auto [t, column] = at;
  const Index width = r_.value_dim(), from = column / width, i = column % width;
  const ManyHeads::Head& h = r_.heads[static_cast<std::size_t>(from)];
  const Math left = name("c", pair(t, column), Role::kOutput);
  Line general, numbers;
  general << left << "= ∑" << name("a", numbered(t) + ",s", Role::kText) << "·"
          << name("v", "s," + numbered(i), Role::kOutput);
  numbers << left << "=";
  const std::vector<Index> order = most_looked_at(h, t, static_cast<Index>(kTerms) + 1);
  const auto key = [&](Index n) { return order[static_cast<std::size_t>(n)]; };
  add_products(
      numbers, r_.tokens(), [&, t = t](Index n) { return static_cast<double>(h.weights(t, key(n))); },
      Role::kText, [&](Index n) { return h.value.values(key(n), i); }, Role::kOutput);
  numbers << "=" << number(r_.concat.values(t, column), Role::kOutput);
  return {{general.done(), numbers.done()},
          "Number " + numbered(i) + " of what head " + numbered(from) + " found for " + token_name(r_, t) +
              ": the values by row " + numbered(t) + " of its weights, the largest first"};
}

Equation HeadSums::output(Cell at) const {
  const auto [t, o] = at;
  const Math left = name("y", pair(t, o), Role::kOutput);
  Line general, numbers;
  general << left << "= ∑" << name("c", numbered(t) + ",j", Role::kOutput) << "·"
          << name("WO", numbered(o) + ",j", Role::kKernel);
  numbers << left << "=";
  add_products(
      numbers, r_.concat.columns(), [&, t = t](Index j) { return r_.concat.values(t, j); }, Role::kOutput,
      [&, o = o](Index j) { return r_.w_out.values(o, j); }, Role::kKernel);
  numbers << "=" << number(r_.output.values(t, o), Role::kOutput, 6);
  return {{general.done(), numbers.done()}, "W_O mixes what all heads found for " + token_name(r_, t)};
}

bool HeadSums::alike(Index head, Index t) const {
  const ManyHeads::Head& h = r_.heads[static_cast<std::size_t>(head)];
  const auto visible = static_cast<float>(r_.params.causal ? t + 1 : r_.tokens());
  return visible > 1 && h.weights(t, h.strongest[static_cast<std::size_t>(t)]) * visible < kAlike;
}

Equation HeadSums::looks(Index t) const {
  Line most;
  std::vector<Math> entropies;
  const auto heads = static_cast<Index>(r_.heads.size());
  for (Index h = 0; h < heads; ++h) {
    const ManyHeads::Head& head = r_.heads[static_cast<std::size_t>(h)];
    entropies.push_back(number(head.entropy[t], Role::kText, 3));
    if (h > kHeads) continue;
    if (h == kHeads) {
      most << ", …";
      continue;
    }
    const Index s = head.strongest[static_cast<std::size_t>(t)];
    if (h > 0) most << ",";
    most << word((h > 0 ? "  head " : "head ") + numbered(h) + ": ")
         << word((alike(h, t) ? "all alike" : token_name(r_, s)) + " ", Role::kKernel)
         << number(static_cast<double>(head.weights(t, s)), Role::kText, 3);
  }
  Line entropy;
  const int columns = static_cast<int>(entropies.size());
  entropy << name("H", numbered(t), Role::kText) << "=" << widgets::matrix(columns, std::move(entropies));
  return {{most.done(), entropy.done()},
          "How widely " + token_name(r_, t) + " looks in each head: entropy in nats, 0 for one token only"};
}

Equation HeadSums::token_row(Index t) const {
  std::vector<Math> cells;
  for (Index i = 0; i < std::min(kCells, r_.input.columns()); ++i)
    cells.push_back(number(r_.input.values(t, i), Role::kInput, 3));
  if (r_.input.columns() > kCells) cells.push_back(word("…"));
  Line line;
  const int columns = static_cast<int>(cells.size());
  line << name("x", numbered(t), Role::kInput) << "=" << widgets::matrix(columns, std::move(cells))
       << word("  " + core::grouped(r_.input.columns()) + " numbers");
  return {{line.done()}, "The row of " + token_name(r_, t)};
}

Equation HeadSums::concat_row(Index t) const {
  const Index width = r_.value_dim(), heads = static_cast<Index>(r_.heads.size());
  const Index each = std::clamp<Index>(kCells / heads, 1, width);
  Line line;
  line << name("c", numbered(t), Role::kOutput) << "=";
  for (Index h = 0; h < std::min(heads, kCells); ++h) {
    std::vector<Math> cells;
    for (Index i = 0; i < each; ++i)
      cells.push_back(number(r_.concat.values(t, h * width + i), Role::kOutput, 3));
    if (each < width) cells.push_back(word("…"));
    const int columns = static_cast<int>(cells.size());
    line << widgets::matrix(columns, std::move(cells));
  }
  if (heads > kCells) line << "…";
  return {{line.done()}, "What the heads found for " + token_name(r_, t) + ", side by side"};
}

}  // namespace vitrine::labs
