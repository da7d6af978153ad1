// Captioned pictures: images side by side in lines, each with what a model takes it for and what it is.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/widgets/canvas.h"

namespace vitrine::labs {

struct CaptionedPicture {
  core::Index number, label, prediction;
  double probability, loss;    // of the prediction; nats
  core::Tensor<float> pixels;  // [height, width], or coloured [3, height, width], 0 to 1
};

// The picture as it is drawn, of [channels, height, width] bytes.
core::Tensor<float> drawn_pixels(const std::uint8_t* bytes, core::Index channels, core::Index height,
                                 core::Index width);

struct CaptionedPictures {
  std::string_view id;  // "<id> 1", "<id> 2", ... answer to the pointer
  widgets::Rect box;
  std::span<const CaptionedPicture> pictures;  // as many as fit are drawn
  std::shared_ptr<const void> source;          // that they belong to
  std::span<const std::string> class_names;    // [classes]
  float tile = 78;                             // the least width of one, with its gap
  bool losses = false;                         // a line more says the loss
  std::optional<core::Index> lit = {};         // the `number` of one that is outlined
};
// How many fit.
core::Index fitting(const CaptionedPictures& pictures);

struct CaptionedTouch {
  core::Index picture;  // under the pointer, by its place
  bool clicked;
};
std::optional<CaptionedTouch> draw(widgets::Canvas& canvas, const CaptionedPictures& pictures);

}  // namespace vitrine::labs
