// App's layers over everything else: a message, a question, the table of keys, the lecturer's and the
// lesson's pointers.
#include <imgui.h>

#include <algorithm>
#include <utility>

#include "app/shell/app.h"

namespace vitrine::shell {

using widgets::Face;
using widgets::ImGuiCanvas;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Screen;
using widgets::TextStyle;

void App::draw_message(const Screen& screen, const Rect& stage) {
  if (message_.empty()) return;
  ImGuiCanvas c = ImGuiCanvas(screen, ImGui::GetWindowDrawList(), stage, true);
  const Rect area = c.area();
  const TextStyle style{widgets::kTextSize_px};
  constexpr float kPad = 8;
  const float width = area.w - 64,
              lines = static_cast<float>(widgets::broken(c, message_, style, width).size()),
              height = lines * style.size * widgets::kLineHeight + 2 * kPad;
  const Rect card{16, area.h - 14 - height, area.w - 32, height};
  c.fill(card, Role::kPanel);
  c.stroke(card, Role::kHairline);
  c.fill({card.x, card.y, 3, card.h}, Role::kTrouble);
  widgets::paragraph(c, {card.x + 16, card.y + kPad}, width, message_, style);
  items_.record("message",
                {stage.x + card.x * screen.scale, stage.y + card.y * screen.scale, card.w * screen.scale,
                 card.h * screen.scale},
                widgets::Use::kPlace);
  if (ImGui::IsMouseClicked(0)) message_.clear();
}

std::optional<bool> App::take_answer() {
  if (!question_ || !question_->answer) return {};
  return std::exchange(question_, std::nullopt)->answer;
}

void App::draw_question(const Screen& screen) {
  if (!question_ || question_->answer) return;
  if (!ImGui::IsPopupOpen("question")) ImGui::OpenPopup("question");
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const float unit = ImGui::GetFontSize(), width = std::min(30 * unit, display.x * 0.9f);
  ImGui::SetNextWindowPos({display.x / 2, display.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {unit, unit});
  if (ImGui::BeginPopupModal("question", nullptr,
                             ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                 ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_AlwaysAutoResize)) {
    ImGui::PushTextWrapPos(width);
    ImGui::TextUnformatted(std::string(words_.of(question_->words)).c_str());
    ImGui::PopTextWrapPos();
    ImGui::Dummy({1, unit / 2});
    for (const bool yes : {true, false}) {
      const std::string name(yes ? question_->yes : question_->no);
      if (!yes) ImGui::SameLine();
      const bool entered = yes && key_pressed(Key::kEnter);
      if (ImGui::Button((std::string(words_.of(name)) + "###" + name).c_str()) || entered)
        question_->answer = yes;
      const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
      screen.items.record(name, {low.x, low.y, high.x - low.x, high.y - low.y});
    }
    if (question_->answer) ImGui::CloseCurrentPopup();
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
}

void App::draw_keys(const Screen& screen) {
  static constexpr std::pair<std::string_view, std::string_view> kKeysHelp[] = {
      {"Space", "play or pause"},
      {"Left, Right", "one step"},
      {"Home, End", "to the start, to the end"},
      {"[  ]", "slower, faster"},
      {"L", "lessons and exercises"},
      {"Page Up and Down, Ctrl+1 to 9", "in a lesson: a step back, a step on, that step"},
      {"F", "freeze the answer, show it"},
      {"1 to 9, Page Up and Down", "open a lab, the one above, the one below"},
      {"Tab, Shift+Tab", "the keyboard to the next, to the one before"},
      {"F6, Shift+F6", "to the next part of the window, to the one before"},
      {"Enter, Ctrl+Enter", "presses it or types into it, opens its menu"},
      {"F1", "what it is for"},
      {"arrows", "step its number; on the picture go on, with Shift far"},
      {"Ctrl+Z, Ctrl+Shift+Z", "undo, redo"},
      {"Ctrl+O, Ctrl+S, Ctrl+Shift+S", "open a file, save what is shown, save it as another"},
      {"Ctrl+Shift+C, Ctrl+V", "what is shown as a line of text: copy it, paste it"},
      {"Ctrl+V on a grid of numbers", "pastes a matrix: NumPy, MATLAB, CSV, LaTeX"},
      {"Ctrl+E, right click on the stage", "takes along numbers, formula, code, figures"},
      {"Ctrl and +, −, 0", "text size"},
      {"F11", "presenter"},
      {"F12", "what a frame costs"},
      {"Esc", "let go of it, unpin, close, leave the presenter"},
      {"drag a number", "scrubs it; the wheel steps it, a double click types it"},
      {"click a picture", "pins what is lit"},
      {"wheel, drag on the stage", "zoom, move"}};
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  ImGuiCanvas c(screen, ImGui::GetForegroundDrawList(), {0, 0, display.x, display.y}, false);
  const Rect area = c.area();
  c.fill(area, {Role::kBackground, 0.75f});
  const auto rows = static_cast<float>(std::size(kKeysHelp));
  const float row = std::clamp((area.h - 80) / rows, 17.0f, 28.0f), height = 70 + row * rows;
  const Rect card{area.w / 2 - 290, area.h / 2 - height / 2, 580, height};
  c.fill(card, Role::kPanel);
  c.stroke(card, Role::kHairline);
  c.text({card.x + 24, card.y + 30}, "Keys and mouse", {widgets::kExplainSize_px, Face::kStrong});
  float y = card.y + 68;
  for (const auto& [key, meaning] : kKeysHelp) {
    c.text({card.x + 24, y}, key, {widgets::kQuietSize_px, Face::kNumbers});
    c.text({card.x + 236, y}, meaning, {widgets::kQuietSize_px, Face::kWords, Role::kQuiet});
    y += row;
  }
  if (ImGui::IsMouseClicked(0)) keys_shown_ = false;
}

void App::draw_pointers(const Screen& screen, const Layout& l) {
  constexpr float kHalo = 24, kAround = 4;
  const ImVec2 display = ImGui::GetIO().DisplaySize, mouse = ImGui::GetIO().MousePos;
  const float s = screen.scale;
  ImGuiCanvas c(screen, ImGui::GetForegroundDrawList(), {0, 0, display.x, display.y}, false);
  if (const auto part = items_.find(panel_.pointed())) {
    // A control that is scrolled out of sight is brought into it, once.
    if (pointed_ != panel_.pointed() && l.inspector.w > 0 && part->x >= l.inspector.x) {
      const float margin = 40 * s;
      if (part->bottom() > l.inspector.bottom())
        point_scroll_px_ = part->bottom() - l.inspector.bottom() + margin;
      if (part->y < l.inspector.y) point_scroll_px_ = part->y - l.inspector.y - margin;
    }
    pointed_ = panel_.pointed();
    const Rect r{part->x / s, part->y / s, part->w / s, part->h / s};
    c.stroke(r.inset(-kAround), Role::kFocus, 3);
  }
  if (settings_.presenter && l.stage.contains({mouse.x, mouse.y})) {
    ImDrawList* list = ImGui::GetForegroundDrawList();
    const widgets::Color focus = theme()[Role::kFocus];
    list->AddCircleFilled(mouse, kHalo * s, IM_COL32(focus.r, focus.g, focus.b, 60));
    list->AddCircle(mouse, kHalo * s, IM_COL32(focus.r, focus.g, focus.b, 255), 0, 3 * s);
  }
  if (frozen_) {
    const TextStyle style{widgets::kTextSize_px, Face::kStrong, Role::kText, widgets::Align::kCenter};
    constexpr std::string_view kWords = "Frozen: F shows the answer";
    const float width = c.text_width(kWords, style) + 32, x = l.stage.center().x / s, y = l.stage.y / s + 26;
    const Rect badge{x - width / 2, y - 16, width, 32};
    c.fill(badge, Role::kPanel);
    c.stroke(badge, Role::kFocus, 2);
    c.text({x, y}, kWords, style);
  }
}

}  // namespace vitrine::shell
