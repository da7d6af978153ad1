// The picture of the image lab: x and the shown filter's y, the tiles of every map and of every channel's
// part of the sum, and what a hand does to them.
#include <algorithm>
#include <cmath>

#include "app/labs/image/board.h"
#include "app/widgets/large_matrix.h"
#include "app/widgets/palette.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Cell;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;

namespace {

using Result = ImageConvolution::Result;
using View = ImageConvolution::View;
using LitPixel = ImageConvolution::LitPixel;

constexpr float kTile_gap = 6;

// Equal tiles with a given height-to-width ratio in a box: as many to a line as makes them largest.
struct TileGrid {
  float x, y, w, h;
  Index across = 1;

  TileGrid(const Rect& box, Index count, float aspect) : x(box.x), y(box.y), w(0), h(0) {
    for (Index columns = 1; columns <= count; ++columns) {
      const auto lines = static_cast<float>((count + columns - 1) / columns);
      const float fits =
          std::min(box.w / static_cast<float>(columns) - kTile_gap, (box.h / lines - kTile_gap) / aspect);
      if (fits > w) w = fits, h = fits * aspect, across = columns;
    }
  }
  Rect at(Index i) const {
    return {x + static_cast<float>(i % across) * (w + kTile_gap),
            y + static_cast<float>(i / across) * (h + kTile_gap), w, h};
  }
};

// "180 × 240", of several planes "3 × 180 × 240".
std::string input_words(const Result& r) {
  const auto& x = r.input->planes.shape();
  return widgets::shape_words(x[0] == 1 ? core::Shape{x[1], x[2]} : x);
}

// A plane whose pixels, enlarged, are cells with their numbers, in dashes outside `inside`. Of three planes,
// or of a plane that has been reduced, there is only the picture. pixels: how many the plane has; name,
// whole: of its numbers.
void draw_pixels(widgets::Canvas& c, widgets::LargeMatrix picture, Index pixels, const Rect& inside,
                 const char* name, const Tensor<float>& whole) {
  if (picture.values->rank() != 2 || picture.values->count() != pixels) {
    c.heatmap({picture.id, picture.box, picture.values, picture.colormap, picture.range, picture.source});
    return c.numbers({name, picture.box, &whole});
  }
  const Point origin{picture.box.x, picture.box.y};
  const float pixel = picture.max_cell;
  picture.look = [=](Cell at) {
    const Point middle{origin.x + pixel * (static_cast<float>(at.column) + 0.5f),
                       origin.y + pixel * (static_cast<float>(at.row) + 0.5f)};
    return widgets::CellLook{.dashed = !inside.contains(middle)};
  };
  widgets::draw(c, picture);
  c.numbers({name, widgets::layout(picture).cells, &whole});
}

void draw_pictures(widgets::Canvas& c, const ImageBoard& b, const std::shared_ptr<const Result>& result,
                   const LitPixel& lit, bool sweeping) {
  const Result& r = *result;
  const gpu::Range unit{0, 1};
  const bool is_padded = b.padded.w > b.input.w || b.padded.h > b.input.h;
  widgets::draw_title(c, {b.padded.x, b.padded.y - 13}, "x", Role::kInput,
                      input_words(r) + (is_padded ? ", padded" : ""));
  if (is_padded) widgets::dashed(c, b.padded, Role::kQuiet);
  const Rect shown = r.input->with_padding ? b.padded : b.input;
  const auto pixels_along = [&](float side_px) { return static_cast<Index>(std::lround(side_px / b.pixel)); };
  draw_pixels(c, {"image x pixels", &r.input->shown, r.input, gpu::Colormap::kGrey, unit, shown, b.pixel},
              pixels_along(shown.w) * pixels_along(shown.h), b.input, "x", r.input->planes);
  if (r.input->with_padding && is_padded) {  // what continues the picture is paler than it
    const widgets::Paint veil{Role::kStage, 0.5f};
    c.fill({shown.x, shown.y, shown.w, b.input.y - shown.y}, veil);
    c.fill({shown.x, b.input.bottom(), shown.w, shown.bottom() - b.input.bottom()}, veil);
    c.fill({shown.x, b.input.y, b.input.x - shown.x, b.input.h}, veil);
    c.fill({b.input.right(), b.input.y, shown.right() - b.input.right(), b.input.h}, veil);
  }

  const std::string filter =
      r.maps.maps.empty() ? "" : "filter " + core::grouped(r.params.filter + 1) + "  ·  ";
  widgets::draw_title(c, {b.output.x, b.output.y - 13}, "y", Role::kOutput,
                      filter + widgets::shape_words(r.response.shape()));
  draw_pixels(c, {"image y pixels", &r.shown, result, map_of(r.range), r.range, b.output, b.pixel},
              r.response.count(), b.output, "y", r.response);
  if (sweeping) widgets::veil_after(c, b.output, b.pixel_of(lit.cell));
  widgets::legend(c, {b.output.x, b.output.bottom() + 8, std::clamp(b.output.w, 60.0f, 120.0f), 20},
                  map_of(r.range), r.range);

  const Rect window = mix(b.window_of(lit.from, r.params), b.window_of(lit.cell, r.params), lit.progress);
  const Rect target = mix(b.pixel_of(lit.from), b.pixel_of(lit.cell), lit.progress);
  c.line({window.right(), window.y}, {target.x, target.y}, {Role::kFocus, 0.35f});
  c.line({window.right(), window.bottom()}, {target.x, target.bottom()}, {Role::kFocus, 0.35f});
  frame(c, window);
  frame(c, target);
}

// The pens for x, under it.
void draw_picture_pens(widgets::Canvas& c, const ImageBoard& b, View& v) {
  constexpr double kValues[] = {0, 0.25, 0.5, 0.75, 1}, kRadii[] = {0, 0.015, 0.05};
  constexpr float kDots_px[] = {1.5f, 3, 6};  // of the brush's picture
  std::vector<widgets::Swatch> values, radii;
  for (const double value : kValues)
    values.push_back({"paint " + core::shown(value, 2),
                      widgets::value_color(c.theme(), gpu::Colormap::kGrey, {0, 1}, value), "",
                      v.pen == value});
  for (std::size_t i = 0; i < std::size(kRadii); ++i)
    radii.push_back({"brush " + std::to_string(i + 1), c.theme()[Role::kPanel], "", v.pen_radius == kRadii[i],
                     kDots_px[i]});
  const float y = b.padded.bottom() + 22;
  const widgets::PaletteTouch value = widgets::draw_palette(c, {b.padded.x, y}, "Paint x", values);
  if (value.clicked) View::choose(v.pen, kValues[*value.clicked]);
  if (!v.pen) return;
  const widgets::PaletteTouch radius = widgets::draw_palette(c, {value.right + 8, y}, "", radii);
  if (radius.clicked) v.pen_radius = kRadii[*radius.clicked];
}

// The maps of all filters; a click shows that filter large. Beside them the parts of the sum over channels.
void draw_tiles(widgets::Canvas& c, const ImageBoard& b, const std::shared_ptr<const Result>& result,
                View& v) {
  const Result& r = *result;
  const auto aspect = static_cast<float>(r.rows()) / static_cast<float>(r.columns());
  const auto column = [&](float from, float to) {
    return Rect{b.tiles.x + b.tiles.w * from, b.tiles.y + widgets::kTitleHeight_px,
                b.tiles.w * (to - from) - 12, b.tiles.h - widgets::kTitleHeight_px};
  };
  const float parts_share = r.parts.maps.empty() ? 0.0f : r.maps.maps.empty() ? 1.0f : 0.36f;
  // The tiles in their box under a heading; each one's place is told to `each`.
  const auto draw = [&](const Rect& box, const std::string& name, const std::string& beside,
                        const std::string& id, const ImageConvolution::Tiles& tiles, auto each) {
    if (tiles.maps.empty()) return;
    draw_title(c, {box.x, box.y - 12}, name, Role::kOutput, beside);
    const gpu::Range all = tiles.range(tiles.any_below_zero());
    const float words = c.text_width(name + "   " + beside, {widgets::kTextSize_px, Face::kStrong});
    if (box.w > words + 130) widgets::legend(c, {box.x + words + 16, box.y - 26, 104, 18}, map_of(all), all);
    const TileGrid grid(box, static_cast<Index>(tiles.maps.size()), aspect);
    for (std::size_t i = 0; i < tiles.maps.size(); ++i) {
      const std::string name_of = id + std::to_string(i + 1);
      const gpu::Range range = tiles.range(tiles.below_zero[i]);
      const Rect at = grid.at(static_cast<Index>(i));
      c.heatmap({name_of, at, &tiles.maps[i], map_of(range), range, result});
      each(i, name_of, at);
    }
  };
  draw(column(0, parts_share), "Its sum, taken apart", "", "image part ", r.parts,
       [&](std::size_t i, const std::string&, const Rect& at) {
         const widgets::TextStyle style{widgets::kQuietSize_px};
         c.numbers({std::string("y of ") + kChannelNames[i], at, &r.parts.maps[i]});
         c.fill({at.x, at.y, c.text_width(kChannelNames[i], style) + 10, 18}, {Role::kStage, 0.75f});
         c.text({at.x + 5, at.y + 9}, kChannelNames[i], style);
       });
  draw(column(parts_share, 1), "Feature maps",
       widgets::shape_words(r.counts.output) + " = " + core::grouped(r.counts.output.count()) + " numbers",
       "image map ", r.maps, [&](std::size_t i, const std::string& id, const Rect& at) {
         c.numbers({"y of filter " + std::to_string(i + 1), at, &r.maps.maps[i]});
         const widgets::Touch t = c.touch(id, at);
         if (t.clicked) v.strokes.filter = static_cast<Index>(i);
         if (static_cast<Index>(i) == r.params.filter)
           frame(c, at);
         else if (t.hovered)
           c.stroke(at.inset(-1), {Role::kFocus, 0.5f}, 1.5f);
       });
}

// A drag on x with a pen: every place between the pointer's last place and this one.
void paint(const widgets::Touch& t, const ImageBoard& b, const Result& r, View& v) {
  v.held |= t.held;
  if (!t.held) return;
  const Point now{std::floor((t.at.x - b.input.x) / b.pixel), std::floor((t.at.y - b.input.y) / b.pixel)};
  const Point from = v.last_dab.value_or(now);
  const auto& x = r.input->planes.shape();
  v.strokes.radius = v.pen_radius * static_cast<double>(std::max(x[1], x[2]));
  const float apart = std::max(1.0f, static_cast<float>(v.strokes.radius) / 2);  // from dab to dab
  const int steps = static_cast<int>(std::ceil(std::hypot(now.x - from.x, now.y - from.y) / apart));
  v.strokes.goes_on = std::exchange(v.stroke_under_way, true);
  for (int i = v.last_dab ? 1 : 0; i <= steps; ++i) {
    const Point at = mix(from, now, steps == 0 ? 1 : static_cast<float>(i) / static_cast<float>(steps));
    const Cell dab{static_cast<Index>(std::round(at.y)), static_cast<Index>(std::round(at.x))};
    if (dab.row >= 0 && dab.row < x[1] && dab.column >= 0 && dab.column < x[2]) v.strokes.dabs.push_back(dab);
  }
  v.last_dab = now;
}

// Touching y chooses its pixel; touching x chooses the window whose middle is nearest, or paints.
void touch(widgets::Canvas& c, const ImageBoard& b, const Result& r, View& v) {
  v.hovered.reset();
  const auto choose = [&](const widgets::Touch& t, float row, float column) {
    const Cell cell{std::clamp<Index>(static_cast<Index>(std::floor(row)), 0, r.rows() - 1),
                    std::clamp<Index>(static_cast<Index>(std::floor(column)), 0, r.columns() - 1)};
    widgets::point_at(cell, t.clicked, v.hovered, v.pinned);
  };
  if (const auto t = c.touch("image y", b.output); t.hovered)
    choose(t, (t.at.y - b.output.y) / b.pixel, (t.at.x - b.output.x) / b.pixel);
  if (v.pen) return paint(c.grab("image x", b.input), b, r, v);
  if (const auto t = c.touch("image x", b.padded); t.hovered) {
    const Rect window = b.window_of({0, 0}, r.params);
    const auto place = [&](float at, float extent, const signal::WindowSpec& spec) {
      return (at - extent / 2) / (b.pixel * static_cast<float>(spec.stride)) + 0.5f;
    };
    choose(t, place(t.at.y - b.padded.y, window.h, r.params.rows),
           place(t.at.x - b.padded.x, window.w, r.params.columns));
  }
}

}  // namespace

void ImageConvolution::draw(const std::shared_ptr<const Result>& result, View& view,
                            widgets::Canvas& canvas) {
  const ImageBoard board(canvas.area(), *result);
  view.held = false;
  touch(canvas, board, *result, view);
  const LitPixel lit = lit_pixel(*result, view, canvas.reduce_motion());
  draw_pictures(canvas, board, result, lit, !view.hovered && !view.pinned && view.playhead.t > 0);
  draw_picture_pens(canvas, board, view);
  draw_tiles(canvas, board, result, view);
  draw_magnifier(canvas, board, *result, view, lit);
  if (!view.held) view.stroke_under_way = false, view.last_dab.reset();
}

}  // namespace vitrine::labs
