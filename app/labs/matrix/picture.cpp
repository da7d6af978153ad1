// The stage of one matrix and four layers: the layers as cards, the matrix with x above and y beside it, and
// what the layer demands of its cells. Between two layers cells that lose their freedom fade out, and cells
// that become equal take the value that they share.
#include <algorithm>
#include <string>

#include "app/labs/matrix/board.h"
#include "app/labs/matrix/lab.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using widgets::Cell;
using widgets::CellLook;
using widgets::Face;
using widgets::MatrixLayout;
using widgets::Rect;
using widgets::Role;
using Layer = OneMatrix::Layer;
using Result = OneMatrix::Result;
using Spot = OneMatrix::Spot;
using View = OneMatrix::View;

namespace {

constexpr std::string_view kShortNames[] = {"Dense", "Local", "Convolution",
                                            "Attention"};  // where space is short
constexpr float kNamed_px = 32;  // cells of this side have room for their weight's name

struct Scene {
  widgets::Canvas& canvas;
  const std::shared_ptr<const Result>& result;
  const Result& r;
  const MatrixBoard& board;
  Spot spot;
  int from, to;    // layers
  float progress;  // from the one to the other, 1 = there
  Layer layer() const { return static_cast<Layer>(to); }
  const OneMatrix::Matrix& matrix() const { return r.layer(to); }
};

widgets::Shade shade_of(const Scene& s, int step) {
  if (static_cast<Layer>(step) == Layer::kAttention) return widgets::mapped(gpu::Colormap::kMagma, {0, 1});
  return {Role::kKernel, gpu::Colormap::kDiverging, s.r.layer(step).range};
}

// Rows follow each other through a change of layers.
float row_progress(const Scene& s, Index row) {
  const float start = 0.6f * static_cast<float>(row) / static_cast<float>(s.r.outputs());
  return widgets::ease(std::clamp((s.progress - start) / 0.4f, 0.0f, 1.0f));
}

std::string free_words(const Result& r, int step) {
  if (static_cast<Layer>(step) == Layer::kAttention) return "0 free weights";
  const Index n = r.layer(step).free_weights;
  return grouped(n) + (n == 1 ? " free weight" : " free weights");
}

std::string layer_words(Layer layer) {
  switch (layer) {
    case Layer::kFullyConnected:
      return "Every cell may be non-zero, and every cell is a weight of its own.";
    case Layer::kLocallyConnected:
      return "Only cells under an output's window may be non-zero. Each is a weight of its own.";
    case Layer::kConvolution:
      return "The same cells, but all rows share one kernel: cells of one name must be equal.";
    case Layer::kAttention:
      return "No cell is a weight: each row is computed, a softmax whose numbers sum to 1.";
  }
  return "";
}

void draw_cards(const Scene& s, View& view) {
  for (int i = 0; i < OneMatrix::kLayers; ++i) {
    const Rect card = s.board.cards[static_cast<std::size_t>(i)];
    const float lit = i == s.to ? s.progress : i == s.from ? 1 - s.progress : 0;
    s.canvas.fill(card, Role::kPanel);
    s.canvas.stroke(card, Role::kHairline);
    if (lit > 0) s.canvas.stroke(card, {Role::kFocus, lit}, 2);
    const widgets::TextStyle name{widgets::kTextSize_px, Face::kStrong, lit > 0 ? Role::kText : Role::kQuiet},
        words{widgets::kQuietSize_px, Face::kWords, Role::kKernel};
    const auto fits = [&](const std::string& text, const widgets::TextStyle& style, float width) {
      return s.canvas.text_width(text, style) <= width;
    };
    const std::string full(OneMatrix::kLayerNames[i]), all = free_words(s.r, i),
                                                       few = grouped(s.r.layer(i).free_weights);
    if (s.board.compact) {  // one line
      const bool room = fits(full, name, card.w - 24 - s.canvas.text_width(few, words));
      s.canvas.text({card.x + 10, card.center().y}, room ? full : kShortNames[i], name);
      widgets::TextStyle right = words;
      right.align = widgets::Align::kRight;
      s.canvas.text({card.right() - 8, card.center().y}, few, right);
    } else {
      s.canvas.text({card.x + 10, card.y + 15}, fits(full, name, card.w - 16) ? full : kShortNames[i], name);
      s.canvas.text({card.x + 10, card.y + 33}, fits(all, words, card.w - 16) ? all : few + " free", words);
    }
    if (i > 0) arrow(s.canvas, {card.x - 18, card.center().y}, {card.x - 4, card.center().y}, Role::kQuiet);
    const widgets::Touch t = s.canvas.touch("layer " + std::to_string(i + 1), card);
    if (t.clicked) view.playhead = {static_cast<double>(i), view.playhead.speed, false};
  }
}

// The weight's name in its cell's corner: w of 63, k of 21, k of 3.
std::string weight_name(const Scene& s, Cell at) {
  const Index tap = s.r.tap_at(at);
  switch (s.layer()) {
    case Layer::kFullyConnected:
      return "w" + std::to_string(at.row * s.r.inputs() + at.column + 1);
    case Layer::kLocallyConnected:
      return "k" + std::to_string(at.row * s.r.taps() + tap + 1);
    case Layer::kConvolution:
      return "k" + std::to_string(tap + 1);
    case Layer::kAttention:
      break;
  }
  return "";
}

void draw_name(const Scene& s, Cell at, const widgets::Shade& shade) {
  const Rect r = s.board.matrix.at(at);
  const double value = s.matrix().number(at);
  const auto ink = std::isfinite(value)
                       ? widgets::Paint(widgets::ink_on(shade.of(s.canvas.theme(), value)), 0.75f)
                       : widgets::Paint(Role::kTrouble);
  const float size = std::clamp(0.18f * r.w, 9.0f, 13.0f);
  s.canvas.text({r.x + 3, r.y + 2 + size / 2}, weight_name(s, at), {size, Face::kNumbers, ink});
}

// One cell on its way from layer to layer.
void draw_morph(const Scene& s, Cell at, const widgets::Shade& before, const widgets::Shade& after) {
  const Rect place = s.board.matrix.at(at);
  const float q = s.from == s.to ? 1 : row_progress(s, at.row);
  const bool was = s.r.carries(s.from, at), is = s.r.carries(s.to, at);
  const double old_value = s.r.layer(s.from).number(at), value = s.matrix().number(at);
  if (!was || !is) widgets::draw_cell(s.canvas, place, 0, {.plain = true}, after);
  if (q >= 1) {
    if (is) widgets::draw_cell(s.canvas, place, value, {}, after);
    return;
  }
  // A cell that may no longer be non-zero shrinks away; one that may be again grows.
  const float half = place.w / 2 - 1;
  if (was)
    widgets::draw_cell(s.canvas, place.inset(is ? 0 : q * half), old_value, {.alpha = is ? 1 : 1 - q},
                       before);
  if (!is) return;
  if (s.layer() == Layer::kConvolution && s.from == s.to - 1) return;  // it comes from the kernel, on top
  widgets::draw_cell(s.canvas, place.inset(was ? 0 : (1 - q) * half), value, {.alpha = q}, after);
}

// Weights that become equal: copies of the kernel's on their way to their rows.
void draw_sharing(const Scene& s, const widgets::Shade& shade) {
  if (s.layer() != Layer::kConvolution || s.from != s.to - 1 || s.progress >= 1) return;
  for (Index row = 0; row < s.r.outputs(); ++row) {
    const float q = row_progress(s, row);
    if (q <= 0 || q >= 1) continue;
    for (Index tap = 0; tap < s.r.taps(); ++tap)
      if (const auto input = s.r.input_under(row, tap)) {
        const Rect start = s.board.kernel.at({tap / s.r.columns.kernel(), tap % s.r.columns.kernel()});
        const Rect end = s.board.matrix.at({row, *input});
        widgets::draw_cell(s.canvas, mix(start, end, q), s.r.params.kernel[tap], {}, shade);
      }
  }
}

// The cells that must be equal to the one in focus.
void draw_equal(const Scene& s) {
  if (!s.spot.column) return;
  const Cell at{s.spot.row, *s.spot.column};
  const float hair = widgets::hairline(s.canvas);
  const auto light = [&](Cell cell) {
    const Rect r = s.board.matrix.at(cell);
    if (r.w >= 6 * hair)
      s.canvas.stroke(r.inset(hair), Role::kFocus, 2);
    else
      s.canvas.fill(r.inset(-0.5f * hair), Role::kFocus);
  };
  light(at);
  if (s.layer() != Layer::kConvolution || s.r.tap_at(at) < 0) return;
  const widgets::CellSpan seen = widgets::visible_cells(s.canvas, s.board.matrix);
  for (Index row = seen.row; row < seen.row_end; ++row)
    if (const auto input = s.r.input_under(row, s.r.tap_at(at))) light({row, *input});
}

void draw_cells(const Scene& s) {
  const widgets::Shade before = shade_of(s, s.from), after = shade_of(s, s.to);
  const MatrixLayout& m = s.board.matrix;
  for (Index row = 0; row < m.rows; ++row)
    for (Index column = 0; column < m.columns; ++column) draw_morph(s, {row, column}, before, after);
  if (s.progress >= 1 && m.cell * s.canvas.zoom() >= kNamed_px)
    for (Index row = 0; row < m.rows; ++row)
      for (Index column = 0; column < m.columns; ++column)
        if (s.r.carries(s.to, {row, column})) draw_name(s, {row, column}, after);
  draw_sharing(s, after);
  const Rect row = m.at({s.spot.row, 0});
  s.canvas.stroke(Rect{row.x, row.y, m.cells.w, row.h}.inset(-1), {Role::kFocus, 0.8f}, 1.5f);
}

widgets::LargeMatrix large_matrix(const Scene& s, int step) {
  widgets::LargeMatrix m;
  m.id = OneMatrix::kLayerNames[step];
  m.values = &s.r.layer(step).pixels;
  m.blocks = &s.r.layer(step).blocks;
  m.source = s.result;
  const bool attention = static_cast<Layer>(step) == Layer::kAttention;
  m.colormap = attention ? gpu::Colormap::kMagma : gpu::Colormap::kDiverging;
  m.range = s.r.layer(step).range;
  m.box = s.board.matrix.cells;
  m.max_cell = s.board.matrix.cell;
  m.number = [&r = s.r, step](Cell at) { return r.layer(step).number(at); };
  m.look = [&r = s.r, step](Cell at) { return CellLook{.plain = !r.carries(step, at)}; };
  return m;
}

// A large matrix changes from the top down.
void draw_large(const Scene& s) {
  const Rect all = s.board.matrix.cells;
  const float edge = all.y + all.h * s.progress;
  const widgets::MatrixLight light{{s.spot.row}, {}};
  const widgets::LargeMatrix now = large_matrix(s, s.to);
  if (s.progress < 1) {
    s.canvas.push_clip({all.x, edge, all.w, all.bottom() - edge});
    widgets::draw(s.canvas, large_matrix(s, s.from));
    s.canvas.pop_clip();
    s.canvas.push_clip({all.x, all.y, all.w, edge - all.y});
    widgets::draw(s.canvas, now);
    s.canvas.pop_clip();
    s.canvas.line({all.x, edge}, {all.right(), edge}, Role::kFocus, 2);
  } else {
    widgets::draw(s.canvas, now, light);
  }
  widgets::legend(s.canvas, {all.x, all.bottom() + 8, std::min(140.0f, all.w), 20}, now.colormap, now.range);
}

void draw_strips(const Scene& s) {
  const auto& b = s.board;
  const Index n = s.r.inputs(), m = s.r.outputs();
  widgets::draw_title(s.canvas, {b.x.x, b.x.y - 12}, "x", Role::kInput,
                      s.r.params.picture ? grouped(n) + ", row by row" : grouped(n));
  widgets::draw_title(s.canvas, {b.y.x, b.y.y - 14}, "y", Role::kOutput, b.cells ? grouped(m) : "");
  const bool attention = s.layer() == Layer::kAttention;
  widgets::draw_title(s.canvas, {b.matrix.cells.x, b.matrix.cells.y - 14}, attention ? "A" : "W",
                      attention ? Role::kText : Role::kKernel,
                      widgets::shape_words(s.matrix().pixels.shape()));
  if (!b.cells) {
    s.canvas.heatmap(
        {"one-matrix x", b.x, &s.r.input_strip, gpu::Colormap::kGrey, s.r.input_range, s.result});
    s.canvas.heatmap({"one-matrix y", b.y, &s.matrix().output_pixels, gpu::Colormap::kDiverging,
                      widgets::symmetric_range(s.matrix().output), s.result});
  }
  s.canvas.numbers({"x", b.x, &s.r.input});
  s.canvas.numbers({"y", b.y, &s.matrix().output});
  if (!b.cells) return;
  const auto x_shade = widgets::tinted(Role::kInput, s.r.input),
             y_shade = widgets::tinted(Role::kOutput, s.matrix().output);
  for (Index i = 0; i < n; ++i) {
    widgets::draw_cell(s.canvas, b.x_cell(i), s.r.input[i], {}, x_shade);
    if (s.r.carries(s.to, {s.spot.row, i})) s.canvas.stroke(b.x_cell(i).inset(1), {Role::kFocus, 0.8f}, 1.5f);
  }
  for (Index o = 0; o < m; ++o) {
    const float q = s.from == s.to ? 1 : row_progress(s, o);
    const auto& shown = q >= 0.5f ? s.matrix() : s.r.layer(s.from);
    widgets::draw_cell(s.canvas, b.y_cell(o), shown.output[o],
                       {.alpha = q < 1 ? std::max(0.2f, std::abs(2 * q - 1)) : 1}, y_shade);
    if (o == s.spot.row) s.canvas.stroke(b.y_cell(o).inset(1), Role::kFocus, 2);
  }
}

void draw_kernel(const Scene& s) {
  if (s.layer() != Layer::kConvolution) return;
  const MatrixLayout& k = s.board.kernel;
  widgets::draw_title(s.canvas, {k.cells.x, k.cells.y - 12}, "k", Role::kKernel, "shared by all rows");
  s.canvas.numbers({"k", k.cells, &s.r.params.kernel});
  const auto shade = shade_of(s, s.to);
  const bool lit = s.spot.column.has_value();
  for (Index tap = 0; tap < s.r.taps(); ++tap) {
    const Rect cell = k.at({tap / k.columns, tap % k.columns});
    widgets::draw_cell(s.canvas, cell, s.r.params.kernel[tap], {}, shade);
    if (lit && s.r.tap_at({s.spot.row, *s.spot.column}) == tap)
      s.canvas.stroke(cell.inset(1), Role::kFocus, 2);
  }
}

// A picture in its own shape: single cells while they are few, else a texture.
void draw_picture(const Scene& s, std::string_view id, const MatrixLayout& m,
                  const core::Tensor<double>& values, const core::Tensor<float>& pixels, Role role) {
  const bool input = role == Role::kInput;
  widgets::draw_title(s.canvas, {m.cells.x, m.cells.y - 12}, input ? "x" : "y", role,
                      grouped(m.rows) + " × " + grouped(m.columns));
  if (m.cell < 8) {
    const gpu::Colormap map = input ? gpu::Colormap::kGrey : gpu::Colormap::kDiverging;
    s.canvas.heatmap(
        {id, m.cells, &pixels, map, input ? s.r.input_range : widgets::symmetric_range(values), s.result});
  } else {
    const auto shade = widgets::tinted(role, values);
    for (Index i = 0; i < values.count(); ++i)
      widgets::draw_cell(s.canvas, m.at({i / m.columns, i % m.columns}), values[i], {}, shade);
  }
  s.canvas.numbers({input ? "x" : "y", m.cells, &values});
}

void frame(const Scene& s, const Rect& r, float alpha = 1) {
  s.canvas.stroke(r.inset(-1), {Role::kFocus, alpha}, 1.5f);
}

// Which pixels the lit row and column are.
void draw_pictures(const Scene& s) {
  if (!s.r.params.picture) return;
  const MatrixLayout &x = s.board.input_picture, &y = s.board.output_picture;
  draw_picture(s, "one-matrix picture x", x, s.r.input, s.r.input_pixels, Role::kInput);
  draw_picture(s, "one-matrix picture y", y, s.matrix().output,
               s.r.output_pictures[static_cast<std::size_t>(s.to)], Role::kOutput);
  frame(s, y.at({s.spot.row / y.columns, s.spot.row % y.columns}));
  if (s.layer() != Layer::kFullyConnected)
    for (Index tap = 0; tap < s.r.taps(); ++tap)
      if (const auto input = s.r.input_under(s.spot.row, tap))
        frame(s, x.at({*input / x.columns, *input % x.columns}), 0.6f);
  if (s.spot.column) frame(s, x.at({*s.spot.column / x.columns, *s.spot.column % x.columns}));
}

void choose(View& v, const widgets::Touch& t, const Spot& spot) {
  widgets::point_at(spot, t.clicked, v.hovered, v.pinned);
}

// Touching the matrix chooses a cell; y and its picture a row; x and its picture a column.
void touch(widgets::Canvas& c, const MatrixBoard& b, const Result& r, View& v) {
  v.hovered.reset();
  if (const auto t = c.touch("one-matrix W", b.matrix.cells); t.hovered) {
    const Cell at = widgets::cell_under(b.matrix, t.at);
    choose(v, t, {at.row, at.column});
  }
  const Index row = OneMatrix::focus(r, v).row;
  if (const auto t = c.touch("one-matrix x", b.x); t.hovered)
    choose(v, t, {row, widgets::cell_under(b.matrix, {t.at.x, b.matrix.cells.y}).column});
  if (const auto t = c.touch("one-matrix y", b.y); t.hovered)
    choose(v, t, {widgets::cell_under(b.matrix, {b.matrix.cells.x, t.at.y}).row, std::nullopt});
  if (!r.params.picture) return;
  if (const auto t = c.touch("one-matrix picture x", b.input_picture.cells); t.hovered) {
    const Cell at = widgets::cell_under(b.input_picture, t.at);
    choose(v, t, {row, at.row * b.input_picture.columns + at.column});
  }
  if (const auto t = c.touch("one-matrix picture y", b.output_picture.cells); t.hovered) {
    const Cell at = widgets::cell_under(b.output_picture, t.at);
    choose(v, t, {at.row * b.output_picture.columns + at.column, std::nullopt});
  }
}

void draw_counts(const Scene& s, const Rect& area) {
  std::string chain = "Free weights: ";
  for (int i = 0; i < OneMatrix::kLayers; ++i)
    chain += (i > 0 ? " → " : "") + grouped(s.r.layer(i).free_weights);
  chain += "  ·  " + grouped(s.matrix().cells) + " of " + grouped(s.r.weight_index.count()) +
           " cells may be non-zero";
  const widgets::TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kQuiet, widgets::Align::kCenter};
  s.canvas.text({area.center().x, s.board.words_y}, elided(s.canvas, chain, style, area.w - 24), style);
}

}  // namespace

void OneMatrix::draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas) {
  const Result& r = *result;
  const MatrixBoard board(canvas.area(), r);
  touch(canvas, board, r, view);
  const widgets::Lit lit = widgets::lit_at(view.playhead, canvas.reduce_motion());
  const int to = std::clamp(lit.step, 0, kLayers - 1), from = lit.progress < 1 ? std::max(to - 1, 0) : to;
  const Scene scene{canvas, result, r, board, focus(r, view), from, to, lit.progress};
  draw_cards(scene, view);
  board.cells ? draw_cells(scene) : draw_large(scene);
  const Matrix& shown = scene.matrix();
  canvas.numbers(shown.exact.empty() ? widgets::Numbers{"W", board.matrix.cells, &shown.pixels}
                                     : widgets::Numbers{"W", board.matrix.cells, &shown.exact});
  if (r.params.picture) widgets::draw_blocks(canvas, board.matrix, r.columns.outputs(), r.params.columns);
  draw_equal(scene);
  draw_strips(scene);
  if (!board.compact)
    widgets::paragraph(canvas, {board.side.x, board.side.y}, board.side.w, layer_words(scene.layer()),
                       {widgets::kTextSize_px, Face::kWords, Role::kText});
  draw_kernel(scene);
  draw_pictures(scene);
  if (!board.compact) draw_counts(scene, canvas.area());
}

}  // namespace vitrine::labs
