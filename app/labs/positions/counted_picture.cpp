// The picture of counted positions: the same positions in a short and a long sequence as cells, both codes as
// curves, and what the length does to them.
#include <algorithm>
#include <cmath>

#include "app/labs/positions/picture.h"
#include "app/widgets/pointing.h"
#include "engine/core/text.h"

namespace vitrine::labs::positions_picture {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Curve;
using widgets::Face;
using widgets::PlotPicture;
using widgets::Rect;
using widgets::Role;
using widgets::Sample;
using widgets::TextStyle;

namespace {

using Counted = Positions::Result::Counted;
using Focus = Positions::Focus;
using Kind = Positions::Kind;
using Result = Positions::Result;

constexpr float kCellWidth = 62, kCellHeight = 34, kGap = 20, kTitle = 26, kNumbers = 18;
constexpr float kStrip = kTitle + kCellHeight + kNumbers + 8;
constexpr float kWords = 62, kLeastPlot = 130;
constexpr float kNarrow = 640;  // here words are smaller

// The cells of a strip: its first positions, the lit one, its last; -1 where some are left out.
std::vector<Index> shown_positions(Index length, Index lit, float width) {
  const auto most = std::max<Index>(6, static_cast<Index>(width / kCellWidth));
  std::vector<Index> shown;
  const Index first = length <= most ? length : most - 5;
  for (Index t = 0; t < first; ++t) shown.push_back(t);
  if (length <= most) return shown;
  const auto add = [&](Index t) {
    if (t <= shown.back()) return;
    if (t > shown.back() + 1) shown.push_back(-1);
    shown.push_back(t);
  };
  if (lit < length - 2) add(lit);
  add(length - 2);
  add(length - 1);
  return shown;
}

class Picture {
 public:
  Picture(Canvas& canvas, const Result& result, Positions::View& view)
      : c_(canvas), r_(result), view_(view), area_(canvas.area()) {
    f_ = Positions::focus(r_, view_, c_.reduce_motion());  // with what was hovered in the last frame
    view_.hovered.reset();
  }

  void draw() {
    float y = area_.y + 8;
    draw_strip("positions short", r_.short_counts, y, Role::kQuiet);
    draw_strip("positions code", r_.counts, y + kStrip, Role::kInput);
    y += 2 * kStrip;
    const float room = area_.bottom() - y - 6;
    const float words = room < kWords + kLeastPlot ? 0 : kWords;
    draw_plot({area_.x + kMargin, y, area_.w - 14 - 2 * kMargin, room - words});
    if (words > 0)
      widgets::paragraph(c_, {area_.x + kMargin, area_.bottom() - words + 4}, area_.w - 2 * kMargin,
                         words_of_length(),
                         {area_.w < kNarrow ? widgets::kQuietSize_px : widgets::kTextSize_px});
  }

 private:
  void draw_strip(const std::string& id, const Counted& counts, float y, Role role) {
    const Index length = counts.code.count();
    const float width = area_.w - 2 * kMargin;
    const std::vector<Index> shown = shown_positions(length, f_.position, width);
    const float cell_w = std::min(kCellWidth, width / px(std::ssize(shown)));
    const float left = area_.x + kMargin;
    widgets::draw_title(
        c_, {left, y + 12}, "A sequence of " + core::grouped(length), role,
        "last ÷ first = " + core::labelled(counts.ratio, 6) + ",  one step = " + core::shown(counts.step, 4),
        width);
    const widgets::Shade shade = widgets::tinted(Role::kInput, counts.code);
    const TextStyle below{widgets::kQuietSize_px - 2, Face::kNumbers, Role::kQuiet, Align::kCenter};
    c_.numbers({"code of " + core::grouped(length),
                {left, y + kTitle, cell_w * px(std::ssize(shown)), kCellHeight},
                &counts.code});
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const Rect cell{left + cell_w * px(static_cast<Index>(i)), y + kTitle, cell_w, kCellHeight};
      const Index t = shown[i];
      if (t < 0) {
        c_.text(cell.center(), "…", {widgets::kTitleSize_px, Face::kWords, Role::kQuiet, Align::kCenter});
        continue;
      }
      const bool lit = t == f_.position;
      widgets::draw_cell(c_, cell, counts.code[t], {.alpha = alpha(t)}, shade);
      TextStyle number = below;
      if (lit) number.paint = Role::kFocus;
      c_.text({cell.center().x, cell.bottom() + 9},
              widgets::elided(c_, core::grouped(t + 1), number, cell_w + 8), number);
      if (lit) outline(c_, cell);
      const widgets::Touch touch = c_.touch(id + " " + std::to_string(t + 1), cell);
      if (touch.hovered && t < r_.positions())
        widgets::point_at(Positions::Spot{Positions::Panel::kCode, {0, t}}, touch.clicked, view_.hovered,
                          view_.pinned);
    }
  }

  float alpha(Index t) const { return t < f_.step || f_.pointed ? 1 : t == f_.step ? f_.progress : 0.25f; }

  void draw_plot(const Rect& box) {
    if (box.h < 90) return;
    const auto curve = [](const Counted& counts, std::vector<Sample>& samples, Index last, float progress) {
      for (Index t = 0; t <= std::min(last, counts.code.count() - 1); ++t)
        samples.push_back({static_cast<double>(t + 1), counts.code[t]});
      if (progress < 1 && samples.size() > 1 && last < counts.code.count())
        samples.back() = {static_cast<double>(last) + progress,
                          std::lerp(counts.code[last - 1], counts.code[last], static_cast<double>(progress))};
    };
    const Index last = f_.pointed ? r_.positions() - 1 : f_.step;
    const float progress = f_.pointed ? 1 : f_.progress;
    std::vector<Sample> here, whole, shorter;
    curve(r_.counts, here, last, progress);
    curve(r_.counts, whole, r_.positions() - 1, 1);
    curve(r_.short_counts, shorter, r_.short_counts.code.count() - 1, 1);
    const auto longest = static_cast<double>(std::max(r_.positions(), r_.short_counts.code.count()));
    const double top = std::max(r_.counts.code[r_.positions() - 1], 1.0);
    PlotPicture p{.id = "positions plot",
                  .title = "The code against the position",
                  .x_title = "position t",
                  .box = box,
                  .y_range = widgets::Interval{0, top * 1.06},
                  .x_range = widgets::Interval{0, longest}};
    const auto name = [](Index n) { return "n = " + core::grouped(n); };
    p.curves.push_back({"", Role::kInput, whole, 1.5f, 0.35f});
    p.curves.push_back({name(r_.short_counts.code.count()), Role::kKernel, shorter, 2, 1, false, true});
    p.curves.push_back({name(r_.positions()), Role::kInput, here, 2, 1, false, true});
    p.marks.push_back({"", static_cast<double>(f_.position + 1)});
    widgets::draw(c_, p);
    c_.numbers({"code of " + core::grouped(r_.positions()), box, &r_.counts.code});
  }

  std::string words_of_length() const {
    const std::string n = core::grouped(r_.positions());
    if (r_.params.kind == Kind::kIndex)
      return "The last position's number is " + core::labelled(r_.counts.ratio, 6) +
             " times the first's: what is learned for small numbers is swamped by large ones, and a longer "
             "text "
             "brings numbers that were never seen.";
    return "All numbers stay between 0 and 1, but one step is " + core::shown(r_.counts.step, 4) +
           " in a sequence of " + n + " and " + core::shown(r_.short_counts.step, 4) + " in one of " +
           core::grouped(r_.short_counts.code.count()) +
           ": the same offset is another code, and the same position too.";
  }

  Canvas& c_;
  const Result& r_;
  Positions::View& view_;
  Rect area_;
  Focus f_;
};

}  // namespace

void draw_counted(const Result& result, Positions::View& view, Canvas& canvas) {
  Picture(canvas, result, view).draw();
}

}  // namespace vitrine::labs::positions_picture
