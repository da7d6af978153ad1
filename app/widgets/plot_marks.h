// The marks of a plot: their lines, and their names so that none covers another.
#pragma once

#include "app/widgets/plot_axes.h"

namespace vitrine::widgets {

// "learning rate 0.001 → 0.003"
std::string words_of(const Mark& mark);
// Marks of one name, close together, told as one: from what the first changed to what the last did; nothing
// of one that came back to where it was. By their first place.
std::vector<Mark> merged(std::span<const Mark> marks);

void draw_mark_lines(Canvas& canvas, const PlotPicture& picture, const Axes& axes);
// Where nothing is `taken`, on a ground of their own.
void draw_mark_names(Canvas& canvas, const PlotPicture& picture, const Axes& axes,
                     std::span<const Rect> taken);
// All that stands at the pointer, in full.
void draw_pointed_marks(Canvas& canvas, const PlotPicture& picture, const Axes& axes, float pointer_px);

}  // namespace vitrine::widgets
