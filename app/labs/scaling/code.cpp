// "Why divide by sqrt(d)" as PyTorch code.
#include "app/labs/scaling/lab.h"
#include "app/labs/script.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;

namespace {

constexpr Index kMostSamples = 4'096;  // that are written down

Tensor<double> first_of(const Tensor<double>& values, Index first, Index count) {
  return Tensor<double>(
      {count}, values.values().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
}

}  // namespace

std::string Scaling::code(const Result& r, const View& view) {
  const Params& p = r.params;
  const Index step = focus(r, view, true).step, count = r.count(step);
  Script s;
  s.code("mu, sigma, d = " + python(p.mean) + ", " + python(p.std) + ", " + python(p.dim));
  s.code("\n# what theory expects of q.k and of q.k / sqrt(d)");
  s.code("expected_mean = d * mu**2");
  s.code("expected_variance = d * sigma**4 + 2 * d * sigma**2 * mu**2");
  s.show("raw_expected_mean", "expected_mean").show("raw_expected_variance", "expected_variance");
  s.show("scaled_expected_mean", "expected_mean / d**0.5");
  s.show("scaled_expected_variance", "expected_variance / d");
  s.code(count <= kMostSamples ? "\n# the products q.k that are drawn; others are drawn by"
                               : "\n# so many products q.k are not written down here; they are drawn by");
  s.comment("q, k = mu + sigma * torch.randn(2, " + python(count) + ", d); products = (q * k).sum(dim=-1)");
  if (count <= kMostSamples) {
    s.tensor("products", first_of(r.products, 0, count));
    s.show("raw_mean", "products.mean()").show("raw_variance", "products.var()");
    s.code("scaled = products / d**0.5");
    s.show("scaled_mean", "scaled.mean()").show("scaled_variance", "scaled.var()");
  }
  s.code("\n# a query's products with its keys");
  s.tensor("scores", first_of(r.raw.scores, step * p.keys, p.keys));
  s.code("raw_weights = F.softmax(scores, dim=-1)");
  s.code("scaled_weights = F.softmax(scores / d**0.5, dim=-1)");
  s.show("raw_weights").show("scaled_weights");
  s.show("raw_largest", "raw_weights.max()").show("scaled_largest", "scaled_weights.max()");
  return s.text();
}

}  // namespace vitrine::labs
