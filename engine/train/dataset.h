// Datasets: labelled pictures, grey or coloured, some to train on and some to validate with.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/core/progress.h"
#include "engine/core/tensor.h"
#include "engine/core/workers.h"
#include "engine/train/config.h"

namespace vitrine::train {

struct Split {
  core::Tensor<std::uint8_t> images;  // [N, C, H, W]; C = 1 (grey) or 3 (red, green, blue)
  core::Tensor<std::uint8_t> labels;  // [N], each below Dataset::classes

  Index count() const { return images.size(0); }
  // One of them, [C, H, W] from 0 to 1.
  core::Tensor<float> picture(Index image) const;
};

struct Dataset {
  std::string name;   // "fashion-mnist"
  std::string note;   // why it is not what was asked for, and what to install; mostly empty
  std::string split;  // one line: which of the pictures validate
  Split train, validation;
  Index classes = 0;
  std::vector<std::string> class_names;  // [classes]
  double mean = 0, deviation = 1;        // of all training pixels and channels, scaled to 0..1
  std::string checksum;                  // "fnv1a64:" and 16 hexadecimal digits, over images and labels

  Index channels() const { return train.images.size(1); }
  Index height() const { return train.images.size(2); }
  Index width() const { return train.images.size(3); }
  // out[i] = (pixels[i] / 255 - mean) / deviation
  void normalise(const std::uint8_t* pixels, Index count, float* out) const;
  // (pixels - mean) / deviation, of pixels from 0 to 1.
  core::Tensor<float> normalised(core::Tensor<float> pixels) const;
};

// "0", "1", ...
std::vector<std::string> numbered_classes(Index classes);

// The pictures of a generated kind: to train on, and to validate with.
inline constexpr Index kDrawnToTrain = 20'000, kDrawnToValidate = 4'000;

// digits, shapes: drawn from `seed`.
// fashion-mnist, mnist, idx: a folder with the four IDX files train-images*, train-labels*, t10k-images*,
// t10k-labels* (or test-*), compressed or not.
// folder: pictures, a sub-folder a class (picture_folder.h).
// A limit takes the first pictures. Throws io::FileError: no such folder (saying which package or files to
// get), damaged files, images and labels of different number, labels outside the classes, no images;
// core::Stopped soon after a stop is requested.
std::shared_ptr<const Dataset> load_dataset(const DatasetConfig& config, std::int64_t seed,
                                            core::Workers& workers, std::stop_token stop = {},
                                            core::Progress* progress = nullptr);
// The same, or where the files are missing or damaged generated digits, and their note says so.
std::shared_ptr<const Dataset> load_dataset_or_digits(const DatasetConfig& config, std::int64_t seed,
                                                      core::Workers& workers, std::stop_token stop = {},
                                                      core::Progress* progress = nullptr);

// By their names; true of generated kinds.
bool files_are_there(const DatasetConfig& config);

}  // namespace vitrine::train
