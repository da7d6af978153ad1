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

std::optional<std::size_t> preset_buttons(widgets::Controls& controls,
                                          const std::vector<std::string>& names) {
  controls.section("Presets");
  const std::vector<std::string_view> views(names.begin(), names.end());
  return controls.buttons(views, "Sets every control of this lab; undo brings yours back");
}

}  // namespace vitrine::labs
