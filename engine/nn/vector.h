// The registers of engine/core/vector.h under their own names.
#pragma once

#include "engine/core/vector.h"

namespace vitrine::nn {

using core::each_in_row;
using core::Index;
using core::kLanes;
using core::kTileRows;
using core::kTileVectors;
using core::kVector_bytes;
using core::lane_sum;
using core::load;
using core::store;
using core::sum_of_row;
using core::transpose_groups;
using core::unrolled;
using core::Vector;

}  // namespace vitrine::nn
