#include "app/widgets/tabs.h"

#include <algorithm>
#include <string>

namespace vitrine::widgets {

std::optional<std::size_t> draw_tabs(Canvas& c, Point at, std::string_view id,
                                     std::span<const std::string_view> names, std::size_t chosen,
                                     float width) {
  if (!c.answers()) {
    if (chosen < names.size()) c.text(at, names[chosen], {kQuietSize_px, Face::kWords, Role::kQuiet});
    return std::nullopt;
  }
  constexpr float kPadding = 9, kLeastPadding = 3, kGap = 3, kHeight = 24;
  float words = 0;
  for (const std::string_view name : names) words += c.text_width(name, {kQuietSize_px}) + kGap;
  const float padding =
      std::clamp((width - words) / (2 * static_cast<float>(names.size())), kLeastPadding, kPadding);
  std::optional<std::size_t> clicked;
  for (std::size_t i = 0; i < names.size(); ++i) {
    TextStyle style{kQuietSize_px, Face::kWords, Role::kQuiet, Align::kCenter};
    const Rect box{at.x, at.y - kHeight / 2, c.text_width(names[i], style) + 2 * padding, kHeight};
    const Touch touch = c.touch(std::string(id) + " " + std::string(names[i]), box);
    if (i == chosen || touch.hovered) style.paint = Role::kText;
    if (i == chosen) c.fill(box, Role::kPanel);
    c.text(box.center(), names[i], style);
    if (i == chosen) c.fill({box.x, box.bottom() - 2, box.w, 2}, Role::kText);
    if (touch.clicked) clicked = i;
    at.x = box.right() + kGap;
  }
  return clicked;
}

}  // namespace vitrine::widgets
