// OpenedModel: a Vision Transformer that someone else has trained, out of a .safetensors file with timm's
// names: what a picture must be for it, and what its classes are called.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/nn/vit.h"
#include "engine/train/timm_vit.h"

namespace vitrine::train {

// out[c] = (pixels[c] - mean[c]) / deviation[c], of pixels from 0 to 1; one number is for every channel.
struct Normalisation {
  std::vector<double> mean, deviation;

  // Mean and deviation 0.5: timm's ViTs of Steiner et al. 2021, "How to train your ViT?".
  static Normalisation half();
  // ImageNet's, as timm's DeiT has it: Touvron et al. 2021, "Training data-efficient image transformers".
  static Normalisation imagenet();
  core::Tensor<float> of(core::Tensor<float> pixels) const;  // [C, H, W]
  bool operator==(const Normalisation&) const = default;
};

struct OpenOptions {
  std::optional<Index> heads = {};  // none: as timm_vit takes them; the run's record knows better
  std::optional<Normalisation> normalisation = {};  // none: as config.json says, else half()

  bool operator==(const OpenOptions&) const = default;
};

// Immutable.
struct OpenedModel {
  std::filesystem::path path;
  std::shared_ptr<const nn::Vit<float>> model;
  std::shared_ptr<const nn::Weights<float>> weights;
  Normalisation normalisation;
  std::vector<std::string> class_names;  // [classes]
  bool heads_known = false;              // they are recorded, not taken
  std::string note;                      // one line: what was taken for what no file says; may be empty
};

// What a config.json beside the file says is used: the record of a run of this program (heads, positions,
// normalisation), or mean and std of timm's pretrained_cfg. Classes are called by the lines of
// NAME.labels.txt or labels.txt beside it, else "class 17". Throws io::FileError: what is read is damaged, or
// tensors are not a Vision Transformer's; std::invalid_argument when it needs more than half of the free
// memory, which is known before a number is read.
OpenedModel open_model(const std::filesystem::path& path, const OpenOptions& options = {});

// A class a line. Throws io::FileError, also when there are not as many.
std::vector<std::string> read_labels(const std::filesystem::path& path, Index classes);

// pixels [1 or 3, H, W] from 0 to 1 -> [sizes.channels, sizes.height, sizes.width]: as much of the middle as
// has these sides' ratio, each pixel the mean of the part that it covers. Throws ShapeError for another
// number of channels or no pixels.
core::Tensor<float> centre_cropped(const core::Tensor<float>& pixels, const nn::ImageSizes& sizes);

// What opening it and looking inside it takes of the memory at once: the file's bytes and its numbers, then
// the weights, then an image's way through them and all that Inside keeps. Throws ShapeError past 2^63.
Index opening_bytes(const nn::Vit<float>& vit, Index file_bytes);

}  // namespace vitrine::train
