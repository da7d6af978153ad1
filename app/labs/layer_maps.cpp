#include "app/labs/layer_maps.h"

#include <algorithm>
#include <cmath>

#include "app/widgets/matrix.h"
#include "app/widgets/tiles.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using widgets::kQuietWords;

// What the model says of the layer beside its name: "max_pool 2 x 2, stride 2".
std::string kind_of(const nn::Model<float>& model, const std::string& activation) {
  for (const nn::LayerFacts& layer : model.layers())
    if (layer.name + " output" == activation) return layer.words;
  return "";
}

// maps [C, H, W] side by side, as many below each other as make the whole about two and a half times as wide
// as high.
LayerMap layer_of(const std::string& activation, const std::string& words, const Tensor<float>& values) {
  const bool maps = values.rank() == 3;
  LayerMap layer{
      layer_words(activation), words, values.shape(), {}, 1, 1, maps ? values.size(0) : values.count(), {}};
  if (maps) layer.rows = values.size(1), layer.columns = values.size(2);
  const double wide =
      std::sqrt(2.5 * static_cast<double>(layer.count * layer.rows) / static_cast<double>(layer.columns));
  const Index across = std::clamp<Index>(static_cast<Index>(std::ceil(wide)), 1, layer.count);
  layer.tiles =
      Tensor<float>(Shape{core::divide_up(layer.count, across) * layer.rows, across * layer.columns});
  float lo = 0, hi = 1e-6f;
  for (Index i = 0; i < layer.count; ++i)
    for (Index y = 0; y < layer.rows; ++y)
      for (Index x = 0; x < layer.columns; ++x) {
        const float value = values[(i * layer.rows + y) * layer.columns + x];
        layer.tiles(i / across * layer.rows + y, i % across * layer.columns + x) = value;
        lo = std::min(lo, value), hi = std::max(hi, value);
      }
  const float most = std::max(-lo, hi);
  layer.range = {lo < 0 ? -most : 0, lo < 0 ? most : hi};
  return layer;
}

// "max_pool 2 × 2, stride 2" -> "max pool"
std::string brief(const std::string& words) {
  std::string first = words.substr(0, words.find_first_of(" ,"));
  std::ranges::replace(first, '_', ' ');
  return first;
}

}  // namespace

std::string layer_words(const std::string& activation) {
  for (const auto& [prefix, word] : {std::pair("blocks.", "block "), std::pair("layers.", "layer ")}) {
    if (!activation.starts_with(prefix)) continue;
    const std::string rest = activation.substr(std::string_view(prefix).size());
    return word + std::to_string(std::stoi(rest) + 1);
  }
  return activation;
}

bool is_layer_output(const std::string& activation) {
  return activation == "tokens" || activation.ends_with(" output");
}

std::vector<LayerMap> layer_maps(const nn::Model<float>& model, const train::Inside& inside) {
  std::vector<LayerMap> layers;
  if (!inside.attention.empty()) return layers;
  for (const auto& [name, values] : inside.activations)
    if (is_layer_output(name)) layers.push_back(layer_of(name, kind_of(model, name), values));
  return layers;
}

void draw(widgets::Canvas& c, const Rect& box, std::span<const LayerMap> layers,
          const std::shared_ptr<const void>& source) {
  widgets::draw_title(c, {box.x, box.y + 10}, "Layers", Role::kOutput, "what each makes of the picture",
                      box.w);
  const auto count = static_cast<float>(layers.size());
  if (count == 0) return;
  const float across = std::ceil(std::sqrt(count)), down = std::ceil(count / across), gap = 16;
  const float width = (box.w - gap * (across - 1)) / across, height = (box.h - 26 - gap * (down - 1)) / down;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerMap& layer = layers[i];
    const auto column = static_cast<float>(i % static_cast<std::size_t>(across)),
               row = static_cast<float>(i / static_cast<std::size_t>(across));
    const Rect place{box.x + column * (width + gap), box.y + 26 + row * (height + gap), width, height};
    const std::string name = layer.name + "  " + widgets::shape_words(layer.shape) + "  ";
    std::string words = name + layer.words;
    if (c.text_width(words, kQuietWords) > width) words = name + brief(layer.words);
    c.text({place.x, place.y + 7}, elided(c, words, kQuietWords, width), kQuietWords);
    const std::string id = "layer " + std::to_string(i);
    const gpu::Colormap map = layer.range.lo < 0 ? gpu::Colormap::kDiverging : gpu::Colormap::kViridis;
    const widgets::Tiles tiles{.id = id,
                               .values = &layer.tiles,
                               .source = source,
                               .rows = layer.rows,
                               .columns = layer.columns,
                               .colormap = map,
                               .range = layer.range,
                               .box = {place.x, place.y + 18, width, height - 18 - 26},
                               .count = layer.count};
    const widgets::TilesLayout places = widgets::layout(tiles);
    widgets::draw(c, tiles);
    c.numbers({layer.name + " output", places.all, &layer.tiles});
    widgets::legend(c, {places.all.x, places.all.bottom() + 6, std::min(120.0f, width), 18}, map,
                    layer.range);
  }
}

}  // namespace vitrine::labs
