#include "app/labs/window_controls.h"

#include <algorithm>
#include <array>

#include "engine/core/text.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using signal::Boundary;
using signal::NamedPadding;
using signal::WindowSpec;

namespace {

// The choice among the names, none of which is chosen where the sides have none; `pad` applies one.
template <class Pad>
bool padding_choice(widgets::Controls& c, std::optional<NamedPadding> name, Pad pad) {
  constexpr auto kNone = static_cast<NamedPadding>(std::size(signal::kPaddingNames));
  NamedPadding chosen = name.value_or(kNone);
  if (!c.choice(
          "Padding", chosen, signal::kPaddingNames, NamedPadding::kValid,
          "valid: none. same: at stride 1 as many outputs as inputs. full: every place where the kernel "
          "meets the input at all. None of them: as the sides below say"))
    return false;
  pad(chosen);
  return true;
}

// A named padding beyond what the lab holds ends there; said as long as it would.
void note_reach(widgets::Controls& c, Index kernel, const WindowSpec& spec, const WindowLimits& limits) {
  const Index reach = signal::kernel_extent(kernel, spec.dilation) - 1;
  if (reach > limits.padding)
    c.note("full would be " + grouped(reach) + " cells on either side; a side holds " +
           grouped(limits.padding) + " here.");
}

bool padding_side(widgets::Controls& c, std::string_view name, Index& padding, const WindowLimits& limits,
                  std::string_view help) {
  return c.integer(name, padding, {0, limits.padding, 0}, help);
}

bool stride_and_dilation(widgets::Controls& c, WindowSpec& spec, const WindowLimits& limits) {
  const bool strided =
      c.integer("Stride", spec.stride, {1, limits.stride, 1}, "How far the window moves at each step");
  const bool dilated = c.integer("Dilation", spec.dilation, {1, limits.dilation, 1},
                                 "The distance between two taps of the kernel; 1 = side by side");
  return strided || dilated;
}

}  // namespace

WindowSpec within(WindowSpec spec, const WindowLimits& limits) {
  spec.stride = std::clamp<Index>(spec.stride, 1, limits.stride);
  spec.dilation = std::clamp<Index>(spec.dilation, 1, limits.dilation);
  for (Index* padding : {&spec.padding_before, &spec.padding_after})
    *padding = std::clamp<Index>(*padding, 0, limits.padding);
  return spec;
}

bool window_controls(widgets::Controls& c, WindowSpec& spec, Index kernel, const WindowLimits& limits) {
  bool changed = stride_and_dilation(c, spec, limits);
  changed |= padding_choice(c, signal::padding_name(kernel, spec), [&](NamedPadding name) {
    spec = within(signal::padded_by_name(name, kernel, spec), limits);
  });
  changed |= padding_side(c, "Padding left", spec.padding_before, limits, "Cells before the first number");
  changed |= padding_side(c, "Padding right", spec.padding_after, limits, "Cells behind the last number");
  note_reach(c, kernel, spec, limits);
  return changed;
}

bool window_controls(widgets::Controls& c, WindowSpec& rows, WindowSpec& columns, Index kernel_rows,
                     Index kernel_columns, const WindowLimits& limits) {
  bool changed = stride_and_dilation(c, columns, limits);
  rows.stride = columns.stride;
  rows.dilation = columns.dilation;
  const auto name = signal::padding_name(kernel_rows, rows);
  const bool agree = name && signal::padded_by_name(*name, kernel_columns, columns) == columns;
  changed |= padding_choice(c, agree ? name : std::nullopt, [&](NamedPadding chosen) {
    rows = within(signal::padded_by_name(chosen, kernel_rows, rows), limits);
    columns = within(signal::padded_by_name(chosen, kernel_columns, columns), limits);
  });
  changed |= padding_side(c, "Padding top", rows.padding_before, limits, "Rows above the first one");
  changed |= padding_side(c, "Padding bottom", rows.padding_after, limits, "Rows below the last one");
  changed |= padding_side(c, "Padding left", columns.padding_before, limits, "Columns left of the first one");
  changed |= padding_side(c, "Padding right", columns.padding_after, limits, "Columns right of the last one");
  return changed;
}

bool boundary_control(widgets::Controls& c, Boundary& boundary) {
  return c.choice(
      "Boundary", boundary, signal::kBoundaryNames, Boundary::kZeros,
      "What lies in the padding: zeros, or the input continued: mirrored about its last cell, its "
      "last cell again and again, or from its other end");
}

std::optional<Problem> window_problem(std::string_view control, std::string_view what, Index input,
                                      Index kernel, const WindowSpec& spec, Boundary boundary) {
  const Index extent = signal::kernel_extent(kernel, spec.dilation);
  const Index padded = input + spec.padding_before + spec.padding_after;
  if (extent > padded)
    return Problem{std::string(control), "The kernel covers " + grouped(extent) + " cells but the padded " +
                                             std::string(what) + " has only " + grouped(padded) +
                                             ": make the kernel or its dilation smaller, or add padding."};
  const Index padding = std::max(spec.padding_before, spec.padding_after);
  const Index most = boundary == Boundary::kReflect    ? input - 1
                     : boundary == Boundary::kCircular ? input
                                                       : padding;
  if (padding > most)
    return Problem{"Boundary", std::string(boundary == Boundary::kReflect ? "A mirrored " : "A circular ") +
                                   std::string(what) + " of " + grouped(input) + " continues for at most " +
                                   grouped(most) + " cells, the padding asks for " + grouped(padding) +
                                   ": make the padding smaller or choose another boundary."};
  return std::nullopt;
}

std::string size_formula(Index input, Index kernel, const WindowSpec& spec) {
  return "⌊(" + grouped(input) + " + " + grouped(spec.padding_before + spec.padding_after) + " − " +
         grouped(signal::kernel_extent(kernel, spec.dilation)) + ") / " + grouped(spec.stride) +
         "⌋ + 1 = " + grouped(signal::output_size(input, kernel, spec));
}

}  // namespace vitrine::labs
