#include "app/widgets/plot_view.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/widgets/plot_axes.h"

namespace vitrine::widgets {
namespace {

constexpr double kNotch = 1.25;       // a notch of the wheel
constexpr double kLeastShown = 1e-6;  // of the whole axis
constexpr double kFewest = 8;         // whole things on the axis
constexpr double kAtEnd = 0.01;       // of what is shown: so near to the data's end is at it
constexpr float kHandle_px = 12;      // above the plot
constexpr float kReach_px = 6;        // of the line that can be dragged

// The part of `whole`, both along the axis, that is nearest to what is wanted; none where that is all.
std::optional<Interval> within(Interval wanted, const Interval& whole, double least) {
  constexpr double kAll = 1 - 1e-9;  // but for rounding
  const double length = std::max(wanted.high - wanted.low, least);
  if (!(length < kAll * (whole.high - whole.low))) return std::nullopt;
  const double middle = (wanted.low + wanted.high) / 2;
  const double low = std::clamp(middle - length / 2, whole.low, whole.high - length);
  return Interval{low, low + length};
}

}  // namespace

std::optional<double> navigate(Canvas& canvas, const PlotPicture& picture, PlotView& view) {
  const Rect area = plot_area(picture);
  if (area.w < 20 || area.h < 20) return std::nullopt;
  // A little more than the plot: its line's handle, and that line at the very end.
  const Touch hand = canvas.steer(
      picture.id, {area.x - kReach_px, area.y - kHandle_px, area.w + 2 * kReach_px, area.h + kHandle_px});
  const Axes whole = axes_of(picture, std::nullopt);
  const auto show = [&](const Interval& along) {
    const double all_of_it = whole.x.high - whole.x.low;
    const double least = std::max(kLeastShown * all_of_it, picture.x_axis == XAxis::kWhole ? kFewest : 0.0);
    view.zoom = within(along, whole.x, least);
    if (view.zoom) view.zoom = Interval{whole.value_at(view.zoom->low), whole.value_at(view.zoom->high)};
  };
  if (view.zoom) {  // the data may be others
    Interval part{whole.along(view.zoom->low), whole.along(view.zoom->high)};
    const double on = view.follows ? whole.x.high - part.high : 0;
    show({part.low + on, part.high + on});
  }
  const Axes axes = axes_of(picture, view.zoom);

  if (!hand.held && view.held == picture.id) view.held.clear();
  if (hand.pressed && picture.looked_at && std::abs(hand.at.x - axes.px(*picture.looked_at)) <= kReach_px)
    view.held = picture.id;
  const double at_pointer = axes.x_at(std::clamp(hand.at.x, area.x, area.right()));
  if (hand.hovered || hand.held) view.pointed = at_pointer;
  if (view.held == picture.id) return picture.x_axis == XAxis::kWhole ? std::round(at_pointer) : at_pointer;

  const auto move_to = [&](const Interval& along) {
    show(along);
    view.follows = view.zoom && along.high >= whole.x.high - kAtEnd * (along.high - along.low);
  };
  if (hand.double_clicked) {
    view.zoom.reset();
  } else if (hand.wheel != 0) {
    const double anchor = axes.along(at_pointer), f = std::pow(kNotch, -hand.wheel);
    move_to({anchor + (axes.x.low - anchor) * f, anchor + (axes.x.high - anchor) * f});
  } else if (hand.moved.x != 0) {
    const double moved = (axes.x.high - axes.x.low) * hand.moved.x / area.w;
    move_to({axes.x.low - moved, axes.x.high - moved});
  }
  return std::nullopt;
}

PlotPicture shown_by(const PlotView& view, PlotPicture picture) {
  picture.zoom = view.zoom;
  picture.pointed = view.pointed;
  return picture;
}

}  // namespace vitrine::widgets
