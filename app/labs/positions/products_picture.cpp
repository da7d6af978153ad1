// The picture of the products: the dot product of every two positions as a matrix, and its rows laid over
// each other by distance: one curve where distance alone decides, many where it does not.
#include <algorithm>
#include <cmath>

#include "app/labs/positions/picture.h"
#include "app/widgets/large_matrix.h"
#include "app/widgets/pointing.h"
#include "app/widgets/tabs.h"
#include "engine/core/text.h"

namespace vitrine::labs::positions_picture {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Curve;
using widgets::Face;
using widgets::MatrixLayout;
using widgets::PlotPicture;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Sample;
using widgets::TextStyle;

namespace {

using Focus = Positions::Focus;
using Kind = Positions::Kind;
using Result = Positions::Result;
using Spot = Positions::Spot;

constexpr Index kMostCurves = 14;
constexpr float kTitle = widgets::kTitleHeight_px + 4, kFoot = 62;
constexpr float kLegend = 34;  // under the matrix
constexpr float kWide = 480;   // from here on matrix and plot stand side by side

struct Board {
  Rect matrix, plot, words;
};

Board board_of(const Rect& area) {
  const float w = area.w - 2 * kMargin, top = area.y + 8 + kTitle;
  const bool wide = area.w >= kWide || area.h < 380;
  if (!wide) {
    const float foot = kFoot, height = area.bottom() - top - foot;
    const float side = std::min(w, height * 0.52f);
    return {{area.x + kMargin + 26, top, side, side},
            {area.x + 4, top + side + 22, area.w - kMargin, height - side - 22},
            {area.x + kMargin, area.bottom() - foot + 10, w, foot - 12}};
  }
  // The words stand under the matrix, or not at all.
  const float height = area.bottom() - top, side = std::min(w * 0.46f, height - kLegend),
              left = area.x + kMargin + 26;
  const float below = top + side + 46;
  return {{left, top, side, side},
          {left + side + 8, area.y + 8, area.right() - kMargin - (left + side + 8), area.h - 14},
          {left, below, side, area.bottom() - below - 6}};
}

class Picture {
 public:
  Picture(Canvas& canvas, const Rect& area, std::shared_ptr<const Result> result, Positions::View& view)
      : c_(canvas), result_(std::move(result)), r_(*result_), b_(board_of(area)), m_(matrix()) {
    layout_ = widgets::layout(m_);
    view.hovered.reset();
    touch(view);
    f_ = Positions::focus(r_, view, c_.reduce_motion());
  }

  void draw() {
    draw_matrix();
    draw_plot();
    draw_words();
  }

 private:
  Index count() const { return r_.products.size(0); }
  widgets::LargeMatrix matrix() const {
    return {.id = "positions products",
            .values = &r_.product_cells,
            .source = result_,
            .colormap = gpu::Colormap::kDiverging,
            .range = widgets::symmetric_range(r_.products),
            .box = b_.matrix,
            .max_cell = 64,
            .number = [this](widgets::Cell at) { return r_.products(at.row, at.column); },
            .look = [](widgets::Cell) { return widgets::CellLook{}; }};
  }
  PlotPicture plot() const {
    const auto most = static_cast<double>(count() - 1);
    return {.id = "positions distances",
            .title = "PE(t)·PE(t + k) against k",
            .x_title = "k, positions away from t",
            .box = b_.plot,
            .x_range = widgets::Interval{-most, most}};
  }

  void touch(Positions::View& v) {
    const widgets::Touch t = c_.touch(m_.id, layout_.cells);
    if (t.hovered)
      widgets::point_at(Spot{Positions::Panel::kProducts, widgets::cell_under(layout_, t.at)}, t.clicked,
                        v.hovered, v.pinned);
    const widgets::PlotTouch p = widgets::touch(c_, plot());
    if (!p.x) return;
    // A distance of the plot lights the product at that distance from the lit position.
    const Index t0 = Positions::focus(r_, v, true).position, other = t0 + std::llround(*p.x);
    if (other < 0 || other >= count()) return;
    widgets::point_at(Spot{Positions::Panel::kProducts, {t0, other}}, p.clicked, v.hovered, v.pinned);
  }

  void draw_matrix() {
    const Rect& cells = layout_.cells;
    widgets::draw_title(c_, {cells.x, cells.y - 14}, "PE·PEᵀ", Role::kText,
                        count() < r_.positions()
                            ? "the first " + std::to_string(count()) + " of " + core::grouped(r_.positions())
                            : widgets::shape_words({count(), count()}),
                        std::max(cells.w, 190.0f));
    widgets::draw(c_, m_);
    const Rect reached = layout_.at({f_.step, 0});
    if (!f_.pointed) {
      const float below = reached.y + reached.h * f_.progress;
      c_.fill({cells.x, below, cells.w + 0.5f, cells.bottom() + 0.5f - below}, {Role::kStage, 0.7f});
    }
    const Rect row{cells.x, layout_.at({f_.position, 0}).y, cells.w, layout_.cell};
    outline(c_, row, false);
    outline(c_, layout_.at({f_.position, f_.other}));
    draw_numbers();
    widgets::legend(c_, {cells.x, cells.bottom() + 7, std::min(150.0f, cells.w), 20}, m_.colormap, m_.range);
  }

  // The first and last position beside and above the matrix, and the lit one.
  void draw_numbers() {
    const Rect& cells = layout_.cells;
    const TextStyle side{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, Align::kRight};
    const auto label = [&](Index row, Role role) {
      TextStyle style = side;
      style.paint = role;
      c_.text({cells.x - 5, layout_.at({row, 0}).center().y}, r_.label(row), style);
    };
    const float room = 14 / std::max(layout_.cell, 0.01f);
    if (px(f_.position) > room) label(0, Role::kQuiet);
    if (px(count() - 1 - f_.position) > room) label(count() - 1, Role::kQuiet);
    label(f_.position, Role::kFocus);
  }

  // Row t of the matrix, moved so that t stands at 0.
  std::vector<Sample> row(Index t, float part) const {
    std::vector<Sample> samples;
    for (Index s = 0; s < count(); ++s)
      if (px(std::abs(s - t)) <= part * px(count()))
        samples.push_back({static_cast<double>(s - t), r_.products(t, s)});
    return samples;
  }

  void draw_plot() {
    PlotPicture p = plot();
    std::vector<std::vector<Sample>> rows;
    rows.reserve(kMostCurves + 1);
    const Index last = f_.pointed ? count() - 1 : f_.step, apart = last / kMostCurves + 1;
    for (Index t = 0; t <= last; t += apart) {
      if (t == f_.position) continue;
      rows.push_back(row(t, 1));
      p.curves.push_back({"", Role::kInput, rows.back(), 1.5f, 0.4f, false, true});
    }
    rows.push_back(row(f_.position, f_.pointed ? 1 : f_.progress));
    p.curves.push_back(
        {"t = " + r_.label(f_.position), Role::kFocus, rows.back(), 2, 1, count() <= 64, true});
    p.marks.push_back({"", static_cast<double>(f_.other - f_.position)});
    widgets::draw(c_, p);
  }

  void draw_words() {
    const std::string apart =
        "At one distance the products are at most " + core::shown(r_.largest_spread, 3) + " apart: ";
    const bool same = r_.params.kind == Kind::kSinusoidal;
    draw_words_within(
        c_, b_.words,
        apart + (same ? "all curves are one curve, but for a double's rounding. The product of two "
                        "positions says how far apart they are, not where."
                      : "every position has a curve of its own, so a product says where the two are "
                        "and not only how far apart."),
        {widgets::kQuietSize_px, Face::kWords, Role::kQuiet});
  }

  Canvas& c_;
  std::shared_ptr<const Result> result_;
  const Result& r_;
  Board b_;
  widgets::LargeMatrix m_;
  MatrixLayout layout_;
  Focus f_;
};

}  // namespace

void draw_words_within(Canvas& c, const Rect& box, std::string_view words, const TextStyle& style) {
  constexpr float kLine = 1.4f, kRagged = 1.1f;  // a line's height; what a broken line leaves free
  const float lines = std::ceil(kRagged * c.text_width(words, style) / std::max(box.w, 1.0f));
  if (lines * kLine * style.size <= box.h) widgets::paragraph(c, {box.x, box.y}, box.w, words, style);
}

void draw_products(const std::shared_ptr<const Result>& result, Positions::View& view, Canvas& canvas) {
  Rect area = canvas.area();
  if (!result->has_maps()) return Picture(canvas, area, result, view).draw();
  constexpr std::string_view kExhibits[] = {"patch maps", "by distance"};
  constexpr float kTabs = 34;
  if (const auto tab = widgets::draw_tabs(canvas, {area.x + 14, area.y + kTabs / 2}, "show", kExhibits,
                                          static_cast<std::size_t>(view.exhibit)))
    view.exhibit = static_cast<Positions::Exhibit>(*tab);
  area.y += kTabs;
  area.h -= kTabs;
  if (view.exhibit == Positions::Exhibit::kMaps)
    draw_maps(result, area, view, canvas);
  else
    Picture(canvas, area, result, view).draw();
}

}  // namespace vitrine::labs::positions_picture
