// Tabs: words side by side on a picture, of which one is chosen: what to look at.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "app/widgets/canvas.h"

namespace vitrine::widgets {

// From the left at `at`, centred vertically, closer together where they would be wider than `width`. Each
// answers to the pointer as "ID NAME"; returns the one clicked. A figure shows only the chosen one's name.
std::optional<std::size_t> draw_tabs(Canvas& canvas, Point at, std::string_view id,
                                     std::span<const std::string_view> names, std::size_t chosen,
                                     float width = std::numeric_limits<float>::max());

}  // namespace vitrine::widgets
