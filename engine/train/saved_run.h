// A run that is over, out of its folder: what config.json records and the newest weights.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/train/run_record.h"

namespace vitrine::train {

struct SavedRun {
  std::filesystem::path path;
  RunRecord record;
};

// Throws io::FileError with the file: it cannot be read or is damaged, records no run, or what it records is
// impossible.
SavedRun open_run(const std::filesystem::path& path);

// The run's model over images of these sizes, and its weights. Throws std::invalid_argument when the images
// do not suit the model, io::FileError when the weights cannot be read, are damaged or another model's.
struct SavedModel {
  std::unique_ptr<const nn::Model<float>> model;
  nn::Weights<float> weights;
};
SavedModel load_model(const SavedRun& run, const nn::ImageSizes& image, Index classes, int threads);

}  // namespace vitrine::train
