// Numbers for tests: drawn from the test stream, the same on every run.
#pragma once

#include <vector>

#include "engine/core/rng.h"
#include "engine/nn/parameters.h"

namespace vitrine::nn {

template <class T>
std::vector<T> normal_numbers(Index count, std::uint64_t draw, double deviation = 1) {
  const core::Rng rng(11, core::RngStream::kTest);
  std::vector<T> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(deviation * rng.normal(draw, i));
  return out;
}

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
