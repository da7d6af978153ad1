#include "app/widgets/plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "app/widgets/plot_axes.h"
#include "app/widgets/plot_marks.h"
#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

// Over the curves, on a ground of their own, whose places are returned.
std::vector<Rect> draw_reference_names(Canvas& canvas, const PlotPicture& p, const Axes& axes) {
  const TextStyle style{kQuietSize_px - 1, Face::kWords, Role::kQuiet, Align::kRight, true};
  std::vector<Rect> places;
  for (const Reference& r : p.references) {
    if (!axes.shows_y(r.y)) continue;
    const Point at{axes.area.right() - 4, axes.py(r.y) - 10};
    const std::string name(canvas.translated(r.name));
    std::string words = r.meaning.empty() ? name : name + ": " + std::string(canvas.translated(r.meaning));
    if (canvas.text_width(words, style) > axes.area.w - 8)
      words = elided(canvas, name, style, axes.area.w - 8);
    const float width = canvas.text_width(words, style);
    places.push_back({at.x - width - 3, at.y - 8, width + 6, 16});
    canvas.fill(places.back(), {Role::kStage, 0.75f});
    canvas.text(at, words, style);
  }
  return places;
}

Rect bar_of(const Histogram& h, std::size_t bar, const Axes& axes) {
  const double width = (h.high - h.low) / static_cast<double>(h.heights.size());
  const double low = h.low + width * static_cast<double>(bar);
  const float left = axes.px(low), right = axes.px(low + width), top = axes.py(h.heights[bar]);
  const float gap = right - left > 4 ? 1.0f : 0.0f;
  return {left, top, right - left - gap, axes.py(0) - top};
}

void draw_histogram(Canvas& canvas, const Histogram& h, const Axes& axes) {
  for (std::size_t i = 0; i < h.heights.size(); ++i)
    if (h.heights[i] > 0) canvas.fill(bar_of(h, i, axes), {h.role, h.alpha});
}

// The pieces of a line that a dash along x leaves of it: { shown, left out } in pixels.
struct DashLengths {
  float on, off;
};
DashLengths lengths_of(Dash dash) {
  switch (dash) {
    case Dash::kNone:
      break;
    case Dash::kLong:
      return {10, 5};
    case Dash::kShort:
      return {4, 4};
    case Dash::kDots:
      return {1.5f, 3.5f};
  }
  return {1, 0};
}

// From left to right, dashed between x = left and right.
void draw_line(Canvas& canvas, std::span<const Point> points, Paint paint, float width, Dash dash, float left,
               float right) {
  if (dash == Dash::kNone) return canvas.polyline(points, paint, width);
  const auto [on, off] = lengths_of(dash);
  std::vector<Point> piece;
  const auto flush = [&] {
    if (piece.size() > 1) canvas.polyline(piece, paint, width);
    piece.clear();
  };
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const Point a = points[i], b = points[i + 1];
    const auto at = [&](float x) { return mix(a, b, (x - a.x) / (b.x - a.x)); };
    const float low = std::max(a.x, left), high = std::min(b.x, right);
    // Dashes begin at whole multiples of their length, whatever is drawn of the line.
    for (float x = std::floor(low / (on + off)) * (on + off); x <= high; x += on + off) {
      const float begin = std::max(x, low), end = std::min(x + on, high);
      if (begin > end) continue;
      if (begin > a.x) flush();
      if (piece.empty()) piece.push_back(begin > a.x ? at(begin) : a);
      piece.push_back(end < b.x ? at(end) : b);
      if (end < b.x) flush();
    }
  }
  flush();
}

void draw_curve(Canvas& canvas, const Curve& curve, const Axes& axes) {
  const Interval shown = axes.shown();
  const Interval part{std::max(shown.low, curve.part.low), std::min(shown.high, curve.part.high)};
  if (part.low > part.high) return;
  std::vector<Point> points;
  const auto flush = [&] {
    if (points.size() > 1)
      draw_line(canvas, points, curve.paint(), curve.width, curve.dash, axes.area.x, axes.area.right());
    points.clear();
  };
  auto samples = curve.samples->decimated(part, static_cast<int>(axes.area.w));
  // The line enters from what was before its part, but goes nowhere behind it.
  if (!samples.empty() && samples.back().x > curve.part.high) samples.pop_back();
  points.reserve(samples.size());
  for (const Sample& s : samples) {
    if (!std::isfinite(s.y))
      flush();
    else
      points.push_back({axes.px(s.x), axes.py(s.y)});
    if (curve.dots && std::isfinite(s.y))
      canvas.fill({axes.px(s.x) - 2.5f, axes.py(s.y) - 2.5f, 5, 5}, curve.paint());
  }
  flush();
  if (!curve.trouble) return;
  constexpr float kBetweenNames = 40;
  float named = -kBetweenNames;
  for (const Sample& s : samples) {
    if (std::isfinite(s.y)) continue;
    const float x = axes.px(s.x);
    canvas.line({x, axes.area.y}, {x, axes.area.bottom()}, {Role::kTrouble, 0.7f});
    if (x - named < kBetweenNames) continue;
    named = x;
    canvas.text({x - 4, axes.area.bottom() - 9}, core::shown(s.y, 3),
                {kQuietSize_px - 1, Face::kNumbers, Role::kTrouble, Align::kRight});
  }
}

// The line of what is looked at, with a handle at its upper end.
void draw_looked_at(Canvas& canvas, const Axes& axes, double x) {
  const float at = axes.px(x);
  if (at < axes.area.x - 1 || at > axes.area.right() + 1) return;
  canvas.line({at, axes.area.y - 2}, {at, axes.area.bottom()}, Role::kFocus, 1.5f);
  const std::array<Point, 5> handle{{{at - 5, axes.area.y - 10},
                                     {at + 5, axes.area.y - 10},
                                     {at + 5, axes.area.y - 4},
                                     {at, axes.area.y + 1},
                                     {at - 5, axes.area.y - 4}}};
  canvas.polygon(handle, Role::kFocus);
}

const TextStyle kTitle{kTextSize_px, Face::kStrong, Role::kText};

// The name of a curve or a histogram in the user's language, and its value where there is one.
struct Named {
  std::string name, value;
  Paint paint;
};

// `pointed`: where the curves are read; `pointer`: the bar that is read.
std::vector<Named> names_of(const Canvas& canvas, const PlotPicture& p, std::optional<double> pointed,
                            std::optional<double> pointer) {
  std::vector<Named> names;
  for (auto h = p.histograms.begin(); h != p.histograms.end(); ++h) {
    const auto bins = static_cast<double>(h->heights.size());
    const double bin = (pointer.value_or(h->low) - h->low) / (h->high - h->low) * bins;
    const bool inside = pointer && bin >= 0 && bin < bins;
    names.push_back(
        {h->name, inside ? core::shown(h->heights[static_cast<std::size_t>(bin)], 4) : "", Paint(h->role)});
  }
  for (const Curve& curve : p.curves) {
    const double at = pointed ? *pointed : p.read_at.value_or(std::numeric_limits<double>::max());
    const std::optional<Sample> sample =
        at < curve.part.low || at > curve.part.high ? std::nullopt : curve.samples->nearest(at);
    names.push_back({curve.name, sample && (pointed || !curve.silent) ? core::shown(sample->y, 4) : "",
                     curve.color ? Paint(*curve.color) : Paint(curve.role)});
  }
  std::erase_if(names, [](const Named& named) { return named.name.empty(); });
  for (Named& named : names) named.name = std::string(canvas.translated(named.name));
  return names;
}

// Right to left beside the title. Where there is no room for both, the last values give way to the names; of
// what is pointed at, all names to the values.
void draw_names(Canvas& canvas, const PlotPicture& p, std::optional<double> pointed,
                std::optional<double> pointer) {
  constexpr float kBetween = 18;
  const float title_right = p.title.empty() ? p.box.x : p.box.x + canvas.text_width(p.title, kTitle) + 14;
  const std::vector<Named> names = names_of(canvas, p, pointed, pointer);
  const auto style = [](const Named& named) {
    return TextStyle{kQuietSize_px, Face::kWords, named.paint, Align::kRight, true};
  };
  const auto both = [](const Named& named) {
    return named.value.empty() ? named.name : named.name + "  " + named.value;
  };
  float whole = 0, x = p.box.right() - 8;
  for (const Named& named : names) whole += canvas.text_width(both(named), style(named)) + kBetween;
  const bool values = pointed && x - whole + kBetween < title_right;
  for (auto named = names.rbegin(); named != names.rend(); ++named) {
    const auto fits = [&](const std::string& words) {
      return x - canvas.text_width(words, style(*named)) >= title_right;
    };
    std::string words = values ? named->value : both(*named);
    if (!fits(words)) words = values ? "" : named->name;
    if (!fits(words)) return;
    if (words.empty()) continue;
    canvas.text({x, p.box.y + 10}, words, style(*named));
    x -= canvas.text_width(words, style(*named)) + kBetween;
  }
}

}  // namespace

Point point_of(const PlotPicture& p, Sample s) {
  const Axes axes = axes_of(p);
  return {axes.px(s.x), axes.py(s.y)};
}

Rect bar_of(const PlotPicture& p, const Histogram& histogram, std::size_t bar) {
  return bar_of(histogram, bar, axes_of(p));
}

void draw_dashed(Canvas& canvas, float left, float right, float y, Paint paint, float width, Dash dash) {
  const Point ends[] = {{left, y}, {right, y}};
  draw_line(canvas, ends, paint, width, dash, left, right);
}

PlotTouch touch(Canvas& canvas, const PlotPicture& p) {
  const Rect area = plot_area(p);
  if (area.w <= 0 || area.h <= 0) return {};
  const Touch pointer = canvas.touch(p.id, area);
  if (!pointer.hovered) return {};
  return {axes_of(p).x_at(pointer.at.x), pointer.clicked};
}

void draw(Canvas& canvas, const PlotPicture& p) {
  canvas.text({p.box.x, p.box.y + 10}, p.title, kTitle);
  const Rect area = plot_area(p);
  if (area.w < 20 || area.h < 20) return;
  const Axes axes = axes_of(p);
  const PlotTouch pointer = touch(canvas, p);
  const Interval shown = axes.shown();
  std::optional<double> pointed = pointer.x ? pointer.x : p.pointed;
  if (pointed && (*pointed < shown.low || *pointed > shown.high)) pointed.reset();
  draw_grid(canvas, p, axes, pointed);
  canvas.push_clip(area.inset(-1));
  draw_mark_lines(canvas, p, axes);
  for (const Histogram& h : p.histograms) draw_histogram(canvas, h, axes);
  for (const Curve& curve : p.curves) draw_curve(canvas, curve, axes);
  canvas.pop_clip();
  draw_mark_names(canvas, p, axes, draw_reference_names(canvas, p, axes));
  if (p.looked_at) draw_looked_at(canvas, axes, *p.looked_at);
  if (pointed)
    canvas.line({axes.px(*pointed), area.y}, {axes.px(*pointed), area.bottom()}, {Role::kFocus, 0.8f});
  if (pointer.x) draw_pointed_marks(canvas, p, axes, axes.px(*pointer.x));
  draw_names(canvas, p, pointed, pointer.x);
}

}  // namespace vitrine::widgets
