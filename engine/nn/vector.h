// The registers of engine/core/vector.h under their own names, and the tile of sums that a product keeps in
// them.
#pragma once

#include "engine/core/vector.h"

namespace vitrine::nn {

using core::each_in_row;
using core::Index;
using core::kLanes;
using core::kVector_bytes;
using core::lane_sum;
using core::load;
using core::store;
using core::sum_of_row;
using core::unrolled;
using core::Vector;

inline constexpr int kTileRows = 6;
inline constexpr int kTileVectors =
    core::kRegisters == 32 ? 4 : 2;  // registers wide: 6 x 4 of 32, 6 x 2 of 16

}  // namespace vitrine::nn
