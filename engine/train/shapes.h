// Coloured shapes, drawn: a data set that is always there. Colours, size, place, rotation and noise vary, the
// background fades from one colour to another, and only the outline tells the class.
#pragma once

#include <array>

#include "engine/train/dataset.h"

namespace vitrine::train {

inline constexpr core::Index kShapeSide = 28;  // pixels
inline constexpr std::array<std::string_view, 8> kShapeNames{"circle", "ring", "crescent", "triangle",
                                                             "square", "star", "cross",    "arrow"};

// Shapes number first .. first + count - 1 of this seed, [count, 3, 28, 28], as many of each class as count
// allows. The n-th is the same whatever is asked for with it. Throws core::Stopped soon after a stop is
// requested.
Split draw_shapes(std::uint64_t seed, core::Index first, core::Index count, core::Workers& workers,
                  std::stop_token stop = {}, core::Progress* progress = nullptr);

}  // namespace vitrine::train
