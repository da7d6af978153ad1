#include "app/widgets/plot.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

constexpr float kTickWidth_px = 44;   // on the x axis
constexpr float kTickHeight_px = 19;  // on the y axis
constexpr float kLeft_px = 52;        // left of the y axis: its numbers
constexpr double kLeastSpan = 0.1;    // of an axis, as a part of its largest value

struct Axes {
  Interval x, y;  // in log10 when logarithmic or by decades, x in log2 when it doubles
  Rect area;
  bool logarithmic;
  XAxis x_axis;

  double along(double value) const {
    const double positive = std::max(value, 1e-300);
    return x_axis == XAxis::kDoubling  ? std::log2(positive)
           : x_axis == XAxis::kDecades ? std::log10(positive)
                                       : value;
  }
  double value_at(double along) const {
    return x_axis == XAxis::kDoubling  ? std::exp2(along)
           : x_axis == XAxis::kDecades ? std::pow(10, along)
                                       : along;
  }
  float px(double value) const {
    return area.x + area.w * static_cast<float>((along(value) - x.low) / (x.high - x.low));
  }
  float py(double value) const {
    const double v = logarithmic ? std::log10(std::max(value, 1e-300)) : value;
    return area.bottom() -
           area.h * static_cast<float>(std::clamp((v - y.low) / (y.high - y.low), -0.05, 1.05));
  }
};

Axes axes_of(const PlotPicture& p, const Rect& area) {
  Axes axes{{1e300, -1e300}, {1e300, -1e300}, area, p.logarithmic, p.x_axis};
  const auto grow = [](Interval& range, double value) {
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  };
  for (const Curve& curve : p.curves) {
    for (const Sample& s : curve.samples) {
      if (!std::isfinite(s.y) || (p.logarithmic && s.y <= 0)) continue;
      grow(axes.x, axes.along(s.x));
      grow(axes.y, p.logarithmic ? std::log10(s.y) : s.y);
    }
  }
  for (const Histogram& h : p.histograms) {
    grow(axes.x, h.low);
    grow(axes.x, h.high);
    grow(axes.y, 0);
    for (const double height : h.heights) grow(axes.y, height);
  }
  if (p.x_range) axes.x = {axes.along(p.x_range->low), axes.along(p.x_range->high)};
  if (axes.x.low > axes.x.high) axes.x = {0, 1};
  for (const Reference& r : p.references) grow(axes.y, p.logarithmic ? std::log10(r.y) : r.y);
  if (axes.y.low > axes.y.high) axes.y = {0, 1};
  if (axes.y.high - axes.y.low < kLeastSpan * std::abs(axes.y.high)) {  // one value only: some room about it
    axes.y.low -= kLeastSpan * std::abs(axes.y.high);
    axes.y.high += kLeastSpan * std::abs(axes.y.high);
  }
  const double least_width = p.x_axis == XAxis::kReal ? 1e-12 : 1;
  if (axes.x.high - axes.x.low < least_width) axes.x.high = axes.x.low + least_width;
  const double margin = std::max((axes.y.high - axes.y.low) * 0.06, 1e-9);
  axes.y = {axes.y.low - margin, axes.y.high + margin};
  if (p.y_range) axes.y = *p.y_range;
  return axes;
}

// "10,000"; of any numbers and beyond that of powers of ten "0.01", "1e6"
std::string tick_words(XAxis axis, double value) {
  constexpr double kLongest = 1e4;
  const bool power = axis == XAxis::kDecades && (value < 1 || value > kLongest);
  return axis == XAxis::kReal || power ? core::shown(value, 4) : core::grouped(std::llround(value));
}

// Exponents of ten from low to high; where they are few and there is room, those of 2 and 5 times a power as
// well.
std::vector<double> logarithmic_ticks(double low, double high, float room) {
  constexpr double kFewDecades = 2.2, kClosest_px = 12, kSmallestGap = 0.3;  // from 1 to 2, in decades
  if (high - low > kFewDecades || room * kSmallestGap < kClosest_px * (high - low))
    return ticks(low, high, std::min(5, static_cast<int>(high - low)));
  std::vector<double> exponents;
  for (double power = std::floor(low); power <= high; ++power)
    for (const double times : {1.0, 2.0, 5.0})
      if (const double e = power + std::log10(times); e >= low && e <= high) exponents.push_back(e);
  return exponents;
}

void draw_grid(Canvas& canvas, const PlotPicture& p, const Axes& axes) {
  const TextStyle number{kQuietSize_px - 1, Face::kNumbers, Role::kQuiet, Align::kRight};
  const Interval y_axis = axes.y;
  const int rows = std::clamp(static_cast<int>(axes.area.h / kTickHeight_px), 1, 5);
  for (const double tick : axes.logarithmic ? logarithmic_ticks(y_axis.low, y_axis.high, axes.area.h)
                                            : ticks(y_axis.low, y_axis.high, rows)) {
    const double value = axes.logarithmic ? std::pow(10, tick) : tick;
    const float y = axes.py(value);
    canvas.line({axes.area.x, y}, {axes.area.right(), y}, Role::kHairline);
    std::string words = axes.logarithmic ? tick_words(XAxis::kDecades, value) : core::labelled(value, 4);
    if (canvas.text_width(words, number) > kLeft_px - 6) words = core::shown(value, 3);
    canvas.text({axes.area.x - 6, y}, words, number);
  }
  TextStyle below = number;
  below.align = Align::kCenter;
  const int fitting = std::clamp(static_cast<int>(axes.area.w / kTickWidth_px), 2, 6);
  for (const double tick : ticks(axes.x.low, axes.x.high, fitting)) {
    const double value = axes.value_at(tick);
    if (p.x_axis != XAxis::kReal && tick != std::round(tick)) continue;
    canvas.text({axes.px(value), axes.area.bottom() + 10}, tick_words(p.x_axis, value), below);
  }
  const TextStyle words{kQuietSize_px, Face::kWords, Role::kQuiet, Align::kRight};
  canvas.text({axes.area.right(), axes.area.bottom() + 25},
              elided(canvas, p.x_title, words, axes.area.right() - p.box.x), words);
  for (const Reference& r : p.references) {
    const float y = axes.py(r.y);
    for (float x = axes.area.x; x < axes.area.right(); x += 8)
      canvas.line({x, y}, {std::min(x + 4, axes.area.right()), y}, Role::kQuiet);
  }
}

// Over the curves, on a ground of their own.
void draw_reference_names(Canvas& canvas, const PlotPicture& p, const Axes& axes) {
  const TextStyle style{kQuietSize_px - 1, Face::kWords, Role::kQuiet, Align::kRight};
  for (const Reference& r : p.references) {
    const Point at{axes.area.right() - 4, axes.py(r.y) - 10};
    const float width = canvas.text_width(r.name, style);
    canvas.fill({at.x - width - 3, at.y - 8, width + 6, 16}, {Role::kStage, 0.75f});
    canvas.text(at, r.name, style);
  }
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

void draw_curve(Canvas& canvas, const Curve& curve, const Axes& axes) {
  const auto shown = decimated(curve.samples, axes.value_at(axes.x.low), axes.value_at(axes.x.high),
                               static_cast<int>(axes.area.w));
  std::vector<Point> points;
  points.reserve(shown.size());
  const auto flush = [&] {
    if (points.size() > 1) canvas.polyline(points, {curve.role, curve.alpha}, curve.width);
    points.clear();
  };
  for (const Sample& s : shown) {
    if (!std::isfinite(s.y))
      flush();
    else
      points.push_back({axes.px(s.x), axes.py(s.y)});
    if (curve.dots && std::isfinite(s.y))
      canvas.fill({axes.px(s.x) - 2.5f, axes.py(s.y) - 2.5f, 5, 5}, curve.role);
  }
  flush();
}

// The sample whose x is nearest.
const Sample* nearest(std::span<const Sample> samples, double x) {
  if (samples.empty()) return nullptr;
  const auto after =
      std::lower_bound(samples.begin(), samples.end(), x, [](const Sample& s, double v) { return s.x < v; });
  if (after == samples.begin()) return &samples.front();
  if (after == samples.end()) return &samples.back();
  return x - (after - 1)->x < after->x - x ? &*(after - 1) : &*after;
}

}  // namespace

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

std::vector<Sample> decimated(std::span<const Sample> samples, double x_low, double x_high, int columns) {
  if (samples.size() <= 2 * static_cast<std::size_t>(std::max(columns, 1)))
    return {samples.begin(), samples.end()};
  std::vector<Sample> out;
  const double per_column = (x_high - x_low) / columns;
  for (std::size_t i = 0; i < samples.size();) {
    const double edge = x_low + per_column * (std::floor((samples[i].x - x_low) / per_column) + 1);
    std::size_t least = i, most = i, end = i;
    for (; end < samples.size() && (samples[end].x < edge || end == i); ++end) {
      const double y = samples[end].y;  // a NaN is kept as the least: the curve breaks there
      if (!std::isnan(samples[least].y) && !(y >= samples[least].y)) least = end;
      if (samples[end].y > samples[most].y) most = end;
    }
    out.push_back(samples[std::min(least, most)]);
    if (least != most) out.push_back(samples[std::max(least, most)]);
    i = end;
  }
  return out;
}

Rect plot_area(const PlotPicture& p) {
  return {p.box.x + kLeft_px, p.box.y + 30, p.box.w - kLeft_px - 8, p.box.h - 66};
}

Point point_of(const PlotPicture& p, Sample s) {
  const Axes axes = axes_of(p, plot_area(p));
  return {axes.px(s.x), axes.py(s.y)};
}

Rect bar_of(const PlotPicture& p, const Histogram& histogram, std::size_t bar) {
  return bar_of(histogram, bar, axes_of(p, plot_area(p)));
}

PlotTouch touch(Canvas& canvas, const PlotPicture& p) {
  const Rect area = plot_area(p);
  if (area.w <= 0 || area.h <= 0) return {};
  const Touch pointer = canvas.touch(p.id, area);
  if (!pointer.hovered) return {};
  const Axes axes = axes_of(p, area);
  return {axes.value_at(axes.x.low + (axes.x.high - axes.x.low) * (pointer.at.x - area.x) / area.w),
          pointer.clicked};
}

void draw(Canvas& canvas, const PlotPicture& p) {
  const TextStyle title{kTextSize_px, Face::kStrong, Role::kText};
  canvas.text({p.box.x, p.box.y + 10}, p.title, title);
  const Rect area = plot_area(p);
  if (area.w < 20 || area.h < 20) return;
  const Axes axes = axes_of(p, area);
  draw_grid(canvas, p, axes);
  canvas.push_clip(area.inset(-1));
  for (const Mark& mark : p.marks) {
    const float x = axes.px(mark.x);
    canvas.line({x, area.y}, {x, area.bottom()}, {Role::kFocus, 0.6f});
    TextStyle style{kQuietSize_px - 1, Face::kWords, Role::kFocus};
    const bool left = x + 8 + canvas.text_width(mark.name, style) > area.right();
    if (left) style.align = Align::kRight;
    canvas.text({left ? x - 4 : x + 4, area.y + 8}, mark.name, style);
  }
  for (const Histogram& h : p.histograms) draw_histogram(canvas, h, axes);
  for (const Curve& curve : p.curves) draw_curve(canvas, curve, axes);
  canvas.pop_clip();
  draw_reference_names(canvas, p, axes);

  const PlotTouch pointer = touch(canvas, p);
  if (pointer.x)
    canvas.line({axes.px(*pointer.x), area.y}, {axes.px(*pointer.x), area.bottom()}, {Role::kFocus, 0.8f});
  // Right to left beside the title; where there is no room for both, the last value gives way to the name.
  const float title_right = p.title.empty() ? p.box.x : p.box.x + canvas.text_width(p.title, title) + 14;
  float legend_x = p.box.right() - 8;
  const auto name_it = [&](const std::string& name, const std::string& number, Role role) {
    if (name.empty()) return;
    const TextStyle style{kQuietSize_px, Face::kWords, role, Align::kRight};
    std::string words = number.empty() ? name : name + "  " + number;
    if (legend_x - canvas.text_width(words, style) < title_right) words = name;
    if (legend_x - canvas.text_width(words, style) < title_right) {
      legend_x = title_right;
      return;
    }
    canvas.text({legend_x, p.box.y + 10}, words, style);
    legend_x -= canvas.text_width(words, style) + 18;
  };
  for (auto curve = p.curves.rbegin(); curve != p.curves.rend(); ++curve) {
    const std::optional<double> at = pointer.x ? pointer.x : p.read_at;
    const Sample* sample = at                       ? nearest(curve->samples, *at)
                           : curve->samples.empty() ? nullptr
                                                    : &curve->samples.back();
    name_it(curve->name, sample && (pointer.x || !curve->silent) ? core::shown(sample->y, 4) : "",
            curve->role);
  }
  for (auto h = p.histograms.rbegin(); h != p.histograms.rend(); ++h) {
    const auto bins = static_cast<double>(h->heights.size());
    const double bin = (pointer.x.value_or(h->low) - h->low) / (h->high - h->low) * bins;
    const bool inside = pointer.x && bin >= 0 && bin < bins;
    name_it(h->name, inside ? core::shown(h->heights[static_cast<std::size_t>(bin)], 4) : "", h->role);
  }
}

}  // namespace vitrine::widgets
