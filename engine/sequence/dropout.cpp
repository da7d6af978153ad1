#include "engine/sequence/dropout.h"

#include <stdexcept>

#include "engine/core/rng.h"
#include "engine/core/text.h"

namespace vitrine::sequence {

using core::Index;
using core::Tensor;

Tensor<double> dropout_factors(const core::Shape& shape, const Dropout& dropout, std::uint64_t place) {
  if (!(dropout.rate >= 0 && dropout.rate < 1))
    throw std::invalid_argument("dropout rate " + core::exact(dropout.rate) + " is not in [0, 1)");
  Tensor<double> factors(shape, 1.0);
  if (dropout.rate == 0) return factors;
  const core::Rng rng(dropout.seed, core::RngStream::kDropout);
  for (Index i = 0; i < factors.count(); ++i) {
    const bool kept = rng.uniform(dropout.step, place << 32 | static_cast<std::uint64_t>(i)) >= dropout.rate;
    factors[i] = kept ? 1 / (1 - dropout.rate) : 0;
  }
  return factors;
}

}  // namespace vitrine::sequence
