#include "app/labs/shift/lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/resized.h"
#include "app/labs/window_controls.h"
#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/signal/kernels.h"
#include "engine/signal/reduced.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using signal::Boundary;
using signal::ShiftFill;
using widgets::Role;

namespace {

constexpr Index kLargestSignal = 32, kLargestKernel = 9;
constexpr Index kLargestDense = 1'024;  // numbers of a fully connected layer's input
constexpr WindowLimits kWindow{8, 4, 8};
constexpr widgets::IntegerRange kLength{1, kLargestSignal, 8}, kKernel{1, kLargestKernel, 3},
    kSide{8, 128, 64}, kPool{1, 8, 2}, kBlocks{1, 3, 2}, kFilters{1, 12, 4}, kSeed{0, 9'999, 1},
    kStep{-8, 8, 1}, kSteps{1, 32, 4};

constexpr std::string_view kInputIds[] = {"signal", "picture"}, kInputs[] = {"Signal", "Picture"};
constexpr std::string_view kLayersIds[] = {"convolution", "max pool", "average pool", "dense", "stack"};
constexpr std::string_view kLayers[] = {"Convolution", "Max pooling", "Average pooling", "Fully connected",
                                        "Untrained stack"};
constexpr std::string_view kFillIds[] = {"zeros", "wrap"}, kFills[] = {"zeros", "what left"};
constexpr std::string_view kPoolings[] = {"max", "average"};

// A window as large as its step, on both axes of a picture.
signal::PoolSpec pool_spec(const ShiftLab::Params& p, Index size, Index stride) {
  signal::PoolSpec spec;
  const bool picture = p.input == ShiftLab::Input::kPicture;
  spec.kernel_rows = picture ? size : 1;
  spec.kernel_columns = size;
  spec.rows = {};
  spec.columns = {};
  spec.rows.stride = picture ? stride : 1;
  spec.columns.stride = stride;
  return spec;
}

signal::NetworkLayer pool_layer(bool average, const signal::PoolSpec& spec) {
  if (average) return signal::AveragePoolLayer{spec};
  return signal::MaxPoolLayer{spec};
}

signal::Network untrained_stack(const ShiftLab::Params& p, const core::Rng& rng) {
  const auto& s = p.stack;
  const bool picture = p.input == ShiftLab::Input::kPicture;
  const Index kernel_rows = picture ? s.kernel : 1;
  signal::ConvSpec spec;
  spec.rows = signal::padded_by_name(signal::NamedPadding::kSame, kernel_rows, {});
  spec.columns = signal::padded_by_name(signal::NamedPadding::kSame, s.kernel, {});
  spec.boundary = p.boundary;
  signal::Network network;
  Index channels = 1;
  for (Index block = 0; block < s.blocks; ++block) {
    network.push_back(
        signal::ConvolutionLayer{signal::untrained_weights({s.filters, channels, kernel_rows, s.kernel}, 2,
                                                           rng, static_cast<std::uint64_t>(block)),
                                 spec});
    network.push_back(signal::ReluLayer{});
    if (s.pool > 1) network.push_back(pool_layer(s.average, pool_spec(p, s.pool, s.pool)));
    channels = s.filters;
  }
  return network;
}

// What is between x [1, H, W] and its output.
signal::Network network_of(const ShiftLab::Params& p, const core::Shape& input) {
  const core::Rng rng(static_cast<std::uint64_t>(p.seed), core::RngStream::kLab);
  using Layers = ShiftLab::Layers;
  switch (p.layers) {
    case Layers::kStack:
      return untrained_stack(p, rng);
    case Layers::kDense: {
      const Index n = input.count();
      if (n > kLargestDense)
        throw std::invalid_argument("A fully connected layer from " + core::grouped(n) +
                                    " numbers to as many has " + core::grouped(core::checked_mul(n, n)) +
                                    " weights: make the largest side smaller.");
      return signal::network_of(signal::DenseLayer{signal::untrained_weights({n, n}, 2, rng, 0)});
    }
    case Layers::kMaxPool:
    case Layers::kAveragePool: {
      signal::Network network;
      network.push_back(pool_layer(p.layers == Layers::kAveragePool, pool_spec(p, p.pool, p.pool_stride)));
      return network;
    }
    case Layers::kConvolution:
      break;
  }
  signal::ConvSpec spec;
  spec.boundary = p.boundary;
  spec.columns = p.columns;
  if (p.input == ShiftLab::Input::kPicture) spec.rows = p.rows;
  const Tensor<double> weight = p.input == ShiftLab::Input::kPicture
                                    ? p.kernel.reshaped({1, 1, p.kernel.size(0), p.kernel.size(1)})
                                    : p.taps.reshaped({1, 1, 1, p.taps.count()});
  return signal::network_of(signal::ConvolutionLayer{weight, spec});
}

ShiftLab::Maps maps_of(const Tensor<double>& values) {
  const Index rows = values.size(1), columns = values.size(2);
  ShiftLab::Maps maps;
  for (Index c = 0; c < values.size(0); ++c) {
    maps.emplace_back(core::Shape{rows, columns});
    std::transform(&values(c, 0, 0), &values(c, 0, 0) + rows * columns, maps.back().data(),
                   [](double v) { return static_cast<float>(v); });
  }
  return maps;
}

// Makes each channel's range hold its finite values.
void widen(std::vector<gpu::Range>& ranges, const Tensor<double>& values) {
  ranges.resize(static_cast<std::size_t>(values.size(0)), {0, 0});
  const Index cells = values.size(1) * values.size(2);
  for (Index i = 0; i < values.count(); ++i) {
    if (!std::isfinite(values[i])) continue;
    gpu::Range& range = ranges[static_cast<std::size_t>(i / cells)];
    range.lo = std::min(range.lo, static_cast<float>(values[i]));
    range.hi = std::max(range.hi, static_cast<float>(values[i]));
  }
}

}  // namespace

void ShiftLab::Stack::describe(core::Fields& f) {
  f.field("blocks", blocks);
  f.field("filters", filters);
  f.field("kernel", kernel);
  f.field("pool", pool);
  f.field("average", average);
}

void ShiftLab::Params::describe(core::Fields& f) {
  f.choice("input", input, kInputIds);
  f.field("signal", signal);
  f.group("picture", picture);
  f.field("largest_side", largest_side);
  f.choice("layers", layers, kLayersIds);
  f.field("taps", taps);
  f.field("kernel", kernel);
  f.group("rows", rows);
  f.group("columns", columns);
  f.choice("boundary", boundary, signal::kBoundaryNames);
  f.field("pool", pool);
  f.field("pool_stride", pool_stride);
  f.group("stack", stack);
  f.field("seed", seed);
  f.field("step_rows", step_rows);
  f.field("step_columns", step_columns);
  f.field("steps", steps);
  f.choice("fill", fill, kFillIds);
  fit();
}

void ShiftLab::Params::fit() {
  signal = resized(signal, kLength.clamped(signal.count()), 0.0);
  largest_side = kSide.clamped(largest_side);
  taps = resized(taps, kKernel.clamped(taps.count()), 0.0);
  kernel =
      resized(kernel, size_within(kernel, 0, kLargestKernel), size_within(kernel, 1, kLargestKernel), 0.0);
  columns = within(columns, kWindow);
  rows = within(rows, kWindow);
  rows.stride = columns.stride;
  rows.dilation = columns.dilation;
  for (Index* size : {&pool, &pool_stride, &stack.pool}) *size = kPool.clamped(*size);
  stack.blocks = kBlocks.clamped(stack.blocks);
  stack.filters = kFilters.clamped(stack.filters);
  stack.kernel = kKernel.clamped(stack.kernel);
  seed = kSeed.clamped(seed);
  for (Index* step : {&step_rows, &step_columns}) *step = kStep.clamped(*step);
  steps = kSteps.clamped(steps);
}

signal::Shift ShiftLab::Params::shift(Index step) const {
  return {input == Input::kPicture ? step * step_rows : 0, step * step_columns};
}

std::vector<Preset<ShiftLab::Params>> ShiftLab::presets() {
  const signal::WindowSpec same = signal::padded_by_name(signal::NamedPadding::kSame, 3, {});
  Params moves;
  moves.rows = moves.columns = same;
  moves.kernel = Tensor<double>({3, 3}, {1, 0, -1, 2, 0, -2, 1, 0, -1});
  Params border = moves;
  border.signal = Tensor<double>({8}, {0, 0, 0, 0, 0, 1, 2, 3});
  border.fill = ShiftFill::kWrap;
  border.steps = 7;
  Params circular = border;
  circular.boundary = Boundary::kCircular;
  Params strided = moves;
  strided.columns.stride = strided.rows.stride = 2;
  Params dense = moves;
  dense.layers = Layers::kDense;
  Params pooled = moves;
  pooled.layers = Layers::kMaxPool;
  Params picture = moves;
  picture.input = Input::kPicture;
  picture.steps = 8;
  Params stack = picture;
  stack.layers = Layers::kStack;
  stack.largest_side = 96;
  stack.stack.filters = 6;
  stack.seed = 38;  // draws filters that leave something in every map
  stack.boundary = Boundary::kCircular;
  stack.fill = ShiftFill::kWrap;
  Params filters = stack;
  filters.stack = {1, 12, 5, 1, false};
  filters.seed = 36;  // the same
  filters.largest_side = 128;
  filters.boundary = Boundary::kZeros;
  filters.fill = ShiftFill::kZeros;
  filters.steps = 16;
  Params dense_picture = picture;
  dense_picture.layers = Layers::kDense;
  dense_picture.largest_side = 32;
  return {{"Moves along", moves},      {"Border", border},
          {"Circular", circular},      {"Stride 2", strided},
          {"Max pooling", pooled},     {"Fully connected", dense},
          {"Picture", picture},        {"Stack", stack},
          {"Random filters", filters}, {"Dense picture", dense_picture}};
}

namespace {

void input_controls(ShiftLab::Params& p, widgets::Controls& c) {
  c.section("Input");
  c.choice("Input", p.input, kInputs, ShiftLab::Input::kSignal, "A signal of your own, or a picture");
  if (p.input == ShiftLab::Input::kPicture) {
    picture_controls(c, p.picture);
    c.integer("Largest side", p.largest_side, kSide, "The picture is reduced until neither side is longer");
    return;
  }
  Index length = p.signal.count();
  if (c.integer("Length", length, kLength, "How many numbers the signal has"))
    p.signal = resized(p.signal, length, 0.0);
  c.matrix("x", p.signal, Role::kInput,
           "The signal. Drag a number, step it with the wheel, or double-click to type");
}

void convolution_controls(ShiftLab::Params& p, widgets::Controls& c) {
  if (p.input == ShiftLab::Input::kSignal) {
    Index taps = p.taps.count();
    if (c.integer("Kernel size", taps, kKernel, "How many weights the kernel has"))
      p.taps = resized(p.taps, taps, 0.0);
    c.matrix("k", p.taps, Role::kKernel, "The kernel");
    window_controls(c, p.columns, p.taps.count(), kWindow);
  } else {
    Index rows = p.kernel.size(0), columns = p.kernel.size(1);
    c.integer("Kernel rows", rows, kKernel, "The kernel's height");
    c.integer("Kernel columns", columns, kKernel, "The kernel's width");
    p.kernel = resized(p.kernel, rows, columns, 0.0);
    c.matrix("k", p.kernel, Role::kKernel, "The kernel");
    window_controls(c, p.rows, p.columns, rows, columns, kWindow);
  }
  boundary_control(c, p.boundary);
}

void seed_control(ShiftLab::Params& p, widgets::Controls& c) {
  c.integer("Seed", p.seed, kSeed, "Another seed draws other weights");
}

void layer_controls(ShiftLab::Params& p, widgets::Controls& c) {
  using Layers = ShiftLab::Layers;
  c.section("Layers");
  c.choice("f", p.layers, kLayers, Layers::kConvolution, "What is between input and output");
  switch (p.layers) {
    case Layers::kConvolution:
      return convolution_controls(p, c);
    case Layers::kMaxPool:
    case Layers::kAveragePool:
      c.integer("Pool size", p.pool, kPool, "The window's length");
      c.integer("Pool stride", p.pool_stride, kPool, "How far the window moves at each step");
      return;
    case Layers::kDense:
      c.note("Every output has a weight of its own for every input, drawn at random.");
      return seed_control(p, c);
    case Layers::kStack:
      c.integer("Blocks", p.stack.blocks, kBlocks,
                "How often convolution, ReLU and pooling follow each other");
      c.integer("Filters", p.stack.filters, kFilters, "Feature maps of every convolution");
      c.integer("Filter size", p.stack.kernel, kKernel, "The length of every filter's sides");
      boundary_control(c, p.boundary);
      c.integer("Pool size", p.stack.pool, kPool, "The window and the stride of every pooling; 1 is none");
      Index pooling = p.stack.average ? 1 : 0;
      c.choice("Pooling", pooling, kPoolings, Index{0}, "The largest number of every window, or the mean");
      p.stack.average = pooling == 1;
      return seed_control(p, c);
  }
}

}  // namespace

void ShiftLab::controls(Params& p, widgets::Controls& c) {
  input_controls(p, c);
  layer_controls(p, c);
  c.section("Shift");
  if (p.input == Input::kPicture)
    c.integer("Rows a step", p.step_rows, {kStep.low, kStep.high, 0},
              "How far the picture moves down with every step of the playhead; negative: up");
  c.integer(p.input == Input::kPicture ? "Columns a step" : "Cells a step", p.step_columns, kStep,
            "How far the input moves to the right with every step of the playhead; negative: left");
  c.integer("Steps", p.steps, kSteps, "How many steps the playhead has");
  c.choice("Comes in", p.fill, kFills, ShiftFill::kZeros,
           "What fills the edge that a shift leaves empty: zeros, or what left at the other edge");
  p.fit();
}

namespace {

// One axis of the input, as the layers see it.
struct Axis {
  std::string_view name;            // in the words
  std::string_view kernel_control;  // of the convolution
  Index size, kernel;
  signal::WindowSpec window;
};

// Why a stack runs out of cells along an axis.
std::optional<Problem> stack_problem(const ShiftLab::Params& p, const Axis& axis) {
  const auto same = signal::padded_by_name(signal::NamedPadding::kSame, p.stack.kernel, {});
  Index size = axis.size;
  for (Index block = 1; block <= p.stack.blocks; ++block, size /= p.stack.pool) {
    if (auto problem = window_problem("Filter size", axis.name, size, p.stack.kernel, same, p.boundary))
      return problem;
    if (size < p.stack.pool)
      return Problem{"Blocks", "Block " + std::to_string(block) + " has only " + core::grouped(size) +
                                   " cells left of the " + std::string(axis.name) +
                                   ", fewer than one pooling window: use fewer blocks, a smaller pool or a "
                                   "longer input."};
  }
  return std::nullopt;
}

std::optional<Problem> axis_problem(const ShiftLab::Params& p, const Axis& axis) {
  switch (p.layers) {
    case ShiftLab::Layers::kConvolution:
      return window_problem(axis.kernel_control, axis.name, axis.size, axis.kernel, axis.window, p.boundary);
    case ShiftLab::Layers::kMaxPool:
    case ShiftLab::Layers::kAveragePool:
      return window_problem("Pool size", axis.name, axis.size, p.pool, {});
    case ShiftLab::Layers::kStack:
      return stack_problem(p, axis);
    case ShiftLab::Layers::kDense:
      break;
  }
  return std::nullopt;
}

// Why the layers do not fit an input [1, H, W].
std::optional<Problem> size_problem(const ShiftLab::Params& p, const core::Shape& input) {
  if (p.input == ShiftLab::Input::kSignal)
    return axis_problem(p, {"signal", "Kernel size", input[2], p.taps.count(), p.columns});
  if (auto rows = axis_problem(p, {"picture's height", "Kernel rows", input[1], p.kernel.size(0), p.rows}))
    return rows;
  return axis_problem(p, {"picture's width", "Kernel columns", input[2], p.kernel.size(1), p.columns});
}

}  // namespace

std::vector<Problem> ShiftLab::validate(const Params& p) {
  // Whether the layers fit a picture is known once it is read.
  const auto problem =
      p.input == Input::kPicture ? picture_problem(p.picture) : size_problem(p, {1, 1, p.signal.count()});
  if (problem) return {*problem};
  return {};
}

ShiftLab::Result ShiftLab::compute(const Params& p, std::stop_token stop) {
  const bool picture = p.input == Input::kPicture;
  const Tensor<double> x =
      picture ? signal::reduced(plane_of(reader_.read(p.picture), Plane::kGrey), p.largest_side, workers_)
                    .cast<double>()
              : p.signal.reshaped({1, 1, p.signal.count()});
  const signal::Network network = network_of(p, x.shape());
  Result r;
  r.params = p;
  r.stride = signal::total_stride(network);
  r.output = signal::output_of(network, x, stop);
  if (picture) r.output_maps = maps_of(r.output);
  widen(r.output_ranges, r.output);
  for (Index k = 0; k <= p.steps; ++k) {
    core::throw_if_stopped(stop);
    Step step;
    step.shift = p.shift(k);
    step.input = signal::shifted(x, step.shift.rows, step.shift.columns, p.fill);
    step.answer = signal::equivariance(network, x, r.output, step.shift, p.fill, stop);
    widen(r.output_ranges, step.answer.of_shifted);
    widen(r.difference_ranges, step.answer.difference.values);
    const double departure = step.answer.difference.relative;
    if (std::isfinite(departure)) r.largest_departure = std::max(r.largest_departure, departure);
    if (picture) {
      step.input_pixels = step.input.cast<float>().reshaped({x.size(1), x.size(2)});
      step.of_shifted = maps_of(step.answer.of_shifted);
      step.shifted_output = maps_of(step.answer.shifted_output);
      step.difference = maps_of(step.answer.difference.values);
    }
    r.steps.push_back(std::move(step));
  }
  return r;
}

bool ShiftLab::open(const std::filesystem::path& path, Params& p) {
  if (!open_picture(path, p.picture)) return false;
  p.input = Input::kPicture;
  return true;
}

ShiftLab::Focus ShiftLab::focus(const Result& r, const View& v, bool reduce_motion) {
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  Focus f;
  f.step = std::min(static_cast<std::size_t>(lit.step), r.steps.size() - 1);
  f.progress = lit.progress;
  f.map = std::clamp<Index>(v.map, 0, r.maps() - 1);
  for (const auto& spot : {v.pinned, v.hovered})
    if (spot && spot->map < r.maps() && spot->cell.row < r.output.size(1) &&
        spot->cell.column < r.output.size(2)) {
      f.cell = spot->cell;
      f.map = spot->map;
      break;
    }
  return f;
}

}  // namespace vitrine::labs
