// The inspector's words: headings, notes, facts, and the controls for text: one line, or as many as it needs.
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

void Controls::section(std::string_view title) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGuiCanvas c = canvas();
  const float s = screen_.scale;
  c.text({at.x / s, at.y / s + 18}, title, {kQuietSize_px, Face::kStrong, Role::kQuiet});
  ImGui::Dummy({width_px_, px(30)});
  transcript_ += std::string(title) + "\n";
}

void Controls::note(std::string_view words, Role role) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  const float height =
      paragraph(c, {at.x / s, at.y / s}, width_px_ / s - 4, words, {kQuietSize_px, Face::kWords, role});
  ImGui::Dummy({width_px_, px(height + kRowGap)});
  transcript_ += std::string(words) + "\n";
}

void Controls::fact(std::string_view name, std::string_view value, Role role) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  c.text({at.x / s, at.y / s + 10}, name, {kQuietSize_px, Face::kWords, Role::kQuiet});
  const TextStyle style{kQuietSize_px, Face::kNumbers, role, Align::kRight};
  c.text({(at.x + width_px_) / s - 4, at.y / s + 10}, elided(c, value, style, width_px_ / s * 0.72f), style);
  ImGui::Dummy({width_px_, px(20)});
  transcript_ += std::string(name) + " " + std::string(value) + "\n";
}

bool Controls::fold(std::string_view title, std::string_view help) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const Rect row{at.x, at.y + px(4), width_px_, px(24)};
  const auto open = state_.unfolded.find(title);
  bool is_open = open != state_.unfolded.end();
  if (invisible("##fold " + std::string(title), row)) {
    if (is_open)
      state_.unfolded.erase(open);
    else
      state_.unfolded.emplace(title);
    is_open = !is_open;
  }
  const bool hovered = ImGui::IsItemHovered();
  if (hovered && !help.empty()) ImGui::SetTooltip("%.*s", static_cast<int>(help.size()), help.data());
  screen_.items.record(title, row);
  transcript_ += std::string(title) + "\n";
  const float s = screen_.scale, x = row.x / s + 4, y = (row.y + row.h / 2) / s;
  ImGuiCanvas c = canvas();
  const Paint paint = hovered ? Role::kText : Role::kQuiet;
  const Point right[] = {{x - 2, y - 4}, {x + 4, y}, {x - 2, y + 4}};
  const Point down[] = {{x - 4, y - 2}, {x + 4, y - 2}, {x, y + 4}};
  c.polygon(is_open ? down : right, paint);
  c.text({x + 12, y}, title, {kQuietSize_px, Face::kStrong, paint});
  ImGui::SetCursorScreenPos({at.x, at.y + px(30)});
  return is_open;
}

void Controls::share(std::string_view name, std::string_view value, double share) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float s = screen_.scale, width = width_px_ / s - 4;
  fact(name, value);
  ImGuiCanvas c = canvas();
  const Rect bar{at.x / s, at.y / s + 20, width, 2};
  c.fill(bar, Role::kHairline);
  c.fill({bar.x, bar.y, width * static_cast<float>(std::clamp(share, 0.0, 1.0)), bar.h}, Role::kKernel);
  ImGui::Dummy({width_px_, px(kRowGap)});
}

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
