// Filters: the first weights that look at the picture, as pictures, and what they make of the probe.
// Dosovitskiy et al. 2020, "An image is worth 16x16 words", figure 7 left.
#include <algorithm>
#include <cmath>

#include "app/labs/formula.h"
#include "app/labs/inside/scene.h"
#include "app/widgets/large_matrix.h"
#include "app/widgets/pointing.h"
#include "app/widgets/tabs.h"
#include "app/widgets/tiles.h"
#include "engine/core/text.h"

namespace vitrine::labs::inside {

using widgets::Canvas;
using widgets::Cell;
using widgets::Equation;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;

namespace {

using Features = WeightPictures::Features;

constexpr float kTitle = 26, kTabs = 30, kLegend = 34, kGap = 26, kLegendWidth = 120;
constexpr float kSmallestProbe = 56, kLargestProbe = 140;
constexpr std::string_view kOrders[] = {"Longest first", "Principal components"};

bool shows_components(const Scene& s) { return s.view.components && !s.weights->components.shares.empty(); }
const Mosaic& shown(const Scene& s) {
  return shows_components(s) ? s.weights->component_tiles : s.weights->filter_tiles;
}
Index filter_of(const Scene& s) {
  const auto chosen = s.view.hovered.filter ? s.view.hovered.filter : s.view.pinned.filter;
  return std::min(chosen.value_or(0), shown(s).count - 1);
}
std::size_t features_of(const Scene& s) {
  return static_cast<std::size_t>(std::clamp<Index>(s.view.features, 0, std::ssize(s.weights->features) - 1));
}
// The maps stand in the filters' order.
bool belong_together(const Scene& s) {
  return !shows_components(s) && features_of(s) == 0 &&
         s.weights->features[0].maps.count == s.weights->filter_tiles.count;
}

gpu::Range symmetric(float largest) {
  const float most = std::max(largest, 1e-6f);
  return {-most, most};
}

// A mosaic with one tile lit (-1: none); the answer says what is pointed at.
widgets::TilesTouch draw_mosaic(Canvas& c, const Rect& box, std::string_view id, const Mosaic& m,
                                const std::shared_ptr<const void>& source, Index lit) {
  const widgets::Tiles tiles{.id = id,
                             .values = &m.values,
                             .source = std::shared_ptr<const void>(source, &m),
                             .rows = m.rows,
                             .columns = m.columns,
                             .colormap = gpu::Colormap::kDiverging,
                             .range = symmetric(m.largest),
                             .box = {box.x, box.y, box.w, box.h - kLegend},
                             .count = m.count};
  const widgets::TilesLayout l = layout(tiles);
  const widgets::TilesTouch touch = draw(c, tiles);
  c.numbers({"all " + std::string(id.substr(id.find(' ') + 1)), l.all, tiles.values});
  if (lit >= 0) widgets::outline(c, l.tile(lit));
  const Rect legend{l.all.x, l.all.bottom() + 8, std::min(l.all.w, kLegendWidth), 20};
  if (m.values.rank() == 3)
    c.text({legend.x, legend.y + 6}, "grey = 0, each colour by itself",
           {widgets::kQuietSize_px - 2, Face::kWords, Role::kQuiet});
  else
    widgets::legend(c, legend, tiles.colormap, tiles.range);
  return touch;
}

void draw_filters_tiles(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const Mosaic& m = shown(s);
  const auto& shape = s.weights->filters.pictures.shape();
  const std::string size =
      core::grouped(m.count) + " of " + widgets::shape_words({shape[1], shape[2], shape[3]});
  draw_heading(c, box, shows_components(s) ? "Components" : "Filters", Role::kKernel,
               {size + ", " + s.weights->filters.name, size});
  float top = kTitle;
  if (!s.weights->components.shares.empty()) {
    if (const auto clicked = widgets::draw_tabs(c, {box.x, box.y + kTitle + 10}, "inside filters", kOrders,
                                                shows_components(s) ? 1 : 0))
      view.components = *clicked == 1;
    top += kTabs;
  }
  const auto touch = draw_mosaic(c, {box.x, box.y + top, box.w, box.h - top},
                                 shows_components(s) ? "inside components" : "inside kernels", shown(s),
                                 s.weights, filter_of(s));
  if (!touch.tile) return;
  widgets::point_at(touch.tile->row * shown(s).across + touch.tile->column, touch.clicked,
                    view.hovered.filter, view.pinned.filter);
}

// The probe on the right of the maps, where there is room.
void draw_probe_beside(Canvas& c, const Rect& box, const Mosaic& maps, const Scene& s) {
  const float used = std::min(box.w, box.h * px(maps.columns) / px(maps.rows)) + kGap / 2;
  const float side = std::min({box.w - used, box.h, kLargestProbe});
  if (side < kSmallestProbe) return;
  const auto& shape = s.picture().shape();
  const float height = side * px(shape[shape.rank() - 2]) / px(shape[shape.rank() - 1]);
  c.heatmap({"inside filtered",
             {box.x + used, box.y, side, height},
             &s.picture(),
             gpu::Colormap::kGrey,
             {0, 1},
             s.looked});
  c.numbers({"the probe", {box.x + used, box.y, side, height}, &s.picture()});
}

// What a layer makes of the probe.
void draw_features(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const Features& f = s.weights->features[features_of(s)];
  const std::string size =
      core::grouped(f.maps.count) + " of " + widgets::shape_words({f.maps.rows, f.maps.columns});
  draw_heading(c, box, "On the probe", Role::kOutput,
               {size + (s.has_tokens() ? ", before positions" : ", after " + f.layer), size});
  float top = kTitle;
  if (s.weights->features.size() > 1) {
    std::vector<std::string> names;
    for (const Features& each : s.weights->features)
      names.push_back(each.layer.substr(0, each.layer.find(" output")));
    const std::vector<std::string_view> words(names.begin(), names.end());
    if (const auto clicked =
            widgets::draw_tabs(c, {box.x, box.y + kTitle + 10}, "inside features", words, features_of(s)))
      view.features = static_cast<Index>(*clicked);
    top += kTabs;
  }
  const bool together = belong_together(s);
  const Index lit = together ? filter_of(s) : -1;
  const auto touch = draw_mosaic(c, {box.x, box.y + top, box.w, box.h - top}, "inside maps " + f.layer,
                                 f.maps, s.weights, lit);
  draw_probe_beside(c, {box.x, box.y + top, box.w, box.h - top - kLegend}, f.maps, s);
  if (!touch.tile || !together) return;
  view.hovered.place = touch.cell;
  widgets::point_at(touch.tile->row * f.maps.across + touch.tile->column, touch.clicked, view.hovered.filter,
                    view.pinned.filter);
}

// One picture of a mosaic enlarged, with its numbers where there is room.
std::optional<Cell> draw_single(Canvas& c, const Rect& box, std::string_view id, std::string_view title,
                                Role role, const Mosaic& m, Index number, const Scene& s) {
  const core::Tensor<float>& values = m.single[static_cast<std::size_t>(number)];
  const std::shared_ptr<const void> source(s.weights, &values);
  draw_heading(c, box, title, role, {widgets::shape_words({m.rows, m.columns})});
  const Rect place{box.x, box.y + kTitle, box.w, box.h - kTitle};
  if (values.rank() == 3) {
    const float cell = std::min(place.w / px(m.columns), place.h / px(m.rows));
    c.heatmap({id,
               {place.x, place.y, cell * px(m.columns), cell * px(m.rows)},
               &values,
               gpu::Colormap::kGrey,
               symmetric(m.largest),
               source});
    c.numbers({std::string(title), {place.x, place.y, cell * px(m.columns), cell * px(m.rows)}, &values});
    return std::nullopt;
  }
  const widgets::LargeMatrix matrix{.id = id,
                                    .values = &values,
                                    .source = source,
                                    .range = symmetric(m.largest),
                                    .box = place,
                                    .max_cell = 1e4f,
                                    .look = [](Cell) { return widgets::CellLook{}; }};
  const widgets::CellTouch touch = draw(c, matrix);
  c.numbers({std::string(title), layout(matrix).cells, &values});
  return touch.hovered;
}

void draw_lit(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const Index lit = filter_of(s);
  const float half = std::floor((box.w - kGap) / 2);
  const std::string number =
      shows_components(s)
          ? "Component " + std::to_string(lit + 1)
          : "Filter " + std::to_string(s.weights->filters.numbers[static_cast<std::size_t>(lit)] + 1);
  draw_single(c, {box.x, box.y, half, box.h}, "inside filter", number, Role::kKernel, shown(s), lit, s);
  if (!belong_together(s)) return;
  const Mosaic& maps = s.weights->features[0].maps;
  if (const auto cell = draw_single(c, {box.x + half + kGap, box.y, half, box.h}, "inside map", "Its map",
                                    Role::kOutput, maps, lit, s))
    view.hovered.place = cell;
}

}  // namespace

void draw_filters(Canvas& c, const Rect& box, const Scene& s, View& view) {
  if (!s.weights) return draw_waiting(c, box, "Taking the weights apart …", s.progress);
  const float left = std::floor(std::min(0.5f * box.w, box.h - kTitle - kTabs - kLegend + 20));
  draw_filters_tiles(c, {box.x, box.y, left, box.h}, s, view);
  const Rect right{box.x + left + kGap, box.y, box.w - left - kGap, box.h};
  const float top = std::floor(0.57f * right.h);
  draw_features(c, {right.x, right.y, right.w, top}, s, view);
  draw_lit(c, {right.x, right.y + top + 6, right.w, right.h - top - 6}, s, view);
}

Equation explain_filters(const Scene& s) {
  if (!s.weights) return {};
  const WeightPictures& w = *s.weights;
  const auto lit = static_cast<std::size_t>(filter_of(s));
  if (shows_components(s)) {
    PlainLine line;
    line << "share = " << widgets::symbol("σ²", std::to_string(lit + 1), Role::kKernel)
         << " / Σ σ² = " << widgets::number(w.components.shares[lit], Role::kKernel, 3);
    return {{line.done()},
            "Component " + std::to_string(lit + 1) +
                ": of all directions in which the filters differ, how much lies in this one"};
  }
  const std::string name = std::to_string(w.filters.numbers[lit] + 1);
  PlainLine norm;
  norm << "|" << widgets::symbol("w", name, Role::kKernel) << "| = "
       << widgets::root(widgets::row({widgets::word("Σ "), widgets::scripts(widgets::word("w", Role::kKernel),
                                                                            {}, widgets::word("2"))}))
       << " = " << widgets::number(w.filters.norms[lit], Role::kKernel, 4);
  Equation e{{norm.done()},
             "Filter " + name + " of " + w.filters.name + ": number " + std::to_string(lit + 1) + " of " +
                 core::grouped(std::ssize(w.filters.norms)) + " by length"};
  if (!belong_together(s)) return e;
  const Mosaic& maps = w.features[0].maps;
  const core::Tensor<float>& map = maps.single[lit];
  const auto strongest =
      std::ranges::max_element(map.values(), {}, [](float value) { return std::abs(value); }) -
      map.values().begin();
  Cell at = s.view.hovered.place.value_or(Cell{strongest / maps.columns, strongest % maps.columns});
  at = {std::min(at.row, maps.rows - 1), std::min(at.column, maps.columns - 1)};
  const double y = map(at.row, at.column), b = w.bias[lit];
  const widgets::Math sum = widgets::row({widgets::word("Σ "), widgets::word("w", Role::kKernel),
                                          widgets::word(" · "), widgets::word("x", Role::kInput)});
  PlainLine answer;
  answer << widgets::symbol("y", std::to_string(at.row + 1) + "," + std::to_string(at.column + 1),
                            Role::kOutput)
         << " = ";
  if (s.has_tokens())
    answer << sum << " + b = " << widgets::number(y - b, Role::kText, 3) << " + "
           << widgets::factor(b, Role::kText, 3);
  else
    answer << widgets::word(w.features[0].layer.substr(0, w.features[0].layer.find(" output"))) << "( " << sum
           << " + " << widgets::factor(b, Role::kText, 3) << " )";
  answer << " = " << widgets::number(y, Role::kOutput, 4);
  e.lines.push_back(answer.done());
  return e;
}

}  // namespace vitrine::labs::inside
