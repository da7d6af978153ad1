#include "app/labs/matrix/lab.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/labs/resized.h"
#include "app/labs/window_controls.h"
#include "engine/core/rng.h"
#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/sequence/softmax.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using core::Shape;
using core::Tensor;
using widgets::Cell;
using widgets::Role;
using Matrix = OneMatrix::Matrix;
using Params = OneMatrix::Params;
using Result = OneMatrix::Result;

namespace {

constexpr Index kLongestSignal = widgets::kLargestMatrix, kLargestSide = 64;
constexpr Index kLongestKernel = 16, kLargestKernelSide = 15;
constexpr Index kTypedInputs = 64, kTypedWeights = 128, kTypedColumns = 16;  // small enough for the inspector
constexpr Index kExactCells = Index{1} << 16;  // larger matrices keep float only
constexpr widgets::IntegerRange kSeed{0, 999'999, 1};
constexpr widgets::RealRange kSharpness{0, 8, 0.5};
constexpr std::string_view kInputs[] = {"signal", "picture"};
constexpr std::string_view kNumbers[] = {"counted", "random", "typed"};
constexpr std::string_view kPatterns[] = {"window", "everywhere"};
constexpr WindowLimits kLimits{16, 8, 32};

// A disc over a slope: something to see where an input is too large to be typed.
Tensor<double> test_picture(Index rows, Index columns) {
  Tensor<double> x(Shape{rows, columns});
  const double radius = 0.3 * static_cast<double>(std::max(rows, columns));
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) {
      const double dy = static_cast<double>(i) - 0.5 * static_cast<double>(rows - 1),
                   dx = static_cast<double>(j) - 0.5 * static_cast<double>(columns - 1);
      x(i, j) = std::hypot(dx, dy) < radius ? 1 : 0.4 * static_cast<double>(j) / static_cast<double>(columns);
    }
  return x;
}

// From zero, or the least finite value below it, to the greatest, as far as a float holds them.
gpu::Range range_from_zero(const Tensor<double>& values) {
  constexpr double kMost = std::numeric_limits<float>::max();
  double lo = 0, hi = 1e-12;
  for (const double v : values.values())
    if (std::isfinite(v)) {
      lo = std::min(lo, v);
      hi = std::max(hi, v);
    }
  return {static_cast<float>(std::max(lo, -kMost)), static_cast<float>(std::min(hi, kMost))};
}

// Free weights that nobody typed: 1, 2, 3, ... or standard normal. `step` tells the layers apart.
void make_weights(const Params& p, std::uint64_t step, Tensor<double>& w) {
  const core::Rng rng(static_cast<std::uint64_t>(p.seed), core::RngStream::kLab);
  for (Index i = 0; i < w.count(); ++i)
    w[i] = p.numbers == OneMatrix::Numbers::kRandom ? rng.normal(step, static_cast<std::uint64_t>(i))
                                                    : static_cast<double>(i + 1);
}

// The typed weights where they have this shape, else made ones.
Tensor<double> weights_of(const Params& p, std::uint64_t step, const Tensor<double>& typed,
                          const Shape& shape) {
  if (p.numbers == OneMatrix::Numbers::kTyped && typed.shape() == shape) return typed;
  Tensor<double> w(shape);
  make_weights(p, step, w);
  return w;
}

struct Sizes {
  Index outputs, inputs;
};
// Throws core::ShapeError where the window does not fit.
Sizes sizes_of(const Params& p) {
  return {signal::output_size(p.rows, p.kernel.size(0), p.row_window) *
              signal::output_size(p.columns, p.kernel.size(1), p.column_window),
          p.inputs()};
}

std::optional<Problem> window_problem_of(const Params& p) {
  if (auto problem = window_problem(p.picture ? "Kernel columns" : "Kernel size",
                                    p.picture ? "picture's width" : "input", p.columns, p.kernel.size(1),
                                    p.column_window))
    return problem;
  return window_problem("Kernel rows", "picture's height", p.rows, p.kernel.size(0), p.row_window);
}

std::string bytes_words(double bytes) {
  if (bytes < 1e3) return core::shown(bytes, 3) + " bytes";
  if (bytes < 1e6) return core::shown(bytes / 1e3, 3) + " kB";
  return core::shown(bytes / 1e6, 3) + " MB";
}

}  // namespace

std::string matrix_size_words(Index outputs, Index inputs) {
  return grouped(outputs) + " × " + grouped(inputs) + " = " + grouped(core::checked_mul(outputs, inputs)) +
         " cells";
}

std::string memory_words(Index outputs, Index inputs) {
  // Four matrices of floats, and which weight each cell carries.
  const Index cells = core::checked_mul(outputs, inputs);
  return bytes_words(static_cast<double>(cells) *
                     (OneMatrix::kLayers * sizeof(float) + sizeof(std::int32_t)));
}

bool Params::small_input() const { return inputs() <= kTypedInputs; }

void Params::describe(core::Fields& f) {
  f.field("picture", picture);
  f.field("rows", rows);
  f.field("columns", columns);
  f.field("input", input);
  f.field("kernel", kernel);
  f.group("row_window", row_window);
  f.group("column_window", column_window);
  f.choice("numbers", numbers, kNumbers);
  f.field("seed", seed);
  f.field("dense", dense);
  f.field("local", local);
  f.choice("pattern", pattern, kPatterns);
  f.field("sharpness", sharpness);
  fit();
}

void Params::fit() {
  rows = picture ? std::clamp<Index>(rows, 1, kLargestSide) : 1;
  columns = std::clamp<Index>(columns, 1, picture ? kLargestSide : kLongestSignal);
  const Index across = size_within(kernel, 1, picture ? kLargestKernelSide : kLongestKernel);
  kernel = resized(kernel, picture ? size_within(kernel, 0, kLargestKernelSide) : 1, across, 1.0);
  input = small_input() ? resized(input, rows, columns, 0.0) : Tensor<double>(Shape{1, 1});
  row_window = picture ? within(row_window, kLimits) : signal::WindowSpec{};
  column_window = within(column_window, kLimits);
  seed = kSeed.clamped(seed);
  for (Tensor<double>* typed : {&dense, &local})
    if (typed->rank() != 2 || typed->count() > kTypedWeights) *typed = Tensor<double>(Shape{1, 1});
  sharpness =
      std::isfinite(sharpness) ? std::clamp(sharpness, kSharpness.low, kSharpness.high) : kSharpness.reset;
}

std::vector<Preset<Params>> OneMatrix::presets() {
  const auto at = [](Layer layer) { return static_cast<double>(layer); };
  const Params valid;
  Params same = valid, strided = valid, box, local = valid, big;
  same.column_window = {.padding_before = 1, .padding_after = 1};
  strided.column_window = {.stride = 2, .padding_before = 1, .padding_after = 1};

  box.picture = true;
  box.rows = box.columns = 3;
  box.input = Tensor<double>({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  box.kernel = Tensor<double>(Shape{2, 2}, 0.25);

  local.columns = 5;
  local.input = Tensor<double>({1, 5}, {1, 2, 3, 4, 5});
  local.kernel = Tensor<double>(Shape{1, 3}, 1.0 / 3);
  local.column_window = {.padding_before = 1, .padding_after = 1};
  local.sharpness = 0;

  big.picture = true;
  big.rows = big.columns = kLargestSide;
  big.kernel = Tensor<double>({3, 3}, {-1, 0, 1, -2, 0, 2, -1, 0, 1});
  big.row_window = big.column_window = {.padding_before = 1, .padding_after = 1};
  big.numbers = Numbers::kRandom;
  for (Params* p : {&box, &local, &big}) p->fit();
  return {{"Fully connected, 63", valid, at(Layer::kFullyConnected)},
          {"Locally connected, 21", valid, at(Layer::kLocallyConnected)},
          {"Convolution, 3", valid, at(Layer::kConvolution)},
          {"Same size, 81", same, at(Layer::kFullyConnected)},
          {"Stride 2", strided, at(Layer::kConvolution)},
          {"Mean of 2 × 2", box, at(Layer::kConvolution)},
          {"Pictures of 64 × 64", big, at(Layer::kConvolution)},
          {"Local attention", local, at(Layer::kAttention)}};
}

namespace {

void size_controls(Params& p, widgets::Controls& c) {
  auto kind = static_cast<int>(p.picture);
  if (c.choice("Input", kind, kInputs, 0, "A row of numbers, or rows of pixels one behind the other")) {
    p.picture = kind == 1;
    if (p.picture) {
      p.columns = std::min(p.columns, kLargestSide);
      p.rows = p.columns;
      p.kernel = resized(p.kernel, p.kernel.size(1), p.kernel.size(1), 1.0);
      p.row_window = p.column_window;
    }
  }
  Index taps_down = p.kernel.size(0), taps_across = p.kernel.size(1);
  if (p.picture) {
    c.integer("Rows", p.rows, {1, kLargestSide, 3}, "The picture's height");
    c.integer("Columns", p.columns, {1, kLargestSide, 3}, "The picture's width");
    c.integer("Kernel rows", taps_down, {1, kLargestKernelSide, 2}, "The kernel's height");
    c.integer("Kernel columns", taps_across, {1, kLargestKernelSide, 2}, "The kernel's width");
  } else {
    c.integer("Input length", p.columns, {1, kLongestSignal, 9}, "How many numbers x has");
    c.integer("Kernel size", taps_across, {1, kLongestKernel, 3}, "How many inputs each output reads");
  }
  p.kernel = resized(p.kernel, taps_down, taps_across, 1.0);
}

// A grid of numbers in the inspector; one row is given to it as a vector.
bool edit(widgets::Controls& c, std::string_view name, Tensor<double>& m, Role role, std::string_view help) {
  if (m.size(0) > 1) return c.matrix(name, m, role, help);
  Tensor<double> row = m.reshaped({m.count()});
  const bool changed = c.matrix(name, row, role, help);
  m = row.reshaped(m.shape());
  return changed;
}

void weight_controls(Params& p, widgets::Controls& c, const Sizes& sizes) {
  c.choice("Free weights", p.numbers, kNumbers, OneMatrix::Numbers::kCounted,
           "Of the fully and the locally connected layer: 1, 2, 3, …; random; or what you type below");
  if (p.numbers == OneMatrix::Numbers::kRandom)
    c.integer("Seed", p.seed, kSeed, "Another seed, other random numbers");
  const auto typed = [&](std::string_view name, std::uint64_t step, Tensor<double>& values,
                         const Shape& shape, std::string_view help) {
    if (shape.count() > kTypedWeights || shape[1] > kTypedColumns) return;
    Tensor<double> shown = weights_of(p, step, values, shape);
    if (!edit(c, name, shown, Role::kKernel, help)) return;
    // The other layer keeps the numbers that it has, now as typed ones.
    if (p.numbers != OneMatrix::Numbers::kTyped) {
      p.dense = weights_of(p, 0, p.dense, {sizes.outputs, sizes.inputs});
      p.local = weights_of(p, 1, p.local, {sizes.outputs, p.kernel.count()});
      p.numbers = OneMatrix::Numbers::kTyped;
    }
    values = shown;
  };
  typed("w, locally connected", 1, p.local, {sizes.outputs, p.kernel.count()},
        "Row o holds the weights of output o");
  typed("W, fully connected", 0, p.dense, {sizes.outputs, sizes.inputs}, "Every output reads every input");
}

}  // namespace

void OneMatrix::controls(Params& p, widgets::Controls& c) {
  c.section("Sizes");
  size_controls(p, c);
  p.fit();
  const bool fits = !window_problem_of(p);
  if (fits) {
    const Sizes sizes = sizes_of(p);
    c.fact("Matrix", grouped(sizes.outputs) + " × " + grouped(sizes.inputs));
    c.fact("Cells", grouped(core::checked_mul(sizes.outputs, sizes.inputs)));
    c.fact("Memory", memory_words(sizes.outputs, sizes.inputs));
  }
  if (p.small_input())
    edit(c, "x", p.input, Role::kInput,
         "The input. Drag a number, step it with the wheel, or double-click to type");
  edit(c, "k", p.kernel, Role::kKernel,
       "The kernel: the weights that every output of the convolution shares");
  c.section("Window");
  if (p.picture)
    window_controls(c, p.row_window, p.column_window, p.kernel.size(0), p.kernel.size(1), kLimits);
  else
    window_controls(c, p.column_window, p.kernel.size(1), kLimits);
  c.section("Weights");
  if (!window_problem_of(p)) weight_controls(p, c, sizes_of(p));
  c.section("Attention");
  c.choice("Looks at", p.pattern, kPatterns, Pattern::kWindow, "The inputs that an output may attend to");
  c.real("Sharpness", p.sharpness, kSharpness,
         "Scores are −sharpness · distance²: 0 looks at all alike, a large one at the nearest only");
}

std::vector<Problem> OneMatrix::validate(const Params& p) {
  if (auto problem = window_problem_of(p)) return {*problem};
  const Sizes sizes = sizes_of(p);
  if (sizes.outputs > widgets::kLargestMatrix)
    return {{"Padding", "The matrix would be " + matrix_size_words(sizes.outputs, sizes.inputs) + ", " +
                            memory_words(sizes.outputs, sizes.inputs) + ": more than " +
                            grouped(widgets::kLargestMatrix) +
                            " rows. Make the padding or the input smaller, or the stride larger."}};
  return {};
}

double Matrix::number(Cell at) const {
  const Index i = at.row * pixels.size(1) + at.column;
  return exact.empty() ? static_cast<double>(pixels[i]) : exact[i];
}

bool Result::carries(int step, Cell at) const {
  switch (static_cast<Layer>(step)) {
    case Layer::kFullyConnected:
      return true;
    case Layer::kAttention:
      if (params.pattern == Pattern::kEverywhere) return true;
      [[fallthrough]];
    case Layer::kLocallyConnected:
    case Layer::kConvolution:
      return tap_at(at) >= 0;
  }
  return false;
}

std::optional<Index> Result::input_under(Index output, Index tap) const {
  const Index row = rows.source(output / columns.outputs(), tap / columns.kernel()),
              column = columns.source(output % columns.outputs(), tap % columns.kernel());
  if (row == signal::WindowAxis::kNone || column == signal::WindowAxis::kNone) return std::nullopt;
  return row * columns.input() + column;
}

namespace {

// W x, W given as [m, 1, 1, n]: m kernels that cover everything.
Tensor<double> product(const Tensor<double>& matrix, const Tensor<double>& x, std::stop_token stop) {
  const Index m = matrix.size(0), n = matrix.size(3);
  return signal::correlate(x.reshaped({1, 1, n}), matrix, Tensor<double>(), {}, stop).reshaped({m});
}

// The same where every row holds weights [m, K] under its window and nothing else: what no window covers
// takes no part, even if it is not a number.
Tensor<double> windowed_product(const Result& r, const Tensor<double>& weights) {
  const Shape shape{r.rows.outputs(), r.columns.outputs(), r.rows.kernel(), r.columns.kernel()};
  return signal::locally_connected(r.input, weights.reshaped(shape), Tensor<double>(), r.params.row_window,
                                   r.params.column_window)
      .reshaped({r.outputs()});
}

// The weights [m, K] of a matrix [m, 1, 1, n] under the windows; 0 over the padding.
Tensor<double> under_windows(const Result& r, const Tensor<double>& matrix) {
  Tensor<double> weights(Shape{r.outputs(), r.taps()});
  for (Index o = 0; o < r.outputs(); ++o)
    for (Index tap = 0; tap < r.taps(); ++tap)
      if (const auto input = r.input_under(o, tap)) weights(o, tap) = matrix[o * r.inputs() + *input];
  return weights;
}

// Keeps the matrix [m, 1, 1, n] for the screen, and exactly where it is small.
void keep(Matrix& layer, const Tensor<double>& matrix) {
  const Shape shape{matrix.size(0), matrix.size(3)};
  layer.pixels = Tensor<float>(shape);
  std::transform(matrix.values().begin(), matrix.values().end(), layer.pixels.data(),
                 [](double v) { return static_cast<float>(v); });
  layer.blocks = widgets::blocks_of(layer.pixels);
  if (shape.count() <= kExactCells) layer.exact = matrix.reshaped(shape);
  layer.range = widgets::symmetric_range(matrix);
  layer.output_pixels = layer.output.reshaped({shape[0], 1}).cast<float>();
}

// Softmax of -sharpness times the squared distance between an output's middle and each input: [m, 1, 1, n].
Tensor<double> attention_by_distance(const Result& r, std::stop_token stop) {
  const Params& p = r.params;
  const Index m = r.outputs(), n = r.inputs();
  Tensor<double> weights(Shape{m, 1, 1, n});
  std::vector<double> scores(static_cast<std::size_t>(n));
  std::vector<std::uint8_t> seen;
  const auto middle = [](const signal::WindowAxis& axis, Index output) {
    return 0.5 * static_cast<double>(axis.position(output, 0) + axis.position(output, axis.kernel() - 1));
  };
  for (Index o = 0; o < m; ++o) {
    core::throw_if_stopped(stop);
    const double row = middle(r.rows, o / r.columns.outputs()),
                 column = middle(r.columns, o % r.columns.outputs());
    for (Index i = 0; i < n; ++i) {
      const double dy = static_cast<double>(i / p.columns) - row,
                   dx = static_cast<double>(i % p.columns) - column;
      scores[static_cast<std::size_t>(i)] = -(dy * dy + dx * dx);
    }
    if (p.pattern == OneMatrix::Pattern::kWindow) {
      seen.assign(static_cast<std::size_t>(n), 0);
      for (Index i = 0; i < n; ++i) seen[static_cast<std::size_t>(i)] = r.tap_at({o, i}) >= 0 ? 1 : 0;
    }
    const std::span<double> out(&weights(o, 0, 0, 0), static_cast<std::size_t>(n));
    sequence::softmax_row(scores, p.sharpness, seen, out, out);
  }
  return weights;
}

}  // namespace

Result OneMatrix::compute(const Params& p, std::stop_token stop, core::Progress& progress) {
  progress.begin(kLayers);
  Result r{p, signal::WindowAxis(p.rows, p.kernel.size(0), p.row_window),
           signal::WindowAxis(p.columns, p.kernel.size(1), p.column_window)};
  r.input = p.small_input() ? p.input : test_picture(p.rows, p.columns);
  r.input_range = range_from_zero(r.input);
  r.input_pixels = r.input.cast<float>();
  r.input_strip = r.input_pixels.reshaped({1, r.input.count()});
  const Index m = r.outputs(), n = r.inputs(), taps = r.taps();
  const Shape rows_of_kernels{m, 1, 1, n};
  const auto layer = [&r](Layer l) -> Matrix& { return r.layers[static_cast<std::size_t>(l)]; };

  {
    const Tensor<double> kernel = p.kernel.reshaped({1, 1, p.kernel.size(0), p.kernel.size(1)}), none;
    const Shape picture{1, p.rows, p.columns};
    signal::Toeplitz shared = signal::toeplitz(picture, kernel, p.spec(), stop);
    r.weight_index = std::move(shared.weight_index);
    Matrix& conv = layer(Layer::kConvolution);
    conv.output = signal::correlate(r.input.reshaped(picture), kernel, none, p.spec(), stop).reshaped({m});
    conv.free_weights = shared.distinct_weights;
    conv.cells = shared.nonzeros;
    keep(conv, shared.matrix.reshaped(rows_of_kernels));
    progress.advance();
  }
  {
    Matrix& local = layer(Layer::kLocallyConnected);
    const Tensor<double> w = weights_of(p, 1, p.local, {m, taps});
    local.output = windowed_product(r, w);
    local.free_weights = w.count();
    local.cells = layer(Layer::kConvolution).cells;
    const Tensor<double> kernels =
        w.reshaped({r.rows.outputs(), r.columns.outputs(), p.kernel.size(0), p.kernel.size(1)});
    keep(local, signal::locally_connected_matrix({p.rows, p.columns}, kernels, p.row_window, p.column_window)
                    .reshaped(rows_of_kernels));
    progress.advance();
  }
  {
    Matrix& dense = layer(Layer::kFullyConnected);
    const Tensor<double> matrix = weights_of(p, 0, p.dense, {m, n}).reshaped(rows_of_kernels);
    core::throw_if_stopped(stop);
    dense.output = product(matrix, r.input, stop);
    dense.free_weights = dense.cells = matrix.count();
    keep(dense, matrix);
    progress.advance();
  }
  {
    Matrix& attention = layer(Layer::kAttention);
    const Tensor<double> matrix = attention_by_distance(r, stop);
    const bool windowed = p.pattern == Pattern::kWindow;
    attention.output =
        windowed ? windowed_product(r, under_windows(r, matrix)) : product(matrix, r.input, stop);
    attention.row_sums = product(matrix, Tensor<double>(Shape{n}, 1.0), stop);
    attention.cells = windowed ? layer(Layer::kConvolution).cells : matrix.count();
    keep(attention, matrix);
    // Few of a large one's numbers come near 1.
    attention.range = attention.exact.empty() ? range_from_zero(matrix) : gpu::Range{0, 1};
  }
  for (std::size_t i = 0; i < r.layers.size(); ++i)
    r.output_pictures[i] = r.layers[i].output_pixels.reshaped({r.rows.outputs(), r.columns.outputs()});
  return r;
}

OneMatrix::Spot OneMatrix::focus(const Result& r, const View& v) {
  for (const auto& chosen : {v.pinned, v.hovered})
    if (chosen && chosen->row < r.outputs() && chosen->column.value_or(0) < r.inputs()) return *chosen;
  return {r.rows.outputs() / 2 * r.columns.outputs() + r.columns.outputs() / 2, std::nullopt};
}

}  // namespace vitrine::labs
