#include "app/widgets/plot_axes.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

constexpr float kTickWidth_px = 44;   // on the x axis
constexpr float kTickHeight_px = 19;  // on the y axis
constexpr float kLeft_px = 52;        // left of the y axis: its numbers
constexpr double kLeastSpan = 0.1;    // of an axis, as a part of its largest value

void grow(Interval& range, double value) {
  range.low = std::min(range.low, value);
  range.high = std::max(range.high, value);
}

Interval whole_x(const PlotPicture& p, const Axes& axes) {
  if (p.x_range) return {axes.along(p.x_range->low), axes.along(p.x_range->high)};
  Interval x{1e300, -1e300};
  for (const Curve& curve : p.curves) {
    if (curve.samples->empty()) continue;
    grow(x, axes.along(std::clamp(curve.samples->front().x, curve.part.low, curve.part.high)));
    grow(x, axes.along(std::clamp(curve.samples->back().x, curve.part.low, curve.part.high)));
  }
  for (const Histogram& h : p.histograms) {
    grow(x, h.low);
    grow(x, h.high);
  }
  return x.low > x.high ? Interval{0, 1} : x;
}

// Of what there is from x.low to x.high, and of the reference lines, with a margin.
Interval fitting_y(const PlotPicture& p, const Interval& x, bool references) {
  Interval y{1e300, -1e300};
  const auto along = [&](double value) { return p.logarithmic ? std::log10(value) : value; };
  for (const Curve& curve : p.curves) {
    const auto range = curve.samples->y_range(
        {std::max(x.low, curve.part.low), std::min(x.high, curve.part.high)}, p.logarithmic);
    if (!range) continue;
    grow(y, along(range->low));
    grow(y, along(range->high));
  }
  for (const Histogram& h : p.histograms) {
    grow(y, 0);
    for (const double height : h.heights) grow(y, height);
  }
  if (references)
    for (const Reference& r : p.references) grow(y, along(r.y));
  if (y.low > y.high) y = {0, 1};
  if (y.high - y.low < kLeastSpan * std::abs(y.high)) {  // one value only: some room about it
    y.low -= kLeastSpan * std::abs(y.high);
    y.high += kLeastSpan * std::abs(y.high);
  }
  const double margin = std::max((y.high - y.low) * 0.06, 1e-9);
  return {y.low - margin, y.high + margin};
}

// Exponents of ten from low to high; where they are few and there is room, those of 2 and 5 times a power as
// well, and where even those are not two those of round numbers.
std::vector<double> logarithmic_ticks(double low, double high, float room) {
  constexpr double kFewDecades = 2.2, kClosest_px = 12, kSmallestGap = 0.3;  // from 1 to 2, in decades
  if (high - low > kFewDecades || room * kSmallestGap < kClosest_px * (high - low))
    return ticks(low, high, std::min(5, static_cast<int>(high - low)));
  std::vector<double> exponents;
  for (double power = std::floor(low); power <= high; ++power)
    for (const double times : {1.0, 2.0, 5.0})
      if (const double e = power + std::log10(times); e >= low && e <= high) exponents.push_back(e);
  if (exponents.size() > 1) return exponents;
  exponents =
      ticks(std::pow(10, low), std::pow(10, high), std::min(5, static_cast<int>(room / kTickHeight_px)));
  for (double& e : exponents) e = std::log10(e);
  return exponents;
}

// Those that are shown; names as far as they do not meet each other or the axis' title.
void draw_divisions(Canvas& canvas, const PlotPicture& p, const Axes& axes, float title_left) {
  constexpr float kClosest_px = 4, kBetweenNames = 8;
  TextStyle style{kQuietSize_px - 1, Face::kNumbers, Role::kQuiet, Align::kCenter};
  const float y = axes.area.bottom() + 25;
  const Interval shown = axes.shown();
  const auto first = std::lower_bound(p.divisions.begin(), p.divisions.end(), shown.low,
                                      [](const Mark& m, double x) { return m.x < x; });
  float line_right = axes.area.x - kClosest_px, name_right = axes.area.x;
  bool any = false;
  for (auto at = first; at != p.divisions.end() && at->x <= shown.high; ++at) {
    const float x = axes.px(at->x), half = canvas.text_width(at->name, style) / 2;
    if (x - line_right < kClosest_px) continue;
    line_right = x;
    canvas.line({x, axes.area.y}, {x, axes.area.bottom() + 4}, {Role::kQuiet, 0.35f});
    if (p.bare_x) continue;
    if (x - half < name_right || x + half > title_left - kBetweenNames) continue;
    canvas.text({x, y}, at->name, style);
    name_right = x + half + kBetweenNames;
    any = true;
  }
  if (!any) return;
  style.face = Face::kWords;
  style.align = Align::kRight;
  canvas.text({axes.area.x - 6, y}, p.divisions_title, style);
}

// And the axis' title, whose left end is returned.
float draw_x_numbers(Canvas& canvas, const PlotPicture& p, const Axes& axes, std::optional<double> pointed) {
  TextStyle number{kQuietSize_px - 1, Face::kNumbers, Role::kFocus, Align::kCenter};
  const float y = axes.area.bottom() + 10;
  Interval taken{1e9, -1e9};  // in pixels
  if (pointed) {
    constexpr float kBetween = 6;
    const std::string words = tick_words(p.x_axis, *pointed);
    const float half = canvas.text_width(words, number) / 2;
    const float middle =
        std::clamp(axes.px(*pointed), axes.area.x + half, std::max(axes.area.x, axes.area.right()) - half);
    canvas.text({middle, y}, words, number);
    taken = {middle - half - kBetween, middle + half + kBetween};
  }
  number.paint = Role::kQuiet;
  const int fitting = std::clamp(static_cast<int>(axes.area.w / kTickWidth_px), 2, 6);
  for (const double tick : ticks(axes.x.low, axes.x.high, fitting)) {
    const double value = axes.value_at(tick);
    if (p.x_axis != XAxis::kReal && tick != std::round(tick)) continue;
    const std::string words = tick_words(p.x_axis, value);
    const float x = axes.px(value), half = canvas.text_width(words, number) / 2;
    if (x + half < taken.low || x - half > taken.high) canvas.text({x, y}, words, number);
  }
  const TextStyle words{kQuietSize_px, Face::kWords, Role::kQuiet, Align::kRight};
  const std::string title = elided(canvas, p.x_title, words, axes.area.right() - p.box.x);
  canvas.text({axes.area.right(), axes.area.bottom() + 25}, title, words);
  return axes.area.right() - canvas.text_width(title, words);
}

}  // namespace

double Axes::along(double value) const {
  const double positive = std::max(value, 1e-300);
  return x_axis == XAxis::kDoubling  ? std::log2(positive)
         : x_axis == XAxis::kDecades ? std::log10(positive)
                                     : value;
}

double Axes::value_at(double along) const {
  return x_axis == XAxis::kDoubling  ? std::exp2(along)
         : x_axis == XAxis::kDecades ? std::pow(10, along)
                                     : along;
}

float Axes::px(double value) const {
  return area.x + area.w * static_cast<float>((along(value) - x.low) / (x.high - x.low));
}

float Axes::py(double value) const {
  const double v = logarithmic ? std::log10(std::max(value, 1e-300)) : value;
  return area.bottom() - area.h * static_cast<float>(std::clamp((v - y.low) / (y.high - y.low), -0.05, 1.05));
}

bool Axes::shows_y(double value) const {
  const float at = py(value);
  return at >= area.y && at <= area.bottom();
}

Axes axes_of(const PlotPicture& p, const std::optional<Interval>& zoom) {
  Axes axes{{0, 1}, {0, 1}, plot_area(p), p.logarithmic, p.x_axis};
  axes.x = zoom ? Interval{axes.along(zoom->low), axes.along(zoom->high)} : whole_x(p, axes);
  const double least_width = p.x_axis == XAxis::kReal ? 1e-12 : 1;
  if (axes.x.high - axes.x.low < least_width) axes.x.high = axes.x.low + least_width;
  constexpr double kAll = std::numeric_limits<double>::max();
  axes.y = p.y_range ? *p.y_range : fitting_y(p, zoom ? *zoom : Interval{-kAll, kAll}, !zoom);
  return axes;
}

std::vector<double> ticks(double low, double high, int count) {
  const double raw = (high - low) / std::max(1, count);
  if (!(raw > 0) || !std::isfinite(raw)) return {};
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
  std::vector<double> values;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i)
    values.push_back(i * step);
  return values;
}

std::string tick_words(XAxis axis, double value) {
  constexpr double kLongest = 1e4;
  const bool power = axis == XAxis::kDecades && (value < 1 || value > kLongest);
  return axis == XAxis::kReal || power ? core::shown(value, 4) : core::grouped(std::llround(value));
}

void draw_grid(Canvas& canvas, const PlotPicture& p, const Axes& axes, std::optional<double> pointed) {
  const TextStyle number{kQuietSize_px - 1, Face::kNumbers, Role::kQuiet, Align::kRight};
  const Interval y_axis = axes.y;
  constexpr int kMost = 5;
  int rows = std::clamp(static_cast<int>(axes.area.h / kTickHeight_px), 1, kMost);
  std::vector<double> levels = axes.logarithmic ? logarithmic_ticks(y_axis.low, y_axis.high, axes.area.h)
                                                : ticks(y_axis.low, y_axis.high, rows);
  while (levels.empty() && rows < kMost) levels = ticks(y_axis.low, y_axis.high, ++rows);
  for (const double tick : levels) {
    const double value = axes.logarithmic ? std::pow(10, tick) : tick;
    const float y = axes.py(value);
    canvas.line({axes.area.x, y}, {axes.area.right(), y}, Role::kHairline);
    std::string words = axes.logarithmic ? tick_words(XAxis::kDecades, value) : core::labelled(value, 4);
    if (canvas.text_width(words, number) > kLeft_px - 6) words = core::shown(value, 3);
    canvas.text({axes.area.x - 6, y}, words, number);
  }
  for (const Reference& r : p.references) {
    if (!axes.shows_y(r.y)) continue;
    const float y = axes.py(r.y);
    for (float x = axes.area.x; x < axes.area.right(); x += 8)
      canvas.line({x, y}, {std::min(x + 4, axes.area.right()), y}, Role::kQuiet);
  }
  draw_divisions(canvas, p, axes, p.bare_x ? axes.area.right() : draw_x_numbers(canvas, p, axes, pointed));
}

Rect plot_area(const PlotPicture& p) {
  return {p.box.x + kLeft_px, p.box.y + 30, p.box.w - kLeft_px - 8, p.box.h - (p.bare_x ? 38.0f : 66.0f)};
}

}  // namespace vitrine::widgets
