// Numbers for tests: drawn from the test stream, the same on every run.
#pragma once

#include <vector>

#include "engine/core/rng.h"
#include "engine/core/shape.h"

namespace vitrine::core {

template <class T>
std::vector<T> normal_numbers(Index count, std::uint64_t draw, double deviation = 1) {
  const Rng rng(11, RngStream::kTest);
  std::vector<T> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(deviation * rng.normal(draw, i));
  return out;
}

}  // namespace vitrine::core
