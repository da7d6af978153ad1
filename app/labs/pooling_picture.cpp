// The picture of "Pooling": x, the lit window, and both outputs in one line; the altered copy in a second
// line below, with what has changed at the right. The largest number and the mean travel from the window to
// their cells.
#include <algorithm>
#include <cmath>

#include "app/labs/pooling_lab.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Canvas;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;

namespace {

using Focus = Pooling::Focus;
using Result = Pooling::Result;
using Side = Pooling::Side;

constexpr float kMargin = 26, kTitle = widgets::kTitleHeight_px + 6;
constexpr float kUnder = 46, kBetweenLines = 12;  // below a panel: its legend or its number
constexpr float kLargestCell = 72, kLargestSeenCell = 44;
constexpr float kNarrowestSeen = 76, kNarrowestMax = 56, kNarrowestAverage = 72,
                kNarrowestChange = 92;  // their words
constexpr float kWidestTitle = 106;
constexpr float kSeenGap = 26;   // between the windows of a picture and of its copy
constexpr float kGlide = 0.45f;  // the part of a step in which the window moves; then the values travel
constexpr gpu::Range kUnit{0, 1};

bool is_matrix(const Result& r) { return r.params.input == Pooling::Input::kMatrix; }

// Cells of one size on the stage.
struct Grid {
  Rect box{};
  Index rows = 0, columns = 0;
  float cell = 0;
  Rect at(Index row, Index column) const {
    return {box.x + cell * static_cast<float>(column), box.y + cell * static_cast<float>(row), cell, cell};
  }
  Rect at(Cell c) const { return at(c.row, c.column); }
  Cell under(Point p) const {
    const auto index = [&](float offset, Index n) {
      return std::clamp<Index>(static_cast<Index>(std::floor(offset / cell)), 0, n - 1);
    };
    return {index(p.y - box.y, rows), index(p.x - box.x, columns)};
  }
};

// The panels of one line; `padded` is x with its padding.
struct Line {
  Grid padded, seen, largest, mean, change;
};

float f(Index n) { return static_cast<float>(n); }

// A grid with its left end at x, its middle at this height.
Grid centred(float x, float middle, Index rows, Index columns, float cell) {
  return {{std::floor(x), std::floor(middle - cell * f(rows) / 2), cell * f(columns), cell * f(rows)},
          rows,
          columns,
          cell};
}

struct Board {
  Line lines[2];
  int count = 1;
  Index top, left, height, width;  // padding before, and x with all its padding

  Board(const Rect& area, const Result& r) {
    const signal::PoolSpec& pool = r.params.pool;
    count = r.copy ? 2 : 1;
    top = pool.rows.padding_before;
    left = pool.columns.padding_before;
    height = r.original.input.size(1) + top + pool.rows.padding_after;
    width = r.original.input.size(2) + left + pool.columns.padding_after;
    if (is_matrix(r))
      place_matrices(area, r);
    else
      place_pictures(area, r);
  }

  // A line for the matrix and one for its copy, all cells alike, all tops on one height.
  void place_matrices(const Rect& area, const Result& r) {
    const signal::PoolSpec& pool = r.params.pool;
    const float outputs = r.copy ? 3 : 2, gap = std::clamp(area.w * 0.035f, 20.0f, 60.0f);
    const float band = (area.h - 12) / f(count), room = band - kTitle - kBetweenLines;
    const float w = area.w - 2 * kMargin - (outputs + 1) * gap;
    const float with_words = f(std::max(pool.kernel_rows, r.copy ? r.rows() : 1));  // below them stand words
    const auto slot = [&](float side, float narrowest) { return std::max(side * f(r.columns()), narrowest); };
    const auto seen_slot = [&](float side) {
      return std::max(side * f(pool.kernel_columns), kNarrowestSeen);
    };
    const auto total = [&](float side) {
      return side * f(width) + seen_slot(side) + slot(side, kNarrowestMax) + slot(side, kNarrowestAverage) +
             (r.copy ? slot(side, kNarrowestChange) : 0);
    };
    float cell = std::min(
        {kLargestCell, room / f(std::max(height, r.rows())), (room + kBetweenLines - kUnder) / with_words});
    cell = std::max(std::floor(cell), 4.0f);
    while (cell > 4 && total(cell) > w) --cell;
    const float tallest = cell * std::max(f(std::max(height, r.rows())), with_words + kUnder / cell);
    for (int i = 0; i < count; ++i) {
      const float top_y = area.y + 6 + band * f(i) + kTitle + std::max(0.0f, (room - tallest) / 2);
      const auto hung = [&](float left_x, Index rows, Index columns) {
        return centred(left_x, top_y + cell * f(rows) / 2, rows, columns, cell);
      };
      float x = area.x + (area.w - total(cell) - (outputs + 1) * gap) / 2;
      Line& line = lines[i];
      line.padded = hung(x, height, width);
      line.seen = hung(x += line.padded.box.w + gap, pool.kernel_rows, pool.kernel_columns);
      line.largest = hung(x += seen_slot(cell) + gap, r.rows(), r.columns());
      line.mean = hung(x += slot(cell, kNarrowestMax) + gap, r.rows(), r.columns());
      if (r.copy) line.change = hung(x += slot(cell, kNarrowestAverage) + gap, r.rows(), r.columns());
    }
  }

  // Columns of pictures as large as x: x and what it becomes, below it the copy's, and at the bottom the
  // windows and the changes. An output pixel is as large as the stride.
  void place_pictures(const Rect& area, const Result& r) {
    const signal::PoolSpec& pool = r.params.pool;
    const float bands = f(count + 1), gap = std::clamp(area.w * 0.05f, 24.0f, 72.0f);
    const float band = (area.h - 12) / bands, room = band - kTitle - kUnder;
    const float spread_rows = f(pool.rows.stride), spread_columns = f(pool.columns.stride);
    const float column = (area.w - 2 * kMargin - 2 * gap) / 3;
    float cell = std::min(column / std::max(f(width), spread_columns * f(r.columns())),
                          room / std::max(f(height), spread_rows * f(r.rows())));
    if (cell >= 4) cell = std::floor(cell);
    const float side = std::max(cell * f(width), std::min(column, 150.0f));
    const float x = area.x + (area.w - 3 * side - 2 * gap) / 2;
    const auto middle = [&](int line) { return area.y + 6 + band * f(line) + kTitle + room / 2; };
    const float room_for_seen = (x + side - area.x - kMargin - kSeenGap) / f(count);
    const float seen =
        std::min({kLargestSeenCell, room_for_seen / f(pool.kernel_columns), room / f(pool.kernel_rows)});
    const float step = seen * f(pool.kernel_columns) + kSeenGap;
    const float first_seen = std::min(x, x + side + kSeenGap - f(count) * step);
    for (int i = 0; i < count; ++i) {
      Line& line = lines[i];
      line.padded = centred(x, middle(i), height, width, cell);
      line.largest = centred(x + side + gap, middle(i), r.rows(), r.columns(), cell * spread_columns);
      line.mean = centred(x + 2 * (side + gap), middle(i), r.rows(), r.columns(), cell * spread_columns);
      line.seen =
          centred(first_seen + f(i) * step, middle(count), pool.kernel_rows, pool.kernel_columns, seen);
      if (!r.copy) continue;
      const Grid& above = i == 0 ? line.largest : line.mean;
      line.change = centred(above.box.x, middle(count), r.rows(), r.columns(), above.cell);
    }
  }

  // x without its padding.
  Rect input(const Line& line, const Result& r) const {
    const Rect first = line.padded.at(top, left);
    return {first.x, first.y, first.w * f(r.original.input.size(2)), first.h * f(r.original.input.size(1))};
  }
  Rect window(const Line& line, const signal::PoolSpec& pool, Cell output) const {
    const Rect first = line.padded.at(output.row * pool.rows.stride, output.column * pool.columns.stride);
    const auto extent = [&](Index kernel, const signal::WindowSpec& spec) {
      return line.padded.cell * f(signal::kernel_extent(kernel, spec.dilation));
    };
    return {first.x, first.y, extent(pool.kernel_columns, pool.columns), extent(pool.kernel_rows, pool.rows)};
  }
};

void frame(Canvas& c, const Rect& r, float alpha = 1) { c.stroke(r.inset(-2), {Role::kFocus, alpha}, 2); }

void title(Canvas& c, const Rect& box, std::string_view name, Role role, std::string_view beside,
           float width) {
  widgets::draw_title(c, {box.x, box.y - kTitle / 2}, name, role, beside, width);
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
  Picture(Canvas& canvas, std::shared_ptr<const Result> result, const Board& board, const Focus& focus,
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
  }

  std::string input_words(const Side& side, bool copy) const {
    const auto& shape = side.input.shape();
    return widgets::shape_words({shape[1], shape[2]}) + (copy ? ", altered" : "");
  }

  void draw_matrix_input(const Line& line, const Side& side, bool copy) {
    const Grid& grid = line.padded;
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
    const Grid& grid = line.padded;
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
    for (const Grid* grid : {&line.largest, &line.mean}) {
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

  void draw_output_pixels(const Grid& grid, const Tensor<float>& pixels, std::string_view id) {
    c_.heatmap({id, grid.box, &pixels, gpu::Colormap::kGrey, kUnit, result_});
    legend(grid.box, gpu::Colormap::kGrey, kUnit);
    if (!sweeping_) return;
    const Rect now = grid.at(focus_.cell);  // what the window has not reached is there, but in the dark
    c_.fill({now.right(), now.y, grid.box.right() - now.right(), now.h}, {Role::kStage, 0.7f});
    c_.fill({grid.box.x, now.bottom(), grid.box.w, grid.box.bottom() - now.bottom()}, {Role::kStage, 0.7f});
  }

  void draw_change(const Grid& grid, const Pooling::Change& change, std::string_view name,
                   std::string_view id) {
    const signal::Difference& d = change.difference;
    const gpu::Range range = widgets::symmetric_range(d.values);
    const gpu::Range shown = range.hi > 1e-9f ? range : gpu::Range{-1, 1};
    const std::string count = core::grouped(d.changed) + " of " + core::grouped(d.values.count());
    if (is_matrix(r_)) {
      title(c_, grid.box, name, Role::kText, "", kNarrowestChange);
      const Shade shade = widgets::mapped(gpu::Colormap::kDiverging, shown);
      for (Index i = 0; i < grid.rows; ++i)
        for (Index j = 0; j < grid.columns; ++j)
          widgets::draw_cell(c_, grid.at(i, j), d.values(i, j), {.plain = d.values(i, j) == 0}, shade);
      say_under(c_, grid.box, 0, count, Role::kText);
      say_under(c_, grid.box, 1, "by " + core::shown(d.largest, 3), Role::kText);
    } else {
      const bool last = &grid == &b_.lines[1].change;
      title(c_, grid.box, name, Role::kText, count + " changed",
            (last ? c_.area().right() : b_.lines[1].change.box.x) - grid.box.x - 12);
      c_.heatmap({id, grid.box, &change.pixels, gpu::Colormap::kDiverging, shown, result_});
      legend(grid.box, gpu::Colormap::kDiverging, shown);
    }
    frame(c_, mix(grid.at(focus_.from), grid.at(focus_.cell), glide_));
  }

  void legend(const Rect& box, gpu::Colormap map, gpu::Range range) {
    widgets::legend(c_, {box.x, box.bottom() + 8, std::min(110.0f, box.w), 20}, map, range);
  }

  static constexpr float kAhead = 0.4f;  // how visible an output is that the window has not reached

  Canvas& c_;
  std::shared_ptr<const Result> result_;
  const Result& r_;
  const Board& b_;
  const Focus& focus_;
  bool sweeping_;
  float glide_, travel_;
  Shade input_shade_ = widgets::mapped(gpu::Colormap::kGrey, kUnit), largest_shade_, mean_shade_;
};

// Touching an output lights it; touching x lights the window whose middle is nearest. A click pins that, and
// on a matrix switches the cell.
void touch(Canvas& c, const Board& b, const Result& r, Pooling::View& v) {
  v.hovered.reset();
  const auto light = [&](Cell cell, bool pin) {
    v.hovered = cell;
    if (pin) v.pinned = v.pinned == v.hovered ? std::nullopt : v.hovered;
  };
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
  const Board board(canvas.area(), *result);
  touch(canvas, board, *result, view);
  const Focus lit = focus(*result, view, canvas.reduce_motion());
  Picture(canvas, result, board, lit, !view.hovered && !view.pinned && view.playhead.t > 0).draw();
}

}  // namespace vitrine::labs
