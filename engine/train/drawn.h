// Generated pictures: drawn in pieces by a team, each a function of its number alone.
#pragma once

#include <functional>

#include "engine/train/dataset.h"

namespace vitrine::train {

// Writes one picture, plane by plane, to `out`.
using DrawPicture = std::function<void(std::uint64_t number, int label, std::uint8_t* out)>;

// Pictures number first .. first + count - 1, each of shape `picture` [C, H, W] and of class number %
// classes, so that there are as many of each class as count allows. Throws core::Stopped soon after a stop is
// requested.
Split drawn_split(const core::Shape& picture, Index classes, Index first, Index count,
                  const DrawPicture& draw, core::Workers& workers, std::stop_token stop,
                  core::Progress* progress);

}  // namespace vitrine::train
