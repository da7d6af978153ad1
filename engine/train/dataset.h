// Datasets: labelled pictures, grey or coloured, some to train on and some to validate with.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/core/workers.h"
#include "engine/train/config.h"

namespace vitrine::train {

struct Split {
  core::Tensor<std::uint8_t> images;  // [N, C, H, W]; C = 1 (grey) or 3 (red, green, blue)
  core::Tensor<std::uint8_t> labels;  // [N], each below Dataset::classes

  Index count() const { return images.size(0); }
};

struct Dataset {
  std::string name;  // "fashion-mnist"
  std::string note;  // why it is not what was asked for, and what to install; mostly empty
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
};

// digits: 20,000 to train on and 4,000 to validate with, drawn from `seed`.
// fashion-mnist, mnist, idx: a folder with the four IDX files train-images*, train-labels*, t10k-images*,
// t10k-labels* (or test-*), compressed or not; limits take the first images.
// When stop is requested it returns early, and what it returns is of no use.
// Throws io::FileError: no such folder (saying which package or files to get), damaged files, images and
// labels of different number, no images.
std::shared_ptr<const Dataset> load_dataset(const DatasetConfig& config, std::uint64_t seed,
                                            core::Workers& workers, std::stop_token stop = {});

}  // namespace vitrine::train
