// Random geometries for the tests of the fast paths: small, odd, 1x1 and 1xN, the same on every run.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/rng.h"
#include "engine/core/tensor.h"
#include "engine/signal/window.h"

namespace vitrine::signal {

// Numbers from the test stream, one after the other.
class Draws {
 public:
  explicit Draws(std::uint64_t step) : step_(step) {}
  Index between(Index least, Index most) {
    const auto choices = static_cast<std::uint64_t>(most - least + 1);
    return least + static_cast<Index>(rng_.below(choices, step_, next_++));
  }
  core::Tensor<float> tensor(const core::Shape& shape) {
    core::Tensor<float> t(shape);
    for (float& value : t.values()) value = static_cast<float>(rng_.normal(step_, next_++));
    return t;
  }
  // One of a few heights or widths up to `most`, 1 more often than others.
  Index size(Index most) { return between(0, 4) == 0 ? 1 : between(1, most); }
  WindowSpec window(Index most_padding) {
    return {between(1, 5), between(1, 3), between(0, most_padding), between(0, most_padding)};
  }
  // A kernel of up to `most` that fits; a dilation too wide for the input becomes 1.
  Index kernel(Index size, Index most, WindowSpec& window) {
    const Index padded = size + window.padding_before + window.padding_after;
    const Index kernel = between(1, std::min(most, padded));
    if (kernel_extent(kernel, window.dilation) > padded) window.dilation = 1;
    return kernel;
  }

 private:
  core::Rng rng_{5, core::RngStream::kTest};
  std::uint64_t step_, next_ = 0;
};

inline std::string window_text(const WindowSpec& w) {
  return " stride " + std::to_string(w.stride) + " dilation " + std::to_string(w.dilation) + " padding " +
         std::to_string(w.padding_before) + " and " + std::to_string(w.padding_after);
}

// |a - b| / |b|, of lengths as vectors.
inline double relative_distance(const core::Tensor<float>& a, const core::Tensor<float>& b) {
  double distance = 0, length = 0;
  for (Index i = 0; i < b.count(); ++i) {
    distance += std::pow(static_cast<double>(a[i]) - b[i], 2);
    length += std::pow(static_cast<double>(b[i]), 2);
  }
  return distance == 0 ? 0 : std::sqrt(distance / length);
}

}  // namespace vitrine::signal
