#include "app/labs/toeplitz_lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/resized.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::CellLook;
using widgets::Face;
using widgets::Math;
using widgets::Point;
using widgets::Rect;
using widgets::Role;

namespace {

constexpr Index kLargestInput = 32, kLargestKernel = 12;
constexpr widgets::IntegerRange kStride{1, 16, 1}, kDilation{1, 8, 1}, kPadding{0, 16, 0};
constexpr double kFreshWeights = 1;  // an unshared weight that was never set

Tensor<double> as_image(const Tensor<double>& v) { return v.reshaped({1, 1, v.count()}); }

signal::ConvSpec spec_of(const Toeplitz::Params& p) { return {{}, p.window()}; }

// The unshared weights [m, K]: what fits of the old ones, new rows as copies of the kernel.
Tensor<double> fitted_weights(const Toeplitz::Params& p, Index outputs) {
  const Index taps = p.kernel.count();
  if (p.unshared.shape() == core::Shape{outputs, taps}) return p.unshared;
  Tensor<double> out(core::Shape{outputs, taps});
  for (Index r = 0; r < outputs; ++r)
    for (Index k = 0; k < taps; ++k) {
      const bool old = r < p.unshared.size(0) && k < p.unshared.size(1);
      out(r, k) = old ? p.unshared(r, k) : p.kernel[k];
    }
  return out;
}

// k1 ... k21: every row has numbers of its own.
Tensor<double> numbered(Index rows, Index taps) {
  Tensor<double> out(core::Shape{rows, taps});
  for (Index i = 0; i < out.count(); ++i) out[i] = kFreshWeights + static_cast<double>(i);
  return out;
}

std::string words(Index n) { return core::grouped(n); }

}  // namespace

void Toeplitz::Params::describe(core::Fields& f) {
  f.field("input", input);
  f.field("kernel", kernel);
  f.field("unshared", unshared);
  f.field("stride", stride);
  f.field("dilation", dilation);
  f.field("padding_before", padding_before);
  f.field("padding_after", padding_after);
  f.field("share_weights", share_weights);
  fit();
}

void Toeplitz::Params::fit() {
  input = resized(input, std::clamp<Index>(input.count(), 1, kLargestInput), 0.0);
  kernel = resized(kernel, std::clamp<Index>(kernel.count(), 1, kLargestKernel), 1.0);
  unshared = resized(unshared, size_within(unshared, 0, kLargestInput + 2 * kPadding.high),
                     size_within(unshared, 1, kLargestKernel), kFreshWeights);
  stride = kStride.clamped(stride);
  dilation = kDilation.clamped(dilation);
  for (Index* padding : {&padding_before, &padding_after}) *padding = kPadding.clamped(*padding);
}

std::vector<Preset<Toeplitz::Params>> Toeplitz::presets() {
  Params valid, strided, same, full, unshared, edge;
  valid.unshared = numbered(7, 3);
  strided = same = full = unshared = valid;
  strided.padding_before = strided.padding_after = 1;
  strided.stride = 2;
  same.padding_before = same.padding_after = 1;
  full.padding_before = full.padding_after = 2;
  unshared.share_weights = false;
  edge = same;
  edge.input = Tensor<double>({9}, {0, 0, 0, 1, 1, 1, 0, 0, 0});
  edge.kernel = Tensor<double>({3}, {-1, 0, 1});
  return {{"Valid", valid}, {"Stride 2", strided},  {"Same", same},
          {"Full", full},   {"Unshared", unshared}, {"Edges", edge}};
}

void Toeplitz::controls(Params& p, widgets::Controls& c) {
  c.section("Signal and kernel");
  Index length = p.input.count(), taps = p.kernel.count();
  if (c.integer("Input length", length, {1, kLargestInput, 9}, "How many numbers the signal x has"))
    p.input = resized(p.input, length, 0.0);
  c.matrix("x", p.input, Role::kInput,
           "The signal. Drag a number, step it with the wheel, or double-click to type");
  if (c.integer("Kernel size", taps, {1, kLargestKernel, 3}, "How many weights the kernel has"))
    p.kernel = resized(p.kernel, taps, 1.0);
  if (p.share_weights) c.matrix("k", p.kernel, Role::kKernel, "The kernel: the same weights at every place");
  c.section("Window");
  c.integer("Stride", p.stride, kStride, "How far the window moves from one output to the next");
  c.integer("Dilation", p.dilation, kDilation,
            "The distance between two taps of the kernel; 1 = side by side");
  c.integer("Padding left", p.padding_before, kPadding, "Zeros before the first number");
  c.integer("Padding right", p.padding_after, kPadding, "Zeros behind the last number");
  c.section("Weights");
  c.toggle("Share weights", p.share_weights, true,
           "On: a convolution, one kernel for all places. Off: a locally connected layer, each place has "
           "weights of its own");
  if (!validate(p).empty()) return;
  const Index outputs = signal::output_size(p.input.count(), p.kernel.count(), p.window());
  if (!p.share_weights) {
    p.unshared = fitted_weights(p, outputs);
    c.matrix("k of each output", p.unshared, Role::kKernel, "Row r holds the weights of output r");
  }
}

std::vector<Problem> Toeplitz::validate(const Params& p) {
  const Index extent = signal::kernel_extent(p.kernel.count(), p.dilation);
  const Index padded = p.input.count() + p.padding_before + p.padding_after;
  if (extent <= padded) return {};
  return {{"Kernel size", "The kernel covers " + words(extent) + " cells but the padded input has only " +
                              words(padded) + ": make the kernel or its dilation smaller, or add padding."}};
}

Toeplitz::Result Toeplitz::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  const signal::ConvSpec spec = spec_of(p);
  const Index n = p.input.count(), taps = p.kernel.count();
  const Tensor<double> input = as_image(p.input), kernel = p.kernel.reshaped({1, 1, 1, taps}), no_bias;
  const signal::Toeplitz shared = signal::toeplitz(input.shape(), kernel, spec, stop);
  const Index m = shared.matrix.size(0);
  r.nonzeros = shared.nonzeros;
  r.dense_weights = m * n;
  if (p.share_weights) {
    r.matrix = shared.matrix;
    r.weights = shared.distinct_weights;
    r.output = signal::correlate(input, kernel, no_bias, spec, stop).reshaped({m});
    r.kernels = Tensor<double>(core::Shape{m, taps});
    for (Index o = 0; o < m; ++o) std::copy_n(p.kernel.data(), taps, &r.kernels(o, 0));
  } else {
    r.kernels = fitted_weights(p, m);
    const Tensor<double> weight = r.kernels.reshaped({1, m, 1, taps}), row = p.input.reshaped({1, n});
    r.matrix = signal::locally_connected_matrix(row.shape(), weight, spec.rows, spec.columns);
    r.output = signal::locally_connected(row, weight, no_bias, spec.rows, spec.columns).reshaped({m});
    r.weights = weight.count();
  }
  r.padded = Tensor<double>(core::Shape{n + p.padding_before + p.padding_after});
  std::copy_n(p.input.data(), n, r.padded.data() + p.padding_before);
  for (Index o = 0; o < m; ++o)
    r.terms.push_back(signal::terms(
        input, Tensor<double>({1, 1, 1, taps}, std::span(&r.kernels(o, 0), static_cast<std::size_t>(taps))),
        spec, 0, 0, o));
  return r;
}

int Toeplitz::last_step(const Result& r) { return static_cast<int>(r.output.count()) - 1; }

namespace {

// What is in focus: an output and how far it has come.
widgets::Lit lit_output(const Toeplitz::Result& r, const Toeplitz::View& v, bool reduce_motion) {
  const auto outputs = r.output.count();
  if (v.pinned && *v.pinned < outputs) return {static_cast<int>(*v.pinned), 1};
  if (v.hovered && *v.hovered < outputs) return {static_cast<int>(*v.hovered), 1};
  widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  lit.step = std::min(lit.step, static_cast<int>(outputs) - 1);
  return lit;
}

// The five pictures on one grid: x and the kernel above the columns of K, y beside its rows.
struct Board {
  float cell;
  Rect x, kernel, matrix, y;  // x holds the padding; the kernel's box is where output 0 puts it
  float window_step;          // px from one output to the next
  float tap_step;             // px from one tap to the next

  Board(const Rect& area, const Toeplitz::Result& r) {
    const Toeplitz::Params& p = r.params;
    const auto padded = static_cast<float>(r.padded.count()), outputs = static_cast<float>(r.output.count());
    const float side = 64, titles = 3 * widgets::kTitleHeight_px + 64;
    cell = std::floor(
        std::min({76.0f, (area.w - 2 * side - 30) / (padded + 1.3f), (area.h - titles) / (outputs + 2.2f)}));
    cell = std::max(cell, 5.0f);
    const float width = cell * (padded + 1.3f), height = titles + cell * (outputs + 2.2f);
    const float left = std::floor(area.x + (area.w - width) / 2 + 14),
                top = std::floor(area.y + std::max(8.0f, (area.h - height) / 2));
    x = {left, top + widgets::kTitleHeight_px + 8, cell * padded, cell};
    kernel = {left, x.bottom() + std::floor(cell * 0.25f),
              cell * static_cast<float>(signal::kernel_extent(p.kernel.count(), p.dilation)), cell};
    const float matrix_top = kernel.bottom() + widgets::kTitleHeight_px + 26;
    matrix = {left + cell * static_cast<float>(p.padding_before), matrix_top,
              cell * static_cast<float>(p.input.count()), cell * outputs};
    y = {x.right() + std::floor(cell * 1.3f), matrix_top, cell, cell * outputs};
    window_step = cell * static_cast<float>(p.stride);
    tap_step = cell * static_cast<float>(p.dilation);
  }
  Rect tap(Index output, Index k) const {
    return {kernel.x + window_step * static_cast<float>(output) + tap_step * static_cast<float>(k), kernel.y,
            cell, cell};
  }
  Rect at(const Rect& grid, Index row, Index column) const {
    return {grid.x + cell * static_cast<float>(column), grid.y + cell * static_cast<float>(row), cell, cell};
  }
};

void draw_input(widgets::Canvas& c, const Board& b, const Toeplitz::Result& r, int lit) {
  const auto shade = widgets::tinted(Role::kInput, r.params.input);
  const Index before = r.params.padding_before, n = r.params.input.count();
  widgets::draw_title(
      c, {b.x.x, b.x.y - 14}, "x", Role::kInput,
      words(n) + (r.padded.count() > n ? " + " + words(r.padded.count() - n) + " padding" : ""));
  for (Index i = 0; i < r.padded.count(); ++i) {
    const bool inside = i >= before && i < before + n;
    widgets::draw_cell(c, b.at(b.x, 0, i), r.padded[i], {.dashed = !inside, .plain = !inside}, shade);
  }
  for (const signal::Term& term : r.terms[static_cast<std::size_t>(lit)])
    c.stroke(b.at(b.x, 0, term.tap.column + before).inset(1), Role::kFocus, 2);
  for (Index i = 0; i < n; ++i)  // what no window touches
    if (std::none_of(r.terms.begin(), r.terms.end(), [&](const auto& terms) {
          return std::any_of(terms.begin(), terms.end(),
                             [&](const signal::Term& t) { return t.tap.column == i; });
        })) {
      const Rect cell = b.at(b.x, 0, i + before);
      c.line({cell.x + 4, cell.bottom() - 4}, {cell.right() - 4, cell.y + 4}, {Role::kQuiet, 0.7f}, 1.5f);
    }
}

// The kernel under the window, on its way from the output before.
void draw_kernel(widgets::Canvas& c, const Board& b, const Toeplitz::Result& r, widgets::Lit lit) {
  const auto shade = widgets::tinted(Role::kKernel, r.kernels);
  const Index taps = r.params.kernel.count(), from = std::max(lit.step - 1, 0);
  const Rect first = mix(b.tap(from, 0), b.tap(lit.step, 0), lit.progress);
  const Rect window{first.x - 2, b.x.y - 2, b.kernel.w + 4, b.kernel.bottom() - b.x.y + 4};
  c.stroke(window, {Role::kFocus, 0.8f}, 1.5f);
  for (Index k = 0; k < taps; ++k)
    widgets::draw_cell(c, mix(b.tap(from, k), b.tap(lit.step, k), lit.progress), r.kernels(lit.step, k), {},
                       shade);
  const std::string name = r.params.share_weights ? "k" : "k of output " + std::to_string(lit.step + 1);
  const widgets::TextStyle style{widgets::kTextSize_px, Face::kStrong, Role::kKernel};
  c.text({window.right() + 8, b.kernel.center().y}, name, style);
}

void draw_matrix(widgets::Canvas& c, const Board& b, const Toeplitz::Result& r, widgets::Lit lit,
                 int reached) {
  const auto shade = widgets::tinted(Role::kKernel, r.kernels);
  widgets::draw_title(c, {b.matrix.x, b.matrix.y - 14}, "K", Role::kKernel,
                      widgets::shape_words(r.matrix.shape()));
  const Index n = r.matrix.size(1);
  for (Index row = 0; row < r.matrix.size(0); ++row) {
    const bool on_its_way = row == lit.step && lit.progress < 1;
    const bool there = row <= reached && !on_its_way;
    for (Index column = 0; column < n; ++column)
      widgets::draw_cell(c, b.at(b.matrix, row, column), 0, {.alpha = there ? 0.999f : 0.0f, .plain = true},
                         shade);
    for (const signal::Term& term : r.terms[static_cast<std::size_t>(row)]) {
      if (!term.tap.inside || (!there && !on_its_way)) continue;
      const Rect place = b.at(b.matrix, row, term.tap.column);
      const Rect now = on_its_way ? mix(b.tap(row, term.tap.kernel_column), place, lit.progress) : place;
      widgets::draw_cell(c, now, term.weight, {.lit = row == lit.step}, shade);
    }
  }
  c.stroke(Rect{b.matrix.x, b.at(b.matrix, lit.step, 0).y, b.matrix.w, b.cell}.inset(-1), Role::kFocus, 2);
}

void draw_output(widgets::Canvas& c, const Board& b, const Toeplitz::Result& r, widgets::Lit lit,
                 int reached) {
  const auto shade = widgets::tinted(Role::kOutput, r.output);
  widgets::draw_title(c, {b.y.x, b.y.y - 14}, "y", Role::kOutput, words(r.output.count()));
  for (Index row = 0; row < r.output.count(); ++row) {
    const Rect place = b.at(b.y, row, 0);
    const bool on_its_way = row == lit.step && lit.progress < 1;
    widgets::draw_cell(c, place, r.output[row], {.alpha = row <= reached && !on_its_way ? 1.0f : 0.0f},
                       shade);
    if (on_its_way) {
      const Rect start{b.matrix.right() - b.cell, place.y, b.cell, b.cell};
      widgets::draw_cell(c, mix(start, place, lit.progress), r.output[row], {.alpha = lit.progress}, shade);
    }
    if (row == lit.step) c.stroke(place.inset(1), Role::kFocus, 2);
  }
  const float y = b.at(b.matrix, lit.step, 0).center().y;
  widgets::arrow(c, {std::max(b.matrix.right(), b.x.x) + 6, y}, {b.y.x - 6, y}, {Role::kFocus, 0.8f});
}

void draw_counts(widgets::Canvas& c, const Rect& area, const Board& b, const Toeplitz::Result& r) {
  const std::string sharing = r.params.share_weights ? "shared by all rows" : "each used once";
  const std::string counts = words(r.weights) + " weights, " + sharing + "  ·  " + words(r.nonzeros) +
                             " of " + words(r.matrix.count()) +
                             " cells carry one  ·  fully connected: " + words(r.dense_weights);
  const widgets::TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kQuiet, widgets::Align::kCenter};
  c.text({area.center().x, std::min(b.matrix.bottom() + 26, area.bottom() - 14)},
         elided(c, counts, style, area.w - 24), style);
}

// Touching y, K or the kernel's place lights that output; a click pins it.
void touch(widgets::Canvas& c, const Board& b, const Toeplitz::Result& r, Toeplitz::View& v) {
  v.hovered.reset();
  for (const auto& [id, grid] :
       {std::pair<std::string_view, Rect>{"toeplitz y", b.y}, {"toeplitz K", b.matrix}}) {
    const widgets::Touch t = c.touch(id, grid);
    if (!t.hovered) continue;
    v.hovered = std::clamp<Index>(static_cast<Index>((t.at.y - grid.y) / b.cell), 0, r.output.count() - 1);
    if (t.clicked) v.pinned = v.pinned == v.hovered ? std::nullopt : v.hovered;
  }
}

}  // namespace

void Toeplitz::draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas) {
  const Result& r = *result;
  const Rect area = canvas.area();
  const Board board(area, r);
  touch(canvas, board, r, view);
  const widgets::Lit playing = widgets::lit_at(view.playhead, canvas.reduce_motion());
  const widgets::Lit lit = lit_output(r, view, canvas.reduce_motion());
  const int reached = std::max(lit.step, std::min(playing.step, last_step(r)));
  draw_input(canvas, board, r, lit.step);
  draw_matrix(canvas, board, r, lit, reached);
  draw_output(canvas, board, r, lit, reached);
  draw_kernel(canvas, board, r, lit);
  draw_counts(canvas, area, board, r);
}

widgets::Equation Toeplitz::explain(const Result& r, const View& view) {
  const int lit = lit_output(r, view, true).step;
  const auto& terms = r.terms[static_cast<std::size_t>(lit)];
  std::vector<Math> symbols{widgets::symbol("y", std::to_string(lit + 1), Role::kOutput), widgets::word("=")};
  std::vector<Math> numbers{widgets::symbol("y", std::to_string(lit + 1), Role::kOutput), widgets::word("=")};
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i > 0) {
      symbols.push_back(widgets::word("+"));
      numbers.push_back(widgets::word("+"));
    }
    const signal::Term& t = terms[i];
    const Index weight = r.params.share_weights ? t.tap.kernel_column + 1
                                                : lit * r.params.kernel.count() + t.tap.kernel_column + 1;
    symbols.push_back(widgets::symbol("k", std::to_string(weight), Role::kKernel));
    symbols.push_back(widgets::word("·"));
    symbols.push_back(t.tap.inside ? widgets::symbol("x", std::to_string(t.tap.column + 1), Role::kInput)
                                   : widgets::word("0", Role::kQuiet));
    numbers.push_back(widgets::factor(t.weight, Role::kKernel));
    numbers.push_back(widgets::word("·"));
    numbers.push_back(widgets::factor(t.input, t.tap.inside ? Role::kInput : Role::kQuiet));
  }
  numbers.push_back(widgets::word("="));
  numbers.push_back(widgets::number(r.output[lit], Role::kOutput, 6));
  const Index n = r.params.input.count(), p = r.params.padding_before + r.params.padding_after;
  return {{widgets::row(std::move(symbols)), widgets::row(std::move(numbers))},
          "Output " + std::to_string(lit + 1) + " of " + words(r.output.count()) + " = ⌊(" + words(n) +
              " + " + words(p) + " − " +
              words(signal::kernel_extent(r.params.kernel.count(), r.params.dilation)) + ") / " +
              words(r.params.stride) + "⌋ + 1"};
}

}  // namespace vitrine::labs
