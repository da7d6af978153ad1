// The picture of the image lab: x and the shown filter's y to one scale, the tiles of every map and of every
// channel's part of the sum, and a magnifier of the window that is lit.
#include <algorithm>
#include <cmath>

#include "app/labs/image_lab.h"
#include "app/widgets/large_matrix.h"
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
constexpr const char* kChannelNames[] = {"red", "green", "blue"};
const widgets::TextStyle kSign{widgets::kTitleSize_px, Face::kWords, Role::kQuiet, widgets::Align::kCenter};

gpu::Colormap map_of(gpu::Range range) {
  return range.lo < 0 ? gpu::Colormap::kDiverging : gpu::Colormap::kGrey;
}

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

// x and y to one scale; the tiles below them, the magnifier at the bottom.
struct Board {
  float pixel;                 // side of one pixel of either picture, px
  Rect padded, input, output;  // padded: the input with its padding
  Rect tiles;                  // empty when there are none
  Rect magnifier;

  Board(const Rect& area, const Result& r) {
    const auto& p = r.params;
    const float above = widgets::kTitleHeight_px + 12, below = 44, gap = 64, margin = 28;
    const auto& x = r.input->planes.shape();
    const auto rows = static_cast<float>(x[1] + p.rows.padding_before + p.rows.padding_after),
               columns = static_cast<float>(x[2] + p.columns.padding_before + p.columns.padding_after);
    const auto out_rows = static_cast<float>(r.rows()), out_columns = static_cast<float>(r.columns());
    const bool has_tiles = !r.maps.maps.empty() || !r.parts.maps.empty();
    const float magnifier_height = std::clamp(area.h * (x[0] == 1 ? 0.30f : 0.36f), 120.0f, 280.0f);
    const float tiles_height = has_tiles ? std::clamp(area.h * 0.19f, 84.0f, 190.0f) : 0;
    const float w = area.w - 2 * margin - gap, h = area.h - magnifier_height - tiles_height - above - below;
    pixel = std::min(w / (columns + out_columns), h / std::max(rows, out_rows));
    if (pixel >= 4) pixel = std::floor(pixel);
    const float width = pixel * (columns + out_columns) + gap;
    const float left = std::floor(area.x + (area.w - width) / 2),
                top = std::floor(area.y + above + std::max(0.0f, (h - pixel * rows) / 2));
    padded = {left, top, pixel * columns, pixel * rows};
    input = {left + pixel * static_cast<float>(p.columns.padding_before),
             top + pixel * static_cast<float>(p.rows.padding_before), pixel * static_cast<float>(x[2]),
             pixel * static_cast<float>(x[1])};
    output = {padded.right() + gap, top, pixel * out_columns, pixel * out_rows};
    magnifier = {area.x + margin, area.bottom() - magnifier_height, area.w - 2 * margin,
                 magnifier_height - 8};
    tiles = {area.x + margin, magnifier.y - tiles_height, area.w - 2 * margin, tiles_height - 12};
  }
  Rect pixel_of(Cell c) const {
    return {output.x + pixel * static_cast<float>(c.column), output.y + pixel * static_cast<float>(c.row),
            pixel, pixel};
  }
  Rect window_of(Cell c, const ImageConvolution::Params& p) const {
    const auto extent = [&](Index taps, const signal::WindowSpec& spec) {
      return pixel * static_cast<float>(signal::kernel_extent(taps, spec.dilation));
    };
    const auto step = [&](Index at, const signal::WindowSpec& spec) {
      return pixel * static_cast<float>(spec.stride * at);
    };
    return {padded.x + step(c.column, p.columns), padded.y + step(c.row, p.rows),
            extent(p.kernels.size(3), p.columns), extent(p.kernels.size(2), p.rows)};
  }
};

// "180 × 240", of several planes "3 × 180 × 240".
std::string input_words(const Result& r) {
  const auto& x = r.input->planes.shape();
  return widgets::shape_words(x[0] == 1 ? core::Shape{x[1], x[2]} : x);
}

// A frame that stays visible around a window of a few pixels.
void frame(widgets::Canvas& c, const Rect& r) {
  c.stroke(r.inset(-2 * widgets::hairline(c)), Role::kFocus, 2);
}

// A plane whose pixels, enlarged, are cells with their numbers, in dashes outside `inside`. Of three planes,
// or of a plane that has been reduced, there is only the picture. pixels: how many the plane has.
void draw_pixels(widgets::Canvas& c, widgets::LargeMatrix picture, Index pixels, const Rect& inside) {
  if (picture.values->rank() != 2 || picture.values->count() != pixels)
    return c.heatmap(
        {picture.id, picture.box, picture.values, picture.colormap, picture.range, picture.source});
  const Point origin{picture.box.x, picture.box.y};
  const float pixel = picture.max_cell;
  picture.look = [=](Cell at) {
    const Point middle{origin.x + pixel * (static_cast<float>(at.column) + 0.5f),
                       origin.y + pixel * (static_cast<float>(at.row) + 0.5f)};
    return widgets::CellLook{.dashed = !inside.contains(middle)};
  };
  widgets::draw(c, picture);
}

void draw_pictures(widgets::Canvas& c, const Board& b, const std::shared_ptr<const Result>& result,
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
              pixels_along(shown.w) * pixels_along(shown.h), b.input);
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
              r.response.count(), b.output);
  if (sweeping) {  // what the window has not reached yet is there, but in the dark
    const Rect now = b.pixel_of(lit.cell);
    const float right = b.output.right() + 0.5f, bottom = b.output.bottom() + 0.5f;  // textures end on pixels
    c.fill({now.right(), now.y, right - now.right(), now.h}, {Role::kStage, 0.7f});
    c.fill({b.output.x, now.bottom(), right - b.output.x, bottom - now.bottom()}, {Role::kStage, 0.7f});
  }
  widgets::legend(c, {b.output.x, b.output.bottom() + 8, std::clamp(b.output.w, 60.0f, 120.0f), 20},
                  map_of(r.range), r.range);

  const Rect window = mix(b.window_of(lit.from, r.params), b.window_of(lit.cell, r.params), lit.progress);
  const Rect target = mix(b.pixel_of(lit.from), b.pixel_of(lit.cell), lit.progress);
  c.line({window.right(), window.y}, {target.x, target.y}, {Role::kFocus, 0.35f});
  c.line({window.right(), window.bottom()}, {target.x, target.bottom()}, {Role::kFocus, 0.35f});
  frame(c, window);
  frame(c, target);
}

// One square of a palette: what it would paint with.
struct Swatch {
  std::string id;  // of what can be clicked
  widgets::Color color;
  std::string label;  // on it; may be empty
  bool chosen;
  float dot = 0;  // half the side of a smaller square in it
};

// A name and squares beside it; the index of the one that was clicked, and where the row ends.
struct PaletteTouch {
  std::optional<std::size_t> clicked;
  float right;
};
PaletteTouch draw_palette(widgets::Canvas& c, Point at, std::string_view name,
                          const std::vector<Swatch>& swatches) {
  constexpr float kSide = 18, kGap = 5;
  const widgets::TextStyle words{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  c.text(at, name, words);
  PaletteTouch touch{std::nullopt, at.x + c.text_width(name, words) + 8};
  for (std::size_t i = 0; i < swatches.size(); ++i) {
    const Rect box{touch.right, at.y - kSide / 2, kSide, kSide};
    c.fill(box, swatches[i].color);
    c.stroke(box.inset(0.5f), swatches[i].chosen ? Role::kFocus : Role::kHairline,
             swatches[i].chosen ? 2 : 1);
    c.text(box.center(), swatches[i].label,
           {widgets::kQuietSize_px - 2, Face::kNumbers, widgets::ink_on(swatches[i].color),
            widgets::Align::kCenter});
    if (swatches[i].dot > 0) c.fill(box.inset(kSide / 2 - swatches[i].dot), Role::kText);
    if (c.touch(swatches[i].id, box).clicked) touch.clicked = i;
    touch.right += kSide + kGap;
  }
  return touch;
}

// Choosing the chosen value again puts the pen away.
void choose(std::optional<double>& pen, double value) {
  pen = pen == value ? std::nullopt : std::optional(value);
}

// The pens for x, under it, and for k, under its cells.
void draw_picture_pens(widgets::Canvas& c, const Board& b, View& v) {
  constexpr double kValues[] = {0, 0.25, 0.5, 0.75, 1}, kRadii[] = {0, 0.015, 0.05};
  constexpr float kDots_px[] = {1.5f, 3, 6};  // of the brush's picture
  std::vector<Swatch> values, radii;
  for (const double value : kValues)
    values.push_back({"paint " + core::shown(value, 2),
                      widgets::value_color(c.theme(), gpu::Colormap::kGrey, {0, 1}, value), "",
                      v.pen == value});
  for (std::size_t i = 0; i < std::size(kRadii); ++i)
    radii.push_back({"brush " + std::to_string(i + 1), c.theme()[Role::kPanel], "", v.pen_radius == kRadii[i],
                     kDots_px[i]});
  const float y = b.padded.bottom() + 22;
  const PaletteTouch value = draw_palette(c, {b.padded.x, y}, "Paint x", values);
  if (value.clicked) choose(v.pen, kValues[*value.clicked]);
  if (!v.pen) return;
  const PaletteTouch radius = draw_palette(c, {value.right + 8, y}, "", radii);
  if (radius.clicked) v.pen_radius = kRadii[*radius.clicked];
}

// Returns where the row ends.
float draw_kernel_pens(widgets::Canvas& c, Point at, View& v) {
  constexpr double kValues[] = {-1, 0, 1};
  std::vector<Swatch> values;
  for (const double value : kValues)
    values.push_back({"paint k " + core::shown(value, 2),
                      widgets::value_color(c.theme(), gpu::Colormap::kDiverging, {-1, 1}, value),
                      core::shown(value, 2), v.kernel_pen == value});
  const PaletteTouch touch = draw_palette(c, at, "Paint k", values);
  if (touch.clicked) choose(v.kernel_pen, kValues[*touch.clicked]);
  return touch.right;
}

// One channel of the window: what it sees, its kernel, the products.
struct Panel {
  Tensor<double> seen, products;
  Tensor<std::uint8_t> outside;  // of the padding
  double sum = 0;
};

struct Window {
  std::vector<Panel> channels;
  double total;
};

Window window_at(const Result& r, Cell lit) {
  const auto& p = r.params;
  const auto terms = signal::terms(r.input->planes, p.kernels, p.spec(), p.filter, lit.row, lit.column);
  const signal::ChannelSums sums = signal::channel_sums(terms);
  const core::Shape shape{p.kernels.size(2), p.kernels.size(3)};
  Window window{{}, sums.total};
  std::vector<Panel>& panels = window.channels;
  for (const double sum : sums.sums)
    panels.push_back({Tensor<double>(shape), Tensor<double>(shape), Tensor<std::uint8_t>(shape), sum});
  for (const signal::Term& t : terms) {
    Panel& panel = panels[static_cast<std::size_t>(t.channel)];
    panel.seen(t.tap.kernel_row, t.tap.kernel_column) = t.input;
    panel.products(t.tap.kernel_row, t.tap.kernel_column) = t.product;
    panel.outside(t.tap.kernel_row, t.tap.kernel_column) = t.tap.inside ? 0 : 1;
  }
  return window;
}

// What the window sees, times the kernel, is the products; their sum is the pixel. Of several channels each
// has its sum, and the pixel is theirs: there x stands above k.
class Magnifier {
 public:
  Magnifier(widgets::Canvas& canvas, const Board& board, const Result& result, View& view)
      : c_(canvas), b_(board), r_(result), view_(view) {
    if (board.magnifier.w < 640 && result.input->planes.size(0) > 1) widths_ = {16, 50, 66, 58};
  }

  void draw(const LitPixel& lit) {
    const Window window = window_at(r_, lit.cell);
    const std::vector<Panel>& channels = window.channels;
    const bool alone = channels.size() == 1;
    const auto rows = static_cast<float>(r_.params.kernels.size(2)),
               columns = static_cast<float>(r_.params.kernels.size(3)),
               count = static_cast<float>(channels.size()), across = alone ? 3.0f : count,
               down = alone ? 1.0f : 2.0f;
    const float between = alone ? 3 * widths_.sign : count * (2 * widths_.sign + widths_.sum);
    const float height = b_.magnifier.h - down * widgets::kTitleHeight_px - kPens_px;
    cell_ = std::min(
        {height / (down * rows), (b_.magnifier.w - between - widths_.total) / (across * columns), 52.0f});
    if (cell_ >= 4) cell_ = std::floor(cell_);
    width_ = std::max(cell_ * columns, widths_.panel);
    x_ = b_.magnifier.x + (b_.magnifier.w - across * width_ - between - widths_.total) / 2;
    middle_ = b_.magnifier.y + (b_.magnifier.h - kPens_px + widgets::kTitleHeight_px) / 2;
    if (alone)
      draw_products(channels.front());
    else
      for (std::size_t i = 0; i < channels.size(); ++i) draw_channel(channels, i);
    draw_number(alone ? "Sum" : "y", window.total, r_.range, widths_.total, true);
    draw_foot();
  }

 private:
  static constexpr float kPens_px = 30;
  // How wide what stands between the cells is, and a title at least.
  struct Widths {
    float sign, sum, total, panel;
  };

  // The pens for k, and what the layer costs.
  void draw_foot() {
    const float y = b_.magnifier.bottom() - kPens_px / 2 + 6;
    const float pens_right = draw_kernel_pens(c_, {b_.magnifier.x, y}, view_);
    const widgets::TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kQuiet,
                                   widgets::Align::kRight};
    const std::string words =
        core::grouped(r_.counts.weights) + " weights  ·  " + core::grouped(r_.counts.macs) + " multiply-adds";
    const float right = b_.magnifier.right();
    c_.text({right, y}, elided(c_, words, style, right - pens_right - 16), style);
  }

  float panel_height() const { return cell_ * static_cast<float>(r_.params.kernels.size(2)); }

  void draw_products(const Panel& panel) {
    const float top = middle_ - panel_height() / 2;
    cells("image window", "Window", Role::kInput, panel.seen, widgets::mapped(gpu::Colormap::kGrey, {0, 1}),
          top, &panel.outside);
    advance("⊙");
    draw_kernel("image kernel", "k", 0, top);
    advance("=");
    cells("image products", "Products", Role::kText, panel.products,
          widgets::mapped(gpu::Colormap::kDiverging, widgets::symmetric_range(panel.products)), top);
    advance("→");
  }

  void draw_channel(const std::vector<Panel>& channels, std::size_t i) {
    const std::string name = kChannelNames[i];
    const float lower = middle_ + widgets::kTitleHeight_px / 2;
    cells("image window " + name, "x " + name, Role::kInput, channels[i].seen,
          widgets::mapped(gpu::Colormap::kGrey, {0, 1}), lower - widgets::kTitleHeight_px - panel_height(),
          &channels[i].outside);
    draw_kernel("image kernel " + name, "k " + name, static_cast<Index>(i), lower);
    advance("=");
    draw_number(name, channels[i].sum, r_.parts.range(r_.parts.any_below_zero()), widths_.sum, false);
    sign(i + 1 < channels.size() ? "+" : "=");
  }

  void draw_kernel(const std::string& id, const std::string& name, Index channel, float top) {
    const Tensor<double> kernel = r_.params.kernel(channel);
    const widgets::MatrixLayout k =
        cells(id, name, Role::kKernel, kernel, widgets::tinted(Role::kKernel, kernel), top);
    paint(k, id, channel);
  }

  // A title and cells below it from `top` on, at the left end of what is not yet drawn.
  widgets::MatrixLayout cells(const std::string& id, const std::string& name, Role role,
                              const Tensor<double>& values, const widgets::Shade& shade, float top,
                              const Tensor<std::uint8_t>* dashed = nullptr) {
    widgets::MatrixPicture m{id,
                             name,
                             role,
                             &values,
                             shade,
                             {x_, top - widgets::kTitleHeight_px, cell_ * static_cast<float>(values.size(1)),
                              panel_height() + widgets::kTitleHeight_px}};
    m.max_cell = cell_;
    m.show_shape = false;
    if (dashed)
      m.look = [dashed](Cell at) { return widgets::CellLook{.dashed = (*dashed)(at.row, at.column) != 0}; };
    widgets::draw(c_, m);
    return widgets::layout(m);
  }

  void advance(std::string_view words) {
    x_ += width_;
    sign(words);
  }
  void sign(std::string_view words) {
    c_.text({x_ + widths_.sign / 2, middle_}, words, kSign);
    x_ += widths_.sign;
  }

  void draw_number(const std::string& name, double value, gpu::Range range, float width, bool lit) {
    const Rect box{x_ + 4, middle_ - 22, width - 8, 44};
    c_.text({box.x, box.y - 13}, name,
            {lit ? widgets::kTextSize_px : widgets::kQuietSize_px, Face::kStrong, Role::kOutput});
    widgets::draw_cell(c_, box, value, {}, widgets::mapped(map_of(range), range));
    if (lit) frame(c_, box);
    x_ += width;
  }

  void paint(const widgets::MatrixLayout& k, const std::string& id, Index channel) {
    if (!view_.kernel_pen) return;
    const widgets::Touch t = c_.grab(id + " pen", k.cells);
    view_.held |= t.held;
    if (!t.held || !k.cells.contains(t.at)) return;
    view_.strokes.goes_on = std::exchange(view_.stroke_under_way, true);
    view_.strokes.kernel_channel = channel;
    view_.strokes.kernel_cell = {static_cast<Index>((t.at.y - k.cells.y) / k.cell),
                                 static_cast<Index>((t.at.x - k.cells.x) / k.cell)};
  }

  widgets::Canvas& c_;
  const Board& b_;
  const Result& r_;
  View& view_;
  Widths widths_{26, 66, 88, 64};
  float cell_ = 0, width_ = 0;  // of a cell, of a panel
  float x_ = 0, middle_ = 0;    // the left end of what is not yet drawn, and its middle line
};

// The maps of all filters; a click shows that filter large. Beside them the parts of the sum over channels.
void draw_tiles(widgets::Canvas& c, const Board& b, const std::shared_ptr<const Result>& result, View& v) {
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
         c.text({at.x + 5, at.y + 10}, kChannelNames[i], {widgets::kQuietSize_px, Face::kWords, Role::kText});
       });
  draw(column(parts_share, 1), "Feature maps",
       widgets::shape_words(r.counts.output) + " = " + core::grouped(r.counts.output.count()) + " numbers",
       "image map ", r.maps, [&](std::size_t i, const std::string& id, const Rect& at) {
         const widgets::Touch t = c.touch(id, at);
         if (t.clicked) v.strokes.filter = static_cast<Index>(i);
         if (static_cast<Index>(i) == r.params.filter)
           frame(c, at);
         else if (t.hovered)
           c.stroke(at.inset(-1), {Role::kFocus, 0.5f}, 1.5f);
       });
}

// A drag on x with a pen: every place between the pointer's last place and this one.
void paint(const widgets::Touch& t, const Board& b, const Result& r, View& v) {
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
void touch(widgets::Canvas& c, const Board& b, const Result& r, View& v) {
  v.hovered.reset();
  const auto choose = [&](const widgets::Touch& t, float row, float column) {
    v.hovered = Cell{std::clamp<Index>(static_cast<Index>(std::floor(row)), 0, r.rows() - 1),
                     std::clamp<Index>(static_cast<Index>(std::floor(column)), 0, r.columns() - 1)};
    if (t.clicked) v.pinned = v.pinned == v.hovered ? std::nullopt : v.hovered;
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
  const Board board(canvas.area(), *result);
  view.held = false;
  touch(canvas, board, *result, view);
  const LitPixel lit = lit_pixel(*result, view, canvas.reduce_motion());
  draw_pictures(canvas, board, result, lit, !view.hovered && !view.pinned && view.playhead.t > 0);
  draw_picture_pens(canvas, board, view);
  draw_tiles(canvas, board, result, view);
  Magnifier(canvas, board, *result, view).draw(lit);
  if (!view.held) view.stroke_under_way = false, view.last_dab.reset();
}

}  // namespace vitrine::labs
