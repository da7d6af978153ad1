#include "app/shell/files.h"

#include <imgui.h>

#include <algorithm>
#include <system_error>

#include "app/shell/app.h"
#include "app/shell/input.h"
#include "app/shell/state_file.h"
#include "engine/core/text.h"
#include "engine/io/files.h"

namespace vitrine::shell {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kEndings[] = {kStateEnding, ".json", ".png",        ".jpg", ".jpeg",
                                         ".pgm",       ".ppm",  ".pbm",        ".pnm", ".npy",
                                         ".npz",       ".csv",  ".safetensors"};

std::string name_of(const fs::path& file) { return core::printable(file.filename().string(), 60); }

// The files of the lab's state that do not lie beside `file`: it names them, and they are not in it.
std::string left_behind(const fs::path& file, App& app) {
  for (const fs::path& named : look_at_state(app.lab()).files)
    if (std::error_code none;
        !fs::equivalent(fs::absolute(named).parent_path(), fs::absolute(file).parent_path(), none))
      return name_of(named) + ": " +
             std::string(
                 app.words().of("the state names this file; copy it beside the state to take it along"));
  return "";
}

}  // namespace

bool Files::open(const fs::path& file, App& app) {
  if (io::ending_of(file) != kStateEnding) return false;
  try {
    app.say(open_state(file, app));
    keep(file, app);
  } catch (const io::FileError& wrong) {
    app.say(core::printable(wrong.what(), 300));
  }
  return true;
}

void Files::keep(const fs::path& file, App& app) {
  kept_[std::string(app.lab().info().id)] = {file, look_at_state(app.lab()).digest};
  remember(file, app);
}

void Files::write(fs::path file, App& app) {
  std::error_code none;
  if (const fs::path whole = fs::absolute(file, none); !none) file = whole;
  try {
    io::write_file(file, state_text(app));
    keep(file, app);
    app.say(left_behind(file, app));
  } catch (const io::FileError& wrong) {
    app.say(std::string(app.words().of("The state cannot be saved")) + ": " +
            core::printable(wrong.what(), 300));
  }
}

void Files::save(App& app) {
  const auto kept = kept_.find(app.lab().info().id);
  if (kept == kept_.end()) return ask_where_to_save(app);
  write(fs::path(kept->second.file), app);
}

void Files::ask_where_to_save(const App& app) {
  const std::string id(app.settings().lab);
  const auto kept = kept_.find(id);
  const auto& recent = app.settings().recent;
  const fs::path near = recent.empty() ? fs::path() : fs::path(recent.front()).parent_path();
  dialog_.ask_to_save(
      (kept == kept_.end() ? near / (id + std::string(kStateEnding)) : kept->second.file).string(),
      kStateEnding);
}

void Files::ask_what_to_open(const App& app) {
  const auto& recent = app.settings().recent;
  dialog_.ask_to_open(recent.empty() ? "" : recent.front(), recent);
}

void Files::copy_line(App& app) const {
  const std::string line = state_line(app);
  ImGui::SetClipboardText(line.c_str());
  app.say(std::string(app.words().of("What is shown is on the clipboard as a line of text")));
}

void Files::paste_line(App& app) {
  const char* pasted = ImGui::GetClipboardText();
  const std::string_view line = state_in(pasted ? pasted : "");
  if (line.empty()) return app.paste_numbers(pasted ? pasted : "");
  try {
    app.say(open_state(line, {}, app));
  } catch (const io::FormatError& wrong) {
    app.say(std::string(app.words().of("What is on the clipboard cannot be opened")) + ": " +
            core::printable(wrong.what(), 300));
  }
}

void Files::remember(const fs::path& file, App& app) {
  std::error_code none;
  const fs::path whole = fs::absolute(file, none);
  auto& recent = app.settings().recent;
  const std::string path = (none ? file : whole).lexically_normal().string();
  std::erase(recent, path);
  recent.insert(recent.begin(), path);
  if (recent.size() > kMostRecent) recent.resize(kMostRecent);
}

std::string Files::shown_name(App& app) const {
  const auto kept = kept_.find(app.lab().info().id);
  if (kept == kept_.end()) return "";
  const bool edited = look_at_state(app.lab()).digest != kept->second.digest;
  return name_of(kept->second.file) + (edited ? " ·" : "");
}

void Files::take_keys(App& app) {
  const bool shift = ImGui::GetIO().KeyShift;
  if (key_pressed(Key::kS)) shift ? ask_where_to_save(app) : save(app);
  if (key_pressed(Key::kO)) ask_what_to_open(app);
  if (key_pressed(Key::kV)) paste_line(app);
  if (key_pressed(Key::kC) && shift) copy_line(app);
}

void Files::draw(const widgets::Screen& screen, App& app) {
  const auto chosen = dialog_.draw(screen, kEndings);
  if (!chosen) return;
  if (chosen->to_save) return write(chosen->path, app);
  std::error_code none;
  if (fs::exists(chosen->path, none)) return app.open(chosen->path);
  std::erase(app.settings().recent, chosen->path);
  app.say(core::printable(chosen->path, 200) + ": " +
          std::string(app.words().of("this file is no longer there")));
}

}  // namespace vitrine::shell
