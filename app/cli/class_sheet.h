// A data set at a glance: pictures of it, a row a class, with the class's name and how many it has.
#pragma once

#include "engine/train/contact_sheet.h"
#include "engine/train/dataset.h"

namespace vitrine::cli {

inline constexpr core::Index kMostSheetColumns = 100;

// In colour: at most `columns` training pictures of every class, which and in which order drawn from the
// seed. Small pictures are magnified by a whole number, large ones reduced by averaging whole blocks. Throws
// std::invalid_argument: columns not from 1 to kMostSheetColumns, or more than io::kImageLimit_pixels.
train::Sheet class_sheet(const train::Dataset& dataset, core::Index columns, std::uint64_t seed);

}  // namespace vitrine::cli
