// The output lens: what the model would say after each layer if it were the last, by class and by patch.
// nostalgebraist 2020, "interpreting GPT: the logit lens".
#include <algorithm>
#include <numeric>

#include "app/labs/formula.h"
#include "app/labs/inside/scene.h"
#include "app/widgets/pointing.h"
#include "app/widgets/tiles.h"
#include "engine/core/text.h"

namespace vitrine::labs::inside {

using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::Equation;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kTitle = 26, kHeading = 18, kLegend = 34, kGap = 26, kLine = 34, kSmallestLine = 14,
                kNumberedColumn = 16;
constexpr gpu::Range kProbability{0, 1};
constexpr std::size_t kTerms = 3;

// The classes that there is room for: of more, the likeliest in the end.
std::vector<Index> shown_classes(const core::Tensor<double>& by_class, std::size_t most) {
  std::vector<Index> classes(static_cast<std::size_t>(by_class.size(0)));
  std::iota(classes.begin(), classes.end(), Index{0});
  if (classes.size() <= most) return classes;
  std::ranges::stable_sort(classes, std::greater(),
                           [&](Index v) { return by_class(v, by_class.size(1) - 1); });
  classes.resize(most);
  std::ranges::sort(classes);
  return classes;
}

std::string layer_name(Index layer) { return layer == 0 ? "in" : std::to_string(layer); }
Index layer_of(const Scene& s) {
  const auto chosen = s.view.hovered.layer ? s.view.hovered.layer : s.view.pinned.layer;
  return std::min(chosen.value_or(s.depth()), s.depth());
}

// Where the layers' columns stand, above for the classes and below for the patches.
struct Columns {
  float x, width;
  Rect at(Index layer, float y, float height) const { return {x + width * px(layer), y, width, height}; }
};

void draw_classes(Canvas& c, const Rect& box, const Columns& columns, const Scene& s, View& view) {
  const Focus& f = s.focus;
  const Index lit = layer_of(s), layers = s.depth() + 1;
  const core::Tensor<double>& p = s.token->classes;
  const auto room = std::max<std::size_t>(1, static_cast<std::size_t>((box.h - kHeading) / kSmallestLine));
  const std::vector<Index> classes = shown_classes(p, room);
  const float line = std::floor(std::min(kLine, (box.h - kHeading) / static_cast<float>(classes.size())));
  const widgets::Shade shade = widgets::mapped(gpu::Colormap::kViridis, kProbability);
  const Index every = columns.width >= kNumberedColumn ? 1 : 5;
  for (Index layer = 0; layer < layers; layer += every)
    c.text({columns.at(layer, 0, 0).center().x, box.y + kHeading / 2}, layer_name(layer),
           {widgets::kQuietSize_px - 2, Face::kNumbers, layer == lit ? Role::kText : Role::kQuiet,
            Align::kCenter});
  Rect grid{columns.x, box.y + kHeading, columns.width * px(layers), line * px(std::ssize(classes))};
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const Index v = classes[i];
    const float y = grid.y + line * px(static_cast<Index>(i));
    const bool right = v == s.looked->label;
    const TextStyle name{std::min(widgets::kQuietSize_px - 1, line * 0.85f),
                         right ? Face::kStrong : Face::kWords,
                         right || v == f.label ? Role::kText : Role::kQuiet};
    c.text({box.x, y + line / 2},
           elided(c, s.classes()[static_cast<std::size_t>(v)], name, columns.x - box.x - 8), name);
    for (Index layer = 0; layer < layers; ++layer)
      widgets::draw_cell(c, columns.at(layer, y, line), p(v, layer), {}, shade);
    if (v == f.label) widgets::outline(c, {grid.x, y, grid.w, line}, false);
    if (v == f.label) widgets::outline(c, columns.at(lit, y, line));
  }
  c.numbers({"probabilities by layer", grid, &p});
  const widgets::Touch touch = c.touch("inside lens", grid);
  if (!touch.hovered) return;
  const auto index = [](float offset, float size, Index count) {
    return std::clamp<Index>(static_cast<Index>(offset / size), 0, count - 1);
  };
  view.hovered.layer = index(touch.at.x - grid.x, columns.width, layers);
  const auto at = static_cast<std::size_t>(index(touch.at.y - grid.y, line, std::ssize(classes)));
  widgets::point_at(classes[at], touch.clicked, view.hovered.label, view.pinned.label);
  if (touch.clicked) view.pinned.layer = view.hovered.layer;
}

void draw_patches(Canvas& c, const Rect& box, const Columns& columns, const Scene& s, View& view) {
  const Focus& f = s.focus;
  const PatchGrid& grid = s.grid();
  const Index layers = s.depth() + 1;
  const std::string shape =
      std::to_string(layers) + " maps " + widgets::shape_words({grid.rows, grid.columns});
  draw_heading(c, box, "Every patch by itself", Role::kText,
               {"probability of " + s.classes()[static_cast<std::size_t>(f.label)] + ", " + shape, shape});
  const widgets::Tiles tiles{.id = "inside lens maps",
                             .values = &s.token->lens,
                             .source = s.token,
                             .rows = grid.rows,
                             .columns = grid.columns,
                             .range = kProbability,
                             .box = {columns.x, box.y + kTitle, columns.width * px(layers), box.h - kTitle}};
  const widgets::TilesLayout l = layout(tiles);
  const widgets::TilesTouch touch = draw(c, tiles);
  c.numbers({"probabilities by patch", l.all, tiles.values});
  widgets::outline(c, l.tile(layer_of(s)));
  if (f.token && *f.token >= grid.first_patch && l.cell >= 3) {
    const Index patch = *f.token - grid.first_patch;
    for (Index layer = 0; layer < layers; ++layer)
      widgets::outline(c, l.cell_in(l.tile(layer), {patch / grid.columns, patch % grid.columns}), false);
  }
  if (!touch.tile) return;
  view.hovered.layer = touch.tile->column;
  widgets::point_at(grid.first_patch + touch.cell.row * grid.columns + touch.cell.column, touch.clicked,
                    view.hovered.token, view.pinned.token);
}

// Whose lens it is.
std::string token_words(const Scene& s, const Focus& f) {
  if (f.token) return the_token(s.grid(), *f.token);
  return s.grid().first_patch > 0 ? "the class token" : "the mean of all patches";
}

}  // namespace

void draw_lens(Canvas& c, const Rect& box, const Scene& s, View& view) {
  if (!s.has_tokens())
    return draw_nothing(
        c, box,
        "The lens reads a Vision Transformer's tokens after each of its layers. A CNN "
        "and an MLP speak with their last layer only; they have Filters, Mistakes and Norms.");
  const Focus& f = s.focus;
  const Index layer = layer_of(s), tokens = s.grid().tokens();
  std::vector<float> shares;
  for (Index t = 0; t < tokens; ++t) shares.push_back(s.inside().lens_probabilities(layer, t, f.label));
  const float left = std::floor(std::min(0.34f * box.w, 0.6f * box.h));
  const std::string label = s.classes()[static_cast<std::size_t>(f.label)];
  draw_probe(c,
             {"Probe",
              "p(" + label + "), " + (layer == 0 ? "before layer 1" : "layer " + std::to_string(layer)),
              {box.x, box.y, left, box.h},
              shares,
              1},
             s, view);
  const Rect right{box.x + left + kGap, box.y, box.w - left - kGap, box.h};
  float names = 0;
  for (const std::string& name : s.classes())
    names = std::max(names, c.text_width(name, {widgets::kQuietSize_px - 1, Face::kStrong}));
  names = std::min(names + 10, 0.3f * right.w);
  const Index layers = s.depth() + 1;
  const Columns columns{right.x + names,
                        std::floor(std::min({(right.w - names) / px(layers), 0.26f * right.h, 150.0f}))};
  const std::string shape = widgets::shape_words(s.token->classes.shape());
  draw_heading(c, right, "If a layer were the last", Role::kOutput,
               {"what " + token_words(s, f) + " says: " + shape, shape});
  const float maps = kTitle + columns.width * px(s.grid().rows) / px(s.grid().columns);
  const float most = kHeading + kLine * px(std::ssize(s.classes()));
  const float classes = std::min(most, right.h - kTitle - maps - kLegend - 14);
  draw_classes(c, {right.x, right.y + kTitle, right.w, classes}, columns, s, view);
  const float below = right.y + kTitle + classes + 8;
  draw_patches(c, {right.x, below, right.w, maps}, columns, s, view);
  widgets::legend(c, {columns.x, below + maps + 8, 140, 20}, gpu::Colormap::kViridis, kProbability);
}

Equation explain_lens(const Scene& s) {
  if (!s.has_tokens()) return {};
  const Focus& f = s.focus;
  const train::Inside& in = s.inside();
  const Index layer = layer_of(s), classes = in.lens.size(2);
  const auto logit = [&](Index v) -> double {
    return f.token ? in.lens(layer, *f.token, v) : in.lens_pooled(layer, v);
  };
  std::vector<Index> order(static_cast<std::size_t>(classes));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, std::greater(), logit);
  const auto power = [&](Index v, Role role) {
    return widgets::scripts(widgets::word("e"), {}, widgets::number(logit(v), role, 3));
  };
  widgets::Sum sum(kTerms);
  for (const Index v : order)
    if (!sum.add({power(v, v == f.label ? Role::kOutput : Role::kText)})) break;
  const std::string name = s.classes()[static_cast<std::size_t>(f.label)];
  PlainLine line;
  line << widgets::symbol("p", name, Role::kOutput) << " = softmax( head( LayerNorm( "
       << widgets::symbol("z", layer_name(layer), Role::kInput)
       << " ))) = " << widgets::fraction(power(f.label, Role::kOutput), widgets::row(sum.parts())) << " = "
       << widgets::number(s.token->classes(f.label, layer), Role::kOutput, 3);
  return {{line.done()},
          (layer == 0 ? "Before the first layer" : "After layer " + std::to_string(layer)) + " " +
              token_words(s, f) + " would say: " + s.classes()[static_cast<std::size_t>(order.front())]};
}

}  // namespace vitrine::labs::inside
