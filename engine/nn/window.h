// Window: how a convolution or a pooling layer moves over an image. PyTorch's counting: places that the
// kernel does not fill are left out at the end. Dumoulin, Visin 2016, "A guide to convolution arithmetic",
// section 2.
#pragma once

#include "engine/nn/model.h"

namespace vitrine::nn {

struct Window {
  ImageSizes in;
  Index kernel, stride, padding;  // along rows and columns alike

  Index out_height() const { return places(in.height); }
  Index out_width() const { return places(in.width); }
  Index out_places() const { return out_height() * out_width(); }

 private:
  Index places(Index length) const { return (length + 2 * padding - kernel) / stride + 1; }
};

}  // namespace vitrine::nn
