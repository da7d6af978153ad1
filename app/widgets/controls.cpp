#include "app/widgets/controls.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "app/widgets/imgui_compat.h"

namespace vitrine::widgets {
namespace {

ImVec4 vec(Color c) { return {c.r / 255.0f, c.g / 255.0f, c.b / 255.0f, c.a / 255.0f}; }

}  // namespace

void apply_style(const Theme& theme, float scale) {
  ImGuiStyle style;
  style.WindowPadding = {8, 6};  // of tooltips; the frame around the labs has none
  style.FramePadding = {8, 4};
  style.ItemSpacing = {8, 6};
  style.WindowBorderSize = 0;
  style.ChildBorderSize = 0;
  style.PopupBorderSize = 1;
  style.FrameRounding = 4;
  style.PopupRounding = 4;
  style.GrabRounding = 4;
  style.ScrollbarSize = 10;
  style.ScaleAllSizes(scale);
  const Color text = theme[Role::kText], panel = theme[Role::kPanel], focus = theme[Role::kInput];
  const Color frame = gpu::mixed(panel, text, 0.08f), hover = gpu::mixed(panel, text, 0.16f),
              active = gpu::mixed(panel, text, 0.24f);
  const auto set = [&](ImGuiCol slot, Color c) { style.Colors[slot] = vec(c); };
  set(ImGuiCol_Text, text);
  set(ImGuiCol_TextDisabled, theme[Role::kQuiet]);
  set(ImGuiCol_WindowBg, panel);
  set(ImGuiCol_ChildBg, {0, 0, 0, 0});
  set(ImGuiCol_PopupBg, gpu::mixed(panel, text, 0.04f));
  set(ImGuiCol_Border, theme[Role::kHairline]);
  set(ImGuiCol_FrameBg, frame);
  set(ImGuiCol_FrameBgHovered, hover);
  set(ImGuiCol_FrameBgActive, active);
  set(ImGuiCol_Button, frame);
  set(ImGuiCol_ButtonHovered, hover);
  set(ImGuiCol_ButtonActive, active);
  set(ImGuiCol_Header, hover);
  set(ImGuiCol_HeaderHovered, hover);
  set(ImGuiCol_HeaderActive, active);
  set(ImGuiCol_CheckMark, focus);
  set(ImGuiCol_ScrollbarBg, {0, 0, 0, 0});
  set(ImGuiCol_ScrollbarGrab, hover);
  set(ImGuiCol_ScrollbarGrabHovered, active);
  set(ImGuiCol_ScrollbarGrabActive, active);
  set(ImGuiCol_TextSelectedBg, gpu::mixed(panel, focus, 0.5f));
  set(ImGuiCol_NavHighlight, theme[Role::kFocus]);
  ImGui::GetStyle() = style;
}

void show_help(const Screen& screen, std::string_view name, std::string_view help) {
  constexpr float kWidth = 320;
  if (name.empty() && help.empty()) return;
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(kWidth * screen.scale);
  const auto say = [](std::string_view words) {
    ImGui::TextUnformatted(words.data(), words.data() + words.size());
  };
  if (!name.empty()) say(name);
  if (!name.empty()) ImGui::PushStyleColor(ImGuiCol_Text, vec(screen.theme[Role::kQuiet]));
  if (!help.empty()) say(screen.words.of(help));
  if (!name.empty()) ImGui::PopStyleColor();
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
}

Controls::Controls(const Screen& screen, ControlState& state, float width_px)
    : screen_(screen), state_(state), width_px_(width_px) {
  state_.first_grid.clear();
  menu();
}

Controls::Gate::Gate(const Controls& controls, std::string_view name)
    : shown_(!controls.state_.hidden.contains(name)),
      locked_(shown_ && controls.state_.locked.contains(name)) {
  if (locked_) ImGui::BeginDisabled();
}

Controls::Gate::~Gate() {
  if (locked_) ImGui::EndDisabled();
}

void Controls::menu() {
  static constexpr const char* kMenu = "##control menu";
  if (state_.menu_wanted) ImGui::OpenPopup(kMenu);
  state_.menu_wanted = false;
  if (!ImGui::BeginPopup(kMenu)) return;
  const auto line = [&](std::string_view words, std::string_view name) {
    const bool chosen = ImGui::Selectable(std::string(in_language(words)).c_str());
    const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    screen_.items.record(name, {low.x, low.y, high.x - low.x, high.y - low.y});
    return chosen;
  };
  const bool locked = state_.locked.contains(state_.menu_of);
  if (line("Hide this control", "hide control")) state_.hidden.insert(state_.menu_of);
  if (line(locked ? "Unlock this control" : "Lock this control", "lock control"))
    locked ? void(state_.locked.erase(state_.menu_of)) : void(state_.locked.insert(state_.menu_of));
  ImGui::EndPopup();
}

// A drag is only one on the control itself, not the end of one that began elsewhere.
bool Controls::invisible(const std::string& id, const Rect& r) {
  ImGui::SetCursorScreenPos({r.x, r.y});
  return ImGui::InvisibleButton(id.c_str(), {std::max(1.0f, r.w), std::max(1.0f, r.h)});
}

ImGuiCanvas Controls::canvas() const {
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  return {screen_, ImGui::GetWindowDrawList(), {0, 0, size.x, size.y}, true};
}

Rect Controls::begin_row(std::string_view name, std::string_view unit, std::string_view help, float height,
                         float label_width) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  const std::string own(in_language(name));
  const std::string label = unit.empty() ? own : own + " (" + std::string(in_language(unit)) + ")";
  const TextStyle style{.size = kQuietSize_px + 1, .translated = true};
  c.text({at.x / s, at.y / s + height / 2}, elided(c, label, style, label_width - 6), style);
  const Rect label_px{at.x, at.y, px(label_width), px(height)};
  if (ImGui::IsMouseHoveringRect({label_px.x, label_px.y}, {label_px.right(), label_px.bottom()}) &&
      ImGui::IsWindowHovered()) {
    show_help(screen_, label, help);
    if (state_.has_menus && ImGui::IsMouseClicked(1)) {
      state_.menu_of = name;
      state_.menu_wanted = true;
    }
  }
  screen_.items.record("name of " + std::string(name), label_px, Use::kPlace);
  note_name(name, help);
  return {at.x + px(kLabelWidth), at.y, width_px_ - px(kLabelWidth + kResetWidth + 4), px(height)};
}

bool Controls::end_row(std::string_view name, const Rect& box, bool differs) {
  screen_.items.record(name, box, Use::kPlace);
  bool pressed = false;
  if (state_.locked.contains(name)) {
    draw_lock(box);
  } else if (differs) {
    const Rect r{box.right() + px(4), box.y + (box.h - px(kResetWidth)) / 2, px(kResetWidth),
                 px(kResetWidth)};
    pressed = invisible("##reset " + std::string(name), r);
    const bool hovered = ImGui::IsItemHovered();
    if (hovered) show_help(screen_, "", "Back to the default");
    screen_.items.record("reset " + std::string(name), r);
    const float s = screen_.scale;
    ImGuiCanvas c = canvas();
    c.text({(r.x + r.w / 2) / s, (r.y + r.h / 2) / s}, screen_.fonts.ascii_only ? "x" : "↺",
           {kTextSize_px, Face::kWords, hovered ? Role::kText : Role::kQuiet, Align::kCenter});
  }
  ImGui::SetCursorScreenPos({box.x - px(kLabelWidth), box.bottom()});
  ImGui::Dummy({width_px_, px(kRowGap)});
  complaint(name);
  return pressed;
}

void Controls::note_name(std::string_view name, std::string_view help) {
  transcript_ += std::string(name) + "\n";
  if (help.empty()) transcript_ += "no help: " + std::string(name) + "\n";
}

void Controls::draw_lock(const Rect& box) const {
  const float s = screen_.scale, x = box.right() / s + 9, y = (box.y + box.h / 2) / s;
  ImGuiCanvas c = canvas();
  c.fill({x, y - 1, 9, 7}, Role::kQuiet);
  c.stroke({x + 2, y - 6, 5, 6}, Role::kQuiet, 1.5f);
}

void Controls::complaint(std::string_view name) {
  const auto at = state_.complaints.find(name);
  if (at != state_.complaints.end()) complain(at->second.words);
  for (const auto& [control, words] : problems_)
    if (control == name) note(words, Role::kTrouble);
}

bool Controls::toggle(std::string_view name, bool& value, bool reset, std::string_view help) {
  static constexpr std::string_view kOffOn[] = {"off", "on"};
  int index = value ? 1 : 0;
  const bool changed = choose(name, index, kOffOn, reset ? 1 : 0, help);
  value = index == 1;
  return changed;
}

bool Controls::choose(std::string_view name, int& index, std::span<const std::string_view> names, int reset,
                      std::string_view help, bool translated) {
  const Gate gate(*this, name);
  if (!gate.shown()) return false;
  const Rect box = begin_row(name, "", help);
  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  const TextStyle style{kQuietSize_px, Face::kWords, Role::kText, Align::kCenter, !translated};
  const auto words_of = [&](std::string_view option) {
    return std::string(translated ? in_language(option) : option);
  };
  float needed = 0;
  for (const auto& n : names) needed = std::max(needed, c.text_width(n, style) + 10);
  const int before = index;
  if (needed * static_cast<float>(names.size()) <= box.w / s) {  // side by side
    const float each = box.w / static_cast<float>(names.size());
    for (int i = 0; i < static_cast<int>(names.size()); ++i) {
      const auto option = std::string(names[static_cast<std::size_t>(i)]);
      const Rect r{box.x + each * static_cast<float>(i), box.y, each - px(2), box.h};
      if (invisible("##" + std::string(name) + "=" + option, r)) index = i;
      screen_.items.record(std::string(name) + "=" + option, r);
      const float lift = i == index ? 0.28f : ImGui::IsItemHovered() ? 0.16f : 0.06f;
      const Rect u{r.x / s, r.y / s, r.w / s, r.h / s};
      c.fill(u, gpu::mixed(screen_.theme[Role::kPanel], screen_.theme[Role::kText], lift));
      TextStyle label = style;
      label.paint = i == index ? Role::kText : Role::kQuiet;
      c.text(u.center(), option, label);
    }
  } else {
    ImGui::SetCursorScreenPos({box.x, box.y});
    ImGui::SetNextItemWidth(box.w);
    imgui_compat::push_font(screen_.fonts.pick(Face::kWords, kQuietSize_px));
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                        {px(8), std::max(0.0f, (box.h - ImGui::GetFontSize()) / 2)});
    const auto preview = index >= 0 && index < static_cast<int>(names.size())
                             ? words_of(names[static_cast<std::size_t>(index)])
                             : "";
    screen_.items.record(name, box, Use::kPress);
    if (ImGui::BeginCombo(("##" + std::string(name)).c_str(), preview.c_str())) {
      for (int i = 0; i < static_cast<int>(names.size()); ++i) {
        const auto option = std::string(names[static_cast<std::size_t>(i)]);
        bool chosen = ImGui::Selectable((words_of(option) + "##" + option).c_str(), i == before);
        if (ImGui::IsItemFocused() && imgui_compat::key_pressed(imgui_compat::Key::kEnter)) {
          chosen = true;
          ImGui::CloseCurrentPopup();
        }
        if (chosen) index = i;
        if (i == before) ImGui::SetItemDefaultFocus();
        const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
        screen_.items.record(std::string(name) + "=" + option,
                             {low.x, low.y, high.x - low.x, high.y - low.y});
      }
      ImGui::EndCombo();
    }
    ImGui::PopStyleVar();
    ImGui::PopFont();
  }
  if (end_row(name, box, index != reset)) index = reset;
  return index != before;
}

bool Controls::pick(std::string_view name, std::size_t& index, std::span<const std::string_view> names,
                    std::string_view help) {
  int at = static_cast<int>(index);
  const bool changed = choose(name, at, names, 0, help, false);
  index = static_cast<std::size_t>(at);
  return changed;
}

bool Controls::button(std::string_view name, std::string_view help) {
  const std::string_view one[] = {name};
  return buttons(one, help).has_value();
}

std::optional<std::size_t> Controls::buttons(std::span<const std::string_view> names, std::string_view help) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  std::optional<std::size_t> pressed;
  float x = at.x, y = at.y;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string label(names[i]), said(in_language(label));
    const Gate gate(*this, label);
    if (!gate.shown()) continue;
    const float width = ImGui::CalcTextSize(said.c_str()).x + px(18);
    if (x > at.x && x + width > at.x + width_px_) {
      x = at.x;
      y += px(32);
    }
    ImGui::SetCursorScreenPos({x, y});
    if (ImGui::Button((said + "##" + label).c_str(), {width, px(27)})) pressed = i;
    if (ImGui::IsItemHovered()) show_help(screen_, "", help);
    screen_.items.record(label, {x, y, width, px(27)});
    note_name(label, help);
    x += width + px(6);
  }
  ImGui::SetCursorScreenPos({at.x, y + px(27)});
  ImGui::Dummy({width_px_, px(kRowGap)});
  return pressed;
}

bool Controls::editing() const { return ImGui::IsAnyItemActive() && state_.typing.empty(); }

}  // namespace vitrine::widgets
