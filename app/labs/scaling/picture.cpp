// The picture of "Why divide by √d": the histogram that grows with the playhead, one row of weights of each
// kind, and over all sizes d the largest weight and the slope of the softmax there.
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/labs/scaling/lab.h"
#include "app/widgets/matrix.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::PlotPicture;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Sample;
using widgets::TextStyle;

namespace {

using Focus = Scaling::Focus;
using Result = Scaling::Result;
using Shown = Scaling::Shown;
using Side = Scaling::Side;
using Spot = Scaling::Spot;

constexpr Role kRaw = Role::kKernel, kScaled = Role::kOutput;
constexpr Index kMostFalling = 60;  // samples of a step that are seen to fall

float px(Index n) { return static_cast<float>(n); }

constexpr float kMargin = 22;

struct Board {
  Rect histogram, weights, largest, slope;
};

// Two by two: what is drawn on the left, what becomes of it as d grows on the right.
Board board_of(const Rect& area) {
  const float top = area.y + 8, h = area.h - 14, left = area.w * 0.52f;
  const float upper = std::floor(h * 0.54f);
  return {{area.x + kMargin, top, left - kMargin - 4, upper},
          {area.x + kMargin, top + upper, left - kMargin - 14, h - upper},
          {area.x + left, top, area.w - left - 24, std::floor(h / 2)},
          {area.x + left, top + std::floor(h / 2), area.w - left - 24, h - std::floor(h / 2)}};
}

class Picture {
 public:
  Picture(Canvas& canvas, const Result& result, Scaling::View& view)
      : c_(canvas), r_(result), b_(board_of(canvas.area())) {
    f_ = Scaling::focus(r_, {view.playhead, {}, {}}, c_.reduce_motion());
    for (const Side* side : {&r_.raw, &r_.scaled})
      if (shows(*side)) heights_.push_back(heights(*side));
    touch(view);
    f_ = Scaling::focus(r_, view, c_.reduce_motion());
  }

  void draw() {
    draw_histogram();
    const float half = b_.weights.h / 2;
    draw_weights(r_.raw, {b_.weights.x, b_.weights.y, b_.weights.w, half}, kRaw, "softmax(q·k)");
    draw_weights(r_.scaled, {b_.weights.x, b_.weights.y + half, b_.weights.w, half}, kScaled,
                 "softmax(q·k / √d)");
    draw_curves(
        "scaling largest",
        narrow() ? "Largest weight α" : "The largest of " + std::to_string(r_.params.keys) + " weights α",
        b_.largest, r_.raw.weight, r_.scaled.weight, 1);
    draw_curves("scaling slope", narrow() ? "Gradient α(1 − α)" : "The gradient through it: α(1 − α)",
                b_.slope, r_.raw.slope, r_.scaled.slope, 0.26);
  }

 private:
  bool narrow() const { return c_.area().w < 760; }
  bool shows(const Side& side) const {
    const Shown hidden = &side == &r_.raw ? Shown::kScaled : Shown::kRaw;
    return r_.params.shown != hidden;
  }

  Rect bars_of(const Rect& box) const {
    return {box.x + 22, box.y + 26, box.w - 26, std::max(box.h - 44, 10.0f)};
  }

  void touch(Scaling::View& v) {
    v.hovered.reset();
    touch_histogram(v);
    const float half = b_.weights.h / 2;
    for (const float y : {b_.weights.y, b_.weights.y + half}) {
      const Rect bars = bars_of({b_.weights.x, y, b_.weights.w, half});
      const widgets::Touch t =
          c_.touch(y == b_.weights.y ? "scaling raw weights" : "scaling scaled weights", bars);
      if (!t.hovered) continue;
      const auto key = static_cast<Index>((t.at.x - bars.x) / bars.w * px(r_.params.keys));
      widgets::point_at(Spot{Scaling::Panel::kWeights, std::clamp<Index>(key, 0, r_.params.keys - 1)},
                        t.clicked, v.hovered, v.pinned);
    }
    for (const PlotPicture& plot :
         {curves("scaling largest", b_.largest), curves("scaling slope", b_.slope)}) {
      const widgets::PlotTouch t = widgets::touch(c_, plot);
      if (!t.x) continue;
      const Index at = std::llround(std::log2(std::max(*t.x, 1.0)));
      widgets::point_at(Spot{Scaling::Panel::kCurves, std::clamp<Index>(at, 0, std::ssize(r_.dims) - 1)},
                        t.clicked, v.hovered, v.pinned);
    }
  }

  // --- the histogram ---

  // Between the shares of two steps while samples are on their way.
  std::vector<double> heights(const Side& side) const {
    std::vector<double> now = side.shares[static_cast<std::size_t>(f_.step)];
    if (f_.progress >= 1) return now;
    for (std::size_t i = 0; i < now.size(); ++i) {
      const double before = f_.step > 0 ? side.shares[static_cast<std::size_t>(f_.step - 1)][i] : 0;
      now[i] = std::lerp(before, now[i], static_cast<double>(f_.progress));
    }
    return now;
  }

  // Its bars are those of heights_.
  PlotPicture histogram() const {
    const bool raw = shows(r_.raw), scaled = shows(r_.scaled);
    PlotPicture p{
        .id = "scaling histogram",
        .title = core::grouped(r_.count(f_.step)) + " samples" + (narrow() ? "" : ": share in each bar"),
        .x_title = raw && scaled ? "q·k, and q·k / √d"
                   : raw         ? "q·k"
                                 : "q·k / √d",
        .box = b_.histogram,
        .x_axis = widgets::XAxis::kReal};
    const Side& wide = raw ? r_.raw : r_.scaled;
    double low = wide.low, high = wide.high;
    const auto add = [&](const Side& side, Role role, const std::string& name) {
      low = std::min(low, side.low);
      high = std::max(high, side.high);
      p.histograms.push_back({name, role, side.low, side.high, heights_[p.histograms.size()]});
      p.curves.push_back({"", role, side.normal, 2});
    };
    if (raw) add(r_.raw, kRaw, "q·k");
    if (scaled) add(r_.scaled, kScaled, "q·k / √d");
    p.x_range = widgets::Interval{low, high};
    p.y_range = widgets::Interval{0, r_.most * 1.08};
    return p;
  }

  // A bar that the pointer is in, of the narrow histogram before the wide one; else the place's bar of the
  // wide.
  void touch_histogram(Scaling::View& v) {
    const PlotPicture p = histogram();
    const Rect area = widgets::plot_area(p);
    const widgets::Touch t = c_.touch(p.id, area);
    if (!t.hovered || area.w <= 0) return;
    std::optional<Index> bar;
    for (const widgets::Histogram& h : p.histograms)
      for (std::size_t i = 0; i < h.heights.size(); ++i) {
        const Rect filled = widgets::bar_of(p, h, i);
        const bool wide = &h == &p.histograms.front();
        const Rect column{filled.x, area.y, filled.w + 1, area.h};
        if ((wide ? column : filled).contains(t.at)) bar = static_cast<Index>(i);
      }
    if (bar) widgets::point_at(Spot{Scaling::Panel::kHistogram, *bar}, t.clicked, v.hovered, v.pinned);
  }

  void draw_histogram() {
    PlotPicture p = histogram();
    if (f_.key) mark_scores(p);
    widgets::draw(c_, p);
    c_.numbers({"products q·k", b_.histogram, &r_.products});
    if (f_.bar)
      for (const widgets::Histogram& h : p.histograms) {
        const Rect bar = widgets::bar_of(p, h, static_cast<std::size_t>(*f_.bar));
        c_.stroke(bar.inset(-1), Role::kFocus, 2);
      }
    if (shows(r_.raw)) draw_falling(p, r_.raw, kRaw);
    if (shows(r_.scaled)) draw_falling(p, r_.scaled, kScaled);
    draw_moments(p);
  }

  // Where the lit key's score stands among the products.
  void mark_scores(PlotPicture& p) const {
    std::string name = "key " + std::to_string(*f_.key + 1);  // once: both may stand at one place
    for (const Side* side : {&r_.raw, &r_.scaled})
      if (shows(*side)) p.marks.push_back({std::exchange(name, ""), side->scores(f_.step, *f_.key)});
  }

  // The step's samples fall onto the pile.
  void draw_falling(const PlotPicture& p, const Side& side, Role role) {
    if (f_.progress >= 1) return;
    const Index first = f_.step > 0 ? r_.count(f_.step - 1) : 0, last = r_.count(f_.step);
    const Rect area = widgets::plot_area(p);
    const float ground = widgets::point_of(p, {0, 0}).y;
    c_.push_clip(area);
    for (Index i = first; i < std::min(last, first + kMostFalling); ++i) {
      const float x = widgets::point_of(p, {r_.products[i] * side.scale, 0}).x;
      // Later ones start higher, so that they come as a rain and not as a line.
      const float start = area.y - area.h * px(i - first) / px(kMostFalling);
      const float y = start + (ground - start) * f_.progress;
      c_.fill({x - 2, y - 2, 4, 4}, {role, 0.9f});
    }
    c_.pop_clip();
  }

  // What was expected and what came, within the axes.
  void draw_moments(const PlotPicture& p) {
    const Rect area = widgets::plot_area(p);
    if (area.h < 130 || area.w < 300) return;
    float y = area.y + 12;
    const auto say = [&](const Side& side, Role role) {
      const sequence::Moments& m = side.moments[static_cast<std::size_t>(f_.step)];
      const auto line = [&](const std::string& words, Role paint) {
        const TextStyle style{widgets::kQuietSize_px, Face::kNumbers, paint};
        c_.fill({area.x + 4, y - 9, c_.text_width(words, style) + 8, 18}, {Role::kStage, 0.8f});
        c_.text({area.x + 8, y}, words, style);
        y += 17;
      };
      line("mean " + core::shown(m.mean, 3) + " ≈ " + core::shown(side.expected.mean, 3), role);
      line("var " + core::shown(m.variance, 4) + " ≈ " + core::shown(side.expected.variance, 4), role);
    };
    if (shows(r_.raw)) say(r_.raw, kRaw);
    if (shows(r_.scaled)) say(r_.scaled, kScaled);
  }

  // --- a row of weights ---

  // Pointed at, or with its score in the bar that is.
  bool lit(Index key) const {
    const auto& bars = r_.score_bars[static_cast<std::size_t>(f_.step)];
    return f_.key == key || (f_.bar && f_.bar == bars[static_cast<std::size_t>(key)]);
  }

  void draw_weights(const Side& side, const Rect& box, Role role, const std::string& name) {
    const Index keys = r_.params.keys, heaviest = side.heaviest[static_cast<std::size_t>(f_.step)];
    const double most = side.weights(f_.step, heaviest);
    const std::string largest = "largest α = " + core::shown(most, most > 0.999 ? 6 : 3);  // 0.99994 is not 1
    const std::string query = narrow() ? "" : "query " + std::to_string(f_.step + 1) + ", ";
    widgets::draw_title(c_, {box.x, box.y + 10}, name, role, query + largest, box.w + 30);
    const Rect bars = bars_of(box);
    const TextStyle tick{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, Align::kRight};
    c_.line({bars.x, bars.y}, {bars.right(), bars.y}, Role::kHairline);
    c_.line({bars.x, bars.bottom()}, {bars.right(), bars.bottom()}, Role::kHairline);
    c_.text({bars.x - 5, bars.y}, "1", tick);
    c_.text({bars.x - 5, bars.bottom()}, "0", tick);
    c_.numbers({name, bars, &side.weights});
    const float slot = bars.w / px(keys);
    for (Index key = 0; key < keys; ++key) {
      const double before = f_.step > 0 ? side.weights(f_.step - 1, key) : 0;
      const double weight = std::lerp(before, side.weights(f_.step, key), static_cast<double>(f_.progress));
      const float height = bars.h * static_cast<float>(weight);
      const Rect bar{bars.x + slot * px(key) + 1, bars.bottom() - height, std::max(slot - 2, 1.0f), height};
      c_.fill(bar, {role, key == heaviest ? 1.0f : 0.6f});
      if (lit(key)) c_.stroke(Rect{bar.x, bars.y, bar.w, bars.h}.inset(-1), Role::kFocus, 2);
      if (slot >= 16)
        c_.text({bar.center().x, bars.bottom() + 9}, std::to_string(key + 1),
                {widgets::kQuietSize_px - 2, Face::kNumbers, lit(key) ? Role::kFocus : Role::kQuiet,
                 Align::kCenter});
    }
  }

  // --- as d grows ---

  PlotPicture curves(const std::string& id, const Rect& box) const {
    return {.id = id,
            .title = "",
            .x_title = "d",
            .box = box,
            .x_range = widgets::Interval{1, static_cast<double>(Scaling::kLargestCurved)},
            .x_axis = widgets::XAxis::kDoubling};
  }

  void draw_curves(const std::string& id, const std::string& title, const Rect& box,
                   const std::vector<Sample>& raw, const std::vector<Sample>& scaled, double top) {
    PlotPicture p = curves(id, box);
    p.title = title;
    p.y_range = widgets::Interval{0, top};
    p.curves = {{"q·k", kRaw, raw, 2, 1, true, true}, {"÷ √d", kScaled, scaled, 2, 1, true, true}};
    if (r_.params.dim <= Scaling::kLargestCurved) {
      // Named once, where it meets no curve.
      const bool named = &raw == &r_.raw.slope;
      p.marks.push_back(
          {named ? "d = " + core::grouped(r_.params.dim) : "", static_cast<double>(r_.params.dim)});
    }
    widgets::draw(c_, p);
    if (!f_.point) return;
    for (const auto* curve : {&raw, &scaled}) {
      const Point at = widgets::point_of(p, (*curve)[static_cast<std::size_t>(*f_.point)]);
      c_.stroke({at.x - 6, at.y - 6, 12, 12}, Role::kFocus, 2);
    }
  }

  Canvas& c_;
  const Result& r_;
  Board b_;
  Focus f_;
  std::vector<std::vector<double>> heights_;  // of the histograms that are shown
};

}  // namespace

void Scaling::draw(const std::shared_ptr<const Result>& result, View& view, Canvas& canvas) {
  Picture(canvas, *result, view).draw();
}

}  // namespace vitrine::labs
