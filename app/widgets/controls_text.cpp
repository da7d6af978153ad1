// The inspector's controls for words: one line, or as many as they need.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "app/widgets/controls.h"

namespace vitrine::widgets {

namespace {

// Breaks lines where the width asks for it. A blank and a line's end are alike here, one byte each, so the
// text keeps its length and a cursor its place.
void break_lines(char* text, std::size_t length, float width_px) {
  float x = 0;
  char* gap = nullptr;  // the blank before the word
  for (std::size_t at = 0; at < length;) {
    std::size_t end = at;
    while (end < length && text[end] != ' ' && text[end] != '\n') ++end;
    const float word = ImGui::CalcTextSize(text + at, text + end).x;
    if (gap && x + word > width_px) {
      *gap = '\n';
      x = 0;
    }
    x += word;
    if (end < length) {
      gap = text + end;
      *gap = ' ';
      x += ImGui::CalcTextSize(" ").x;
    }
    at = end + 1;
  }
}

int break_lines_again(ImGuiInputTextCallbackData* typed) {
  break_lines(typed->Buf, static_cast<std::size_t>(typed->BufTextLen), *static_cast<float*>(typed->UserData));
  typed->BufDirty = true;
  return 0;
}

}  // namespace

bool Controls::text(std::string_view name, std::string& value, std::string_view help) {
  const Rect box = begin_row(name, "", help);
  ImGui::SetCursorScreenPos({box.x, box.y});
  ImGui::SetNextItemWidth(box.w);
  std::string typed = value;
  ImGui::InputText(("##" + std::string(name)).c_str(), &typed, ImGuiInputTextFlags_AutoSelectAll);
  const bool changed = ImGui::IsItemDeactivatedAfterEdit() && typed != value;
  if (changed) value = typed;
  end_row(name, box, false);
  return changed;
}

bool Controls::long_text(std::string_view name, std::string& value, std::string_view help) {
  begin_row(name, "", help, 22, width_px_ / screen_.scale);
  ImGui::Dummy({width_px_, px(24)});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImGuiStyle& style = ImGui::GetStyle();
  const float width = width_px_ - px(kResetWidth + 4);
  float line_width = width - 2 * style.FramePadding.x - style.ScrollbarSize;
  std::string before = value;
  std::replace(before.begin(), before.end(), '\n', ' ');
  std::string typed = before;
  break_lines(typed.data(), typed.size(), line_width);
  const auto lines = 1 + std::count(typed.begin(), typed.end(), '\n');
  const Rect box{at.x, at.y, width,
                 ImGui::GetTextLineHeight() *
                         static_cast<float>(std::clamp<std::ptrdiff_t>(lines, kFewestLines, kMostLines)) +
                     2 * style.FramePadding.y + px(2)};
  ImGui::InputTextMultiline(("##" + std::string(name)).c_str(), &typed, {box.w, box.h},
                            ImGuiInputTextFlags_CtrlEnterForNewLine | ImGuiInputTextFlags_CallbackEdit,
                            break_lines_again, &line_width);
  std::replace(typed.begin(), typed.end(), '\n', ' ');
  const bool changed = typed != before;
  if (changed) value = typed;
  screen_.items.record(name, box);
  ImGui::Dummy({width_px_, px(kRowGap)});
  complaint(name);
  return changed;
}

}  // namespace vitrine::widgets
