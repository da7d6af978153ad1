#include "app/widgets/plot_marks.h"

#include <algorithm>

#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

constexpr float kRow_px = 15;        // a line of names
constexpr float kLeastName_px = 60;  // a shorter piece of a name says nothing
constexpr float kTogether_px = 12;   // marks that are told as one
constexpr float kMarkReach_px = 6;   // of the pointer

// Of words that said() or tick_words() made.
TextStyle style_of(Role role) { return {.size = kQuietSize_px - 1, .paint = role, .translated = true}; }

// words_of() in the user's language.
std::string said(const Canvas& canvas, const Mark& mark) {
  const auto own = [&](std::string_view words) { return std::string(canvas.translated(words)); };
  return mark.after.empty() ? own(mark.name)
                            : words_of({own(mark.name), mark.x, own(mark.before), own(mark.after)});
}

// Lines of names under the plot's upper edge.
class Names {
 public:
  Names(Canvas& canvas, const Rect& area, std::span<const Rect> taken)
      : canvas_(canvas), area_(area), taken_(taken.begin(), taken.end()) {}

  // Right of x, or where there is no room left of it; cut where there is none either. A name that fits into
  // no line is left out.
  void put(float x, const std::string& words, Role role) {
    const TextStyle style = style_of(role);
    const float width = canvas_.text_width(words, style), room = area_.right() - x - 8;
    for (int row = 0; row < kRows; ++row) {
      const float y = area_.y + 0.5f + kRow_px * static_cast<float>(row);
      if (try_at({x + 2, y, width + 4, kRow_px}, words, style)) return;
      if (try_at({x - 6 - width, y, width + 4, kRow_px}, words, style)) return;
      if (width > room && room >= kLeastName_px &&
          try_at({x + 2, y, room + 4, kRow_px}, elided(canvas_, words, style, room), style))
        return;
    }
  }

 private:
  static constexpr int kRows = 3;

  bool try_at(const Rect& place, const std::string& words, const TextStyle& style) {
    const bool inside = place.x >= area_.x - 1 && place.right() <= area_.right() + 1;
    const bool free = std::ranges::none_of(taken_, [&](const Rect& r) {
      return r.x < place.right() && place.x < r.right() && r.y < place.bottom() && place.y < r.bottom();
    });
    if (!inside || !free) return false;
    canvas_.fill(place, {Role::kStage, 0.75f});
    canvas_.text({place.x + 2, place.center().y}, words, style);
    taken_.push_back(place);
    return true;
  }

  Canvas& canvas_;
  Rect area_;
  std::vector<Rect> taken_;
};

// Those in the plot, from left to right.
std::vector<Mark> visible(const PlotPicture& p, const Axes& axes) {
  std::vector<Mark> marks;
  for (const Mark& mark : p.marks)
    if (const float x = axes.px(mark.x); x >= axes.area.x - 1 && x <= axes.area.right() + 1)
      marks.push_back(mark);
  std::ranges::stable_sort(marks, {}, &Mark::x);
  return marks;
}

}  // namespace

std::string words_of(const Mark& mark) {
  return mark.after.empty() ? mark.name : mark.name + " " + mark.before + " → " + mark.after;
}

std::vector<Mark> merged(std::span<const Mark> marks) {
  std::vector<Mark> told;
  for (const Mark& mark : marks) {
    const auto same = std::ranges::find_if(
        told, [&](const Mark& m) { return m.name == mark.name && !m.after.empty() && !mark.after.empty(); });
    if (same == told.end())
      told.push_back(mark);
    else
      same->after = mark.after;
  }
  std::erase_if(told, [](const Mark& m) { return !m.after.empty() && m.before == m.after; });
  return told;
}

void draw_mark_lines(Canvas& canvas, const PlotPicture& p, const Axes& axes) {
  float last = axes.area.x - 2;
  for (const Mark& mark : visible(p, axes)) {
    const float x = axes.px(mark.x);
    if (x - last < 1) continue;  // a hundred lines in one column are one
    last = x;
    canvas.line({x, axes.area.y}, {x, axes.area.bottom()}, {mark.role, 0.6f});
  }
}

void draw_mark_names(Canvas& canvas, const PlotPicture& p, const Axes& axes, std::span<const Rect> taken) {
  if (!p.mark_names) return;
  Names names(canvas, axes.area, taken);
  const std::vector<Mark> shown = visible(p, axes);
  for (std::size_t i = 0; i < shown.size();) {
    std::size_t end = i + 1;
    while (end < shown.size() && axes.px(shown[end].x) - axes.px(shown[i].x) < kTogether_px) ++end;
    for (const Mark& mark : merged(std::span(shown).subspan(i, end - i)))
      if (!mark.name.empty()) names.put(axes.px(mark.x), said(canvas, mark), mark.role);
    i = end;
  }
}

void draw_pointed_marks(Canvas& canvas, const PlotPicture& p, const Axes& axes, float pointer_px) {
  constexpr std::size_t kMost = 8;
  const TextStyle style = style_of(Role::kText);
  std::vector<std::string> lines;
  std::size_t more = 0;
  for (const Mark& mark : p.marks) {
    if (mark.name.empty() || std::abs(axes.px(mark.x) - pointer_px) > kMarkReach_px) continue;
    if (lines.size() < kMost)
      lines.push_back(tick_words(p.x_axis, mark.x) + "  " + said(canvas, mark));
    else
      ++more;
  }
  if (lines.empty()) return;
  if (more > 0)
    lines.emplace_back(canvas.translated("and " + core::grouped(static_cast<std::int64_t>(more)) + " more"));
  float width = 0;
  for (std::string& line : lines) {
    line = elided(canvas, line, style, axes.area.w - 16);
    width = std::max(width, canvas.text_width(line, style));
  }
  const Rect card{
      std::clamp(pointer_px + 10, axes.area.x, std::max(axes.area.x, axes.area.right() - width - 16)),
      axes.area.y + 4, width + 16, kRow_px * static_cast<float>(lines.size()) + 8};
  canvas.fill(card, Role::kPanel);
  canvas.stroke(card, Role::kHairline);
  for (std::size_t i = 0; i < lines.size(); ++i)
    canvas.text({card.x + 8, card.y + 4 + kRow_px * (static_cast<float>(i) + 0.5f)}, lines[i], style);
}

}  // namespace vitrine::widgets
