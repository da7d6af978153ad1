// Tiles: many small maps of one size, side by side and below each other, in one texture: heads, filters,
// feature maps, a map for every place.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "app/widgets/matrix.h"

namespace vitrine::widgets {

struct Tiles {
  std::string_view id;  // of the touched shape and of the texture
  // [down * rows, across * columns], or as colours [3, down * rows, across * columns]; belongs to `source`.
  const core::Tensor<float>* values;
  std::shared_ptr<const void> source;
  core::Index rows = 1, columns = 1;  // cells of a tile
  gpu::Colormap colormap = gpu::Colormap::kViridis;
  gpu::Range range;
  Rect box;  // the cells are square and as large as fit, from the box's top left
  float largest_tile = 1e9f;
  // Only the first so many are there; the others, at the end of the last line, are empty.
  std::optional<core::Index> count = {};
};

// Where the tiles of a picture are.
struct TilesLayout {
  core::Index down = 0, across = 0;
  float cell = 0;  // side, px
  Rect all{}, first{};
  Rect tile(core::Index row, core::Index column) const {
    return {all.x + first.w * static_cast<float>(column), all.y + first.h * static_cast<float>(row), first.w,
            first.h};
  }
  Rect tile(core::Index number) const { return tile(number / across, number % across); }
  // A cell of the tile that stands in this rectangle.
  Rect cell_in(const Rect& tile, Cell at) const {
    return {tile.x + cell * static_cast<float>(at.column), tile.y + cell * static_cast<float>(at.row), cell,
            cell};
  }
};

struct TilesTouch {
  std::optional<Cell> tile;  // pointed at
  Cell cell;                 // of that tile
  bool clicked = false;
};

TilesLayout layout(const Tiles& tiles);
// The stage shows between two tiles, over the outermost pixels of their cells.
TilesTouch draw(Canvas& canvas, const Tiles& tiles);
// A light around a tile or a cell, which shows on any colour.
void outline(Canvas& canvas, const Rect& rect, bool strong = true);

}  // namespace vitrine::widgets
