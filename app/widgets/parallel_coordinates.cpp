#include "app/widgets/parallel_coordinates.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

constexpr float kTitle = 30, kName = 20, kBelow = 12, kReach = 9, kLabelRoom = 84;
constexpr gpu::Colormap kColormap = gpu::Colormap::kViridis;
// Of places 0 to 1: without the map's ends, which are lost on a dark or a light ground.
constexpr gpu::Range kColors{-0.25f, 1.15f};

Rect room_of(const ParallelPicture& p) {
  const float top = kTitle + 2 * kName;
  return {p.box.x + 8, p.box.y + top, p.box.w - 8 - kLabelRoom, p.box.h - top - kBelow};
}

Point point_at(const ParallelPicture& p, std::size_t axis, double place) {
  const Rect line = axis_of(p, axis);
  return {line.x, line.bottom() - static_cast<float>(place) * line.h};
}

double place_at(const Rect& axis, Point at) {
  return std::clamp(static_cast<double>((axis.bottom() - at.y) / axis.h), 0.0, 1.0);
}

// As far as the line has values.
std::vector<Point> points_of(const ParallelPicture& p, const ParallelLine& line) {
  std::vector<Point> points;
  for (std::size_t axis = 0; axis < p.axes.size() && !std::isnan(line.values[axis]); ++axis)
    points.push_back(point_at(p, axis, p.axes[axis].place(line.values[axis])));
  return points;
}

float distance(Point at, Point a, Point b) {
  const float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const float u = length > 0 ? std::clamp(((at.x - a.x) * dx + (at.y - a.y) * dy) / length, 0.0f, 1.0f) : 0;
  return std::hypot(at.x - a.x - u * dx, at.y - a.y - u * dy);
}

// The kept line that is nearest to the pointer, if one is near.
std::optional<std::size_t> nearest(const ParallelPicture& p, const Brushes& brushes, Point at) {
  std::optional<std::size_t> found;
  float least = kReach;
  for (std::size_t line = 0; line < p.lines.size(); ++line) {
    if (!kept(p, brushes, line)) continue;
    const auto points = points_of(p, p.lines[line]);
    for (std::size_t i = 0; i + 1 < points.size(); ++i)
      if (const float away = distance(at, points[i], points[i + 1]); away < least) {
        least = away;
        found = line;
      }
  }
  return found;
}

void brush(Canvas& c, const ParallelPicture& p, std::size_t number, Brushes& b) {
  const ParallelAxis& axis = p.axes[number];
  const Rect line = axis_of(p, number);
  auto& range = b.ranges[number];
  const Touch touch = c.grab(p.id + " " + axis.name, {line.x - kReach, line.y - 6, 2 * kReach, line.h + 12});
  const double at = place_at(line, touch.at);
  if (touch.clicked) range.reset();
  if (!touch.held) {
    if (b.drag && b.drag->axis == number) b.drag.reset();
    return;
  }
  if (!b.drag) {
    const bool inside = range && at >= range->low && at <= range->high;
    b.drag = {number, at, inside ? range : std::nullopt};
  }
  const auto& [dragged, from, moved] = *b.drag;
  constexpr double kLeast = 0.01;  // a smaller drag is a click
  if (dragged != number || std::abs(at - from) < kLeast) return;
  if (moved) {
    const double by = std::clamp(at - from, -moved->low, 1 - moved->high);
    range = {moved->low + by, moved->high + by};
  } else {
    range = {std::min(from, at), std::max(from, at)};
  }
}

void label(Canvas& c, Point at, const std::string& words, float width) {
  const TextStyle style{kQuietSize_px - 1, Face::kNumbers, Role::kText};
  const std::string text = elided(c, words, style, width);
  c.fill({at.x - 2, at.y - 7, c.text_width(text, style) + 4, 14}, Paint(Role::kStage, 0.75f));
  c.text(at, text, style);
}

std::string written(const ParallelAxis& axis, double value) {
  return core::shown(axis.shown_as * value, 3) + (axis.unit.empty() ? "" : " " + axis.unit);
}

void draw_axis(Canvas& c, const ParallelPicture& p, std::size_t number, const Brushes& b) {
  const ParallelAxis& axis = p.axes[number];
  const Rect line = axis_of(p, number);
  const float column = p.axes.size() > 1 ? axis_of(p, 1).x - axis_of(p, 0).x : p.box.w;
  const bool last = number + 1 == p.axes.size();
  const float width = (last ? kLabelRoom : column) - 14;
  const TextStyle name{kQuietSize_px, Face::kStrong, Role::kText};
  // At the right end the name ends with the picture.
  const std::string words = elided(c, axis.name, name, last ? kLabelRoom + column / 2 : column - 8);
  const float room = p.box.right() - c.text_width(words, name);
  c.text({std::min(line.x - 4, room), line.y - 2 * kName + 4}, words, name);
  c.line({line.x, line.y}, {line.x, line.bottom()}, Role::kQuiet, 1.5f);
  if (last) {
    constexpr int kSteps = 24;
    for (int i = 0; i < kSteps; ++i) {
      const float y = line.y + line.h * static_cast<float>(i) / kSteps;
      c.fill({line.x + 3, y, 5, line.h / kSteps + 0.5f},
             value_color(c.theme(), kColormap, kColors, 1 - (i + 0.5) / kSteps));
    }
  }
  if (axis.choices.empty()) {
    label(c, {line.x + (last ? 12 : 5), line.y - 9}, written(axis, axis.high), width);
    label(c, {line.x + (last ? 12 : 5), line.bottom() + 8}, written(axis, axis.low), width);
  }
  for (std::size_t i = 0; i < axis.choices.size(); ++i) {
    const Point at = point_at(p, number, axis.place(static_cast<double>(i)));
    c.line({at.x - 4, at.y}, {at.x + 4, at.y}, Role::kQuiet);
    label(c, {at.x + 8, at.y - 9}, axis.choices[i], width);
  }
  const auto& range = b.ranges[number];
  if (!range) return;
  const float top = point_at(p, number, range->high).y, bottom = point_at(p, number, range->low).y;
  c.fill({line.x - 6, top, 12, bottom - top}, Paint(Role::kFocus, 0.35f));
  c.stroke({line.x - 6, top, 12, bottom - top}, Role::kFocus);
  if (!axis.choices.empty()) return;
  const auto value = [&](double place) {
    return axis.logarithmic ? axis.low * std::pow(axis.high / axis.low, place)
                            : axis.low + (axis.high - axis.low) * place;
  };
  label(c, {line.x + 9, top}, written(axis, value(range->high)), width);
  label(c, {line.x + 9, bottom}, written(axis, value(range->low)), width);
}

void draw_line(Canvas& c, const ParallelPicture& p, std::size_t number, float alpha, float width) {
  const auto points = points_of(p, p.lines[number]);
  Paint paint = paint_of(c.theme(), p, number);
  paint.alpha = alpha;
  c.polyline(points, paint, width);
  if (points.size() < p.axes.size() && !points.empty())  // it ends here
    c.fill({points.back().x - 3, points.back().y - 3, 6, 6}, paint);
}

}  // namespace

double ParallelAxis::place(double value) const {
  if (!choices.empty()) return (value + 0.5) / static_cast<double>(choices.size());
  if (!(low < high)) return 0.5;
  const double u = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  return std::clamp(u, 0.0, 1.0);
}

bool Brushes::any() const {
  return std::any_of(ranges.begin(), ranges.end(), [](const auto& range) { return range.has_value(); });
}

bool kept(const ParallelPicture& p, const Brushes& brushes, std::size_t line) {
  for (std::size_t axis = 0; axis < std::min(p.axes.size(), brushes.ranges.size()); ++axis) {
    const auto& range = brushes.ranges[axis];
    if (!range) continue;
    const double value = p.lines[line].values[axis], place = p.axes[axis].place(value);
    if (std::isnan(value) || place < range->low || place > range->high) return false;
  }
  return true;
}

Paint paint_of(const Theme& theme, const ParallelPicture& p, std::size_t line) {
  const double value = p.lines[line].values.back();
  if (std::isnan(value)) return p.lines[line].trouble ? Role::kTrouble : Role::kQuiet;
  return value_color(theme, kColormap, kColors, p.axes.back().place(value));
}

Rect axis_of(const ParallelPicture& p, std::size_t axis) {
  const Rect room = room_of(p);
  const auto gaps = static_cast<float>(std::max<std::size_t>(1, p.axes.size() - 1));
  return {std::floor(room.x + room.w * static_cast<float>(axis) / gaps) + 0.5f, room.y, 0, room.h};
}

ParallelTouch draw(Canvas& c, const ParallelPicture& p, Brushes& brushes) {
  brushes.ranges.resize(p.axes.size());
  const Rect room = room_of(p);
  const Touch pointed = c.touch(p.id + " lines", room);
  for (std::size_t axis = 0; axis < p.axes.size(); ++axis) brush(c, p, axis, brushes);
  ParallelTouch touch;
  if (pointed.hovered && !brushes.drag) touch.hovered = nearest(p, brushes, pointed.at);
  touch.clicked = pointed.clicked && touch.hovered;
  c.text({p.box.x, p.box.y + 10}, p.title, {kTextSize_px, Face::kStrong});
  const auto lit = touch.hovered ? touch.hovered : p.lit;
  for (const bool chosen : {false, true})
    for (std::size_t line = 0; line < p.lines.size(); ++line)
      if (kept(p, brushes, line) == chosen && lit != line)
        draw_line(c, p, line, !chosen ? 0.1f : lit ? 0.35f : 0.9f, 1.5f);
  if (lit && *lit < p.lines.size()) draw_line(c, p, *lit, 1, 3);
  for (std::size_t axis = 0; axis < p.axes.size(); ++axis) draw_axis(c, p, axis, brushes);
  return touch;
}

}  // namespace vitrine::widgets
