// A data set as a folder of pictures: one sub-folder of PNG and JPEG files a class, all of one size.
#pragma once

#include "engine/train/dataset.h"

namespace vitrine::train {

inline constexpr Index kMostClasses = 256;  // a label is a byte

// Two layouts: FOLDER/train/CLASS/PICTURE beside FOLDER/validation (or val, valid, test)/CLASS/PICTURE; or
// FOLDER/CLASS/PICTURE, and then a tenth of every class, but at least one picture, drawn from the seed,
// validates. Classes are in the order of their names; pictures go round: the first of every class, the second
// of every class, ..., so that a limit leaves the classes even. One picture in colour makes all RGB. Hidden
// files, other files and symbolic links are left alone. Throws io::FileError as load_dataset: fewer than 2
// or more than kMostClasses classes, one without pictures, a damaged picture, two of unequal size (both
// named), more bytes than io::kFileLimit_bytes.
Dataset load_picture_folder(const DatasetConfig& config, std::uint64_t seed, core::Workers& workers,
                            std::stop_token stop, core::Progress& progress);

}  // namespace vitrine::train
