#include "app/widgets/column.h"

#include <imgui.h>

#include "app/widgets/imgui_compat.h"

namespace vitrine::widgets {
namespace {

constexpr float kPad = 16;
constexpr float kScroll = 75;  // a notch of the wheel

}  // namespace

Column::Column(const Screen& screen, const Rect& place, const std::string& id, ControlState& state,
               float scroll_px)
    : screen_(screen), state_(state), width_px_(place.w - 2 * kPad * screen.scale) {
  ImGuiCanvas c(screen, ImGui::GetWindowDrawList(), place, true);
  c.fill(c.area(), Role::kPanel);
  const float pad = kPad * screen.scale;
  ImGui::SetCursorScreenPos({place.x + pad, place.y});
  imgui_compat::begin_child(
      id.c_str(), {place.w - pad, place.h}, false,
      ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoNavInputs);  // Tab is not ImGui's
  if (scroll_px != 0) ImGui::SetScrollY(ImGui::GetScrollY() + scroll_px);
  imgui_compat::push_font(screen.fonts.pick(Face::kWords, kTextSize_px));
  ImGui::Dummy({1, 4 * screen.scale});
}

Column::~Column() {
  ImGui::Dummy({1, 12 * screen_.scale});
  // What a number under the pointer has taken of the wheel is gone.
  if (const float wheel = ImGui::GetIO().MouseWheel; wheel != 0 && ImGui::IsWindowHovered()) {
    ImGui::SetScrollY(ImGui::GetScrollY() - wheel * kScroll * screen_.scale);
    state_.scrolled_at = {ImGui::GetIO().MousePos.x, ImGui::GetIO().MousePos.y};
  }
  ImGui::PopFont();
  ImGui::EndChild();
}

}  // namespace vitrine::widgets
