// The stage of the sliding window: signal, kernel, products, output and matrix, all at one time. Within a
// step the window moves, its products appear, and they travel to the sum that they are.
#include <algorithm>
#include <cmath>
#include <string>

#include "app/labs/sliding/board.h"
#include "app/labs/sliding/lab.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using Product = SlidingWindow::Product;
using Result = SlidingWindow::Result;
using View = SlidingWindow::View;

namespace {

constexpr float kSmallestFramed_px = 14;

// What moves at which part of a step's progress, each from 0 to 1.
struct Motion {
  explicit Motion(float progress)
      : slide(part(progress, 0, 0.4f)), products(part(progress, 0.4f, 0.6f)), sum(part(progress, 0.6f, 1)) {}
  static float part(float progress, float from, float to) {
    return widgets::ease(std::clamp((progress - from) / (to - from), 0.0f, 1.0f));
  }
  float slide, products, sum;
};

// Everything that the parts of the picture share.
struct Scene {
  widgets::Canvas& canvas;
  const std::shared_ptr<const Result>& result;
  const Result& r;
  const SlidingBoard& board;
  SlidingWindow::Focus focus;
  Motion motion;
  Index step, from;                // the step in focus, and the one that the window comes from
  Index reached;                   // the last step that has been
  std::optional<Index> long_cell;  // under the pointer
  const std::vector<Product>& products() const { return focus.products(r); }
  bool transposed() const { return r.params.transposed(); }
  bool single() const { return r.params.channels() == 1 && r.params.filters() == 1; }
};

bool uses(const std::vector<Product>& products, Index cell) {
  return std::any_of(products.begin(), products.end(), [&](const Product& p) { return p.source == cell; });
}

std::string count_words(Index n, std::string_view one, std::string_view many) {
  return grouped(n) + " " + std::string(n == 1 ? one : many);
}

std::string x_words(const Result& r) {
  const signal::WindowSpec& w = r.params.window;
  const Index padding = w.padding_before + w.padding_after;
  return (r.params.channels() > 1 ? grouped(r.params.channels()) + " × " : "") + grouped(r.params.length()) +
         (padding > 0 && !r.params.transposed() ? " + " + grouped(padding) + " padding" : "");
}

void draw_row_names(const Scene& s, const Rect& rows, Index count, Index shown, Role role) {
  if (count == 1 || s.board.cell() < 6) return;
  for (Index i = 0; i < count; ++i) {
    const float y = rows.y + s.board.cell() * (static_cast<float>(i) + 0.5f);
    const bool lit = i == shown;
    const float size = std::min(widgets::kQuietSize_px, s.board.cell());
    s.canvas.text(
        {rows.x - 7, y}, std::to_string(i + 1),
        {size, lit ? Face::kStrong : Face::kNumbers, lit ? role : Role::kQuiet, widgets::Align::kRight});
  }
}

// What no window ever covers.
void strike(widgets::Canvas& c, const Rect& cell) {
  const float inset = cell.w * 0.1f;
  c.line({cell.x + inset, cell.bottom() - inset}, {cell.right() - inset, cell.y + inset},
         {Role::kQuiet, 0.8f}, std::min(1.5f, cell.w * 0.1f));
}

void draw_input(const Scene& s) {
  const auto shade = widgets::tinted(Role::kInput, s.r.params.input);
  const Index before = s.transposed() ? 0 : s.r.params.window.padding_before, n = s.r.params.length();
  widgets::draw_title(s.canvas, {s.board.x().x, s.board.x().y - 14}, "x", Role::kInput, x_words(s.r));
  draw_row_names(s, s.board.x(), s.r.params.channels(), -1, Role::kInput);
  s.canvas.numbers({"x", s.board.x(), &s.r.params.input});
  const float edge = std::min(2.0f, s.board.cell() * 0.12f);
  for (Index c = 0; c < s.r.padded.size(0); ++c)
    for (Index i = 0; i < s.r.padded.size(1); ++i) {
      const bool inside = i >= before && i < before + n;
      const Rect cell = s.board.x_cell(c, i);
      const bool zero = !inside && s.r.params.boundary == signal::Boundary::kZeros;
      widgets::draw_cell(s.canvas, cell, s.r.padded(c, i),
                         {.alpha = inside ? 1 : 0.75f, .dashed = !inside, .plain = zero}, shade);
      if (inside && !s.r.touched[static_cast<std::size_t>(i - before)]) strike(s.canvas, cell);
      const bool touched = s.long_cell && (s.transposed() ? uses(s.r.of(s.focus.filter, i), *s.long_cell)
                                                          : i - before == *s.long_cell);
      if (touched) s.canvas.stroke(cell.inset(edge / 2), Role::kText, edge);
      if (s.transposed() && i == s.step) s.canvas.stroke(cell.inset(edge / 2), Role::kFocus, edge);
    }
  if (s.transposed()) return;
  if (s.board.cell() < kSmallestFramed_px) return;  // the window's frame is enough
  for (const Product& p : s.products())
    s.canvas.stroke(s.board.x_cell(p.channel, p.place).inset(edge / 2), Role::kFocus, edge);
}

// The kernel under the window on its way from the step before, and the products under the kernel.
void draw_kernel(const Scene& s) {
  const auto weights = widgets::tinted(Role::kKernel, s.r.params.weight);
  const auto values = widgets::tinted(Role::kText, s.r.output);
  const float slide = s.motion.slide, appear = s.motion.products;
  const Rect window = mix(s.board.window(s.from), s.board.window(s.step), slide);
  s.canvas.stroke(window.inset(-2), {Role::kFocus, 0.8f}, 1.5f);
  const Index channels = s.r.params.channels(), taps = s.r.params.taps();
  for (Index c = 0; c < channels; ++c)
    for (Index k = 0; k < taps; ++k)
      widgets::draw_cell(s.canvas, mix(s.board.tap(s.from, c, k), s.board.tap(s.step, c, k), slide),
                         s.r.drawn(s.focus.filter, c, k), {}, weights);
  if (appear > 0)
    for (const Product& p : s.products()) {
      const Rect start = s.board.tap(s.step, p.channel, p.tap),
                 place = s.board.product(s.step, p.channel, p.tap);
      widgets::draw_cell(s.canvas, mix(start, place, appear), p.product, {.alpha = appear}, values);
    }
  const Rect first = mix(s.board.tap(s.from, 0, 0), s.board.tap(s.step, 0, 0), slide);
  const Rect last =
      mix(s.board.tap(s.from, channels - 1, taps - 1), s.board.tap(s.step, channels - 1, taps - 1), slide);
  s.canvas.numbers(
      {"k", {first.x, first.y, last.right() - first.x, last.bottom() - first.y}, &s.r.params.weight});
  const float x = window.right() + 8, middle = s.board.cell() * static_cast<float>(channels) / 2;
  const float size = std::clamp(s.board.cell() * 0.6f, widgets::kQuietSize_px - 2, widgets::kTextSize_px);
  const bool turned = s.r.params.operation == SlidingWindow::Operation::kConvolution;
  s.canvas.text({x, first.y + middle}, turned ? "k, turned" : "k", {size, Face::kStrong, Role::kKernel});
  if (channels == 1 && appear > 0)
    s.canvas.text({x, s.board.product(s.step, 0, 0).y + middle}, "k · x",
                  {size, Face::kWords, {Role::kQuiet, appear}});
}

// Several channels: behind the products of each its part of the sum.
void draw_channel_sums(const Scene& s) {
  if (s.r.params.channels() == 1 || s.transposed() || s.motion.products <= 0) return;
  const auto shade = widgets::tinted(Role::kOutput, s.r.output);
  const float alpha = s.motion.products;
  for (Index c = 0; c < s.r.params.channels(); ++c)
    widgets::draw_cell(s.canvas, s.board.channel_sum(s.step, c), s.r.channel_sums(s.focus.filter, c, s.step),
                       {.alpha = alpha}, shade);
  const Rect first = s.board.channel_sum(s.step, 0),
             last = s.board.channel_sum(s.step, s.r.params.channels() - 1);
  s.canvas.numbers({"channel_sums", {first.x, first.y, first.w, last.bottom() - first.y}, &s.r.channel_sums});
  s.canvas.text({first.center().x, first.y - 9}, "∑",
                {std::min(widgets::kTextSize_px, s.board.cell()),
                 Face::kWords,
                 {Role::kOutput, alpha},
                 widgets::Align::kCenter});
}

// The products on their way to the cell that they add up to, or, stamped, to the cells that they are added
// to.
void draw_travel(const Scene& s) {
  if (s.motion.sum <= 0 || s.motion.sum >= 1) return;
  const auto shade = widgets::tinted(Role::kOutput, s.r.output);
  for (const Product& p : s.products()) {
    const Rect start = s.board.product(s.step, p.channel, p.tap);
    const Rect end = s.board.y_cell(s.focus.filter, s.transposed() ? p.place : s.step);
    widgets::draw_cell(s.canvas, mix(start, end, s.motion.sum), p.product, {.alpha = 1 - 0.6f * s.motion.sum},
                       shade);
  }
}

void draw_output_title(const Scene& s) {
  const SlidingWindow::Params& p = s.r.params;
  const Index cut = p.transposed() ? p.window.padding_before + p.window.padding_after : 0;
  std::string beside =
      widgets::shape_words(p.filters() > 1 ? s.r.output.shape() : core::Shape{s.r.outputs()});
  if (cut > 0) beside += ", " + grouped(cut) + " cut off";
  if (p.use_bias) beside += "  + b = " + core::shown(p.bias[s.focus.filter], 4);
  if (p.filters() > 1) beside += "  ·  filter " + grouped(s.focus.filter + 1) + ", click a row for another";
  widgets::draw_title(s.canvas, {s.board.y().x, s.board.y().y - 14}, "y", Role::kOutput, beside);
  draw_row_names(s, s.board.y(), p.filters(), s.focus.filter, Role::kOutput);
  s.canvas.numbers({"y", s.board.y(), &s.r.output});
}

void draw_output(const Scene& s) {
  const auto shade = widgets::tinted(Role::kOutput, s.r.output);
  const Index filters = s.r.params.filters();
  draw_output_title(s);
  const float edge = std::min(2.0f, s.board.cell() * 0.12f);
  const bool landed = s.motion.sum >= 1;
  for (Index f = 0; f < filters; ++f)
    for (Index o = 0; o < s.r.outputs(); ++o) {
      const bool lit = f == s.focus.filter && o == s.step;
      const bool there = o <= s.reached && (!lit || landed);
      const Rect cell = s.board.y_cell(f, o);
      widgets::draw_cell(s.canvas, cell, s.r.output(f, o), {.alpha = there ? 1.0f : 0.0f}, shade);
      if (s.long_cell && uses(s.r.of(f, o), *s.long_cell))
        s.canvas.stroke(cell.inset(edge / 2), Role::kInput, edge);
      if (lit) s.canvas.stroke(cell.inset(edge / 2), Role::kFocus, edge);
    }
}

// A transposed convolution's output: the sum of the stamps so far. What the padding cuts off is dashed.
void draw_stamped(const Scene& s) {
  const auto shade = widgets::tinted(Role::kOutput, s.r.output);
  const Index before = s.r.params.window.padding_before, cut = before + s.r.params.window.padding_after;
  const Index filters = s.r.params.filters(), m = s.r.outputs();
  draw_output_title(s);
  const float edge = std::min(2.0f, s.board.cell() * 0.12f);
  for (Index f = 0; f < filters; ++f)
    for (Index at = 0; at < m + cut; ++at) {
      const Rect cell = s.board.y_cell(f, at);
      const Index o = at - before;
      if (o < 0 || o >= m) {
        widgets::dashed(s.canvas, cell.inset(0.5f), Role::kHairline);
        continue;
      }
      const Index shown = s.motion.sum >= 1 ? s.step : s.step - 1;
      const double start = s.r.params.use_bias ? s.r.params.bias[f] : 0;
      const double value = shown < 0 ? start : s.r.partial(shown, f, o);
      widgets::draw_cell(s.canvas, cell, value, {}, shade);
      if (f == s.focus.filter && uses(s.products(), o))
        s.canvas.stroke(cell.inset(edge / 2), Role::kFocus, edge);
      if (s.long_cell && *s.long_cell == o) s.canvas.stroke(cell.inset(edge / 2), Role::kInput, edge);
    }
}

// K under x: each step copies the kernel into its row.
void draw_aligned_matrix(const Scene& s) {
  const auto shade = widgets::tinted(Role::kKernel, s.r.params.weight);
  const Index n = s.r.matrix.size(1);
  s.canvas.numbers({"K", s.board.matrix(), &s.r.matrix});
  for (Index row = 0; row < s.r.matrix.size(0); ++row) {
    const bool on_its_way = row == s.step && s.motion.sum < 1, there = row <= s.reached && !on_its_way;
    for (Index column = 0; column < n; ++column) {
      const bool carries = s.r.weight_index(row, column) >= 0;
      const CellLook look{.alpha = !there    ? 0
                                   : carries ? 1
                                             : 0.999f,
                          .lit = row == s.step,
                          .plain = !carries};
      widgets::draw_cell(s.canvas, s.board.matrix_cell(row, column), s.r.matrix(row, column), look, shade);
    }
  }
  if (s.motion.products > 0 && s.motion.sum < 1)
    for (const Product& p : s.products())
      if (p.source >= 0)
        widgets::draw_cell(
            s.canvas, mix(s.board.tap(s.step, 0, p.tap), s.board.matrix_cell(s.step, p.source), s.motion.sum),
            p.weight, {}, shade);
  const Rect row = s.board.matrix_cell(s.step, 0);
  s.canvas.stroke(Rect{s.board.matrix().x, row.y, s.board.matrix().w, row.h}.inset(-1), Role::kFocus, 2);
  if (s.long_cell) {
    const Rect top = s.board.matrix_cell(0, *s.long_cell);
    s.canvas.stroke(Rect{top.x, top.y, top.w, s.board.matrix().h}.inset(-1), Role::kInput, 2);
  }
  const Rect y = s.board.y_cell(0, s.step);
  widgets::arrow(s.canvas, {std::max(s.board.matrix().right(), s.board.x().right()) + 3, y.center().y},
                 {y.x - 4, y.center().y}, {Role::kFocus, 0.8f});
}

widgets::LargeMatrix large_matrix(const Scene& s) {
  widgets::LargeMatrix m;
  m.id = "sliding K";
  m.values = &s.r.pixels;
  m.blocks = &s.r.blocks;
  m.source = s.result;
  m.range = widgets::symmetric_range(s.r.params.weight);
  m.box = s.board.matrix();
  m.max_cell = std::max(s.board.cell(), 22.0f);
  if (widgets::layout(m).cell >= widgets::kSingleCell_px)  // never a texture: in the kernel's own colours
    m.shade = widgets::tinted(Role::kKernel, s.r.params.weight);
  m.number = [&r = s.r](Cell at) { return r.matrix(at.row, at.column); };
  m.look = [&r = s.r](Cell at) { return CellLook{.plain = r.weight_index(at.row, at.column) < 0}; };
  return m;
}

// K as a block matrix: a row of blocks a filter, a column of blocks a channel.
widgets::CellTouch draw_block_matrix(const Scene& s) {
  const widgets::LargeMatrix matrix = large_matrix(s);
  const Index m = s.r.outputs(), n = s.r.params.length();
  widgets::MatrixLight light;
  if (!s.transposed()) light.rows = {s.focus.filter * m + s.step};
  for (Index c = 0; c < s.r.params.channels(); ++c) {
    if (s.transposed()) light.columns.push_back(c * n + s.step);
    if (s.long_cell && !s.transposed()) light.columns.push_back(c * n + *s.long_cell);
  }
  if (s.transposed() && s.long_cell) light.rows = {s.focus.filter * m + *s.long_cell};
  const widgets::CellTouch touch = widgets::draw(s.canvas, matrix, light);
  const widgets::MatrixLayout cells = widgets::layout(matrix);
  s.canvas.numbers({"K", cells.cells, &s.r.matrix});
  widgets::draw_blocks(s.canvas, cells, m, n);
  if (!matrix.shade && cells.cells.bottom() + 30 < s.board.words_y())
    widgets::legend(s.canvas, {cells.cells.x, cells.cells.bottom() + 8, std::min(120.0f, cells.cells.w), 20},
                    matrix.colormap, matrix.range);
  return touch;
}

void draw_matrix_title(const Scene& s) {
  const std::string blocks = s.single() ? ""
                                        : "  ·  " + grouped(s.r.params.filters()) + " × " +
                                              grouped(s.r.params.channels()) + " blocks";
  widgets::draw_title(s.canvas, {s.board.matrix().x, s.board.matrix().y - 14}, "K", Role::kKernel,
                      widgets::shape_words(s.r.matrix.shape()) + blocks);
}

void draw_words(const Scene& s, const Rect& area) {
  const signal::ConvCounts& n = s.r.counts;
  const std::string costs = "y has " + s.r.formula + " cells  ·  " +
                            count_words(n.weights, "weight", "weights") + ", " +
                            count_words(n.parameters, "parameter", "parameters") + "  ·  " +
                            count_words(n.macs, "multiply-add", "multiply-adds");
  const std::string untouched = untouched_words(s.r.touched, s.r.params.window.stride);
  const std::string more = untouched.empty() ? "A fully connected layer between these sizes has " +
                                                   count_words(n.dense_weights, "weight", "weights") + "."
                                             : untouched;
  const widgets::TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kQuiet, widgets::Align::kCenter};
  const float width = area.w - 24;
  s.canvas.text({area.center().x, s.board.words_y()}, elided(s.canvas, costs, style, width), style);
  s.canvas.text({area.center().x, s.board.words_y() + 18}, elided(s.canvas, more, style, width), style);
}

void choose(View& v, const widgets::Touch& t, Index step) {
  widgets::point_at(step, t.clicked, v.hovered, v.pinned);
}

// Touching the short row lights its step, touching the long one what depends on its cell; a row of y chooses
// its filter.
void touch(widgets::Canvas& c, const SlidingBoard& b, const Result& r, View& v) {
  v.hovered.reset();
  v.hovered_cell.reset();
  const bool transposed = r.params.transposed();
  const auto over_long = [&](float x, Index cells) {
    const Index at = b.long_at(x) - r.params.window.padding_before;
    if (at >= 0 && at < cells) v.hovered_cell = at;
  };
  if (const auto t = c.touch("sliding x", b.x()); t.hovered)
    transposed ? choose(v, t, b.short_at(t.at.x)) : over_long(t.at.x, r.params.length());
  if (const auto t = c.touch("sliding y", b.y()); t.hovered) {
    const auto row = static_cast<Index>((t.at.y - b.y().y) / b.cell());
    if (t.clicked && !b.aligned()) v.filter = std::clamp<Index>(row, 0, r.params.filters() - 1);
    if (transposed)
      over_long(t.at.x, r.outputs());
    else
      choose(v, t, b.aligned() ? std::clamp<Index>(row, 0, r.steps - 1) : b.short_at(t.at.x));
  }
  if (!b.aligned()) return;
  if (const auto t = c.touch("sliding K", b.matrix()); t.hovered) {
    const Cell at = widgets::cell_under({r.steps, r.params.length(), b.cell(), b.matrix()}, t.at);
    choose(v, t, at.row);
    v.hovered_cell = at.column;
  }
}

// The same for the block matrix, once it is drawn.
void touch_blocks(const widgets::CellTouch& t, const Result& r, View& v) {
  if (!t.hovered) return;
  const Index m = r.outputs(), n = r.params.length();
  const Index row = t.hovered->row % m, column = t.hovered->column % n;
  widgets::point_at(r.params.transposed() ? column : row, t.clicked, v.hovered, v.pinned);
  v.hovered_cell = r.params.transposed() ? row : column;
  if (t.clicked) v.filter = t.hovered->row / m;
}

}  // namespace

void SlidingWindow::draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas) {
  const Result& r = *result;
  const Rect area = canvas.area();
  const SlidingBoard board(area, r);
  touch(canvas, board, r, view);
  const Focus lit = focus(r, view, canvas.reduce_motion());
  const widgets::Lit playing = widgets::lit_at(view.playhead, canvas.reduce_motion());
  const Index step = lit.lit.step,
              reached = std::max<Index>(step, std::min<Index>(playing.step, r.steps - 1));
  const Scene scene{
      canvas,  result,           r, board, lit, Motion(lit.lit.progress), step, std::max<Index>(step - 1, 0),
      reached, view.hovered_cell};
  draw_input(scene);
  draw_matrix_title(scene);
  if (board.aligned())
    draw_aligned_matrix(scene);
  else
    touch_blocks(draw_block_matrix(scene), r, view);
  r.params.transposed() ? draw_stamped(scene) : draw_output(scene);
  draw_kernel(scene);
  draw_channel_sums(scene);
  draw_travel(scene);
  draw_words(scene, area);
}

}  // namespace vitrine::labs
