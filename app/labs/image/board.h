// Where things stand on the image lab's stage: x and y to one scale, the tiles below them, the magnifier of
// the lit window at the bottom.
#pragma once

#include "app/labs/image/lab.h"

namespace vitrine::labs {

struct ImageBoard {
  float pixel;                          // side of one pixel of either picture, px
  widgets::Rect padded, input, output;  // padded: the input with its padding
  widgets::Rect tiles;                  // of no use when there are none
  widgets::Rect magnifier;

  ImageBoard(const widgets::Rect& area, const ImageConvolution::Result& result);
  widgets::Rect pixel_of(widgets::Cell output_cell) const;
  // What the window of that output covers of the padded input.
  widgets::Rect window_of(widgets::Cell output_cell, const ImageConvolution::Params& params) const;
};

inline constexpr const char* kChannelNames[] = {"red", "green", "blue"};

// Grey for what has no sign, diverging for what has one.
gpu::Colormap map_of(gpu::Range range);
// A frame that stays visible around a window of a few pixels.
void frame(widgets::Canvas& canvas, const widgets::Rect& window);

// What the lit window sees, times the kernel, is the products; their sum is the pixel. Of several channels
// each has its sum, and the pixel is theirs: there x stands above k. With it the pens for k and what the
// layer costs.
void draw_magnifier(widgets::Canvas& canvas, const ImageBoard& board, const ImageConvolution::Result& result,
                    ImageConvolution::View& view, const ImageConvolution::LitPixel& lit);

}  // namespace vitrine::labs
