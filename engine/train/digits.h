// Handwritten-looking digits, drawn from strokes: a data set that is always there. Slant, rotation, size,
// place, bend, pen and noise vary, so that a linear model does badly and a model that looks at shapes well.
#pragma once

#include "engine/train/dataset.h"

namespace vitrine::train {

inline constexpr core::Index kDigitSide = 28;  // pixels
inline constexpr core::Index kDigitClasses = 10;

// Digits number first .. first + count - 1 of this seed, [count, 1, 28, 28] of 0 (paper) to 255 (ink), as
// many of each class as count allows. The n-th is the same whatever is asked for with it. Throws
// core::Stopped soon after a stop is requested.
Split draw_digits(std::uint64_t seed, core::Index first, core::Index count, core::Workers& workers,
                  std::stop_token stop = {}, core::Progress* progress = nullptr);

}  // namespace vitrine::train
