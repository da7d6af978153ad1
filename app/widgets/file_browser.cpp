#include "app/widgets/file_browser.h"

#include <imgui.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <vector>

#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

namespace fs = std::filesystem;

struct Entry {
  std::string name;
  bool folder;
};

bool has_ending(const fs::path& file, std::initializer_list<std::string_view> endings) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

// Folders first, then files, by name; hidden ones and what cannot be read are left out.
std::vector<Entry> entries(const fs::path& folder, std::initializer_list<std::string_view> endings) {
  std::vector<Entry> found;
  std::error_code unreadable;
  for (fs::directory_iterator at(folder, unreadable), end; !unreadable && at != end;
       at.increment(unreadable)) {
    const std::string name = at->path().filename().string();
    std::error_code none;
    const bool is_folder = at->is_directory(none);
    if (!name.starts_with('.') && (is_folder || has_ending(at->path(), endings)))
      found.push_back({name, is_folder});
  }
  std::sort(found.begin(), found.end(),
            [](const Entry& a, const Entry& b) { return a.folder != b.folder ? a.folder : a.name < b.name; });
  return found;
}

fs::path start_folder(const std::string& path) {
  std::error_code none;
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty() && fs::is_directory(folder, none)) return folder;
  const char* home = std::getenv("HOME");
  return home && fs::is_directory(home, none) ? fs::path(home) : fs::path("/");
}

}  // namespace

bool file_control(Controls& controls, std::string_view name, std::string& path,
                  std::initializer_list<std::string_view> endings, std::string_view help) {
  bool changed = controls.text(name, path, help);
  ControlState& state = controls.state();
  if (controls.button("Browse", "Looks for a file")) {
    state.browsed_folder = start_folder(path).string();
    ImGui::OpenPopup("browse");
  }
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const float unit = ImGui::GetFontSize();
  ImGui::SetNextWindowPos({display.x / 2, display.y / 2}, ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSize({std::min(36 * unit, display.x * 0.9f), std::min(28 * unit, display.y * 0.9f)});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {unit, unit});
  if (ImGui::BeginPopup("browse", ImGuiWindowFlags_NoMove)) {
    const fs::path folder = state.browsed_folder;
    ImGui::TextUnformatted(core::printable(folder.string(), 70).c_str());
    ImGui::Separator();
    ImGui::BeginChild("entries");
    if (folder.has_relative_path() &&
        ImGui::Selectable((std::string(controls.in_language("..  (up)")) + "##up").c_str(), false,
                          ImGuiSelectableFlags_DontClosePopups))
      state.browsed_folder = folder.parent_path().string();
    for (const Entry& entry : entries(folder, endings)) {
      const std::string label = core::printable(entry.name, 80) + (entry.folder ? "/" : "");
      if (!ImGui::Selectable(label.c_str(), false, entry.folder ? ImGuiSelectableFlags_DontClosePopups : 0))
        continue;
      if (entry.folder) {
        state.browsed_folder = (folder / entry.name).string();
      } else {
        path = (folder / entry.name).string();
        changed = true;
        ImGui::CloseCurrentPopup();
      }
    }
    ImGui::EndChild();
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
  return changed;
}

}  // namespace vitrine::widgets
