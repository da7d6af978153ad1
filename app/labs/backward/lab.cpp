#include "app/labs/backward/lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/resized.h"
#include "app/labs/tensor_controls.h"
#include "app/labs/window_controls.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using signal::ConvGradients;
using widgets::Role;

namespace {

constexpr std::string_view kDimensionIds[] = {"1-D", "2-D"};
constexpr Index kMostFilters = 4;
constexpr Index kMostChannels = 8, kLongestSignal = 16, kLongestKernel = 8;  // of a signal
constexpr Index kMostColours = 3, kLargestSide = 8, kLargestKernelSide = 4;  // of a picture
constexpr WindowLimits kLimits{.stride = 4, .dilation = 4, .padding = 4};
constexpr double kStep = 1e-3;  // of the finite differences

// 1, 2, 3, ... in each channel, the next one's higher by 1.
Tensor<double> counting(Index channels, Index side) {
  Tensor<double> t({channels, side, side});
  for (Index i = 0; i < t.count(); ++i) t[i] = static_cast<double>(i % (side * side) + i / (side * side) + 1);
  return t;
}

// x[n,c] = n + c and W[c] = c (1, 0, -1), counted from 1.
Backward::Params by_hand(std::initializer_list<double> upstream) {
  Backward::Params p;
  p.input = Tensor<double>({5, 1, 7});
  p.weight = Tensor<double>({1, 5, 1, 3});
  for (Index c = 0; c < 5; ++c) {
    for (Index n = 0; n < 7; ++n) p.input(c, 0, n) = static_cast<double>(n + c + 2);
    p.weight(0, c, 0, 0) = static_cast<double>(c + 1);
    p.weight(0, c, 0, 2) = -static_cast<double>(c + 1);
  }
  p.upstream = Tensor<double>({1, 1, 3}, upstream);
  p.columns.stride = 2;
  return p;
}

Backward::Params signal_of_nine(std::initializer_list<double> upstream, const signal::WindowSpec& window) {
  Backward::Params p;
  p.upstream = Tensor<double>({1, 1, std::ssize(upstream)}, upstream);
  p.columns = window;
  return p;
}

Backward::Params picture(Index side, Tensor<double> weight, Tensor<double> upstream,
                         const signal::WindowSpec& window) {
  Backward::Params p;
  p.dimensions = Backward::Dimensions::kTwo;
  p.input = counting(weight.size(1), side);
  p.weight = std::move(weight);
  p.upstream = std::move(upstream);
  p.rows = p.columns = window;
  return p;
}

// Three channels, and two filters that look for edges in them: upright ones and level ones.
Backward::Params colour_picture() {
  const double upright[] = {-1, 0, 1}, smooth[] = {1, 2, 1};
  Tensor<double> weight({2, 3, 3, 3});
  for (Index c = 0; c < 3; ++c)
    for (Index u = 0; u < 3; ++u)
      for (Index v = 0; v < 3; ++v) {
        weight(0, c, u, v) = static_cast<double>(c + 1) * upright[v];
        weight(1, c, u, v) = upright[u] * smooth[v];
      }
  return picture(4, std::move(weight), Tensor<double>({2, 2, 2}, {1, -1, 2, 1, 0, 1, -2, 1}), {});
}

Tensor<double> distances(const Tensor<double>& a, const Tensor<double>& b) {
  Tensor<double> d(a.shape());
  for (Index i = 0; i < d.count(); ++i) d[i] = std::abs(a[i] - b[i]);
  return d;
}

}  // namespace

void Backward::Params::describe(core::Fields& f) {
  f.choice("dimensions", dimensions, kDimensionIds);
  f.field("input", input);
  f.field("weight", weight);
  f.field("upstream", upstream);
  f.group("rows", rows);
  f.group("columns", columns);
  f.choice("boundary", boundary, signal::kBoundaryNames);
  fit();
}

void Backward::Params::fit() {
  const bool one = one_dimensional();
  const Index channels = size_within(input, 0, one ? kMostChannels : kMostColours, 3);
  resize(channels, one ? 1 : size_within(input, 1, kLargestSide, 3),
         size_within(input, 2, one ? kLongestSignal : kLargestSide, 3),
         size_within(weight, 0, kMostFilters, 4), one ? 1 : size_within(weight, 2, kLargestKernelSide, 4),
         size_within(weight, 3, one ? kLongestKernel : kLargestKernelSide, 4));
  rows = one ? signal::WindowSpec{} : within(rows, kLimits);
  columns = within(columns, kLimits);
  if (!validate(*this).empty()) return;
  upstream = resized(upstream,
                     {filters(), signal::output_size(input.size(1), weight.size(2), rows),
                      signal::output_size(input.size(2), weight.size(3), columns)},
                     0, 1.0);
}

void Backward::Params::resize(Index channels, Index height, Index width, Index filters, Index kernel_rows,
                              Index kernel_columns) {
  input = resized(input, {channels, height, width}, 2, 0.0);
  weight = resized(weight, {filters, channels, kernel_rows, kernel_columns}, 3, 0.0);
}

Shape Backward::Params::shown_shape(const Tensor<double>& t) const {
  const Shape& s = t.shape();
  if (t.rank() == 3) return one_dimensional() ? Shape{s[0], s[2]} : s;
  return one_dimensional() ? Shape{s[0], s[1], s[3]} : s;
}

std::vector<Preset<Backward::Params>> Backward::presets() {
  const Tensor<double> sobel({1, 1, 3, 3}, {-1, 0, 1, -2, 0, 2, -1, 0, 1});
  const Tensor<double> box({1, 1, 2, 2}, 0.25);
  const signal::WindowSpec both_sides{.padding_before = 1, .padding_after = 1};
  Params circular = signal_of_nine({1, 0, 0, 2, 0, 0, 0, 0, -1}, both_sides);
  circular.boundary = signal::Boundary::kCircular;
  return {{"By hand", by_hand({1, 2, -1})},
          {"One output", by_hand({0, 1, 0})},
          {"One channel", signal_of_nine({1, 0, -1, 2, 0, 1, -2}, {})},
          {"Stride 2, padded",
           signal_of_nine({1, 2, 0, -1, 3}, {.stride = 2, .padding_before = 1, .padding_after = 1})},
          {"Dilated", signal_of_nine({1, -1, 2, 0, 1}, {.dilation = 2})},
          {"Circular", circular},
          {"Picture", picture(3, box, Tensor<double>({1, 2, 2}, {1, 2, 3, 4}), {})},
          {"Picture, stride 2", picture(5, sobel, Tensor<double>({1, 2, 2}, {1, -1, 2, 1}), {.stride = 2})},
          {"Colour picture", colour_picture()}};
}

namespace {

void size_controls(Backward::Params& p, widgets::Controls& c) {
  const bool one = p.one_dimensional();
  Index channels = p.channels(), filters = p.filters(), height = p.input.size(1), width = p.input.size(2),
        kernel_rows = p.weight.size(2), kernel_columns = p.weight.size(3);
  c.integer("Channels", channels, {1, one ? kMostChannels : kMostColours, 1},
            "C: numbers at each position; each has weights of its own in every kernel");
  if (one) {
    c.integer("Input length", width, {1, kLongestSignal, 9}, "L: positions");
    c.integer("Kernel size", kernel_columns, {1, kLongestKernel, 3}, "K: weights for each channel");
  } else {
    c.integer("Height", height, {1, kLargestSide, 5, "px"}, "H: rows of the picture");
    c.integer("Width", width, {1, kLargestSide, 5, "px"}, "W: columns of the picture");
    c.integer("Kernel rows", kernel_rows, {1, kLargestKernelSide, 3}, "The kernel's height in cells");
    c.integer("Kernel columns", kernel_columns, {1, kLargestKernelSide, 3}, "The kernel's width in cells");
  }
  c.integer("Filters", filters, {1, kMostFilters, 1}, "F: kernels; each has an output of its own");
  p.resize(channels, height, width, filters, kernel_rows, kernel_columns);
}

void number_controls(Backward::Params& p, widgets::Controls& c) {
  const auto edit = [&](const std::string& name, Tensor<double>& values,
                        std::initializer_list<std::string_view> signal,
                        std::initializer_list<std::string_view> picture, Role role, std::string_view help) {
    Tensor<double> shown = values.reshaped(p.shown_shape(values));
    if (tensor_controls(c, name, shown, p.one_dimensional() ? signal : picture, role, help))
      values = shown.reshaped(values.shape());
  };
  edit("x", p.input, {"channel"}, {"channel", "row"}, Role::kInput,
       "The input. Drag a number, step it with the wheel, or double-click to type");
  edit("W", p.weight, {"filter", "channel"}, {"filter", "channel", "row"}, Role::kKernel,
       "A kernel for each filter, in it weights for each channel");
  edit("dL/dy", p.upstream, {"filter"}, {"filter", "row"}, Role::kGradient,
       "How much the loss grows when an output does: what comes from above");
}

}  // namespace

void Backward::controls(Params& p, widgets::Controls& c) {
  c.section("Sizes");
  if (c.choice("Dimensions", p.dimensions, kDimensionIds, Dimensions::kOne,
               "1-D: a signal. 2-D: a picture") &&
      !p.one_dimensional()) {  // as high as wide
    p.rows = p.columns;
    p.resize(p.channels(), p.input.size(2), p.input.size(2), p.filters(), p.weight.size(3), p.weight.size(3));
  }
  p.fit();  // to the ranges of these dimensions
  size_controls(p, c);
  c.section("Window");
  if (p.one_dimensional())
    window_controls(c, p.columns, p.weight.size(3), kLimits);
  else
    window_controls(c, p.rows, p.columns, p.weight.size(2), p.weight.size(3), kLimits);
  boundary_control(c, p.boundary);
  p.fit();
  c.section("Numbers");
  number_controls(p, c);
}

std::vector<Problem> Backward::validate(const Params& p) {
  std::vector<Problem> problems;
  const auto look = [&](std::string_view control, std::string_view what, Index input, Index kernel,
                        const signal::WindowSpec& w) {
    if (auto problem = window_problem(control, what, input, kernel, w, p.boundary))
      problems.push_back(std::move(*problem));
  };
  const bool one = p.one_dimensional();
  if (!one) look("Kernel rows", "picture's height", p.input.size(1), p.weight.size(2), p.rows);
  look(one ? "Kernel size" : "Kernel columns", one ? "input" : "picture's width", p.input.size(2),
       p.weight.size(3), p.columns);
  return problems;
}

namespace {

void compare(Backward::Result& r) {
  r.errors = {distances(r.gradients.input, r.checks.input), distances(r.gradients.weight, r.checks.weight),
              distances(r.gradients.bias, r.checks.bias)};
  for (const Tensor<double>* errors : {&r.errors.input, &r.errors.weight, &r.errors.bias})
    for (const double e : errors->values())
      if (std::isnan(e) || e > r.largest_error) r.largest_error = e;  // a NaN stays
}

// x with what its boundary continues it by: a kernel of one cell at stride 1 sees it all, one after the
// other.
Tensor<double> padded(const Backward::Params& p) {
  const auto all = [](const signal::WindowSpec& w) {
    return signal::WindowSpec{.padding_before = w.padding_before, .padding_after = w.padding_after};
  };
  const signal::ConvSpec spec{.rows = all(p.rows), .columns = all(p.columns), .boundary = p.boundary};
  return signal::im2col(p.input, 1, 1, spec)
      .reshaped({p.channels(), p.rows.padding_before + p.input.size(1) + p.rows.padding_after,
                 p.columns.padding_before + p.input.size(2) + p.columns.padding_after});
}

void transpose(const signal::Toeplitz& forward, Backward::Result& r) {
  r.matrix = Tensor<double>({forward.matrix.size(1), forward.matrix.size(0)});
  r.weight_index = Tensor<std::int32_t>(r.matrix.shape());
  for (Index i = 0; i < r.matrix.size(0); ++i)
    for (Index j = 0; j < r.matrix.size(1); ++j) {
      r.matrix(i, j) = forward.matrix(j, i);
      r.weight_index(i, j) = forward.weight_index(j, i);
    }
}

}  // namespace

Backward::Result Backward::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  const Tensor<double>&x = p.input, &w = p.weight, &g = p.upstream, no_bias;
  const signal::ConvSpec spec = p.spec();
  r.output = signal::correlate(x, w, no_bias, spec, stop);
  r.gradients = signal::correlate_backward(x, w, g, spec, stop);
  r.checks = signal::finite_differences(x, w, no_bias, g, spec, kStep, stop);
  compare(r);
  r.padded = padded(p);
  r.spread = signal::spread(g, spec.rows.stride, spec.columns.stride);
  transpose(signal::toeplitz(x.shape(), w, spec, stop), r);
  for (Index f = 0; f < w.size(0); ++f)
    for (Index c = 0; c < w.size(1); ++c)
      for (Index u = 0; u < w.size(2); ++u)
        for (Index v = 0; v < w.size(3); ++v)
          r.weight_terms.push_back(signal::weight_gradient_terms(x, w.shape(), g, spec, f, c, u, v));
  for (Index c = 0; c < x.size(0); ++c)
    for (Index i = 0; i < x.size(1); ++i)
      for (Index j = 0; j < x.size(2); ++j)
        r.input_terms.push_back(signal::input_gradient_terms(x.shape(), w, g, spec, c, i, j));
  return r;
}

Backward::Spot Backward::Result::spot_at(Index step) const {
  step = std::clamp<Index>(step, 0, steps() - 1);
  if (step < params.weight.count()) return {Part::kWeight, step};
  step -= params.weight.count();
  return step < params.input.count() ? Spot{Part::kInput, step}
                                     : Spot{Part::kBias, step - params.input.count()};
}

Index Backward::Result::step_of(const Spot& spot) const {
  switch (spot.part) {
    case Part::kWeight:
      return spot.cell;
    case Part::kInput:
      return params.weight.count() + spot.cell;
    case Part::kBias:
      break;
  }
  return params.weight.count() + params.input.count() + spot.cell;
}

bool Backward::Result::has(const Spot& spot) const {
  const Index count = spot.part == Part::kWeight  ? params.weight.count()
                      : spot.part == Part::kInput ? params.input.count()
                                                  : params.filters();
  return spot.cell >= 0 && spot.cell < count;
}

std::span<const signal::GradientTerm> Backward::Result::terms(const Spot& spot) const {
  if (spot.part == Part::kBias) return {};
  return (spot.part == Part::kWeight ? weight_terms : input_terms)[static_cast<std::size_t>(spot.cell)];
}

double Backward::Result::of(const ConvGradients& g, const Spot& spot) {
  return spot.part == Part::kWeight  ? g.weight[spot.cell]
         : spot.part == Part::kInput ? g.input[spot.cell]
                                     : g.bias[spot.cell];
}

Backward::Focus Backward::focus(const Result& r, const View& v, bool reduce_motion) {
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  Focus f{r.spot_at(lit.step), lit.progress, std::min<Index>(lit.step, r.steps() - 1)};
  for (const auto& pointed : {v.pinned, v.hovered})
    if (pointed && r.has(*pointed)) return {*pointed, 1, f.reached};
  return f;
}

}  // namespace vitrine::labs
