#include "app/labs/gated_rnn/scale_strip.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/text.h"

namespace vitrine::labs {

using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Paint;
using widgets::Rect;
using widgets::Role;
using widgets::Sample;
using widgets::TextStyle;

namespace {

constexpr float kZero = 14;     // wide: the place of a scale of 0, left of the smallest
constexpr double kClearly = 2;  // a norm that has grown or shrunk
constexpr double kDecades = 3;  // from no colour to the strongest

// What the strip stands for: the places of scales along it.
struct Axis {
  Rect strip;
  float left() const { return strip.x + kZero; }
  float along(double scale) const {
    if (scale < GatedRnn::kSmallestScale) return strip.x + kZero / 2;
    const double f = std::log(scale / GatedRnn::kSmallestScale) /
                     std::log(GatedRnn::kLargestScale / GatedRnn::kSmallestScale);
    return left() + (strip.right() - left()) * static_cast<float>(std::min(f, 1.0));
  }
  // With two digits, so that round scales can be met.
  double scale_at(float x) const {
    if (x < left()) return 0;
    const double f = std::min<double>((x - left()) / (strip.right() - left()), 1);
    const double scale =
        GatedRnn::kSmallestScale * std::pow(GatedRnn::kLargestScale / GatedRnn::kSmallestScale, f);
    const double unit = std::pow(10, std::floor(std::log10(scale)) - 1);
    return std::clamp(std::round(scale / unit) * unit, GatedRnn::kSmallestScale, GatedRnn::kLargestScale);
  }
};

Paint paint_of(const widgets::Theme& theme, double norm) {
  if (std::isnan(norm)) return Role::kTrouble;
  constexpr gpu::Range range{-1, 1};
  const double decades = norm > 0 ? std::log10(norm) / kDecades : -1;
  return {widgets::value_color(theme, gpu::Colormap::kDiverging, range, std::clamp(decades, -1.0, 1.0)),
          1.0f};
}

// A word in the widest part of the strip where the norms clearly grow or shrink, clear of the marker.
void name_side(Canvas& c, const Axis& axis, const std::vector<Sample>& gains, float marker, bool growing) {
  float widest = 0, middle = 0, from = 0;
  bool inside = false;
  const auto side = [&](double norm) { return growing ? norm > kClearly : norm < 1 / kClearly; };
  for (const Sample& gain : gains) {
    const float x = axis.along(gain.x);
    if (!side(gain.y) || std::abs(x - marker) < 6) {
      inside = false;
      continue;
    }
    if (!std::exchange(inside, true)) from = x;
    if (x - from > widest) widest = x - from, middle = (x + from) / 2;
  }
  const TextStyle style{widgets::kQuietSize_px - 1, Face::kWords, Role::kText, Align::kCenter};
  const std::string_view word = growing ? "explodes" : "vanishes";
  if (c.text_width(word, style) + 8 > widest) return;
  const auto at = std::min_element(gains.begin(), gains.end(), [&](const Sample& a, const Sample& b) {
    return std::abs(axis.along(a.x) - middle) < std::abs(axis.along(b.x) - middle);
  });
  TextStyle inked = style;
  inked.paint = widgets::ink_on(paint_of(c.theme(), at->y).resolve(c.theme()));
  c.text({middle, axis.strip.center().y}, word, inked);
}

}  // namespace

void draw_scale_strip(Canvas& c, const Rect& box, const GatedRnn::Result& r, GatedRnn::View& v) {
  const GatedRnn::Spot spot{GatedRnn::Part::kScale, 0};
  const Axis axis{{box.x, box.y + 21, box.w, 18}};
  const double scale = r.params.h_scale;
  const TextStyle strong{widgets::kTextSize_px, Face::kStrong, Role::kKernel};
  const std::string name = "Scale of Wh  " + core::shown(scale, 3);
  c.text({box.x, box.y + 9}, name, strong);
  const TextStyle quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet, Align::kRight};
  const auto& w_h = r.params.w_h.values();
  const bool none = std::all_of(w_h.begin(), w_h.end(), [](double w) { return w == 0; });
  const std::string_view words = none ? "Wh is 0" : "drag along it";
  if (c.text_width(name, strong) + 14 + c.text_width(words, quiet) <= box.w)
    c.text({box.right(), box.y + 9}, words, quiet);

  const widgets::Theme& theme = c.theme();
  for (std::size_t i = 0; i < r.gains.size(); ++i) {
    const float from = i == 0 ? axis.strip.x : (axis.along(r.gains[i - 1].x) + axis.along(r.gains[i].x)) / 2;
    const float to = i + 1 == r.gains.size() ? axis.strip.right()
                                             : (axis.along(r.gains[i].x) + axis.along(r.gains[i + 1].x)) / 2;
    c.fill({from, axis.strip.y, to - from + 0.5f, axis.strip.h}, paint_of(theme, r.gains[i].y));
  }
  c.stroke(axis.strip, Role::kHairline);
  const float marker = axis.along(scale);
  name_side(c, axis, r.gains, marker, false);
  name_side(c, axis, r.gains, marker, true);
  const TextStyle number{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, Align::kCenter};
  for (const double mark : {0.0, 0.1, 1.0, 10.0})
    c.text({axis.along(mark), axis.strip.bottom() + 9}, core::shown(mark, 2), number);

  const widgets::Touch touch = c.grab("gated scale", axis.strip);
  const bool lit = v.drag.held() == spot || touch.hovered;
  c.fill({marker - 3, axis.strip.y - 3, 6, axis.strip.h + 6}, Role::kStage);
  c.fill({marker - 2, axis.strip.y - 2, 4, axis.strip.h + 4}, lit ? Role::kFocus : Role::kText);
  if (touch.hovered) v.hovered = spot;
  v.drag.put(touch, spot, scale, axis.scale_at(touch.at.x));
}

}  // namespace vitrine::labs
