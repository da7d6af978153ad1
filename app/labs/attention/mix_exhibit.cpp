// The exhibit "Mix": the values as points in the plane, their convex hull, and the outputs inside it, because
// a mean with weights >= 0 that sum to 1 cannot leave it. Beside it the lit row's weights and their entropy.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "app/labs/attention/exhibits.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using sequence::PlanePoint;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Paint;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Phase = Attention::Phase;
using Plane = Attention::Plane;
using Progress = AttentionProgress;
using Result = Attention::Result;

constexpr float kAxisRoom = 26;     // below the plane: the name of its axis
constexpr float kGap = 28;          // between the plane and the row
constexpr float kUpRoom = 22;       // left of it
constexpr double kRounding = 1e-9;  // of the plane's extent: an output so near to the hull is inside it

using widgets::kQuietWords;

bool is_finite(PlanePoint p) { return std::isfinite(p.x) && std::isfinite(p.y); }

void disc(Canvas& c, Point at, float radius, Paint paint) {
  constexpr int kCorners = 16;
  std::array<Point, kCorners> corners;
  for (int i = 0; i < kCorners; ++i) {
    const float angle = 2 * std::numbers::pi_v<float> * static_cast<float>(i) / kCorners;
    corners[static_cast<std::size_t>(i)] = {at.x + radius * std::cos(angle), at.y + radius * std::sin(angle)};
  }
  c.polygon(corners, paint);
}

// From the plane's coordinates to the stage's: all finite points with a margin.
class Chart {
 public:
  Chart(const Plane& plane, const Rect& box) : box_(box) {
    for (const auto* points : {&plane.values, &plane.outputs})
      for (const PlanePoint p : *points)
        if (is_finite(p)) include(p);
    if (low_.x > high_.x) low_ = {0, 0}, high_ = {1, 1};
    widen(low_.x, high_.x);
    widen(low_.y, high_.y);
  }
  Point at(PlanePoint p) const {
    return {box_.x + box_.w * static_cast<float>((p.x - low_.x) / (high_.x - low_.x)),
            box_.bottom() - box_.h * static_cast<float>((p.y - low_.y) / (high_.y - low_.y))};
  }
  PlanePoint low() const { return low_; }
  PlanePoint high() const { return high_; }
  double extent() const { return std::max(high_.x - low_.x, high_.y - low_.y); }

 private:
  void include(PlanePoint p) {
    low_ = {std::min(low_.x, p.x), std::min(low_.y, p.y)};
    high_ = {std::max(high_.x, p.x), std::max(high_.y, p.y)};
  }
  static void widen(double& low, double& high) {
    const double margin = high > low ? 0.14 * (high - low) : std::max(1.0, std::abs(low));
    low -= margin;
    high += margin;
  }
  Rect box_;
  PlanePoint low_{1e300, 1e300}, high_{-1e300, -1e300};
};

// "v  component 1": a click shows the next.
void axis(Canvas& c, const Rect& box, std::string_view id, std::string_view direction, Index width,
          Index& component) {
  component = std::min(component, width - 1);
  const auto touch = width > 1 ? c.touch(id, box) : widgets::Touch{};
  TextStyle style = kQuietWords;
  style.align = Align::kCenter;
  if (width > 1) c.fill(box, {Role::kPanel, touch.hovered ? 1.0f : 0.7f});
  if (touch.hovered) style.paint = Role::kText;
  c.text(box.center(), std::string(direction) + " component " + std::to_string(component + 1), style);
  if (touch.clicked) component = (component + 1) % width;
}

void draw_grid(Canvas& c, const Rect& box, const Chart& chart, bool one_component) {
  c.fill(box, {Role::kPanel, 0.35f});
  const TextStyle number{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, Align::kRight};
  for (const double tick : widgets::ticks(chart.low().x, chart.high().x, 4)) {
    const float x = chart.at({tick, chart.low().y}).x;
    c.line({x, box.y}, {x, box.bottom()}, Role::kHairline);
    TextStyle below = number;
    below.align = Align::kCenter;
    c.text({x, box.bottom() - 8}, core::shown(tick, 3), below);
  }
  if (one_component) return;
  for (const double tick : widgets::ticks(chart.low().y, chart.high().y, 3)) {
    const float y = chart.at({chart.low().x, tick}).y;
    c.line({box.x, y}, {box.right(), y}, Role::kHairline);
    if (y < box.bottom() - 16)
      c.text({box.x + 4 + c.text_width(core::shown(tick, 3), number), y - 7}, core::shown(tick, 3), number);
  }
}

void draw_hull(Canvas& c, const Plane& plane, const Chart& chart) {
  std::vector<Point> corners;
  for (const PlanePoint p : plane.hull) corners.push_back(chart.at(p));
  if (corners.size() > 2) {
    std::vector<Point> clockwise(corners.rbegin(), corners.rend());  // as the screen's y goes down
    c.polygon(clockwise, {Role::kOutput, 0.14f});
  }
  if (corners.size() > 1) {
    corners.push_back(corners.front());
    c.polyline(corners, {Role::kOutput, 0.7f});
  }
}

// Finds a place for each name where it covers no point and no other name, as near to its own as can be.
class Names {
 public:
  explicit Names(const Rect& field) : field_(field) {}
  void keep_free(Point point) { taken_.push_back({point.x - 5, point.y - 5, 10, 10}); }
  // "y" with "1, 3". Values are named on the side away from the middle of the field, where the hull is not,
  // and outputs on the other.
  void draw(Canvas& c, Point at, const char* letter, const std::string& indices, Role role) {
    const bool value = *letter == 'v';
    const widgets::Math name = widgets::symbol(letter, indices, role);
    const float width = widgets::measure(c, name, widgets::kQuietSize_px).width,
                x = (at.x < field_.center().x) == value ? -1.0f : 1.0f,
                y = (at.y > field_.center().y) == value ? 1.0f : -1.0f;
    const std::array<Point, 8> ways{{{x, y}, {-x, y}, {x, -y}, {-x, -y}, {x, 0}, {-x, 0}, {0, y}, {0, -y}}};
    Rect best{};
    float least = 1e30f;
    for (const float far : {1.0f, 2.2f, 3.4f})
      for (const Point way : ways)
        if (const Rect place = beside(at, width, {way.x * far, way.y * far}); covered(place) < least) {
          least = covered(place);
          best = place;
        }
    taken_.push_back(best);
    const Point middle = best.center();
    if (std::hypot(middle.x - at.x, middle.y - at.y) > width / 2 + 20)
      c.line(at, {std::clamp(at.x, best.x, best.right()), std::clamp(at.y, best.y, best.bottom())},
             {role, 0.6f});
    if (!value) c.fill(best, {Role::kStage, 0.75f});  // over the lines
    widgets::typeset(c, {best.x + 2, middle.y}, name, widgets::kQuietSize_px);
  }

 private:
  Rect beside(Point at, float width, Point way) const {
    const Rect place{at.x - width / 2 - 2 + way.x * (width / 2 + 9), at.y - 8 + way.y * 11, width + 4, 16};
    return {std::clamp(place.x, field_.x + 1, field_.right() - place.w - 1),
            std::clamp(place.y, field_.y + 1, field_.bottom() - place.h - 1), place.w, place.h};
  }
  float covered(const Rect& place) const {
    float area = 0;
    for (const Rect& r : taken_)
      area += std::max(0.0f, std::min(r.right(), place.right()) - std::max(r.x, place.x)) *
              std::max(0.0f, std::min(r.bottom(), place.bottom()) - std::max(r.y, place.y));
    return area;
  }
  Rect field_;
  std::vector<Rect> taken_;
};

bool near(Point a, Point b) { return std::abs(a.x - b.x) < 4 && std::abs(a.y - b.y) < 4; }

// Points of one kind; `alpha` 0 leaves one out.
struct Points {
  const std::vector<PlanePoint>& all;
  const char* letter;
  std::optional<std::size_t> lit;
  std::function<float(std::size_t)> alpha;
  std::function<Role(std::size_t)> role;
  bool shown(std::size_t i) const { return is_finite(all[i]) && alpha(i) > 0; }
};

void draw_discs(Canvas& c, const Chart& chart, const Points& points, Names& names) {
  for (std::size_t i = 0; i < points.all.size(); ++i) {
    if (!points.shown(i)) continue;
    const Point at = chart.at(points.all[i]);
    if (i == points.lit) disc(c, at, 9, {Role::kFocus, points.alpha(i)});
    disc(c, at, i == points.lit ? 6.5f : 5, {points.role(i), points.alpha(i)});
    names.keep_free(at);
  }
}

// Those in the same place have one name.
void draw_names(Canvas& c, const Chart& chart, const Points& points, Names& names) {
  std::vector<bool> named(points.all.size(), false);
  for (std::size_t i = 0; i < points.all.size(); ++i) {
    if (!points.shown(i) || named[i]) continue;
    const Point at = chart.at(points.all[i]);
    std::string indices;
    for (std::size_t j = i; j < points.all.size(); ++j) {
      if (!points.shown(j) || named[j] || !near(chart.at(points.all[j]), at)) continue;
      named[j] = true;
      indices += (indices.empty() ? "" : ", ") + std::to_string(j + 1);
    }
    names.draw(c, at, points.letter, indices, points.role(i));
  }
}

// The lines from the values to the lit output, as thick as their weights; they grow as the row is mixed.
void draw_pulls(Canvas& c, const Result& r, const Plane& plane, const Chart& chart, Index t, float there) {
  const PlanePoint output = plane.outputs[static_cast<std::size_t>(t)];
  if (!is_finite(output)) return;
  for (Index s = 0; s < r.keys(); ++s) {
    const double weight = r.attention.weights(t, s);
    const PlanePoint value = plane.values[static_cast<std::size_t>(s)];
    if (!(weight > 0) || !is_finite(value)) continue;
    const Point from = chart.at(value);
    c.line(from, mix(from, chart.at(output), there), {Role::kFocus, 0.85f},
           1 + 9 * static_cast<float>(std::min(weight, 1.0)));
  }
}

// The plane's field, and on its right the lit row.
struct Halves {
  Rect field, row;
};
Halves halves(const Rect& box) {
  const float left = std::min(box.w * 0.52f, box.h * 2.0f), right = std::min(box.w - left - kGap, 420.0f);
  const float x = box.x + (box.w - left - kGap - right) / 2;
  return {{x + kUpRoom, box.y, left - kUpRoom, box.h - kAxisRoom}, {x + left + kGap, box.y, right, box.h}};
}

void draw_plane(Canvas& c, const Rect& field, const Result& r, const Progress& progress,
                const Attention::Focus& f, Attention::View& view) {
  const Index t = f.row;
  const float half = field.w / 2;
  axis(c, {field.x, field.bottom() + 4, half - 3, 20}, "attention across", "→", r.width(), view.across);
  if (r.width() > 1)
    axis(c, {field.x + half + 3, field.bottom() + 4, half - 3, 20}, "attention up", "↑", r.width(), view.up);
  const Plane& plane = r.plane(view);
  const Chart chart(plane, field);
  c.numbers({"output", field, &r.attention.output});
  draw_grid(c, field, chart, r.width() == 1);
  c.push_clip(field);
  draw_hull(c, plane, chart);
  const float there = progress.of(Phase::kMix, t);
  if (there > 0) draw_pulls(c, r, plane, chart, t, there);
  const auto lit_value = f.pointed && f.key ? std::optional(static_cast<std::size_t>(*f.key)) : std::nullopt;
  const Points values{plane.values, "v", lit_value, [](std::size_t) { return 1.0f; },
                      [](std::size_t) { return Role::kOutput; }},
      outputs{plane.outputs, "y", static_cast<std::size_t>(t),
              [&](std::size_t i) { return progress.of(Phase::kMix, static_cast<Index>(i)); },
              [&](std::size_t i) {
                return plane.outside[i] > kRounding * chart.extent() ? Role::kTrouble : Role::kOutput;
              }};
  Names names(field);
  for (const Points* points : {&values, &outputs}) draw_discs(c, chart, *points, names);
  for (const Points* points : {&values, &outputs}) draw_names(c, chart, *points, names);
  c.pop_clip();
}

// --- the lit row ---

// A name, a bar of this share of the width, and a number.
void bar(Canvas& c, const Rect& line, const widgets::Math& name, double share, Role role,
         std::string_view number) {
  constexpr float kName = 54, kNumber = 64;
  const float size = std::min(widgets::kQuietSize_px, line.h * 0.9f), y = line.center().y;
  const TextStyle style{size, Face::kNumbers, Role::kText, Align::kRight};
  const float room = line.w - kName - std::max(kNumber, c.text_width(number, style) + 10),
              thick = std::min(10.0f, line.h - 3);
  widgets::typeset(c, {line.x, y}, name, size);
  c.fill({line.x + kName, y - thick / 2, room, thick}, {Role::kPanel, 0.7f});
  if (std::isfinite(share))
    c.fill({line.x + kName, y - thick / 2, room * static_cast<float>(std::clamp(share, 0.0, 1.0)), thick},
           role);
  c.text({line.right(), y}, number, style);
}

// Why the output is where it is.
std::string place_words(const Result& r, const Plane& plane, Index t) {
  const double outside = plane.outside[static_cast<std::size_t>(t)];
  if (std::isnan(outside) || plane.hull.empty()) return "A number is not finite: this output has no place.";
  if (r.params.masks_late())
    return "Masked after the softmax, the weights sum to " + core::shown(r.late.sums[t], 4) +
           (outside > kRounding ? ": the output is out of the values' hull, nearer to 0."
                                : ". The further below 1, the nearer the output is to 0.");
  const auto limits = r.entropy_limits.values();
  if (r.queries() > 1 && std::all_of(limits.begin(), limits.end(), [](double h) { return h == 0; }))
    return "Every query may see one key and copies its value. Such heads, one for each tap, sum to a "
           "convolution: see Many heads.";
  if (r.attention.entropy[t] == 0) return "One key has all the weight: the output is that key's value.";
  return "The weights are 0 or more and sum to 1: every output is inside the values' hull.";
}

void draw_row(Canvas& c, const Rect& box, const Result& r, const Progress& progress, Index t,
              const Attention::View& view) {
  const std::string name = std::to_string(t + 1);
  const bool late = r.params.masks_late(),
             there = progress.of(late ? Phase::kMask : Phase::kNormalise, t) >= 1;
  widgets::draw_title(c, {box.x, box.y + 9}, "What query " + name + " mixes", Role::kText, "");
  constexpr float kTitle = 22, kWords = 58;  // above the bars, and below them
  const float line =
      std::clamp((box.h - kTitle - kWords) / static_cast<float>(r.keys() + (late ? 0 : 1)), 11.0f, 22.0f);
  float y = box.y + kTitle;
  c.numbers({"weights", {box.x, y, box.w, line * static_cast<float>(r.keys())}, &r.attention.weights});
  for (Index s = 0; s < r.keys(); ++s, y += line) {
    const double weight = r.attention.weights(t, s);
    bar(c, {box.x, y, box.w, line}, widgets::symbol("α", name + std::to_string(s + 1), Role::kText),
        there ? weight : 0, Role::kFocus, there ? core::shown(weight, 4) : "");
  }
  if (!late) {
    const double entropy = r.attention.entropy[t], most = r.entropy_limits[t];
    y += 3;
    bar(c, {box.x, y, box.w, line}, widgets::word("entropy", Role::kQuiet),
        there && most > 0 ? entropy / most : 0, Role::kQuiet,
        (there ? core::shown(entropy, 4) + " of " : "at most ") + core::shown(most, 4));
    y += line + 1;
  }
  widgets::paragraph(c, {box.x, y + 4}, box.w, place_words(r, r.plane(view), t),
                     {widgets::kQuietSize_px, Face::kWords});
}

}  // namespace

void draw_mix(Canvas& c, const Rect& box, const Result& r, const AttentionProgress& progress,
              const Attention::Focus& f, Attention::View& view) {
  const auto [field, row] = halves(box);
  draw_plane(c, field, r, progress, f, view);
  draw_row(c, row, r, progress, f.row, view);
}

void touch_mix(Canvas& c, const Rect& box, const Result& r, Attention::View& view) {
  const Plane& plane = r.plane(view);
  const Chart chart(plane, halves(box).field);
  const auto touch = [&](const std::vector<PlanePoint>& points, const char* letter, Attention::Panel panel) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!is_finite(points[i])) continue;
      const Point at = chart.at(points[i]);
      const widgets::Touch t =
          c.touch("attention plane " + (letter + std::to_string(i + 1)), {at.x - 9, at.y - 9, 18, 18});
      if (!t.hovered) continue;
      const Index component = panel == Attention::Panel::kOutput ? std::min(view.across, r.width() - 1) : 0;
      widgets::point_at(Attention::Spot{panel, {static_cast<Index>(i), component}}, t.clicked, view.hovered,
                        view.pinned);
    }
  };
  touch(plane.values, "v", Attention::Panel::kValue);
  touch(plane.outputs, "y", Attention::Panel::kOutput);
}

}  // namespace vitrine::labs
