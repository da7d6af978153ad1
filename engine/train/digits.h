// Handwritten-looking digits, drawn from strokes: a data set that is always there. Slant, rotation, size,
// place, bend, pen and noise vary, so that a linear model does badly and a model that looks at shapes well.
#pragma once

#include <stop_token>

#include "engine/core/tensor.h"
#include "engine/core/workers.h"

namespace vitrine::train {

inline constexpr core::Index kDigitSide = 28;  // pixels

struct Digits {
  core::Tensor<std::uint8_t> images;  // [N, 28, 28], 0 is the paper
  core::Tensor<std::uint8_t> labels;  // [N], 0 to 9, as many of each as N allows
};

// Digits number first .. first + count - 1 of this seed; the n-th is the same whatever is asked for with it.
// When stop is requested the rest stays blank.
Digits draw_digits(std::uint64_t seed, core::Index first, core::Index count, core::Workers& workers,
                   std::stop_token stop = {});

}  // namespace vitrine::train
