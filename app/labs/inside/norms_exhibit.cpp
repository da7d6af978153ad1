// Norms: how large every layer's weights are, now and at every kept step, and the gradient of the probe's
// loss that would change them.
#include <algorithm>
#include <cmath>

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

constexpr float kTitle = 26, kHeading = 20, kFoot = 52, kLine = 22, kLeastName = 12, kNumber = 74;
constexpr gpu::Range kShares{0, 1};

// The kept step that is looked at, by its place.
std::optional<Index> column_of(const Scene& s) {
  const auto& steps = s.history->steps;
  const auto at = std::ranges::find(steps, s.looked->step);
  return at == steps.end() ? std::nullopt : std::optional<Index>(at - steps.begin());
}

std::optional<Cell> lit(const Scene& s) {
  const auto rows = std::ssize(s.norms->weights);
  for (const auto& cell : {s.view.hovered.norm, s.view.pinned.norm})
    if (cell && cell->row < rows) return cell;
  return std::nullopt;
}

void draw_history(Canvas& c, const Rect& grid, float line, const Scene& s, View& view, Wish& wish) {
  const NormHistory& h = *s.history;
  const auto columns = std::ssize(h.steps);
  c.heatmap({"inside norms", grid, &h.shares, gpu::Colormap::kViridis, kShares, s.history});
  c.numbers({"norms of the weights", grid, &h.norms});
  const float width = grid.w / px(columns);
  const TextStyle number{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet};
  const auto label = [&](Index column, const TextStyle& style) {
    const std::string words = core::grouped(h.steps[static_cast<std::size_t>(column)]);
    const float half = c.text_width(words, style) / 2, x = grid.x + width * (px(column) + 0.5f);
    TextStyle centred = style;
    centred.align = Align::kCenter;
    c.text({std::clamp(x, grid.x + half, std::max(grid.x + half, grid.right() - half)), grid.bottom() + 9},
           words, centred);
    return Rect{x - half - 6, 0, 2 * half + 12, 0};
  };
  const auto here = column_of(s);
  std::optional<Rect> said;
  if (here) {
    TextStyle style = number;
    style.paint = Role::kText;
    said = label(*here, style);
    widgets::outline(c, {grid.x + width * px(*here), grid.y, std::max(width, 2.0f), grid.h});
  }
  for (const Index end : {Index{0}, static_cast<Index>(columns - 1)}) {
    const float x = grid.x + width * (px(end) + 0.5f);
    if (!said || x + 40 < said->x || x - 40 > said->right()) label(end, number);
  }
  const widgets::Touch touch = c.touch("inside norms", grid);
  if (!touch.hovered) return;
  const auto index = [](float offset, float size, Index count) {
    return std::clamp<Index>(static_cast<Index>(offset / size), 0, count - 1);
  };
  view.hovered.norm = Cell{index(touch.at.y - grid.y, line, std::ssize(h.layers)),
                           index(touch.at.x - grid.x, width, columns)};
  if (touch.clicked) wish.step = h.steps[static_cast<std::size_t>(view.hovered.norm->column)];
}

}  // namespace

Wish draw_norms(Canvas& c, const Rect& box, const Scene& s, View& view) {
  const NormsNow& now = *s.norms;
  const auto rows = std::ssize(now.weights);
  const float line = std::min(kLine, (box.h - kTitle - kHeading - kFoot) / px(rows));
  const float size = std::min(widgets::kQuietSize_px - 1, line * 0.85f);
  const Index every = static_cast<Index>(std::ceil(kLeastName / line));  // of whose names there is room
  float names = 0;
  for (const auto& [layer, norm] : now.weights)
    names = std::max(names, c.text_width(layer, {widgets::kQuietSize_px - 1}) + 10);
  names = std::min(names, 0.3f * box.w);
  const Rect grid{box.x + names, box.y + kTitle + kHeading, box.w - names - 2 * kNumber - 8, line * px(rows)};
  Wish wish;
  const std::string count = core::grouped(rows) + " layers ↓";
  if (s.history)
    draw_heading(c, box, "Norms", Role::kKernel,
                 {count + " × " + core::grouped(std::ssize(s.history->steps)) +
                      " kept steps →, colour: share of the layer's largest",
                  count + " × " + core::grouped(std::ssize(s.history->steps)) + " kept steps →"});
  else
    draw_heading(c, box, "Norms", Role::kKernel,
                 {s.looked->opened ? count : count + ", step " + core::grouped(s.looked->step)});
  if (s.history && std::ssize(s.history->layers) == rows) draw_history(c, grid, line, s, view, wish);
  const TextStyle heading{widgets::kQuietSize_px - 1, Face::kWords, Role::kKernel, Align::kRight};
  TextStyle gradient = heading;
  gradient.paint = Role::kGradient;
  c.text({box.right() - kNumber, grid.y - 13}, "weights", heading);
  c.text({box.right(), grid.y - 13}, "gradient", gradient);
  const auto cell = lit(s);
  for (Index row = 0; row < rows; ++row) {
    const float y = grid.y + line * (px(row) + 0.5f);
    const bool is_lit = cell && cell->row == row;
    if (is_lit) widgets::outline(c, {grid.x, y - line / 2, grid.w, line}, false);
    if (row % every != 0) continue;
    const TextStyle name{std::max(size, 10.0f), Face::kWords, is_lit ? Role::kText : Role::kQuiet};
    const auto i = static_cast<std::size_t>(row);
    c.text({box.x, y}, elided(c, now.weights[i].layer, name, names - 8), name);
    TextStyle number{name.size, Face::kNumbers, Role::kText, Align::kRight};
    c.text({box.right() - kNumber, y}, core::shown(now.weights[i].norm, 3), number);
    number.paint = Role::kGradient;
    if (!now.gradients.empty()) c.text({box.right(), y}, core::shown(now.gradients[i].norm, 3), number);
  }
  const widgets::Touch names_touch = c.touch("inside norm names", {box.x, grid.y, names, grid.h});
  if (names_touch.hovered)
    view.hovered.norm =
        Cell{std::clamp<Index>(static_cast<Index>((names_touch.at.y - grid.y) / line), 0, rows - 1),
             s.history ? column_of(s).value_or(0) : 0};
  if (s.history)
    widgets::legend(c, {grid.x, grid.bottom() + 22, std::min(grid.w, 140.0f), 20}, gpu::Colormap::kViridis,
                    kShares);
  return wish;
}

Equation explain_norms(const Scene& s) {
  const auto cell = lit(s);
  const Index row = cell ? cell->row : std::ssize(s.norms->weights) - 1;
  const auto i = static_cast<std::size_t>(row);
  const std::string& layer = s.norms->weights[i].layer;
  const bool past =
      cell && s.history && row < std::ssize(s.history->layers) && cell->column < std::ssize(s.history->steps);
  const Index step = past ? s.history->steps[static_cast<std::size_t>(cell->column)] : s.looked->step;
  const double norm = past ? s.history->norms(row, cell->column) : s.norms->weights[i].norm;
  const auto norm_of = [](const char* symbol, Role role) {
    return widgets::root(widgets::row(
        {widgets::word("Σ "), widgets::scripts(widgets::word(symbol, role), {}, widgets::word("2"))}));
  };
  PlainLine line;
  line << "|W| = " << norm_of("w", Role::kKernel) << " = " << widgets::number(norm, Role::kKernel, 4);
  if (!s.norms->gradients.empty() && step == s.looked->step)
    line << "     |∇W| = " << norm_of("∂L/∂w", Role::kGradient) << " = "
         << widgets::number(s.norms->gradients[i].norm, Role::kGradient, 4);
  if (s.looked->opened) return {{line.done()}, layer + ": its weights"};
  return {{line.done()},
          layer + " at step " + core::grouped(step) + ": its weights, and the gradient of the probe's loss"};
}

}  // namespace vitrine::labs::inside
