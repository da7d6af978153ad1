// The picture of "Pooling": x, the lit window, and both outputs in one line; the altered copy in a second
// line below, with what has changed at the right. The largest number and the mean travel from the window to
// their cells.
#include <algorithm>
#include <cmath>

#include "app/labs/pooling/board.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;

namespace {

using Focus = Pooling::Focus;
using Result = Pooling::Result;
using Side = Pooling::Side;
using Line = PoolingBoard::Line;

constexpr float kWidestTitle = 106;
constexpr float kGlide = 0.45f;  // the part of a step in which the window moves; then the values travel
constexpr gpu::Range kUnit{0, 1};

bool is_matrix(const Result& r) { return r.params.input == Pooling::Input::kMatrix; }

void frame(Canvas& c, const Rect& r, float alpha = 1) { c.stroke(r.inset(-2), {Role::kFocus, alpha}, 2); }

void title(Canvas& c, const Rect& box, std::string_view name, Role role, std::string_view beside,
           float width) {
  widgets::draw_title(c, {box.x, box.y - PoolingBoard::kTitle / 2}, name, role, beside, width);
}

// What has changed: a thin outline where cells are small.
void outline(Canvas& c, const Rect& cell) {
  const bool small = cell.h < 24;
  c.stroke(cell.inset(small ? 1.0f : 2.0f), Role::kText, small ? 1.0f : 2.0f);
}

// A line of words below a panel.
void say_under(Canvas& c, const Rect& box, float line, std::string_view words, Role role) {
  c.text({box.x, box.bottom() + 13 + 16 * line}, words, {widgets::kQuietSize_px, Face::kNumbers, role});
}

std::string mean_words(const signal::PoolWindow& w) {
  return core::shown(w.sum, 3) + " / " + core::grouped(w.count);
}

// A cell whose number is a fraction is shown as one where it fits.
void draw_mean_cell(Canvas& c, const Rect& box, const Side& side, Cell at, bool sums, float alpha,
                    const Shade& shade) {
  const double value = sums ? side.sums(at.row, at.column) : side.mean(at.row, at.column);
  const auto ratio = signal::exact_ratio(side.sums(at.row, at.column), side.counts(at.row, at.column));
  const widgets::TextStyle style{std::clamp(box.h * 0.32f, 9.0f, 20.0f),
                                 Face::kNumbers,
                                 {widgets::ink_on(shade.of(c.theme(), value)), alpha},
                                 Align::kCenter};
  const std::string words =
      ratio ? core::shown(static_cast<double>(ratio->above), 6) + "/" + core::grouped(ratio->below) : "";
  if (sums || !ratio || ratio->below == 1 || alpha == 0 || c.text_width(words, style) > box.w - 4) {
    widgets::draw_cell(c, box, value, {.alpha = alpha}, shade);
    return;
  }
  c.fill(box, {shade.of(c.theme(), value), alpha});
  c.stroke(box.inset(0.5f), Role::kHairline);
  c.text(box.center(), words, style);
}

// One colour for one number in both lines: what tensor `of` makes of the original and of the copy.
template <class Of>
Shade shared_tint(const Result& r, Role role, Of of) {
  const Shade original = widgets::tinted(role, of(r.original));
  if (!r.copy) return original;
  const Shade copy = widgets::tinted(role, of(*r.copy));
  return copy.range.hi > original.range.hi ? copy : original;
}

class Picture {
 public:
  Picture(Canvas& canvas, std::shared_ptr<const Result> result, const PoolingBoard& board, const Focus& focus,
          bool sweeping)
      : c_(canvas), result_(std::move(result)), r_(*result_), b_(board), focus_(focus), sweeping_(sweeping) {
    glide_ = std::min(focus.progress / kGlide, 1.0f);
    travel_ = std::max((focus.progress - kGlide) / (1 - kGlide), 0.0f);
    if (!is_matrix(r_)) return;
    input_shade_ = shared_tint(
        r_, Role::kInput, [](const Side& s) -> auto& { return s.input; });
    largest_shade_ = shared_tint(
        r_, Role::kOutput, [](const Side& s) -> auto& { return s.largest; });
    mean_shade_ = shared_tint(
        r_, Role::kOutput, [&](const Side& s) -> auto& { return r_.params.shows_sums() ? s.sums : s.mean; });
  }

  void draw() {
    draw_side(b_.lines[0], r_.original, false);
    if (!r_.copy) return;
    draw_side(b_.lines[1], *r_.copy, true);
    draw_change(b_.lines[0].change, r_.largest, "Δ max", "pooling change max");
    draw_change(b_.lines[1].change, r_.mean, r_.params.shows_sums() ? "Δ sum" : "Δ average",
                "pooling change average");
  }

 private:
  void draw_side(const Line& line, const Side& side, bool copy) {
    const signal::PoolWindow window = r_.window(side, focus_.cell);
    if (is_matrix(r_))
      draw_matrix_input(line, side, copy);
    else
      draw_picture_input(line, side, copy);
    draw_window(line, window, copy);
    draw_outputs(line, side, copy, window);
    offer_numbers(line, side, copy ? "_altered" : "");
  }

  // The exact numbers, of pictures too.
  void offer_numbers(const Line& line, const Side& side, const std::string& mark) {
    const bool sums = r_.params.shows_sums();
    c_.numbers({"x" + mark, b_.input(line, r_), &side.input});
    c_.numbers({"x" + mark, line.seen.box, &side.input});
    c_.numbers({"largest" + mark, line.largest.box, &side.largest});
    c_.numbers({(sums ? "sums" : "averages") + mark, line.mean.box, sums ? &side.sums : &side.mean});
  }

  std::string input_words(const Side& side, bool copy) const {
    const auto& shape = side.input.shape();
    return widgets::shape_words({shape[1], shape[2]}) + (copy ? ", altered" : "");
  }

  void draw_matrix_input(const Line& line, const Side& side, bool copy) {
    const PoolingGrid& grid = line.padded;
    title(c_, grid.box, copy ? "x′" : "x", Role::kInput, input_words(side, copy),
          line.seen.box.x - line.padded.box.x - 12);
    const Shade& shade = input_shade_;
    const Index rows = side.input.size(1), columns = side.input.size(2);
    for (Index i = 0; i < grid.rows; ++i)
      for (Index j = 0; j < grid.columns; ++j) {
        const Index row = i - b_.top, column = j - b_.left;
        const bool inside = row >= 0 && row < rows && column >= 0 && column < columns;
        widgets::draw_cell(c_, grid.at(i, j), inside ? side.input(0, row, column) : 0,
                           {.dashed = !inside, .plain = !inside}, shade);
        if (copy && inside && r_.harmed(row, column) != 0) outline(c_, grid.at(i, j));
      }
    frame(c_, gliding_window(line));
  }

  void draw_picture_input(const Line& line, const Side& side, bool copy) {
    const Rect box = b_.input(line, r_);
    title(c_, line.padded.box, copy ? "x′" : "x", Role::kInput, input_words(side, copy),
          line.largest.box.x - line.padded.box.x - 12);
    if (box.w < line.padded.box.w || box.h < line.padded.box.h)
      widgets::dashed(c_, line.padded.box, Role::kQuiet);
    c_.heatmap({copy ? "pooling x copy" : "pooling x", box, &side.input_pixels, gpu::Colormap::kGrey, kUnit,
                result_});
    legend(line.padded.box, gpu::Colormap::kGrey, kUnit);
    frame(c_, gliding_window(line));
  }

  Rect gliding_window(const Line& line) const {
    return mix(b_.window(line, r_.params.pool, focus_.from), b_.window(line, r_.params.pool, focus_.cell),
               glide_);
  }

  // The cells that the window sees, the winner marked, and the two answers in words.
  void draw_window(const Line& line, const signal::PoolWindow& window, bool copy) {
    title(c_, line.seen.box, copy ? "Window′" : "Window", Role::kInput, "", 0);
    const Shade& shade = input_shade_;
    for (const signal::PoolCell& cell : window.cells)
      widgets::draw_cell(c_, line.seen.at(cell.tap.kernel_row, cell.tap.kernel_column), cell.value,
                         {.dashed = !cell.tap.inside, .plain = !cell.tap.inside}, shade);
    const signal::Tap& winner = window.cells[window.winner].tap;
    c_.stroke(line.seen.at(winner.kernel_row, winner.kernel_column).inset(1), Role::kOutput, 3);
    say_under(c_, line.seen.box, 0, "max " + core::shown(window.largest, 3), Role::kOutput);
    say_under(c_, line.seen.box, 1, mean_words(window), Role::kOutput);
    const PoolingGrid& grid = line.padded;
    if (grid.cell >= 6) {
      const Rect source = grid.at(winner.row + b_.top, winner.column + b_.left);
      if (glide_ >= 1) c_.stroke(source.inset(1), Role::kOutput, 3);
    }
  }

  void draw_outputs(const Line& line, const Side& side, bool copy, const signal::PoolWindow& window) {
    const bool sums = r_.params.shows_sums();
    const std::string shape = widgets::shape_words(side.mean.shape());
    const float room_for_title = !is_matrix(r_) ? line.mean.box.w
                                 : r_.copy      ? line.change.box.x - line.mean.box.x - 12
                                                : kWidestTitle;
    title(c_, line.largest.box, copy ? "Max′" : "Max", Role::kOutput, shape,
          line.mean.box.x - line.largest.box.x - 12);
    title(c_, line.mean.box, std::string(sums ? "Sum" : "Average") + (copy ? "′" : ""), Role::kOutput, shape,
          room_for_title);
    if (is_matrix(r_)) {
      draw_output_cells(line, side, copy, sums);
      draw_travelling(line, side, window, sums);
    } else {
      const char* ids[2][2] = {{"pooling max", "pooling average"},
                               {"pooling max copy", "pooling average copy"}};
      draw_output_pixels(line.largest, side.largest_pixels, ids[copy][0]);
      draw_output_pixels(line.mean, side.mean_pixels, ids[copy][1]);
    }
    for (const PoolingGrid* grid : {&line.largest, &line.mean}) {
      frame(c_, mix(grid->at(focus_.from), grid->at(focus_.cell), glide_));
    }
  }

  void draw_output_cells(const Line& line, const Side& side, bool copy, bool sums) {
    for (Index i = 0; i < r_.rows(); ++i)
      for (Index j = 0; j < r_.columns(); ++j) {
        const Index at = i * r_.columns() + j;
        const bool arriving = Cell{i, j} == focus_.cell && focus_.progress < 1;
        const float alpha = arriving ? 0 : at <= focus_.reached ? 1 : kAhead;
        widgets::draw_cell(c_, line.largest.at(i, j), side.largest(i, j), {.alpha = alpha}, largest_shade_);
        draw_mean_cell(c_, line.mean.at(i, j), side, {i, j}, sums, alpha, mean_shade_);
        if (!copy) continue;
        if (r_.largest.difference.values(i, j) != 0) outline(c_, line.largest.at(i, j));
        if (r_.mean.difference.values(i, j) != 0) outline(c_, line.mean.at(i, j));
      }
  }

  // The winner from its place in x, the mean from the whole window.
  void draw_travelling(const Line& line, const Side& side, const signal::PoolWindow& window, bool sums) {
    if (focus_.progress >= 1 || travel_ <= 0) return;
    const signal::Tap& winner = window.cells[window.winner].tap;
    const Rect from = line.padded.at(winner.row + b_.top, winner.column + b_.left);
    widgets::draw_cell(c_, mix(from, line.largest.at(focus_.cell), travel_), window.largest, {},
                       largest_shade_);
    const Rect all = b_.window(line, r_.params.pool, focus_.cell);
    draw_mean_cell(c_, mix(all, line.mean.at(focus_.cell), travel_), side, focus_.cell, sums,
                   0.25f + 0.75f * travel_, mean_shade_);
  }

  void draw_output_pixels(const PoolingGrid& grid, const Tensor<float>& pixels, std::string_view id) {
    c_.heatmap({id, grid.box, &pixels, gpu::Colormap::kGrey, kUnit, result_});
    legend(grid.box, gpu::Colormap::kGrey, kUnit);
    if (sweeping_) widgets::veil_after(c_, grid.box, grid.at(focus_.cell));
  }

  void draw_change(const PoolingGrid& grid, const Pooling::Change& change, std::string_view name,
                   std::string_view id) {
    const signal::Difference& d = change.difference;
    const gpu::Range range = widgets::symmetric_range(d.values);
    const gpu::Range shown = range.hi > 1e-9f ? range : gpu::Range{-1, 1};
    const std::string count = core::grouped(d.changed) + " of " + core::grouped(d.values.count());
    if (is_matrix(r_)) {
      title(c_, grid.box, name, Role::kText, "", 0);
      const Shade shade = widgets::mapped(gpu::Colormap::kDiverging, shown);
      for (Index i = 0; i < grid.rows; ++i)
        for (Index j = 0; j < grid.columns; ++j)
          widgets::draw_cell(c_, grid.at(i, j), d.values(i, j), {.plain = d.values(i, j) == 0}, shade);
      say_under(c_, grid.box, 0, count, Role::kText);
      say_under(c_, grid.box, 1, "by " + core::shown(d.largest, 3), Role::kText);
    } else {
      const bool last = &grid == &b_.lines[1].change;
      title(c_, grid.box, name, Role::kText, count,
            (last ? c_.area().right() : b_.lines[1].change.box.x) - grid.box.x - 12);
      c_.heatmap({id, grid.box, &change.pixels, gpu::Colormap::kDiverging, shown, result_});
      legend(grid.box, gpu::Colormap::kDiverging, shown);
    }
    c_.numbers({std::string(name), grid.box, &d.values});
    frame(c_, mix(grid.at(focus_.from), grid.at(focus_.cell), glide_));
  }

  void legend(const Rect& box, gpu::Colormap map, gpu::Range range) {
    widgets::legend(c_, {box.x, box.bottom() + 8, std::min(110.0f, box.w), 20}, map, range);
  }

  static constexpr float kAhead = 0.4f;  // how visible an output is that the window has not reached

  Canvas& c_;
  std::shared_ptr<const Result> result_;
  const Result& r_;
  const PoolingBoard& b_;
  const Focus& focus_;
  bool sweeping_;
  float glide_, travel_;
  Shade input_shade_ = widgets::mapped(gpu::Colormap::kGrey, kUnit), largest_shade_, mean_shade_;
};

// Touching an output lights it; touching x lights the window whose middle is nearest. A click pins that, and
// on a matrix switches the cell.
void touch(Canvas& c, const PoolingBoard& b, const Result& r, Pooling::View& v) {
  v.hovered.reset();
  const auto light = [&](Cell cell, bool pin) { widgets::point_at(cell, pin, v.hovered, v.pinned); };
  for (int i = 0; i < b.count; ++i) {
    const Line& line = b.lines[i];
    const std::string suffix = i == 0 ? "" : " copy";
    for (const auto& [name, grid] :
         {std::pair{"pooling y max", &line.largest}, std::pair{"pooling y average", &line.mean},
          std::pair{"pooling change", &line.change}}) {
      if (grid->rows == 0) continue;
      if (const auto t = c.touch(name + suffix, grid->box); t.hovered) light(grid->under(t.at), t.clicked);
    }
    const Rect box = is_matrix(r) ? b.input(line, r) : line.padded.box;
    const auto t = c.touch("pooling input" + suffix, box);
    if (!t.hovered) continue;
    const Rect window = b.window(line, r.params.pool, {0, 0});
    const float step = line.padded.cell * static_cast<float>(r.params.pool.columns.stride);
    const auto nearest = [&](float offset, float extent, Index count) {
      return std::clamp<Index>(static_cast<Index>(std::floor((offset - extent / 2) / step + 0.5f)), 0,
                               count - 1);
    };
    light({nearest(t.at.y - line.padded.box.y, window.h, r.rows()),
           nearest(t.at.x - line.padded.box.x, window.w, r.columns())},
          t.clicked && !is_matrix(r));
    if (t.clicked && is_matrix(r)) {
      const Cell cell = line.padded.under(t.at);
      v.click = Pooling::Click{i == 1, {cell.row - b.top, cell.column - b.left}};
    }
  }
}

}  // namespace

void Pooling::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  const PoolingBoard board(canvas.area(), *result);
  touch(canvas, board, *result, view);
  const Focus lit = focus(*result, view, canvas.reduce_motion());
  Picture(canvas, result, board, lit, !view.hovered && !view.pinned && view.playhead.t > 0).draw();
}

}  // namespace vitrine::labs
