// A data set as four IDX files in one folder, as MNIST comes: images and labels to train on and to validate
// with.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "engine/train/dataset.h"

namespace vitrine::train {

inline constexpr Index kMnistClasses = 10;  // and Fashion-MNIST's

// Where the user's own copy of fashion-mnist or mnist belongs, best first: a folder of the kind's name in
// $VITRINE_DATA and in $XDG_DATA_HOME/vitrine, or else ~/.local/share/vitrine. Empty without a home folder.
std::vector<std::filesystem::path> own_places(DatasetKind kind);

// Where fashion-mnist or mnist may lie when no path is given, in the order they are looked through: the
// user's own, the system's, those of the current folder.
std::vector<std::filesystem::path> usual_places(DatasetKind kind);

// Of a configuration of these kinds: its path, or else those.
std::vector<std::filesystem::path> places_of(const DatasetConfig& config);

// The first of some with all four files; none: empty.
std::optional<std::filesystem::path> first_with_idx_files(const std::vector<std::filesystem::path>& places);

// The number of images and their size [N, H, W] of both splits, from the files' headers. Throws
// io::FileError.
struct IdxSizes {
  core::Shape train, validation;
};
IdxSizes idx_sizes(const std::filesystem::path& folder);

// Throws as load_dataset.
Dataset load_idx_folder(const DatasetConfig& config, std::stop_token stop, core::Progress& progress);

}  // namespace vitrine::train
