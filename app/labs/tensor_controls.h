// A tensor's numbers in the inspector, alike in every lab: its last two axes as a grid, one grid for each
// index of the others.
#pragma once

#include <initializer_list>
#include <string>

#include "app/widgets/controls.h"

namespace vitrine::labs {

// `axes` names all axes but the last: {"filter", "channel"} of [F, C, K] makes the grids "k of filter 1" and
// so on; an axis of size 1 is not named. Where a grid would be too wide to read, each row stands alone and
// folds. True when a number changed.
bool tensor_controls(widgets::Controls& controls, const std::string& name, core::Tensor<double>& values,
                     std::initializer_list<std::string_view> axes, widgets::Role role, std::string_view help);

}  // namespace vitrine::labs
