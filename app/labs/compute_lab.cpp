#include "app/labs/compute_lab.h"

namespace vitrine::labs {

using widgets::Role;

void draw_error_card(widgets::Canvas& canvas, std::string_view title, std::string_view words) {
  const widgets::Rect area = canvas.area();
  canvas.fill(area, {Role::kStage, 0.72f});
  const float width = std::min(560.0f, area.w - 40);
  const widgets::Rect card{area.x + (area.w - width) / 2, area.y + area.h / 2 - 70, width, 140};
  canvas.fill(card, Role::kPanel);
  canvas.fill({card.x, card.y, 4, card.h}, Role::kTrouble);
  canvas.text({card.x + 24, card.y + 30}, title,
              {widgets::kExplainSize_px, widgets::Face::kStrong, Role::kTrouble});
  widgets::paragraph(canvas, {card.x + 24, card.y + 52}, card.w - 48, words, {widgets::kTextSize_px});
}

void draw_progress(widgets::Canvas& canvas, double fraction) {
  const widgets::Rect area = canvas.area();
  const float width = std::min(320.0f, area.w - 40);
  const widgets::Rect box{area.x + (area.w - width) / 2, area.y + 12, width, 34};
  canvas.fill(box, Role::kPanel);
  canvas.stroke(box, Role::kHairline);
  const widgets::TextStyle style{widgets::kQuietSize_px};
  canvas.text({box.x + 12, box.y + 13}, "Computing", style);
  canvas.text({box.right() - 12, box.y + 13}, std::to_string(static_cast<int>(fraction * 100)) + " %",
              {widgets::kQuietSize_px, widgets::Face::kNumbers, Role::kText, widgets::Align::kRight});
  const widgets::Rect bar{box.x + 12, box.bottom() - 9, box.w - 24, 3};
  canvas.fill(bar, Role::kHairline);
  canvas.fill({bar.x, bar.y, bar.w * static_cast<float>(fraction), bar.h}, Role::kOutput);
}

std::optional<std::size_t> preset_buttons(widgets::Controls& controls,
                                          const std::vector<std::string>& names) {
  controls.section("Presets");
  const std::vector<std::string_view> views(names.begin(), names.end());
  return controls.buttons(views, "Sets every control of this lab; undo brings yours back");
}

}  // namespace vitrine::labs
