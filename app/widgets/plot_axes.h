// Axes: which part of x and y a plot shows, and where on the canvas; its ticks and grid.
#pragma once

#include "app/widgets/plot.h"

namespace vitrine::widgets {

struct Axes {
  Interval x, y;  // in log10 when logarithmic or by decades, x in log2 when it doubles
  Rect area;
  bool logarithmic;
  XAxis x_axis;

  double along(double value) const;
  double value_at(double along) const;
  // In values.
  Interval shown() const { return {value_at(x.low), value_at(x.high)}; }
  double x_at(float px) const { return value_at(x.low + (x.high - x.low) * (px - area.x) / area.w); }
  float px(double value) const;
  float py(double value) const;
  bool shows_y(double value) const;
};
// Of the picture, or with another zoom than its own.
Axes axes_of(const PlotPicture& picture, const std::optional<Interval>& zoom);
inline Axes axes_of(const PlotPicture& picture) { return axes_of(picture, picture.zoom); }

// "10,000"; of any numbers and beyond that of powers of ten "0.01", "1e6".
std::string tick_words(XAxis axis, double value);
// Lines, numbers, the x axis' title, divisions and reference lines without their names. With `pointed`, its
// number instead of those that it would cover.
void draw_grid(Canvas& canvas, const PlotPicture& picture, const Axes& axes, std::optional<double> pointed);

}  // namespace vitrine::widgets
