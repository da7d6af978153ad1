// LayerMaps: what the layers of a CNN or an MLP make of one picture: the maps or the numbers of each as
// tiles.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/widgets/canvas.h"
#include "engine/train/inside.h"

namespace vitrine::labs {

// Every activation of a layer as tiles of one size, laid out to be drawn.
struct LayerMap {
  std::string name, words;  // "layer 3", "max_pool 2 x 2, stride 2"
  core::Shape shape;
  core::Tensor<float> tiles;                     // [down * rows, across * columns]
  core::Index rows = 1, columns = 1, count = 0;  // of a tile; tiles
  gpu::Range range;
};
// Of what each layer puts out; none of a model with tokens.
std::vector<LayerMap> layer_maps(const nn::Model<float>& model, const train::Inside& inside);

// "tokens", "blocks.2 output" -> "tokens", "block 3"; "layers.0 output" -> "layer 1"
std::string layer_words(const std::string& activation);
// Of a name among Inside::activations: what is handed on to the next layer.
bool is_layer_output(const std::string& activation);

// Those of `source`, in a grid, each with its shape and its legend.
void draw(widgets::Canvas& canvas, const widgets::Rect& box, std::span<const LayerMap> layers,
          const std::shared_ptr<const void>& source);

}  // namespace vitrine::labs
