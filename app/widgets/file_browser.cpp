#include "app/widgets/file_browser.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "app/widgets/folder_listing.h"
#include "app/widgets/imgui_compat.h"
#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

namespace fs = std::filesystem;

fs::path start_folder(const std::string& path) {
  std::error_code none;
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty() && fs::is_directory(folder, none)) return folder;
  const char* home = std::getenv("HOME");
  return home && fs::is_directory(home, none) ? fs::path(home) : fs::path("/");
}

// The size and place of the popup that is begun next.
void place_popup() {
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const float unit = ImGui::GetFontSize();
  ImGui::SetNextWindowPos({display.x / 2, display.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSize({std::min(36 * unit, display.x * 0.9f), std::min(28 * unit, display.y * 0.9f)});
}

// Inside a popup: the folder and what is in it; goes up and into folders. The file's name that was pressed,
// else empty. `items` may be null.
std::string browse(std::string& shown_folder, FolderListing& listing,
                   std::span<const std::string_view> endings, std::string_view up, Items* items) {
  const fs::path folder = shown_folder;
  std::string pressed;
  const auto row = [&](const std::string& name, const std::string& label) {
    const bool is_pressed = ImGui::Selectable(label.c_str(), false, ImGuiSelectableFlags_DontClosePopups);
    const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    if (items && ImGui::IsItemVisible())
      items->record("file " + name, {low.x, low.y, high.x - low.x, high.y - low.y});
    return is_pressed;
  };
  if (folder.has_relative_path() && row("..", std::string(up) + "##up"))
    shown_folder = folder.parent_path().string();
  const std::vector<FolderListing::Entry>& entries = listing.of(folder, endings);
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(entries.size()));
  while (clipper.Step())
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const FolderListing::Entry& entry = entries[static_cast<std::size_t>(i)];
      // A name may hold ImGui's own signs.
      const std::string label =
          core::printable(entry.name, 80) + (entry.folder ? "/" : "") + "###entry " + entry.name;
      if (!row(entry.name, label)) continue;
      if (entry.folder)
        shown_folder = (folder / entry.name).string();
      else
        pressed = entry.name;
    }
  return pressed;
}

bool dialog_button(const Screen& screen, std::string_view name, std::string_view help) {
  const std::string label = std::string(screen.words.of(name)) + "###" + std::string(name);
  const bool pressed = ImGui::Button(label.c_str());
  if (ImGui::IsItemHovered()) show_help(screen, "", help);
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  screen.items.record(name, {low.x, low.y, high.x - low.x, high.y - low.y});
  return pressed;
}

}  // namespace

bool file_control(Controls& controls, std::string_view name, std::string& path,
                  std::span<const std::string_view> endings, std::string_view help) {
  bool changed = controls.text(name, path, help);
  ControlState& state = controls.state();
  if (controls.button("Browse", "Looks for a file")) {
    state.browsed_folder = start_folder(path).string();
    ImGui::OpenPopup("browse");
  }
  place_popup();
  const float unit = ImGui::GetFontSize();
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {unit, unit});
  if (ImGui::BeginPopup("browse", ImGuiWindowFlags_NoMove)) {
    const fs::path folder = state.browsed_folder;
    ImGui::TextUnformatted(core::printable(folder.string(), 70).c_str());
    ImGui::Separator();
    ImGui::BeginChild("entries");
    const std::string pressed =
        browse(state.browsed_folder, state.listing, endings, controls.in_language("..  (up)"), nullptr);
    if (!pressed.empty()) path = (folder / pressed).string();
    ImGui::EndChild();
    if (!pressed.empty()) {
      changed = true;
      ImGui::CloseCurrentPopup();
    }
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
  return changed;
}

void FileDialog::ask(const std::string& near) {
  wanted_ = true;
  folder_ = start_folder(near).string();
}

void FileDialog::ask_to_open(const std::string& near, std::vector<std::string> recent) {
  ask(near);
  to_save_ = false;
  recent_ = std::move(recent);
}

void FileDialog::ask_to_save(const std::string& file, std::string_view ending) {
  ask(file);
  to_save_ = true;
  name_ = fs::path(file).filename().string();
  ending_ = ending;
}

std::string FileDialog::target() const {
  if (name_.empty()) return "";
  const std::string file = (fs::path(folder_) / name_).string();
  return file.ends_with(ending_) ? file : file + std::string(ending_);
}

std::string FileDialog::draw_recent(const Screen& screen) {
  constexpr std::size_t kShown = 5;  // the others are in the list as it grows shorter
  std::string pressed;
  if (recent_.empty()) return pressed;
  ImGui::TextDisabled("%s", std::string(screen.words.of("Recent")).c_str());
  for (std::size_t i = 0; i < std::min(recent_.size(), kShown); ++i) {
    const std::string label = core::printable(recent_[i], 80) + "###recent " + std::to_string(i);
    if (ImGui::Selectable(label.c_str(), false, ImGuiSelectableFlags_DontClosePopups)) pressed = recent_[i];
    const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    screen.items.record("recent " + std::to_string(i + 1), {low.x, low.y, high.x - low.x, high.y - low.y});
  }
  ImGui::Separator();
  return pressed;
}

std::string FileDialog::draw_open(const Screen& screen) {
  return dialog_button(screen, "Open this folder", "A run, or a folder of pictures to train on") ? folder_
                                                                                                 : "";
}

std::string FileDialog::draw_save(const Screen& screen) {
  if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x * 0.6f);
  const bool entered = ImGui::InputText(
      "##file name", &name_, ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  screen.items.record("file name", {low.x, low.y, high.x - low.x, high.y - low.y}, Use::kText);
  if (ImGui::IsItemHovered()) show_help(screen, "", "The file's name; its ending is added to it");
  std::error_code none;
  const std::string file = target();
  const bool is_there = !file.empty() && fs::exists(file, none);
  ImGui::SameLine();
  const bool pressed = is_there ? dialog_button(screen, "Replace", "There is a file of this name already")
                                : dialog_button(screen, "Save", "Writes the file");
  return pressed || (entered && !is_there) ? file : "";  // Enter alone replaces nothing
}

std::optional<FileDialog::Chosen> FileDialog::draw(const Screen& screen,
                                                   std::span<const std::string_view> endings) {
  ImGui::PushID(this);  // another dialog has its own
  if (std::exchange(wanted_, false)) ImGui::OpenPopup("files");
  place_popup();
  const float unit = ImGui::GetFontSize();
  std::string chosen;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {unit, unit});
  if (ImGui::BeginPopup("files", ImGuiWindowFlags_NoMove)) {
    ImGui::TextUnformatted(
        std::string(screen.words.of(to_save_ ? "Save what is shown as a file" : "Open a file")).c_str());
    if (!to_save_) chosen = draw_recent(screen);
    ImGui::TextDisabled("%s", core::printable(folder_, 70).c_str());
    imgui_compat::begin_child("entries", {0, -1.5f * ImGui::GetFrameHeightWithSpacing()});
    const std::string folder = folder_,
                      pressed = browse(folder_, listing_, to_save_ ? std::span(&ending_, 1) : endings,
                                       screen.words.of("..  (up)"), &screen.items);
    ImGui::EndChild();
    if (to_save_ && !pressed.empty()) name_ = pressed;
    if (!to_save_ && !pressed.empty()) chosen = (fs::path(folder) / pressed).string();
    const std::string said = to_save_ ? draw_save(screen) : draw_open(screen);
    if (!said.empty()) chosen = said;
    ImGui::SameLine();
    if (dialog_button(screen, "Cancel", "Esc does the same") || !chosen.empty()) ImGui::CloseCurrentPopup();
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
  ImGui::PopID();
  return chosen.empty() ? std::nullopt : std::optional(Chosen{chosen, to_save_});
}

}  // namespace vitrine::widgets
