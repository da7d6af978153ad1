// PlotView: where plots over one x axis are looked at, and what the hand does to that.
#pragma once

#include "app/widgets/plot.h"

namespace vitrine::widgets {

// Part of a lab's View.
struct PlotView {
  std::optional<Interval> zoom;   // the part of x that is shown; none: all there is
  bool follows = false;           // it ends where the data ends, and moves with that end
  std::optional<double> pointed;  // x under the pointer, in whichever of the plots
  std::string held;               // id of the plot whose line of what is looked at the hand holds
};

// The wheel enlarges x about the pointer, a drag moves it, a double click shows all; the view follows, and a
// part that was left at the end of the data stays there as the data grows. A
// drag on the line of what is looked at moves that: the x where it should be is returned, within the data.
// To be called once a frame for each plot that shares the view, on a view without `pointed`; the pictures are
// then drawn with its zoom and pointed (shown_by).
std::optional<double> navigate(Canvas& canvas, const PlotPicture& picture, PlotView& view);

// The picture as the view shows it.
PlotPicture shown_by(const PlotView& view, PlotPicture picture);

}  // namespace vitrine::widgets
