// The picture of a code: the encoding as an image, a column a position, and under it, in the same columns,
// the waves that it samples; beside it the numbers of the lit position.
#include <algorithm>
#include <cmath>

#include "app/labs/positions/picture.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs::positions_picture {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::Curve;
using widgets::Face;
using widgets::PlotPicture;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Sample;
using widgets::Shade;
using widgets::TextStyle;

namespace {

using Focus = Positions::Focus;
using Kind = Positions::Kind;
using Result = Positions::Result;
using Spot = Positions::Spot;

constexpr float kTallestCell = 36, kNumberWidth = 32, kNumberHeight = 13;  // of a cell that shows its number
constexpr float kListWidth = 108;                                          // the lit position's numbers
constexpr Index kLongestList = 16;
constexpr float kNarrowPlot = 540;   // words are fewer
constexpr float kWordsHeight = 220;  // of a plot that has room for words beside it
constexpr std::size_t kFaintWaves = 4;
constexpr std::size_t kMostDots = 200;

struct Board {
  Rect image, list, plot;
  float cell_w, cell_h;
  Rect at(Index component, Index position) const {
    return {image.x + cell_w * px(position), image.y + cell_h * px(component), cell_w, cell_h};
  }
  Rect column(Index position) const { return {at(0, position).x, image.y, cell_w, image.h}; }
  Rect row(Index component) const { return {image.x, at(component, 0).y, image.w, cell_h}; }
};

Board board_of(const Rect& area, const Result& r) {
  Board b{};
  const bool listed = r.dim() <= kLongestList && area.w >= 620;
  const float right = area.right() - kMargin - 8 - (listed ? kListWidth + 14 : 0);
  const float title = widgets::kTitleHeight_px + 4, top = area.y + 8 + title;
  const float height = std::min(kTallestCell * px(r.dim()), (area.h - title) * 0.46f);
  const float left = area.x + kMargin;
  b.plot = {left, top + height + 6, right + 8 - left, area.bottom() - top - height - 12};
  const Rect within = widgets::plot_area({.id = "", .title = "", .x_title = "", .box = b.plot});
  b.image = {within.x, top, within.w, height};
  b.list = {right + 22, top, kListWidth - 8, listed ? height : 0};
  b.cell_w = b.image.w / px(r.positions());
  b.cell_h = b.image.h / px(r.dim());
  return b;
}

class Picture {
 public:
  Picture(Canvas& canvas, std::shared_ptr<const Result> result, Positions::View& view)
      : c_(canvas), result_(std::move(result)), r_(*result_), b_(board_of(canvas.area(), r_)) {
    touch(view);
    f_ = Positions::focus(r_, view, c_.reduce_motion());
  }

  void draw() {
    draw_titles();
    draw_image();
    draw_labels();
    if (b_.list.h > 0) draw_list();
    draw_plot();
  }

 private:
  Shade shade() const { return widgets::mapped(gpu::Colormap::kDiverging, r_.range); }
  double value(Index component, Index position) const { return r_.encoding(position, component); }
  // How much of a position is there by the playhead.
  float alpha(Index position) const {
    return position < f_.step || f_.pointed ? 1 : position == f_.step ? f_.progress : 0;
  }
  PlotPicture plot() const {
    const auto first = static_cast<double>(r_.number(0)),
               last = static_cast<double>(r_.number(r_.positions() - 1));
    const bool waves = r_.params.kind == Kind::kSinusoidal;
    return {.id = "positions plot",
            .title = waves ? "The waves behind the columns" : "One component over the positions",
            .x_title = waves                              ? "position t"
                       : r_.params.table.first_patch == 1 ? "patch; 0 is the class token"
                                                          : "patch",
            .box = b_.plot,
            .y_range = widgets::Interval{r_.range.lo * 1.12, r_.range.hi * 1.12},
            .x_range = widgets::Interval{first - 0.5, last + 0.5}};
  }

  // A cell of the image lights its position and its component; a place of the plot its position.
  void touch(Positions::View& v) {
    v.hovered.reset();
    const widgets::Touch image = c_.touch("positions code", b_.image);
    if (image.hovered) {
      const auto index = [](float offset, float side, Index n) {
        return std::clamp<Index>(static_cast<Index>(offset / side), 0, n - 1);
      };
      const Cell cell{index(image.at.y - b_.image.y, b_.cell_h, r_.dim()),
                      index(image.at.x - b_.image.x, b_.cell_w, r_.positions())};
      widgets::point_at(Spot{Positions::Panel::kCode, cell}, image.clicked, v.hovered, v.pinned);
    }
    if (const widgets::PlotTouch pointer = widgets::touch(c_, plot()); pointer.x) {
      const Index row = std::llround(*pointer.x) - r_.number(0);
      const Index component = Positions::focus(r_, {v.playhead, {}, v.pinned}, true).component;
      const Cell cell{component, std::clamp<Index>(row, 0, r_.positions() - 1)};
      widgets::point_at(Spot{Positions::Panel::kCode, cell}, pointer.clicked, v.hovered, v.pinned);
    }
  }

  void draw_titles() {
    const Point at{b_.image.x, b_.image.y - 14};
    const std::string shape = widgets::shape_words({r_.dim(), r_.positions()});
    widgets::draw_title(c_, at, r_.params.kind == Kind::kLearned ? "Learned table" : "PE", Role::kInput,
                        shape + ",  a column a position", b_.image.w - 130);
    widgets::legend(c_, {b_.image.right() - 110, b_.image.y - 24, 110, 20}, gpu::Colormap::kDiverging,
                    r_.range);
  }

  bool shows_numbers() const {
    const float zoom = std::max(c_.zoom(), 1.0f);
    return b_.cell_w * zoom >= kNumberWidth && b_.cell_h * zoom >= kNumberHeight;
  }

  void draw_image() {
    if (shows_numbers())
      draw_cells();
    else
      draw_tiles();
    c_.numbers({"PE", b_.image, &r_.encoding});
    outline(c_, b_.column(f_.position));
    outline(c_, b_.row(f_.component), false);
  }

  void draw_cells() {
    const Rect seen = c_.visible();
    const auto first = [](float offset, float side) {
      return static_cast<Index>(std::max(0.0f, offset / side));
    };
    const Index rows = std::min(r_.dim(), first(seen.bottom() - b_.image.y, b_.cell_h) + 1),
                columns = std::min(r_.positions(), first(seen.right() - b_.image.x, b_.cell_w) + 1);
    for (Index i = first(seen.y - b_.image.y, b_.cell_h); i < rows; ++i)
      for (Index t = first(seen.x - b_.image.x, b_.cell_w); t < columns; ++t)
        widgets::draw_cell(c_, b_.at(i, t), value(i, t), {.alpha = alpha(t)}, shade());
  }

  void draw_tiles() {
    for (std::size_t i = 0; i < r_.tiles.size(); ++i) {
      const Tensor<float>& tile = r_.tiles[i];
      const Index first = static_cast<Index>(i) * Positions::kTile;
      const float left = b_.at(0, first).x, right = b_.at(0, first + tile.size(1)).x;
      const Rect box{left, b_.image.y, right - left, b_.image.h};
      c_.heatmap({"positions tile " + std::to_string(i), box, &tile, gpu::Colormap::kDiverging, r_.range,
                  std::shared_ptr<const void>(result_, &tile)});
      c_.numbers({"PE", box, &r_.encoding});
    }
    c_.stroke(b_.image, Role::kHairline);
    if (f_.pointed) return;
    const float right = b_.column(f_.step).x + b_.cell_w * f_.progress;
    c_.fill({right, b_.image.y, b_.image.right() - right, b_.image.h}, {Role::kStage, 0.7f});
  }

  // Beside the rows: each wave's length in positions.
  void draw_labels() {
    const TextStyle style{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, Align::kRight};
    const Index pairs = r_.wavelengths.empty() ? 0 : r_.wavelengths.count();
    const Index step = std::max<Index>(1, static_cast<Index>(std::ceil(15 / (2 * b_.cell_h))));
    for (Index i = 0; i < pairs; i += step) {
      const Rect pair = b_.row(2 * i);
      TextStyle label = style;
      if (i == f_.component / 2) label.paint = Role::kText;
      c_.text({pair.x - 5, pair.y + b_.cell_h}, core::labelled(r_.wavelengths[i], 4), label);
    }
    if (pairs > 0)
      c_.text({b_.image.x - 5, b_.image.y - 14}, "λ",
              {widgets::kTextSize_px, Face::kStrong, Role::kQuiet, Align::kRight});
  }

  // PE(t) upright, its numbers legible whatever the length.
  void draw_list() {
    const TextStyle title{widgets::kTextSize_px, Face::kStrong, Role::kFocus};
    const std::string name = r_.params.kind != Kind::kLearned
                                 ? "PE(" + core::grouped(r_.number(f_.position)) + ")"
                                 : r_.name(f_.position);
    c_.text({b_.list.x, b_.list.y - 14}, widgets::elided(c_, name, title, b_.list.w), title);
    c_.numbers({"PE", b_.list, &r_.encoding});
    for (Index i = 0; i < r_.dim(); ++i) {
      const Rect cell{b_.list.x, b_.list.y + b_.cell_h * px(i), b_.list.w, b_.cell_h};
      widgets::draw_cell(c_, cell, value(i, f_.position),
                         {.alpha = alpha(f_.position), .lit = i == f_.component}, shade());
      if (i == f_.component) c_.stroke(cell.inset(1), Role::kFocus, 2);
    }
    if (r_.params.kind != Kind::kSinusoidal || b_.plot.h < kWordsHeight) return;
    widgets::paragraph(
        c_, {b_.list.x, b_.plot.y + 26}, b_.list.w,
        "The first waves turn fast, the last hardly at all: like the digits of a number that counts up, "
        "but smooth.",
        {widgets::kQuietSize_px, Face::kWords, Role::kQuiet});
  }

  void draw_plot() {
    PlotPicture p = plot();
    std::vector<std::vector<Sample>> kept;
    kept.reserve(kFaintWaves + 1);
    const bool waves = r_.params.kind == Kind::kSinusoidal;
    if (waves) {
      const Index pairs = r_.dim() / 2, first = first_legible();
      const Index apart = std::max<Index>(1, (pairs - first) / static_cast<Index>(kFaintWaves));
      for (Index i = first; i < pairs && kept.size() < kFaintWaves; i += apart)
        if (2 * i != f_.component) p.curves.push_back(curve("", 2 * i, 0.35f, kept));
    }
    p.curves.push_back(curve(component_name(), f_.component, 1, kept));
    p.curves.back().silent = true;
    p.marks.push_back({"", static_cast<double>(r_.number(f_.position))});
    widgets::draw(c_, p);
    c_.numbers({"PE", b_.plot, &r_.encoding});
    draw_samples(p);
  }

  // The first wave that is a line and not a hatching of the whole plot.
  Index first_legible() const {
    constexpr double kNarrowest_px = 14;
    Index pair = 0;
    while (pair + 1 < r_.wavelengths.count() &&
           r_.wavelengths[pair] * static_cast<double>(b_.cell_w) < kNarrowest_px)
      ++pair;
    return pair;
  }

  std::string component_name() const {
    const Index i = f_.component;
    if (r_.params.kind != Kind::kSinusoidal) return "component " + std::to_string(i);
    const std::string wave = i % 2 == 0 ? "sine" : "cosine",
                      length = core::labelled(r_.wavelengths[i / 2], 4);
    if (b_.plot.w < kNarrowPlot) return wave + ", λ " + length;
    return "component " + std::to_string(i) + ": " + wave + ", wavelength " + length + " positions";
  }

  // The wave itself where it is known between the positions, else from position to position.
  Curve curve(std::string name, Index component, float alpha, std::vector<std::vector<Sample>>& kept) const {
    Curve curve{std::move(name), Role::kInput, {}, alpha < 1 ? 1.0f : 2.0f, alpha};
    if (!r_.waves.empty()) {
      curve.samples = r_.waves[static_cast<std::size_t>(component)];
    } else {
      std::vector<Sample>& samples = kept.emplace_back();
      for (Index t = 0; t < r_.positions(); ++t)
        samples.push_back({static_cast<double>(r_.number(t)), value(component, t)});
      curve.samples = samples;
    }
    return curve;
  }

  // What the encoding takes of the wave: a dot a position. The newest rides the wave and rises to its cell.
  void draw_samples(const PlotPicture& p) {
    if (widgets::plot_area(p).h < 20) return;
    const auto dot = [&](Index t, float radius, Role role) {
      const Point at = widgets::point_of(p, {static_cast<double>(r_.number(t)), value(f_.component, t)});
      c_.fill({at.x - radius, at.y - radius, 2 * radius, 2 * radius}, role);
      return at;
    };
    if (static_cast<std::size_t>(r_.positions()) <= kMostDots)
      for (Index t = 0; t < r_.positions(); ++t)
        if (alpha(t) > 0) dot(t, 2.5f, Role::kInput);
    const Point lit = dot(f_.position, 4, Role::kFocus);
    if (f_.progress >= 1 || f_.pointed) return;
    const Rect cell = b_.at(f_.component, f_.position);
    const Rect from{lit.x - cell.w / 2, lit.y - cell.h / 2, cell.w, cell.h};
    if (shows_numbers())
      widgets::draw_cell(c_, widgets::mix(from, cell, f_.progress), value(f_.component, f_.position), {},
                         shade());
    else
      c_.line(lit, {lit.x, lit.y + (cell.center().y - lit.y) * f_.progress}, Role::kFocus, 2);
  }

  Canvas& c_;
  std::shared_ptr<const Result> result_;
  const Result& r_;
  Board b_;
  Focus f_;
};

}  // namespace

void draw_code(const std::shared_ptr<const Result>& result, Positions::View& view, Canvas& canvas) {
  Picture(canvas, result, view).draw();
}

}  // namespace vitrine::labs::positions_picture

namespace vitrine::labs {

void Positions::draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas) {
  namespace picture = positions_picture;
  switch (result->params.scene) {
    case Scene::kProducts:
      return picture::draw_products(result, view, canvas);
    case Scene::kPhrase:
      return picture::draw_phrase(*result, view, canvas);
    case Scene::kCode:
      break;
  }
  if (result->counted())
    picture::draw_counted(*result, view, canvas);
  else
    picture::draw_code(result, view, canvas);
}

}  // namespace vitrine::labs
