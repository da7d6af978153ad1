// The operations on positions and on random dot products.
#include "app/cli/compute_ops.h"
#include "engine/sequence/dot_products.h"
#include "engine/sequence/positions.h"

namespace vitrine::cli {

void compute_positional_encoding(const Request& request, Result& result) {
  constexpr std::string_view kKinds[] = {"sinusoidal", "index", "normalized"};
  enum { kSinusoidal, kIndex, kNormalized };
  if (!request.has("kind")) request.refuse("kind", "is missing");
  const std::size_t kind = request.choice("kind", kKinds);
  const Index length = request.whole("length"), start = request.whole("start", 0);
  const double base = request.number("base", sequence::kSinusoidalBase);
  if (kind == kSinusoidal) {
    result.set("encoding", sequence::sinusoidal_encoding(length, request.whole("dim"), base, start));
    return;
  }
  if (request.has("dim")) request.whole("dim");  // like start and base of no effect, but not nonsense either
  result.set("encoding",
             kind == kIndex ? sequence::index_encoding(length) : sequence::normalized_encoding(length));
}

void compute_dot_product_statistics(const Request& request, Result& result) {
  const sequence::Component component{request.number("mean"), request.number("std")};
  const Index dim = request.whole("dim");
  const sequence::Moments expected = sequence::expected_dot_product(component, dim);
  result.set("expected_mean", expected.mean);
  result.set("expected_variance", expected.variance);
  const Index seed = request.whole("seed", 0);
  if (!request.has("samples")) return;
  const Index samples = request.whole("samples");
  if (samples < 2)
    request.refuse("samples", std::to_string(samples) + " is smaller than 2: a variance needs two numbers");
  const core::Rng rng(static_cast<std::uint64_t>(seed), core::RngStream::kLab);
  const auto drawn = sequence::dot_products(sequence::draw_pairs({dim}, samples, 1, rng), 0, component);
  const sequence::Moments sample = sequence::moments(drawn.values());
  result.set("sample_mean", sample.mean);
  result.set("sample_variance", sample.variance);
}

}  // namespace vitrine::cli
