#include "app/widgets/tiles.h"

#include <algorithm>
#include <cmath>

namespace vitrine::widgets {

using core::Index;

namespace {

float px(Index n) { return static_cast<float>(n); }

}  // namespace

TilesLayout layout(const Tiles& t) {
  const std::size_t rank = t.values->rank();
  TilesLayout l{.down = t.values->size(rank - 2) / t.rows, .across = t.values->size(rank - 1) / t.columns};
  float width =
      std::min({t.largest_tile, t.box.w / px(l.across), t.box.h / px(l.down) * px(t.columns) / px(t.rows)});
  if (width >= 8) width = std::floor(width);
  l.cell = std::max(width, 0.0f) / px(t.columns);
  l.first = {t.box.x, t.box.y, width, l.cell * px(t.rows)};
  l.all = {t.box.x, t.box.y, l.first.w * px(l.across), l.first.h * px(l.down)};
  return l;
}

TilesTouch draw(Canvas& c, const Tiles& t) {
  const TilesLayout l = layout(t);
  c.heatmap({t.id, l.all, t.values, t.colormap, t.range, t.source});
  const float gap = std::min({3.0f, l.cell * 0.6f, std::max(1.0f, l.first.w * 0.08f)});
  for (Index row = 0; row <= l.down; ++row)
    c.fill({l.all.x - gap / 2, l.all.y + l.first.h * px(row) - gap / 2, l.all.w + gap, gap}, Role::kStage);
  for (Index column = 0; column <= l.across; ++column)
    c.fill({l.all.x + l.first.w * px(column) - gap / 2, l.all.y - gap / 2, gap, l.all.h + gap}, Role::kStage);
  const Index count = std::min(t.count.value_or(l.down * l.across), l.down * l.across);
  if (count < l.down * l.across) {
    const Rect empty = l.tile(count);
    c.fill({empty.x, empty.y, l.all.right() - empty.x + gap, empty.h + gap}, Role::kStage);
  }
  const Touch touch = c.touch(t.id, l.all);
  if (!touch.hovered) return {};
  const auto index = [&](float offset, Index last) {
    return std::clamp<Index>(static_cast<Index>(offset / l.cell), 0, last - 1);
  };
  const Index row = index(touch.at.y - l.all.y, l.down * t.rows),
              column = index(touch.at.x - l.all.x, l.across * t.columns);
  const Cell tile{row / t.rows, column / t.columns};
  if (tile.row * l.across + tile.column >= count) return {};
  return {tile, {row % t.rows, column % t.columns}, touch.clicked};
}

void outline(Canvas& c, const Rect& rect, bool strong) {
  if (strong) c.stroke(rect.inset(-1), Role::kStage, 4);
  c.stroke(rect.inset(strong ? -1.0f : 0.0f), {Role::kFocus, strong ? 1.0f : 0.7f}, strong ? 2.0f : 1.5f);
}

}  // namespace vitrine::widgets
