// Occlusion: what each part of a picture does for the answer, by taking it away. It asks no gradient of the
// model and tells what would happen, not only which way it leans.
//   change[w,v] = logits[v] of the picture with window w covered - logits[v] of the whole picture
// Zeiler, Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2.
#pragma once

#include <stop_token>

#include "engine/nn/model.h"

namespace vitrine::train {

using core::Index;

struct Occlusion {
  Index window = 1;           // the side of a covered square, in pixels
  core::Tensor<float> whole;  // [classes], the logits of the picture as it is
  // [down, across, classes], down = ceil(height / window): below 0 where the part speaks for the class.
  core::Tensor<float> change;
};

// image [channels, height, width], as Dataset::normalised. A covered pixel is 0: the mean of the pixels that
// the model learns from. Costs 1 + down * across forward passes. Throws ShapeError for an image of another
// shape, std::invalid_argument for a window below 1, core::Stopped soon after a stop is requested.
Occlusion occlude(const nn::Model<float>& model, const nn::Weights<float>& weights,
                  const core::Tensor<float>& image, Index window, std::stop_token stop = {});

}  // namespace vitrine::train
