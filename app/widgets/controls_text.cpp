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

void Controls::note(std::string_view words, Role role, float size) { say(words, {size, Face::kWords, role}); }

void Controls::say(std::string_view words, const TextStyle& style) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  const float height = paragraph(c, {at.x / s, at.y / s}, width_px_ / s - 4, words, style);
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
  if (hovered) show_help(screen_, "", help);
  screen_.items.record(title, row);
  note_name(title, help);
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
  const Gate gate(*this, name);
  if (!gate.shown()) return false;
  const Rect box = begin_row(name, "", help);
  ImGui::SetCursorScreenPos({box.x, box.y});
  ImGui::SetNextItemWidth(box.w);
  std::string typed = value;
  ImGui::InputText(("##" + std::string(name)).c_str(), &typed, ImGuiInputTextFlags_AutoSelectAll);
  const bool changed = ImGui::IsItemDeactivatedAfterEdit() && typed != value;
  if (changed) value = typed;
  screen_.items.record(name, box, Use::kText);
  end_row(name, box, false);
  return changed;
}

bool Controls::answer(std::string_view name, std::string& value, std::string_view help) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const Rect box{at.x, at.y, width_px_ - px(4), px(30)};
  ImGui::SetNextItemWidth(box.w);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                      {px(8), std::max(0.0f, (box.h - ImGui::GetFontSize()) / 2)});
  const bool entered =
      ImGui::InputText(("##" + std::string(name)).c_str(), &value,
                       ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  if (entered) ImGui::SetKeyboardFocusHere(-1);  // another try is typed at once
  ImGui::PopStyleVar();
  screen_.items.record(name, box, Use::kText);
  transcript_ += std::string(name) + "\n";
  ImGui::SetCursorScreenPos({at.x, box.bottom()});
  ImGui::Dummy({width_px_, px(kRowGap)});
  note(help);
  return entered;
}

std::optional<std::size_t> Controls::steps(std::string_view name, std::size_t count, std::size_t chosen,
                                           std::string_view help) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float gap = px(3), side = std::min(px(30), (width_px_ - px(4)) / static_cast<float>(count) - gap);
  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  std::optional<std::size_t> pressed;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(i + 1), id = std::string(name) + " " + number;
    const Rect box{at.x + (side + gap) * static_cast<float>(i), at.y, side, px(24)};
    if (invisible("##" + id, box)) pressed = i;
    const bool hovered = ImGui::IsItemHovered();
    if (hovered) show_help(screen_, "", help);
    screen_.items.record(id, box);
    const Rect r{box.x / s, box.y / s, box.w / s, box.h / s};
    c.fill(r, {Role::kText, i == chosen ? 0.2f : hovered ? 0.12f : 0.05f});
    c.text(r.center(), number,
           {kQuietSize_px, Face::kNumbers, i == chosen ? Role::kText : Role::kQuiet, Align::kCenter});
  }
  ImGui::SetCursorScreenPos({at.x, at.y + px(24)});
  ImGui::Dummy({width_px_, px(kRowGap)});
  return pressed;
}

bool Controls::entry(std::string_view name, std::string_view title, std::string_view detail,
                     std::string_view help, bool chosen) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float s = screen_.scale, x = at.x / s, y = at.y / s, width = width_px_ / s - 4;
  ImGuiCanvas c = canvas();
  const TextStyle end{kQuietSize_px, Face::kNumbers, Role::kQuiet, Align::kRight}, words{kQuietSize_px + 1};
  const float words_width = width - 20 - c.text_width(detail, end), line = words.size * kLineHeight;
  const auto lines = static_cast<float>(broken(c, title, words, words_width).size());
  const Rect r{x, y, width, lines * line + 8};
  const bool pressed = invisible("##entry " + std::string(name), {at.x, at.y, px(r.w), px(r.h)});
  const bool hovered = ImGui::IsItemHovered();
  if (hovered) show_help(screen_, "", help);
  screen_.items.record(name, {at.x, at.y, px(r.w), px(r.h)});
  transcript_ += std::string(title) + " " + std::string(detail) + "\n";
  if (chosen || hovered) c.fill(r, {Role::kText, chosen ? 0.12f : 0.06f});
  c.text({r.right() - 6, r.y + 4 + line / 2}, detail, end);
  paragraph(c, {r.x + 6, r.y + 4}, words_width, title, words);
  ImGui::SetCursorScreenPos({at.x, at.y + px(r.h)});
  ImGui::Dummy({width_px_, 0});
  return pressed;
}

bool Controls::long_text(std::string_view name, std::string& value, std::string_view help) {
  const Gate gate(*this, name);
  if (!gate.shown()) return false;
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
  screen_.items.record(name, box, Use::kText);
  ImGui::Dummy({width_px_, px(kRowGap)});
  complaint(name);
  return changed;
}

}  // namespace vitrine::widgets
