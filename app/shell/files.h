// Files: states that are taken along and come back: the file of each lab's state, the dialogs in which files
// are chosen, the line on the clipboard, and the files that were open lately.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "app/widgets/file_browser.h"

namespace vitrine::shell {

class App;

class Files {
 public:
  // A state's file is opened, or it is said why not; false: it is none.
  bool open(const std::filesystem::path& file, App& app);
  // To the file that the open lab's state is in; the first time asks where.
  void save(App& app);
  void ask_where_to_save(const App& app);
  void ask_what_to_open(const App& app);
  // As a line on the clipboard, and back.
  void copy_line(App& app) const;
  void paste_line(App& app);

  // A file was opened or saved: it is offered again.
  static void remember(const std::filesystem::path& file, App& app);
  // The name of the file that the open lab's state is in, with a dot when it was edited since; empty: none.
  std::string shown_name(App& app) const;

  // Once a frame: the keys, with Ctrl held; the dialog, inside the window.
  void take_keys(App& app);
  void draw(const widgets::Screen& screen, App& app);

 private:
  struct Kept {
    std::filesystem::path file;
    std::uint64_t digest;  // of what is in it
  };
  void write(std::filesystem::path file, App& app);
  void keep(const std::filesystem::path& file, App& app);

  std::map<std::string, Kept, std::less<>> kept_;  // by the lab's id
  widgets::FileDialog dialog_;
};

}  // namespace vitrine::shell
