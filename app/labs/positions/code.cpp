// "Positions" as PyTorch code.
#include "app/labs/positions/lab.h"
#include "app/labs/script_words.h"

namespace vitrine::labs {

using core::Index;

namespace {

using Kind = Positions::Kind;
using Result = Positions::Result;

void add_encoding(Script& s, const Result& r) {
  const Positions::Params& p = r.params;
  if (p.kind == Kind::kLearned) {
    add_input(s, "PE", p.table.rows);
    return;
  }
  s.code("n = " + python(r.positions()));
  if (p.kind == Kind::kIndex) s.code("PE = torch.arange(1, n + 1).double()[:, None]");
  if (p.kind == Kind::kNormalised) s.code("PE = torch.arange(1, n + 1)[:, None] / n");
  if (p.kind != Kind::kSinusoidal) return;
  s.code("D, base, start = " + python(p.dim) + ", " + python(p.base) + ", " + python(p.start));
  s.code(R"(t = torch.arange(start, start + n)[:, None]
divisors = base ** (torch.arange(0, D, 2) / D)
PE = torch.zeros(n, D)
PE[:, 0::2] = torch.sin(t / divisors)
PE[:, 1::2] = torch.cos(t / divisors))");
}

// How far counted positions reach and stand apart, here and in a shorter sequence.
void add_counts(Script& s, const Result& r) {
  const bool index = r.params.kind == Kind::kIndex;
  s.code("short_n = " + python(r.params.short_length));
  s.show("ratio", "PE[-1, 0] / PE[0, 0]");
  s.show("gap", r.positions() == 1 ? "0.0" : index ? "1.0" : "1 / n");
  s.show("short_gap", r.params.short_length == 1 ? "0.0" : index ? "1.0" : "1 / short_n");
}

void add_products(Script& s, const Result& r, const lessons::Symbols& shown) {
  s.code("\nX = PE[:" + python(r.products.size(0)) + "]\nproducts = X @ X.T");
  if (shown.contains("products")) s.show("products");
  s.code(R"(# of all products of two positions k apart the greatest minus the least
apart = [products.diagonal(k) for k in range(len(X))])");
  s.show("largest_spread", "max(p.max() - p.min() for p in apart)");
  if (!shown.contains("cosines")) return;
  s.code("lengths = products.diagonal().sqrt()\ncosines = products / lengths[:, None] / lengths");
  s.show("cosines");
}

void add_phrase(Script& s, const Result& r) {
  const bool learned = r.params.kind == Kind::kLearned;
  s.code("\n# the phrase behind no word of the rest, behind one, ...");
  s.code("words, rest = " + std::to_string(r.phrase.words.size()) + ", " +
         std::to_string(r.phrase.rest.size()));
  s.code("first = " + python(learned ? r.params.table.first_patch : Index{0}));
  s.code(R"(places = [PE[first + before : first + before + words] for before in range(rest + 1)]
products = [X @ X.T for X in places])");
  s.show("products", "products[0]");
  s.show("moved", "[(p - products[0]).abs().max().item() for p in products]");
}

}  // namespace

std::string Positions::code(const Result& r, const View& view) {
  const lessons::Symbols shown = numbers(r, view, kMostPrintedNumbers);
  Script s;
  add_encoding(s, r);
  if (r.params.kind != Kind::kLearned && shown.contains("PE")) s.show("PE");
  if (shown.contains("wavelengths")) s.show("wavelengths", "2 * torch.pi * divisors");
  if (r.params.scene == Scene::kCode && r.counted()) add_counts(s, r);
  if (r.params.scene == Scene::kProducts) add_products(s, r, shown);
  if (r.params.scene == Scene::kPhrase) add_phrase(s, r);
  if (r.params.kind == Kind::kLearned && r.params.scene == Scene::kCode) s.show("PE");
  return s.text();
}

}  // namespace vitrine::labs
