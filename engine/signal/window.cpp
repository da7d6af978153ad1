#include "engine/signal/window.h"

#include <algorithm>
#include <cmath>

namespace vitrine::signal {

namespace {

using core::require_at_least;
using core::ShapeError;

std::string padding_text(const WindowSpec& spec) {
  const std::string before = std::to_string(spec.padding_before);
  return spec.padding_before == spec.padding_after ? before
                                                   : before + " and " + std::to_string(spec.padding_after);
}

std::string kernel_text(Index kernel, Index dilation) {
  return "kernel " + std::to_string(kernel) +
         (dilation == 1 ? "" : " with dilation " + std::to_string(dilation));
}

Index padded_size(Index input, const WindowSpec& spec) {
  try {
    return core::checked_add(core::checked_add(input, spec.padding_before), spec.padding_after);
  } catch (const ShapeError&) {
    throw ShapeError("input " + std::to_string(input) + " with padding " + padding_text(spec) +
                     " passes 2^63");
  }
}

void check_boundary(Index input, const WindowSpec& spec, Boundary boundary) {
  const Index padding = std::max(spec.padding_before, spec.padding_after);
  if (boundary == Boundary::kReflect && padding >= input)
    throw ShapeError("reflect padding " + padding_text(spec) + " is not smaller than input " +
                     std::to_string(input));
  if (boundary == Boundary::kCircular && padding > input)
    throw ShapeError("circular padding " + padding_text(spec) + " is larger than input " +
                     std::to_string(input));
}

Index ceil_div(Index a, Index b) { return a > 0 ? (a - 1) / b + 1 : a / b; }
Index floor_div(Index a, Index b) { return a >= 0 ? a / b : -ceil_div(-a, b); }

}  // namespace

void WindowSpec::describe(core::Fields& f) {
  f.field("stride", stride);
  f.field("dilation", dilation);
  f.field("padding_before", padding_before);
  f.field("padding_after", padding_after);
}

Index kernel_extent(Index kernel, Index dilation) {
  try {
    return core::checked_add(core::checked_mul(dilation, kernel - 1), 1);
  } catch (const ShapeError&) {
    throw ShapeError(kernel_text(kernel, dilation) + " passes 2^63");
  }
}

WindowSpec padded_by_name(NamedPadding name, Index kernel, WindowSpec spec) {
  const Index reach = kernel_extent(kernel, spec.dilation) - 1;
  switch (name) {
    case NamedPadding::kValid:
      spec.padding_before = spec.padding_after = 0;
      break;
    case NamedPadding::kSame:
      spec.padding_before = reach / 2;
      spec.padding_after = reach - reach / 2;
      break;
    case NamedPadding::kFull:
      spec.padding_before = spec.padding_after = reach;
      break;
  }
  return spec;
}

std::optional<NamedPadding> padding_name(Index kernel, const WindowSpec& spec) {
  for (const NamedPadding name : {NamedPadding::kValid, NamedPadding::kSame, NamedPadding::kFull})
    if (padded_by_name(name, kernel, spec) == spec) return name;
  return std::nullopt;
}

WindowAxis::WindowAxis(Index input, Index kernel, const WindowSpec& spec, Boundary boundary)
    : input_(input), kernel_(kernel), spec_(spec), boundary_(boundary) {
  require_at_least(1, "input", input);
  require_at_least(1, "kernel", kernel);
  require_at_least(1, "stride", spec.stride);
  require_at_least(1, "dilation", spec.dilation);
  require_at_least(0, "padding", std::min(spec.padding_before, spec.padding_after));
  const Index extent = kernel_extent(kernel, spec.dilation);
  const Index padded = padded_size(input, spec);
  if (extent > padded)
    throw ShapeError(kernel_text(kernel, spec.dilation) + " does not fit input " + std::to_string(input) +
                     " with padding " + padding_text(spec));
  check_boundary(input, spec, boundary);
  outputs_ = (padded - extent) / spec.stride + 1;
}

Index WindowAxis::source_at(Index at) const {
  if (at >= 0 && at < input_) return at;
  switch (boundary_) {
    case Boundary::kZeros:
      return kNone;
    case Boundary::kReflect:
      return at < 0 ? -at : 2 * (input_ - 1) - at;
    case Boundary::kReplicate:
      return at < 0 ? 0 : input_ - 1;
    case Boundary::kCircular:
      return at < 0 ? at + input_ : at - input_;
  }
  return kNone;
}

WindowAxis::Range WindowAxis::inside(Index tap) const {
  // 0 <= o*S + start <= L-1
  const Index start = position(0, tap);
  const Index first = std::clamp(ceil_div(-start, spec_.stride), Index{0}, outputs_);
  const Index last = std::clamp(floor_div(input_ - 1 - start, spec_.stride) + 1, first, outputs_);
  return {first, last};
}

WindowAxis::Range WindowAxis::taps_inside(Index output) const {
  // 0 <= start + k*d <= L-1
  const Index start = position(output, 0);
  const Index first = std::clamp(ceil_div(-start, spec_.dilation), Index{0}, kernel_);
  const Index last = std::clamp(floor_div(input_ - 1 - start, spec_.dilation) + 1, first, kernel_);
  return {first, last};
}

Index WindowAxis::touched() const {
  std::vector<bool> seen(static_cast<std::size_t>(input_));
  for (Index tap = 0; tap < kernel_; ++tap) {
    const auto [first, last] = boundary_ == Boundary::kZeros ? inside(tap) : Range{0, outputs_};
    for (Index output = first; output < last; ++output)
      seen[static_cast<std::size_t>(source(output, tap))] = true;
  }
  return std::count(seen.begin(), seen.end(), true);
}

Index output_size(Index input, Index kernel, const WindowSpec& spec) {
  return WindowAxis(input, kernel, spec).outputs();
}

Tap tap_at(const WindowAxis& rows, const WindowAxis& columns, Index output_row, Index output_column,
           Index kernel_row, Index kernel_column) {
  const Index row = rows.position(output_row, kernel_row);
  const Index column = columns.position(output_column, kernel_column);
  Index source_row = rows.source(output_row, kernel_row);
  Index source_column = columns.source(output_column, kernel_column);
  if (source_row == WindowAxis::kNone || source_column == WindowAxis::kNone)
    source_row = source_column = WindowAxis::kNone;
  const bool inside = row >= 0 && row < rows.input() && column >= 0 && column < columns.input();
  return {kernel_row, kernel_column, row, column, source_row, source_column, inside};
}

std::vector<Tap> taps(const WindowAxis& rows, const WindowAxis& columns, Index output_row,
                      Index output_column) {
  if (output_row < 0 || output_row >= rows.outputs() || output_column < 0 ||
      output_column >= columns.outputs())
    throw ShapeError("there is no output (" + std::to_string(output_row) + ", " +
                     std::to_string(output_column) + ") in " +
                     core::to_string({rows.outputs(), columns.outputs()}));
  std::vector<Tap> found;
  found.reserve(static_cast<std::size_t>(core::within_limit({rows.kernel(), columns.kernel()}).count()));
  for (Index u = 0; u < rows.kernel(); ++u)
    for (Index v = 0; v < columns.kernel(); ++v)
      found.push_back(tap_at(rows, columns, output_row, output_column, u, v));
  return found;
}

}  // namespace vitrine::signal
