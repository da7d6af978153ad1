// The equations of "Positions": the code of what is lit, or a product of two codes, with its real numbers.
//   PE(t, 2i) = sin(t / base^(2i/D)),  PE(t).PE(t+k) = sum_i cos(k / base^(2i/D))
#include <algorithm>

#include "app/labs/formula.h"
#include "app/labs/numbers.h"
#include "app/labs/positions/lab.h"
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

using Focus = Positions::Focus;
using Kind = Positions::Kind;
using Result = Positions::Result;
using Scene = Positions::Scene;

constexpr std::size_t kMostTerms = 6;

Math say(std::string words) { return widgets::word(std::move(words)); }
Math whole(Index n, Role role = Role::kText) { return widgets::word(core::grouped(n), role); }
Math pe(const std::string& index) { return widgets::symbol("PE", index, Role::kInput); }
Math code(const Result& r, Index row) { return pe(r.label(row)); }

Math count(double n, Role role = Role::kText) { return grouped_number(n, role, 6); }

// base^(2i/D)
Math power(const Result& r, Index pair) {
  return widgets::scripts(count(r.params.base), Math{},
                          widgets::row({whole(2 * pair), say("/"), whole(r.dim())}));
}

Equation wave(const Result& r, const Focus& f) {
  const Index i = f.component, pair = i / 2, t = r.number(f.position);
  const std::string function = i % 2 == 0 ? "sin" : "cos";
  const Math symbol = pe(core::grouped(t) + ", " + std::to_string(i));
  Equation e;
  e.words = "Component " + std::to_string(i) + " of position " + core::grouped(t) + ": wave " +
            std::to_string(pair + 1) + " of " + std::to_string(r.dim() / 2);
  e.lines.push_back(
      widgets::row({symbol, say("="), say(function), fraction(whole(t, Role::kInput), power(r, pair)),
                    say("="), say(function), fraction(whole(t, Role::kInput), count(r.divisors[pair])),
                    say("="), number(r.encoding(f.position, i), Role::kInput, 5)}));
  e.lines.push_back(
      widgets::row({widgets::symbol("λ", std::to_string(pair + 1), Role::kText), say("="), say("2π · "),
                    power(r, pair), say("="), count(r.wavelengths[pair]), say(" positions")}));
  return e;
}

Equation row_of_table(const Result& r, const Focus& f) {
  std::vector<Math> cells;
  const Index shown = std::min<Index>(r.dim(), 6);
  for (Index i = 0; i < shown; ++i) cells.push_back(number(r.encoding(f.position, i), Role::kInput, 3));
  if (shown < r.dim()) cells.push_back(say("…"));
  const int columns = static_cast<int>(cells.size());
  return {{widgets::row({code(r, f.position), say("="), widgets::matrix(columns, std::move(cells))}),
           widgets::row({pe(r.label(f.position) + ", " + std::to_string(f.component)), say("="),
                         number(r.encoding(f.position, f.component), Role::kInput, 5)})},
          "What the model had learned for " + r.name(f.position) + " at step " +
              core::grouped(r.params.table.step)};
}

Equation counted(const Result& r, const Focus& f) {
  const Index t = f.position + 1, n = r.positions();
  const Index other = r.short_counts.code.count();
  const double here = r.counts.code[f.position];
  if (r.params.kind == Kind::kIndex)
    return {{widgets::row({code(r, f.position), say("="), say("t"), say("="), count(here, Role::kInput)}),
             widgets::row(
                 {fraction(pe(core::grouped(n)), pe("1")), say("="),
                  fraction(count(r.counts.code[n - 1], Role::kInput), count(r.counts.code[0], Role::kInput)),
                  say("="), count(r.counts.ratio)})},
            "Counting: the code grows with the sequence"};
  Equation e{
      {widgets::row({code(r, f.position), say("="), fraction(say("t"), say("n")), say("="),
                     fraction(whole(t, Role::kInput), whole(n)), say("="), number(here, Role::kInput, 5)})},
      "Divided by the length: it depends on how many there are"};
  if (f.position < other)
    e.lines.push_back(
        widgets::row({say("in a sequence of " + core::grouped(other) + ": "), code(r, f.position), say("="),
                      fraction(whole(t, Role::kInput), whole(other)), say("="),
                      number(r.short_counts.code[f.position], Role::kInput, 5)}));
  return e;
}

// PE(t).PE(s), as its components' products or, of waves, as the cosines that they add up to.
Equation product(const Result& r, Index a, Index b, double value, double spread) {
  const Math left = widgets::row({code(r, a), say("·"), code(r, b)});
  const Index k = std::abs(b - a);
  Equation e;
  if (r.params.kind == Kind::kSinusoidal) {
    widgets::Sum symbols(kMostTerms), numbers(kMostTerms);
    for (Index i = 0; i < r.dim() / 2; ++i) {
      symbols.add({say("cos"), fraction(whole(k), count(r.divisors[i]))});
      numbers.add({factor(r.terms(k, i))});
    }
    std::vector<Math> first{left, say("=")}, second{say("=")};
    for (Math& m : symbols.parts()) first.push_back(std::move(m));
    for (Math& m : numbers.parts()) second.push_back(std::move(m));
    second.push_back(say("="));
    second.push_back(number(value, Role::kText, 7));
    e.lines = {widgets::row(std::move(first)), widgets::row(std::move(second))};
    e.words =
        "Only the distance " + core::grouped(k) + " is left: sin a · sin b + cos a · cos b = cos(a − b)";
    return e;
  }
  widgets::Sum numbers(kMostTerms);
  for (Index i = 0; i < r.dim(); ++i)
    numbers.add({factor(r.encoding(a, i), Role::kInput), say("·"), factor(r.encoding(b, i), Role::kInput)});
  std::vector<Math> line{left, say("=")};
  for (Math& m : numbers.parts()) line.push_back(std::move(m));
  line.push_back(say("="));
  line.push_back(number(value, Role::kText, 6));
  e.lines.push_back(widgets::row(std::move(line)));
  e.words = "Of two positions " + core::grouped(k) + " apart the products differ by up to " +
            core::shown(spread, 4) + ": it matters where they stand";
  return e;
}

Equation products(const Result& r, const Focus& f) {
  return product(r, f.position, f.other, r.products(f.position, f.other),
                 r.spread[std::abs(f.other - f.position)]);
}

// A cell of a patch's map.
Equation cosine(const Result& r, const Focus& f) {
  const Index a = f.position, b = f.other;
  const auto length = [&](Index token) { return widgets::row({say("‖"), code(r, token), say("‖")}); };
  Equation e;
  e.words = "Likeness of " + r.place_name(a) + " and " + r.place_name(b);
  e.lines.push_back(widgets::row(
      {say("cos"), say("="),
       fraction(widgets::row({code(r, a), say("·"), code(r, b)}), widgets::row({length(a), length(b)})),
       say("="),
       fraction(number(r.products(a, b), Role::kText, 4),
                widgets::row(
                    {number(r.lengths[a], Role::kText, 4), say("·"), number(r.lengths[b], Role::kText, 4)})),
       say("="), number(r.cosines(a, b), Role::kText, 4)}));
  return e;
}

Equation phrase(const Result& r, const Focus& f, Index before) {
  const Positions::Place &first = r.phrase.places[0],
                         &here = r.phrase.places[static_cast<std::size_t>(before)];
  const Index a = f.position, b = f.other;
  const auto name = [&](Index word, Index shift) {
    const Index number = word + shift + (r.params.kind == Kind::kSinusoidal ? r.params.start : 1);
    return pe(core::grouped(number));
  };
  Equation e;
  e.words = "“" + r.phrase.words[static_cast<std::size_t>(a)] + "” and “" +
            r.phrase.words[static_cast<std::size_t>(b)] + "”: the same two words, " +
            core::grouped(std::abs(b - a)) + " apart, at both places";
  e.lines.push_back(
      widgets::row({say("first "), name(a, 0), say("·"), name(b, 0), say("="),
                    number(first.products(a, b), Role::kText, 6), say(",   here "), name(a, before), say("·"),
                    name(b, before), say("="), number(here.products(a, b), Role::kText, 6)}));
  e.lines.push_back(widgets::row({say("difference"), say("="), number(here.difference(a, b), Role::kText, 3),
                                  say(",   the largest of all"), say("="),
                                  number(here.largest_difference, Role::kText, 3)}));
  return e;
}

}  // namespace

Equation Positions::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  switch (r.params.scene) {
    case Scene::kProducts:
      return r.has_maps() && view.exhibit == Exhibit::kMaps ? cosine(r, f) : products(r, f);
    case Scene::kPhrase:
      return phrase(r, f, f.step);
    case Scene::kCode:
      break;
  }
  if (r.counted()) return counted(r, f);
  return r.params.kind == Kind::kLearned ? row_of_table(r, f) : wave(r, f);
}

lessons::Symbols Positions::numbers(const Result& r, const View& view, core::Index most) {
  using lessons::number;
  const Params& p = r.params;
  const Focus f = focus(r, view, true);
  lessons::Symbols all{{"scene", number(static_cast<double>(p.scene))},
                       {"kind", number(static_cast<double>(p.kind))},
                       {"places", number(static_cast<double>(r.positions()))},
                       {"short_places", number(static_cast<double>(p.short_length))},
                       {"dim", number(static_cast<double>(r.dim()))},
                       {"base", number(p.base)},
                       {"start", number(static_cast<double>(p.start))},
                       {"position", number(static_cast<double>(f.position))},
                       {"exhibit", number(static_cast<double>(view.exhibit))},
                       {"ratio", number(r.counts.ratio)},
                       {"gap", number(r.counts.step)},
                       {"short_gap", number(r.short_counts.step)},
                       {"largest_spread", number(r.largest_spread)}};
  add_tensor(all, "wavelengths", r.wavelengths, most);
  add_tensor(all, "PE", r.encoding, most);
  add_tensor(all, "products", r.products, most);
  add_tensor(all, "cosines", r.cosines, most);
  if (r.phrase.places.empty()) return all;
  Tensor<double> moved({std::ssize(r.phrase.places)});
  for (Index i = 0; i < moved.count(); ++i)
    moved[i] = r.phrase.places[static_cast<std::size_t>(i)].largest_difference;
  all.insert({{"moved", moved}, {"products", r.phrase.places.front().products}});
  return all;
}

}  // namespace vitrine::labs
