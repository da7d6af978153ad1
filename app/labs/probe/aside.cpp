#include "app/labs/probe/aside.h"

#include <algorithm>
#include <cmath>

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;

namespace {

PatchGrid grid_of(const Looked& looked, Index window) {
  if (looked.inside.grid.patches() > 0) return looked.inside.grid;
  const Index side = std::max<Index>(1, window);
  return {core::divide_up(looked.pixels.size(1), side), core::divide_up(looked.pixels.size(2), side), side};
}

// n numbers row by row as a sheet about as high as wide; what is left over of the last row is 0.
Tensor<float> sheet_of(const Tensor<float>& numbers) {
  const auto columns = static_cast<Index>(std::ceil(std::sqrt(static_cast<double>(numbers.count()))));
  Tensor<float> sheet(Shape{core::divide_up(numbers.count(), columns), columns});
  std::copy_n(numbers.data(), numbers.count(), sheet.data());
  return sheet;
}

// The places of a layer as they lie in the picture, without a class token.
Tensor<float> map_of(const Tensor<float>& places, const PatchGrid& grid) {
  if (places.rank() == 2) return places;
  if (grid.patches() == 0) return sheet_of(places);
  return Tensor<float>(Shape{grid.rows, grid.columns},
                       places.values().subspan(static_cast<std::size_t>(grid.first_patch)));
}

Aside::Edit edit_of(const Looked& looked, const Tensor<float>& before) {
  const train::Inside was = train::look_inside(*looked.model, *looked.weights, looked.normalised(before));
  train::Moved moved = train::moved(was, looked.inside);
  Aside::Edit edit{was.probabilities, std::move(moved.logits), {}};
  for (const train::Moved::Layer& layer : moved.layers)
    if (is_layer_output(layer.name))
      edit.layers.push_back({layer_words(layer.name), map_of(layer.places, looked.inside.grid), layer.whole});
  return edit;
}

Tensor<float> sequence_of(const Tensor<float>& pixels, const PatchGrid& grid) {
  const Index channels = pixels.size(0), side = grid.patch_size;
  Tensor<float> out(Shape{channels, side, grid.tokens() * side});
  for (Index c = 0; c < channels; ++c)
    for (Index token = grid.first_patch; token < grid.tokens(); ++token) {
      const Index patch = token - grid.first_patch, top = patch / grid.columns * side,
                  left = patch % grid.columns * side;
      for (Index y = 0; y < side; ++y) std::copy_n(&pixels(c, top + y, left), side, &out(c, y, token * side));
    }
  return channels == 1 ? out.reshaped({side, grid.tokens() * side}) : out;
}

}  // namespace

Index Aside::guess() const {
  const auto& p = looked->inside.probabilities;
  return std::max_element(p.begin(), p.end()) - p.begin();
}

Index Aside::target() const { return looked->label >= 0 ? looked->label : guess(); }

std::string class_name(const Looked& looked, Index label) {
  return label < 0 ? "unknown" : looked.dataset->class_names[static_cast<std::size_t>(label)];
}

Aside look_aside(const AsideQuestion& q, std::stop_token stop) {
  const Looked& looked = *q.looked;
  Aside aside;
  aside.looked = q.looked;
  aside.grid = grid_of(looked, q.window);
  if (q.before.shape() == looked.pixels.shape()) aside.edit = edit_of(looked, q.before);
  if (q.window > 0)
    aside.occlusion =
        train::occlude(*looked.model, *looked.weights, looked.normalised(looked.pixels), q.window, stop);
  if (aside.has_tokens()) aside.sequence = sequence_of(looked.pixels, looked.inside.grid);
  return aside;
}

}  // namespace vitrine::labs
