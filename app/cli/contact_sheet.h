// Contact sheets: pictures of a data set side by side on one, with what they are in words.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/train/evaluation.h"

namespace vitrine::cli {

struct Sheet {
  core::Index height = 0, width = 0;  // pixels
  std::vector<std::uint8_t> rgb;      // [height, width, 3]
};

inline constexpr core::Index kMostSheetColumns = 100;

// On both sheets small pictures are magnified by a whole number, large ones reduced by averaging whole
// blocks; both throw std::invalid_argument for more than io::kImageLimit_pixels.

// A row a class, with the class's name and how many it has: at most `columns` training pictures of it, which
// and in which order drawn from the seed. Throws std::invalid_argument: columns not from 1 to
// kMostSheetColumns.
Sheet contact_sheet(const train::Dataset& dataset, core::Index columns, std::uint64_t seed);

// These validation pictures from the left to the right and then down; under each what it is, ">", and what it
// is taken for. Throws std::invalid_argument when there are none.
Sheet mistakes_sheet(const train::Dataset& dataset, const train::Evaluation& evaluation,
                     std::span<const core::Index> mistakes);

}  // namespace vitrine::cli
