#include "app/labs/sliding/lab.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "app/labs/resized.h"
#include "app/labs/tensor_controls.h"
#include "app/labs/window_controls.h"
#include "engine/core/rng.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using core::Tensor;
using widgets::Role;
using Operation = SlidingWindow::Operation;
using Product = SlidingWindow::Product;
using Result = SlidingWindow::Result;

namespace {

constexpr Index kLargestInput = 64, kLargestKernel = 16, kMostChannels = 8, kMostFilters = 8;
constexpr Index kLongestOutput = 256;  // of a transposed convolution
constexpr WindowLimits kLimits{16, 8, 32};
constexpr widgets::IntegerRange kOutputPadding{0, 15, 0};
constexpr std::string_view kOperations[] = {"correlation", "convolution", "transposed"};

// The weights [F, C, K] at other sizes: a new filter or channel is like the last one, a new tap is 1.
Tensor<double> resized_weight(const Tensor<double>& w, Index filters, Index channels, Index taps) {
  return resized(w, {filters, channels, taps}, 2, 1.0);
}

// The signal [C, n] at other sizes: a new channel is like the last one, a new cell is 0.
Tensor<double> resized_input(const Tensor<double>& x, Index channels, Index length) {
  return resized(x, {channels, length}, 1, 0.0);
}

// Whole numbers from -3 to 3, other ones than the values are now.
void randomize(Tensor<double>& values) {
  const std::uint64_t now =
      std::accumulate(values.values().begin(), values.values().end(), std::uint64_t{0},
                      [](std::uint64_t sum, double v) { return sum * 31 + std::bit_cast<std::uint64_t>(v); });
  const core::Rng rng(now, core::RngStream::kLab);
  for (Index i = 0; i < values.count(); ++i)
    values[i] = static_cast<double>(rng.below(7, 0, static_cast<std::uint64_t>(i))) - 3;
}

enum class Fill { kRamp, kImpulse, kStep, kRandom };
constexpr std::string_view kFills[] = {"Ramp", "Impulse", "Step", "Random x"};

void fill(Tensor<double>& x, Fill how) {
  if (how == Fill::kRandom) return randomize(x);
  const Index length = x.size(1);
  for (Index c = 0; c < x.size(0); ++c)
    for (Index i = 0; i < length; ++i)
      x(c, i) = how == Fill::kRamp      ? static_cast<double>(i + 1 + c)
                : how == Fill::kImpulse ? (i == length / 2 ? 1 : 0)
                                        : (i >= length / 2 ? 1 : 0);
}

}  // namespace

void SlidingWindow::Params::describe(core::Fields& f) {
  f.field("input", input);
  f.field("weight", weight);
  f.field("bias", bias);
  f.field("use_bias", use_bias);
  f.choice("operation", operation, kOperations);
  f.group("window", window);
  f.choice("boundary", boundary, signal::kBoundaryNames);
  f.field("output_padding", output_padding);
  fit();
}

void SlidingWindow::Params::fit() {
  weight =
      resized_weight(weight, size_within(weight, 0, kMostFilters, 3),
                     size_within(weight, 1, kMostChannels, 3), size_within(weight, 2, kLargestKernel, 3));
  if (input.rank() == 1) input = input.reshaped({1, input.count()});
  input = resized_input(input, channels(), size_within(input, 1, kLargestInput));
  bias = resized(bias, filters(), 0.0);
  window = within(window, kLimits);
  output_padding = kOutputPadding.clamped(output_padding);
}

signal::ConvSpec SlidingWindow::Params::correlation() const {
  return {.columns = window, .boundary = boundary, .flip = operation == Operation::kConvolution};
}

Index SlidingWindow::Params::outputs() const {
  return transposed() ? signal::transposed_size(length(), taps(), window, output_padding)
                      : signal::output_size(length(), taps(), window);
}

void SlidingWindow::View::describe(core::Fields& f) {
  f.group("playhead", playhead);
  f.field("filter", filter);
}

std::vector<Preset<SlidingWindow::Params>> SlidingWindow::presets() {
  const Params valid;
  Params strided = valid, same = valid, full = valid, channels = valid, edge, circular, transposed, dilated;
  strided.window = {.stride = 2, .padding_before = 1, .padding_after = 1};
  same.window = {.padding_before = 1, .padding_after = 1};
  full.window = {.padding_before = 2, .padding_after = 2};

  channels.input = Tensor<double>(core::Shape{5, 7});
  fill(channels.input, Fill::kRamp);
  for (double& x : channels.input.values()) x += 1;  // x[c, i] = i + c, both counted from 1
  channels.weight = Tensor<double>(core::Shape{1, 5, 3});
  for (Index c = 0; c < 5; ++c) {
    channels.weight(0, c, 0) = static_cast<double>(c + 1);
    channels.weight(0, c, 2) = -static_cast<double>(c + 1);
  }
  channels.window.stride = 2;

  edge = same;
  edge.input = Tensor<double>({1, 9}, {0, 0, 0, 1, 1, 1, 0, 0, 0});
  edge.weight = Tensor<double>({1, 1, 3}, {-1, 0, 1});
  circular = same;
  circular.boundary = signal::Boundary::kCircular;
  transposed.input = Tensor<double>({1, 5}, {1, 2, 3, 2, 1});
  transposed.operation = Operation::kTransposed;
  transposed.window.stride = 2;
  dilated = full;
  dilated.window.dilation = 2;
  return {{"Valid", valid},
          {"Stride 2, padding 1", strided},
          {"Same", same},
          {"Full", full},
          {"Five channels", channels},
          {"Edge detector", edge},
          {"Circular", circular},
          {"Dilated", dilated},
          {"Transposed", transposed}};
}

void SlidingWindow::controls(Params& p, widgets::Controls& c) {
  c.section("Signal");
  Index length = p.length(), channels = p.channels(), taps = p.taps(), filters = p.filters();
  c.integer("Input length", length, {1, kLargestInput, 9}, "How many numbers each channel of x has");
  c.integer("Channels", channels, {1, kMostChannels, 1}, "How many signals the kernel sees at once");
  if (const auto how = c.buttons(kFills, "Fills x")) fill(p.input, static_cast<Fill>(*how));
  tensor_controls(c, "x", p.input, {"channel"}, Role::kInput,
                  "The signal. Drag a number, step it with the wheel, or double-click to type");

  c.section("Kernel");
  c.choice("Operation", p.operation, kOperations, Operation::kCorrelation,
           "correlation: what deep learning calls convolution. convolution: the textbook's, with the kernel "
           "turned round. transposed: every input stamps the kernel into the output");
  c.integer("Kernel size", taps, {1, kLargestKernel, 3}, "How many taps the kernel has");
  c.integer("Filters", filters, {1, kMostFilters, 1}, "How many kernels; each makes an output of its own");
  if (c.button("Random k", "Fills every kernel with whole numbers from −3 to 3")) randomize(p.weight);
  tensor_controls(c, "k", p.weight, {"filter", "channel"}, Role::kKernel,
                  "The kernel: the same weights at every place");
  c.toggle("Bias", p.use_bias, false, "A number that is added to every output of a filter");
  if (p.use_bias) c.matrix("b", p.bias, Role::kKernel, "One for each filter");

  p.weight = resized_weight(p.weight, filters, channels, taps);
  p.input = resized_input(p.input, channels, length);
  p.bias = resized(p.bias, filters, 0.0);

  c.section("Window");
  window_controls(c, p.window, p.taps(), kLimits);
  if (p.transposed())
    c.integer("Output padding", p.output_padding, kOutputPadding,
              "Cells added at the end of the output, to reach a size that the stride rounds away");
  else
    boundary_control(c, p.boundary);
}

std::vector<Problem> SlidingWindow::validate(const Params& p) {
  if (!p.transposed()) {
    if (auto problem = window_problem("Kernel size", "input", p.length(), p.taps(), p.window, p.boundary))
      return {*problem};
    return {};
  }
  const Index most = std::max(p.window.stride, p.window.dilation) - 1;
  if (p.output_padding > most)
    return {{"Output padding", "An output padding of " + grouped(p.output_padding) +
                                   " is not smaller than the stride or the dilation: at most " +
                                   grouped(most) + " here, or make the stride larger."}};
  const Index stamped = (p.length() - 1) * p.window.stride +
                        signal::kernel_extent(p.taps(), p.window.dilation) + p.output_padding;
  const Index cut = p.window.padding_before + p.window.padding_after;
  if (stamped <= cut)
    return {{"Padding", "The padding cuts off " + grouped(cut) + " cells but the stamps cover only " +
                            grouped(stamped) + ": make the padding smaller or the input longer."}};
  if (stamped > kLongestOutput)
    return {{"Stride", "The output would be " + grouped(stamped) + " cells long, this picture holds " +
                           grouped(kLongestOutput) + ": make the input shorter, or the stride smaller."}};
  return {};
}

namespace {

// A tensor's rows as pictures one pixel high: [A, n] -> [A, 1, n], [A, B, n] -> [A, B, 1, n].
Tensor<double> as_row_pictures(const Tensor<double>& t) {
  return t.rank() == 2 ? t.reshaped({t.size(0), 1, t.size(1)})
                       : t.reshaped({t.size(0), t.size(1), 1, t.size(2)});
}

// The weights of a transposed layer are stored by input channel: [F, C, K] -> [C, F, 1, K].
Tensor<double> by_channel(const Tensor<double>& w) {
  Tensor<double> out(core::Shape{w.size(1), w.size(0), 1, w.size(2)});
  for (Index f = 0; f < w.size(0); ++f)
    for (Index c = 0; c < w.size(1); ++c) std::copy_n(&w(f, c, 0), w.size(2), &out(c, f, 0, 0));
  return out;
}

Tensor<double> bias_of(const SlidingWindow::Params& p) { return p.use_bias ? p.bias : Tensor<double>(); }

// The part of every output that comes from one channel alone: [F, C, m].
Tensor<double> sums_by_channel(const SlidingWindow::Params& p, Index outputs, std::stop_token stop) {
  Tensor<double> sums(core::Shape{p.filters(), p.channels(), outputs});
  for (Index c = 0; c < p.channels(); ++c) {
    Tensor<double> x(core::Shape{1, 1, p.length()}), w(core::Shape{p.filters(), 1, 1, p.taps()});
    std::copy_n(&p.input(c, 0), p.length(), x.data());
    for (Index f = 0; f < p.filters(); ++f) std::copy_n(&p.weight(f, c, 0), p.taps(), &w(f, 0, 0, 0));
    const Tensor<double> share = signal::correlate(x, w, Tensor<double>(), p.correlation(), stop);
    for (Index f = 0; f < p.filters(); ++f) std::copy_n(&share(f, 0, 0), outputs, &sums(f, c, 0));
  }
  return sums;
}

void correlate(Result& r, std::stop_token stop) {
  const SlidingWindow::Params& p = r.params;
  const signal::ConvSpec spec = p.correlation();
  const Tensor<double> input = as_row_pictures(p.input), weight = as_row_pictures(p.weight);
  const Index m = p.outputs(), before = p.window.padding_before;
  r.steps = m;
  r.output = signal::correlate(input, weight, bias_of(p), spec, stop).reshaped({p.filters(), m});
  r.channel_sums = sums_by_channel(p, m, stop);
  // A kernel of one tap at stride 1 sees every cell with its padding, one after the other.
  const signal::WindowSpec each{1, 1, before, p.window.padding_after};
  const Tensor<double> seen = signal::im2col(input, 1, 1, {.columns = each, .boundary = p.boundary});
  r.padded = seen;
  signal::Toeplitz toeplitz = signal::toeplitz(input.shape(), weight, spec, stop);
  r.matrix = std::move(toeplitz.matrix);
  r.weight_index = std::move(toeplitz.weight_index);
  for (Index f = 0; f < p.filters(); ++f)
    for (Index o = 0; o < m; ++o) {
      std::vector<Product>& products = r.products.emplace_back();
      for (const signal::Term& t : signal::terms(input, weight, spec, f, 0, o)) {
        products.push_back({t.channel, t.tap.kernel_column, t.tap.column + before, t.tap.source_column,
                            t.weight_index, t.input, t.weight, t.product});
        if (t.tap.source_column >= 0) r.touched[static_cast<std::size_t>(t.tap.source_column)] = true;
        if (o == 0) r.drawn(f, t.channel, t.tap.kernel_column) = t.weight;
      }
    }
  r.formula = size_formula(p.length(), p.taps(), p.window);
  r.counts = signal::conv_counts(input.shape(), weight.shape(), p.use_bias, spec);
}

void transpose(Result& r, std::stop_token stop) {
  const SlidingWindow::Params& p = r.params;
  const signal::TransposeSpec spec = p.transposition();
  const Tensor<double> input = as_row_pictures(p.input), weight = by_channel(p.weight);
  const Index m = p.outputs(), n = p.length(), filters = p.filters();
  r.steps = n;
  r.padded = p.input;
  r.drawn = p.weight;
  r.output = signal::correlate_transposed(input, weight, bias_of(p), spec, stop).reshaped({filters, m});
  r.partial = Tensor<double>(core::Shape{n, filters, m});
  for (Index i = 0; i < n; ++i) {
    Tensor<double> so_far = input;
    for (Index c = 0; c < p.channels(); ++c) std::fill(&so_far(c, 0, 0) + i + 1, &so_far(c, 0, 0) + n, 0.0);
    const Tensor<double> sum = signal::correlate_transposed(so_far, weight, bias_of(p), spec, stop);
    std::copy_n(sum.data(), sum.count(), &r.partial(i, 0, 0));
  }
  r.matrix = Tensor<double>(core::Shape{filters * m, p.channels() * n});
  r.weight_index = Tensor<std::int32_t>(r.matrix.shape(), -1);
  r.products.resize(static_cast<std::size_t>(filters * n));
  for (Index f = 0; f < filters; ++f)
    for (Index o = 0; o < m; ++o)
      for (const signal::TransposedTerm& t : signal::transposed_terms(input, weight, spec, f, 0, o)) {
        r.products[static_cast<std::size_t>(f * n + t.column)].push_back(
            {t.channel, t.kernel_column, o + p.window.padding_before, o, t.weight_index, t.input, t.weight,
             t.product});
        r.matrix(f * m + o, t.channel * n + t.column) = t.weight;
        r.weight_index(f * m + o, t.channel * n + t.column) = static_cast<std::int32_t>(t.weight_index);
        r.touched[static_cast<std::size_t>(t.column)] = true;
      }
  const Index cut = p.window.padding_before + p.window.padding_after;
  r.formula = "(" + grouped(n) + " − 1) · " + grouped(p.window.stride) + " − " + grouped(cut) + " + " +
              grouped(signal::kernel_extent(p.taps(), p.window.dilation)) +
              (p.output_padding > 0 ? " + " + grouped(p.output_padding) : "") + " = " + grouped(m);
  r.counts.output = {filters, 1, m};
  r.counts.weights = p.weight.count();
  r.counts.parameters = r.counts.weights + (p.use_bias ? filters : 0);
  r.counts.macs = n * r.counts.weights;
  r.counts.dense_weights = r.matrix.count();
}

}  // namespace

Result SlidingWindow::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  r.drawn = Tensor<double>(p.weight.shape());
  r.touched.assign(static_cast<std::size_t>(p.length()), false);
  p.transposed() ? transpose(r, stop) : correlate(r, stop);
  r.pixels = r.matrix.cast<float>();
  r.blocks = widgets::blocks_of(r.pixels);
  return r;
}

int SlidingWindow::last_step(const Result& r) { return static_cast<int>(r.steps) - 1; }

SlidingWindow::Focus SlidingWindow::focus(const Result& r, const View& v, bool reduce_motion) {
  const Index filter = std::clamp<Index>(v.filter, 0, r.params.filters() - 1);
  for (const auto& chosen : {v.pinned, v.hovered})
    if (chosen && *chosen < r.steps) return {filter, {static_cast<int>(*chosen), 1}};
  widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  lit.step = std::min(lit.step, static_cast<int>(r.steps) - 1);
  return {filter, lit};
}

std::string untouched_words(const std::vector<bool>& touched, Index stride) {
  const auto total = std::count(touched.begin(), touched.end(), false);
  if (total == 0) return "";
  const auto at_end = std::find(touched.rbegin(), touched.rend(), true) - touched.rbegin();
  const std::string inputs = grouped(total) + (total == 1 ? " input" : " inputs"),
                    are = total == 1 ? " is" : " are", them = total == 1 ? "it" : "them";
  if (at_end == total)
    return inputs + " at the end" + are + " never touched: a stride that does not divide is normal.";
  return inputs + are + " never touched: " +
         (stride > 1 ? "the stride of " + grouped(stride) + " steps over " + them + "."
                     : "no tap reaches " + them + ".");
}

}  // namespace vitrine::labs
