// A contact sheet: pictures of a data set, a row a class, with the class's name and how many it has.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/train/dataset.h"

namespace vitrine::cli {

struct Sheet {
  core::Index height = 0, width = 0;  // pixels
  std::vector<std::uint8_t> rgb;      // [height, width, 3]
};

inline constexpr core::Index kMostSheetColumns = 100;

// At most `columns` training pictures of every class, which and in which order drawn from the seed. Small
// pictures are magnified by a whole number, large ones reduced by averaging whole blocks. Throws
// std::invalid_argument: columns not from 1 to kMostSheetColumns, or more than io::kImageLimit_pixels.
Sheet contact_sheet(const train::Dataset& dataset, core::Index columns, std::uint64_t seed);

}  // namespace vitrine::cli
