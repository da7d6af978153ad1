#include "app/labs/backward_lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/resized.h"
#include "app/labs/window_controls.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using signal::ConvGradients;
using signal::WindowAxis;
using widgets::Role;

namespace {

constexpr std::string_view kDimensionIds[] = {"1-D", "2-D"};
constexpr Index kMostChannels = 8, kLongestSignal = 16, kLongestKernel = 8, kLargestSide = 8,
                kLargestKernel = 4;
constexpr WindowLimits kLimits{.stride = 4, .dilation = 4, .padding = 4};
constexpr double kStep = 1e-3;  // of the finite differences

Tensor<double> counting(const Shape& shape) {
  Tensor<double> t(shape);
  for (Index i = 0; i < t.count(); ++i) t[i] = static_cast<double>(i + 1);
  return t;
}

// x[n,c] = n + c and W[c] = c (1, 0, -1), counted from 1.
Backward::Params by_hand(std::initializer_list<double> upstream) {
  Backward::Params p;
  p.input = Tensor<double>({5, 7});
  p.weight = Tensor<double>({5, 3});
  for (Index c = 0; c < 5; ++c) {
    for (Index n = 0; n < 7; ++n) p.input(c, n) = static_cast<double>(n + c + 2);
    p.weight(c, 0) = static_cast<double>(c + 1);
    p.weight(c, 2) = -static_cast<double>(c + 1);
  }
  p.upstream = Tensor<double>({1, 3}, upstream);
  p.columns.stride = 2;
  return p;
}

Backward::Params picture(Index side, Tensor<double> weight, Tensor<double> upstream,
                         const signal::WindowSpec& window) {
  Backward::Params p;
  p.dimensions = Backward::Dimensions::kTwo;
  p.input = counting({side, side});
  p.weight = std::move(weight);
  p.upstream = std::move(upstream);
  p.rows = p.columns = window;
  return p;
}

// The same numbers as a matrix again.
Tensor<double> like(const Tensor<double>& flat, const Tensor<double>& matrix) {
  return flat.reshaped(matrix.shape());
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
  fit();
}

void Backward::Params::fit() {
  const bool one = one_dimensional();
  const Index most_rows = one ? kMostChannels : kLargestSide;
  const Index rows_of_input = size_within(input, 0, most_rows);
  input = resized(input, rows_of_input, size_within(input, 1, one ? kLongestSignal : kLargestSide), 0.0);
  weight = resized(weight, one ? rows_of_input : size_within(weight, 0, kLargestKernel),
                   size_within(weight, 1, one ? kLongestKernel : kLargestKernel), 0.0);
  rows = one ? signal::WindowSpec{} : within(rows, kLimits);
  columns = within(columns, kLimits);
  if (!validate(*this).empty()) return;
  const Index down = one ? 1 : signal::output_size(input.size(0), weight.size(0), rows);
  upstream = resized(upstream, down, signal::output_size(input.size(1), weight.size(1), columns), 1.0);
}

Tensor<double> Backward::Params::engine_input() const {
  return one_dimensional() ? input.reshaped({input.size(0), 1, input.size(1)})
                           : input.reshaped({1, input.size(0), input.size(1)});
}
Tensor<double> Backward::Params::engine_weight() const {
  return one_dimensional() ? weight.reshaped({1, weight.size(0), 1, weight.size(1)})
                           : weight.reshaped({1, 1, weight.size(0), weight.size(1)});
}
Tensor<double> Backward::Params::engine_upstream() const {
  return upstream.reshaped({1, upstream.size(0), upstream.size(1)});
}
signal::ConvSpec Backward::Params::spec() const { return {.rows = rows, .columns = columns}; }

std::vector<Preset<Backward::Params>> Backward::presets() {
  Params plain, padded, dilated;
  plain.upstream = Tensor<double>({1, 7}, {1, 0, -1, 2, 0, 1, -2});
  padded.columns = {.stride = 2, .padding_before = 1, .padding_after = 1};
  padded.upstream = Tensor<double>({1, 5}, {1, 2, 0, -1, 3});
  dilated.columns = {.dilation = 2};
  dilated.upstream = Tensor<double>({1, 5}, {1, -1, 2, 0, 1});
  const Tensor<double> sobel({3, 3}, {-1, 0, 1, -2, 0, 2, -1, 0, 1}), box({2, 2}, 0.25);
  return {{"By hand", by_hand({1, 2, -1})},
          {"One output", by_hand({0, 1, 0})},
          {"One channel", plain},
          {"Stride 2, padded", padded},
          {"Dilated", dilated},
          {"Picture", picture(3, box, Tensor<double>({2, 2}, {1, 2, 3, 4}), {})},
          {"Picture, stride 2", picture(5, sobel, Tensor<double>({2, 2}, {1, -1, 2, 1}), {.stride = 2})}};
}

void Backward::controls(Params& p, widgets::Controls& c) {
  c.section("Sizes");
  if (c.choice("Dimensions", p.dimensions, kDimensionIds, Dimensions::kOne,
               "1-D: a signal of several channels. 2-D: a picture of one") &&
      !p.one_dimensional())
    p.rows = p.columns;
  const bool one = p.one_dimensional();
  Index rows = p.input.size(0), columns = p.input.size(1), kernel_rows = p.weight.size(0),
        kernel = p.weight.size(1);
  if (one) {
    c.integer("Channels", rows, {1, kMostChannels, 1},
              "C: numbers at each position; each has a kernel row of its own");
    c.integer("Input length", columns, {1, kLongestSignal, 9}, "L: positions");
    c.integer("Kernel size", kernel, {1, kLongestKernel, 3}, "K: weights for each channel");
    kernel_rows = rows;
  } else {
    c.integer("Height", rows, {1, kLargestSide, 5, "px"}, "H: rows of the picture");
    c.integer("Width", columns, {1, kLargestSide, 5, "px"}, "W: columns of the picture");
    c.integer("Kernel rows", kernel_rows, {1, kLargestKernel, 3}, "The kernel's height in cells");
    c.integer("Kernel columns", kernel, {1, kLargestKernel, 3}, "The kernel's width in cells");
  }
  p.input = resized(p.input, rows, columns, 0.0);
  p.weight = resized(p.weight, kernel_rows, kernel, 0.0);
  c.section("Window");
  if (one)
    window_controls(c, p.columns, kernel, kLimits);
  else
    window_controls(c, p.rows, p.columns, kernel_rows, kernel, kLimits);
  p.fit();
  c.section("Numbers");
  c.matrix("x", p.input, Role::kInput,
           "The input. Drag a number, step it with the wheel, or double-click to type");
  c.matrix("W", p.weight, Role::kKernel, one ? "The kernel: row c is for channel c" : "The kernel");
  c.matrix("dL/dy", p.upstream, Role::kGradient,
           "How much the loss grows when an output does: what comes from above");
}

std::vector<Problem> Backward::validate(const Params& p) {
  std::vector<Problem> problems;
  const auto look = [&](std::string_view control, std::string_view what, std::size_t axis,
                        const signal::WindowSpec& w) {
    if (auto problem = window_problem(control, what, p.input.size(axis), p.weight.size(axis), w))
      problems.push_back(std::move(*problem));
  };
  if (!p.one_dimensional()) look("Kernel rows", "picture's height", 0, p.rows);
  look(p.one_dimensional() ? "Kernel size" : "Kernel columns",
       p.one_dimensional() ? "input" : "picture's width", 1, p.columns);
  return problems;
}

Backward::Result Backward::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  const Tensor<double> x = p.engine_input(), w = p.engine_weight(), g = p.engine_upstream(), no_bias;
  const signal::ConvSpec spec = p.spec();
  r.output = like(signal::correlate(x, w, no_bias, spec, stop), p.upstream);
  r.gradients = signal::correlate_backward(x, w, g, spec, stop);
  r.checks = signal::finite_differences(x, w, no_bias, g, spec, kStep, stop);
  for (ConvGradients* found : {&r.gradients, &r.checks}) {
    found->input = like(found->input, p.input);
    found->weight = like(found->weight, p.weight);
  }
  r.errors = {distances(r.gradients.input, r.checks.input), distances(r.gradients.weight, r.checks.weight),
              distances(r.gradients.bias, r.checks.bias)};
  for (const Tensor<double>* errors : {&r.errors.input, &r.errors.weight, &r.errors.bias})
    for (const double e : errors->values())
      if (std::isnan(e) || e > r.largest_error) r.largest_error = e;  // a NaN stays

  const Tensor<double> spread = signal::spread(g, spec.rows.stride, spec.columns.stride);
  r.spread = spread.reshaped({spread.size(1), spread.size(2)});
  const signal::WindowSpec rows = p.one_dimensional() ? signal::WindowSpec{} : p.rows;
  r.padded = Tensor<double>({p.input.size(0) + rows.padding_before + rows.padding_after,
                             p.input.size(1) + p.columns.padding_before + p.columns.padding_after});
  for (Index i = 0; i < p.input.size(0); ++i)
    std::copy_n(&p.input(i, 0), p.input.size(1),
                &r.padded(i + rows.padding_before, p.columns.padding_before));

  const signal::Toeplitz forward = signal::toeplitz(x.shape(), w, spec, stop);
  r.matrix = Tensor<double>({forward.matrix.size(1), forward.matrix.size(0)});
  r.weight_index = Tensor<std::int32_t>(r.matrix.shape());
  for (Index i = 0; i < r.matrix.size(0); ++i)
    for (Index j = 0; j < r.matrix.size(1); ++j) {
      r.matrix(i, j) = forward.matrix(j, i);
      r.weight_index(i, j) = forward.weight_index(j, i);
    }

  for (Index c = 0; c < w.size(1); ++c)
    for (Index u = 0; u < w.size(2); ++u)
      for (Index v = 0; v < w.size(3); ++v)
        r.weight_terms.push_back(signal::weight_gradient_terms(x, w.shape(), g, spec, 0, c, u, v));
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
  return step < params.input.count() ? Spot{Part::kInput, step} : Spot{Part::kBias, 0};
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
  return steps() - 1;
}

bool Backward::Result::has(const Spot& spot) const {
  const Index count = spot.part == Part::kWeight  ? params.weight.count()
                      : spot.part == Part::kInput ? params.input.count()
                                                  : 1;
  return spot.cell >= 0 && spot.cell < count;
}

double Backward::Result::of(const ConvGradients& g, const Spot& spot) {
  return spot.part == Part::kWeight  ? g.weight[spot.cell]
         : spot.part == Part::kInput ? g.input[spot.cell]
                                     : g.bias[0];
}

Backward::Focus Backward::focus(const Result& r, const View& v, bool reduce_motion) {
  const widgets::Lit lit = widgets::lit_at(v.playhead, reduce_motion);
  Focus f{r.spot_at(lit.step), lit.progress, std::min<Index>(lit.step, r.steps() - 1)};
  for (const auto& pointed : {v.pinned, v.hovered})
    if (pointed && r.has(*pointed)) return {*pointed, 1, f.reached};
  return f;
}

}  // namespace vitrine::labs
