// Weights for tests: the same on every run.
#pragma once

#include "engine/nn/parameters.h"
#include "tests/engine/core/numbers.h"

namespace vitrine::nn {

using core::normal_numbers;

// Weights large enough that every layer works off its linear middle.
template <class T>
Weights<T> wild_weights(const ParameterLayout& layout, std::uint64_t draw) {
  Weights<T> weights = Weights<T>::initial(layout, 0);
  const auto noise = normal_numbers<T>(layout.size(), draw, 0.4);
  for (std::size_t i = 0; i < noise.size(); ++i) weights.values[i] += noise[i];
  weights.refresh_all(layout);
  return weights;
}

}  // namespace vitrine::nn
