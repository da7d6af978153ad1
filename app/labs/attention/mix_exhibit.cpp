// The exhibit "Mix": the values as points in the plane, their convex hull, and the outputs inside it, because
// a mean with weights >= 0 that sum to 1 cannot leave it. Beside it the lit row's weights and their entropy.
#include <algorithm>
#include <cmath>
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

const TextStyle kQuiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};

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
  TextStyle style = kQuiet;
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

// The name of points that may be many: "y" with "1, 3". Values are named on the side away from the middle of
// the field, where the hull is not, and outputs on the other.
void draw_names(Canvas& c, const Rect& field, Point at, const char* letter, const std::string& indices,
                Role role) {
  const bool value = *letter == 'v';
  const bool left = (at.x < field.center().x) == value, below = (at.y > field.center().y) == value;
  const widgets::Math name = widgets::symbol(letter, indices, role);
  const float width = widgets::measure(c, name, widgets::kQuietSize_px).width;
  const Point text{std::clamp(left ? at.x - 9 - width : at.x + 9, field.x + 3, field.right() - width - 3),
                   at.y + (below ? 11.0f : -11.0f)};
  if (!value) c.fill({text.x - 2, text.y - 8, width + 4, 17}, {Role::kStage, 0.75f});  // over the lines
  widgets::typeset(c, text, name, widgets::kQuietSize_px);
}

bool near(Point a, Point b) { return std::abs(a.x - b.x) < 4 && std::abs(a.y - b.y) < 4; }

// Points of one kind, those in the same place with one name; `alpha` 0 leaves one out.
template <class Alpha, class RoleOf>
void draw_points(Canvas& c, const Rect& field, const Chart& chart, const std::vector<PlanePoint>& points,
                 const char* letter, std::optional<std::size_t> lit, const Alpha& alpha, const RoleOf& role) {
  const auto shown = [&](std::size_t i) { return is_finite(points[i]) && alpha(i) > 0; };
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!shown(i)) continue;
    const Point at = chart.at(points[i]);
    if (i == lit) disc(c, at, 9, {Role::kFocus, alpha(i)});
    disc(c, at, i == lit ? 6.5f : 5, {role(i), alpha(i)});
    bool named = false;
    std::string indices;
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (!shown(j) || !near(chart.at(points[j]), at)) continue;
      named = named || j < i;
      indices += (indices.empty() ? "" : ", ") + std::to_string(j + 1);
    }
    if (!named) draw_names(c, field, at, letter, indices, role(i));
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
  draw_grid(c, field, chart, r.width() == 1);
  c.push_clip(field);
  draw_hull(c, plane, chart);
  const float there = progress.of(Phase::kMix, t);
  if (there > 0) draw_pulls(c, r, plane, chart, t, there);
  const auto lit_value = f.pointed && f.key ? std::optional(static_cast<std::size_t>(*f.key)) : std::nullopt;
  draw_points(
      c, field, chart, plane.values, "v", lit_value, [](std::size_t) { return 1.0f; },
      [](std::size_t) { return Role::kOutput; });
  draw_points(
      c, field, chart, plane.outputs, "y", static_cast<std::size_t>(t),
      [&](std::size_t i) { return progress.of(Phase::kMix, static_cast<Index>(i)); },
      [&](std::size_t i) {
        return plane.outside[i] > kRounding * chart.extent() ? Role::kTrouble : Role::kOutput;
      });
  c.pop_clip();
}

// --- the lit row ---

// A name, a bar of this share of the width, and a number.
void bar(Canvas& c, const Rect& line, const widgets::Math& name, double share, Role role,
         std::string_view number) {
  constexpr float kName = 34, kNumber = 64;
  const float y = line.center().y, room = line.w - kName - kNumber;
  widgets::typeset(c, {line.x, y}, name, widgets::kQuietSize_px);
  c.fill({line.x + kName, y - 5, room, 10}, {Role::kPanel, 0.7f});
  if (std::isfinite(share))
    c.fill({line.x + kName, y - 5, room * static_cast<float>(std::clamp(share, 0.0, 1.0)), 10}, role);
  c.text({line.right(), y}, number, {widgets::kQuietSize_px, Face::kNumbers, Role::kText, Align::kRight});
}

// Why the output is where it is.
std::string place_words(const Result& r, const Plane& plane, Index t) {
  const double outside = plane.outside[static_cast<std::size_t>(t)];
  if (std::isnan(outside) || plane.hull.empty()) return "A number is not finite: this output has no place.";
  if (r.params.masks_late())
    return "Masked after the softmax, the weights sum to " + core::shown(r.late.sums[t], 4) +
           (outside > kRounding ? ": the output is out of the values' hull, nearer to 0."
                                : ". The further below 1, the nearer the output is to 0.");
  const auto entropies = r.attention.entropy.values();
  if (r.queries() > 1 && std::all_of(entropies.begin(), entropies.end(), [](double h) { return h == 0; }))
    return "Every query copies one value. Such heads, one for each tap, sum to a convolution: see Many "
           "heads.";
  return "The weights are 0 or more and sum to 1: every output is inside the values' hull.";
}

void draw_row(Canvas& c, const Rect& box, const Result& r, const Progress& progress, Index t,
              const Attention::View& view) {
  const std::string name = std::to_string(t + 1);
  const bool late = r.params.masks_late(),
             there = progress.of(late ? Phase::kMask : Phase::kNormalise, t) >= 1;
  widgets::draw_title(c, {box.x, box.y + 9}, "What query " + name + " mixes", Role::kText, "");
  const float line = std::clamp((box.h - 112) / static_cast<float>(r.keys() + 1), 11.0f, 20.0f);
  float y = box.y + 22;
  for (Index s = 0; s < r.keys(); ++s, y += line) {
    const double weight = r.attention.weights(t, s);
    bar(c, {box.x, y, box.w, line}, widgets::symbol("α", name + std::to_string(s + 1), Role::kText),
        there ? weight : 0, Role::kFocus, there ? core::shown(weight, 4) : "");
  }
  if (!late) {
    const double entropy = r.attention.entropy[t], most = r.entropy_limits[t];
    y += 4;
    bar(c, {box.x, y, box.w, line}, widgets::word("H"), there && most > 0 ? entropy / most : 0, Role::kQuiet,
        there ? core::shown(entropy, 4) : "");
    y += line + 2;
    y += widgets::paragraph(c, {box.x, y}, box.w,
                            "H: entropy in nats, at most ln of the visible keys = " + core::shown(most, 4),
                            kQuiet);
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
