#include "app/labs/captioned_pictures.h"

#include <algorithm>
#include <cmath>

#include "app/widgets/tiles.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Canvas;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kGap = 8, kLine = 14, kBelow = 8;  // px

struct Grid {
  Index across, down;
  float tile, side, line;  // px
};

Grid grid_of(const CaptionedPictures& p) {
  const auto across = std::max<Index>(1, static_cast<Index>((p.box.w + kGap) / p.tile));
  const float tile = p.box.w / static_cast<float>(across), side = tile - kGap;
  const float line = side + kBelow + (p.losses ? 3 : 2) * kLine;
  return {across, std::max<Index>(1, static_cast<Index>((p.box.h + kBelow) / line)), tile, side, line};
}

std::string percent(double share) { return core::shown(std::round(1000 * share) / 10, 3) + " %"; }

void draw_caption(Canvas& c, const CaptionedPictures& p, const CaptionedPicture& picture, const Rect& at) {
  const bool right = picture.prediction == picture.label;
  const auto line = [&](int number, const std::string& words, Role role) {
    const TextStyle style{widgets::kQuietSize_px - 2, Face::kWords, role};
    c.text({at.x, at.bottom() + kBelow + kLine * static_cast<float>(number)}, elided(c, words, style, at.w),
           style);
  };
  const auto name = [&](Index v) { return p.class_names[static_cast<std::size_t>(v)]; };
  const std::string with_share = percent(picture.probability) + " " + name(picture.prediction);
  const bool fits = c.text_width(with_share, {widgets::kQuietSize_px - 2}) <= at.w;
  line(0, fits ? with_share : name(picture.prediction), right ? Role::kOutput : Role::kTrouble);
  if (!right) line(1, "is " + name(picture.label), Role::kOutput);
  if (p.losses) line(right ? 1 : 2, "loss " + core::shown(picture.loss, 3), Role::kQuiet);
}

}  // namespace

core::Tensor<float> drawn_pixels(const std::uint8_t* bytes, Index channels, Index height, Index width) {
  core::Tensor<float> pixels(channels == 3 ? core::Shape{3, height, width} : core::Shape{height, width});
  for (Index i = 0; i < pixels.count(); ++i) pixels[i] = static_cast<float>(bytes[i]) / 255;
  return pixels;
}

Index fitting(const CaptionedPictures& p) {
  const Grid grid = grid_of(p);
  return std::min(grid.across * grid.down, static_cast<Index>(std::ssize(p.pictures)));
}

std::optional<CaptionedTouch> draw(Canvas& c, const CaptionedPictures& p) {
  const Grid grid = grid_of(p);
  std::optional<CaptionedTouch> touched;
  for (Index i = 0; i < fitting(p); ++i) {
    const CaptionedPicture& picture = p.pictures[static_cast<std::size_t>(i)];
    const Rect at{p.box.x + grid.tile * static_cast<float>(i % grid.across),
                  p.box.y + grid.line * static_cast<float>(i / grid.across), grid.side, grid.side};
    const std::string id = std::string(p.id) + " " + std::to_string(i + 1);
    c.heatmap({id,
               at,
               &picture.pixels,
               gpu::Colormap::kGrey,
               {0, 1},
               std::shared_ptr<const void>(p.source, &picture)});
    c.numbers({"image " + core::grouped(picture.number), at, &picture.pixels});
    draw_caption(c, p, picture, at);
    if (p.lit == picture.number) widgets::outline(c, at);
    const widgets::Touch touch = c.touch(id, at);
    if (!touch.hovered) continue;
    widgets::outline(c, at, false);
    touched = {i, touch.clicked};
  }
  return touched;
}

}  // namespace vitrine::labs
