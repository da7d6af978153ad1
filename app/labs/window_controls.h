// The controls of a sliding window, alike in every lab that has one: stride, dilation, padding by name or by
// side, boundary; and what to say when the window does not fit.
#pragma once

#include <optional>
#include <string_view>

#include "app/labs/lab.h"
#include "engine/signal/convolution.h"

namespace vitrine::labs {

// The largest numbers that a lab's controls offer.
struct WindowLimits {
  core::Index stride = 16, dilation = 8, padding = 16;
};

// The spec with every number within the limits, for what comes from a file.
signal::WindowSpec within(signal::WindowSpec spec, const WindowLimits& limits);

// One axis: "Stride", "Dilation", "Padding", "Padding left", "Padding right". The kernel's size says what
// the paddings' names mean. Each returns true when something changed.
bool window_controls(widgets::Controls& controls, signal::WindowSpec& spec, core::Index kernel,
                     const WindowLimits& limits);
// Both axes: one stride and dilation for both, "Padding", and the four sides.
bool window_controls(widgets::Controls& controls, signal::WindowSpec& rows, signal::WindowSpec& columns,
                     core::Index kernel_rows, core::Index kernel_columns, const WindowLimits& limits);
bool boundary_control(widgets::Controls& controls, signal::Boundary& boundary);

// Why the window does not fit this axis, said beside `control` (the kernel's size); nothing when it does.
// `what` is the input's name in the words: "input", "picture's height".
std::optional<Problem> window_problem(std::string_view control, std::string_view what, core::Index input,
                                      core::Index kernel, const signal::WindowSpec& spec,
                                      signal::Boundary boundary = signal::Boundary::kZeros);

// "⌊(9 + 2 − 3) / 2⌋ + 1 = 5": the number of outputs along an axis, with its numbers. The window fits.
std::string size_formula(core::Index input, core::Index kernel, const signal::WindowSpec& spec);

}  // namespace vitrine::labs
