// Fitted pictures: someone's own picture at a model's size. A pixel of the result is the mean of the part of
// the picture that it covers. As MNIST: LeCun, Cortes, Burges, "The MNIST database of handwritten digits":
// light on dark, 20 x 20 of 28 x 28, the centre of mass in the middle.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "engine/nn/model.h"

namespace vitrine::train {

using core::Index;

// kWhole: the picture with its sides' ratio kept, in the middle of what continues its border.
// kMnist: what is drawn on it, as MNIST's digits are.
enum class Fit { kWhole, kMnist };
inline constexpr std::array<std::string_view, 2> kFits{"whole", "as MNIST"};

// pixels [1 or 3, H, W] from 0 to 1, of any size but 0 -> [sizes.channels, sizes.height, sizes.width].
// A grey picture for three channels is in each; a coloured one for one channel is its grey. Throws ShapeError
// when either has neither 1 nor 3 channels or has no pixels.
core::Tensor<float> fitted(const core::Tensor<float>& pixels, const nn::ImageSizes& sizes, Fit fit);

// A rectangle of a picture, in pixels from its top left corner; it may reach beyond the picture.
struct PictureWindow {
  double top, left, height, width;
};
// out[c,i,j] = the mean of plane c over the part (i, j) of the window cut into height x width equal parts;
// beyond the picture plane c is beyond[c]. Throws ShapeError where there are fewer numbers in `beyond`.
core::Tensor<float> averaged(const core::Tensor<float>& pixels, const PictureWindow& window, Index height,
                             Index width, std::span<const float> beyond);

}  // namespace vitrine::train
