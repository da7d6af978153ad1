// The model that a configuration describes.
#pragma once

#include <memory>

#include "engine/nn/model.h"
#include "engine/train/config.h"

namespace vitrine::train {

// Only the description: no memory for weights is taken. Throws std::invalid_argument when the images do not
// suit the model, ShapeError when its sizes overflow.
template <class T>
std::unique_ptr<const nn::Model<T>> make_model(const ModelConfig& config, const nn::ImageSizes& image,
                                               Index classes);

}  // namespace vitrine::train
