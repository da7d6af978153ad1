// Dropout: every number is set to 0 with probability `rate`, the others grow by 1/(1 - rate), so that the
// expected value stays. Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, section 4.
#pragma once

#include "engine/core/tensor.h"

namespace vitrine::sequence {

struct Dropout {
  double rate = 0;  // in [0, 1); 0: nothing is dropped
  std::uint64_t seed = 0, step = 0;
  bool operator==(const Dropout&) const = default;
};

// What each number of `shape` is multiplied with: 0 or 1/(1 - rate). A function of (seed, step, place, index
// of the number), never of how many were drawn before; `place` is one of the block's dropouts, < 2^32.
// Throws std::invalid_argument unless rate is in [0, 1).
core::Tensor<double> dropout_factors(const core::Shape& shape, const Dropout& dropout, std::uint64_t place);

}  // namespace vitrine::sequence
