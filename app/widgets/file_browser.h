// Files by hand: a control that holds a file's path, with a browser that opens on "Browse"; and the same
// browser over the whole window, in which a file is chosen to be opened or named to be saved.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/widgets/controls.h"
#include "app/widgets/folder_listing.h"

namespace vitrine::widgets {

// Shows folders and the files with one of the endings (literals, lower case, with the dot). True when another
// file was chosen.
bool file_control(Controls& controls, std::string_view name, std::string& path,
                  std::span<const std::string_view> endings, std::string_view help);

class FileDialog {
 public:
  // Opens with the next draw(), where `near` is. `recent`: files that are offered first.
  void ask_to_open(const std::string& near, std::vector<std::string> recent);
  // The same to save; `file`, whose folder may be none, is the name that is offered. `ending`, a literal, is
  // added to a name without it.
  void ask_to_save(const std::string& file, std::string_view ending);

  struct Chosen {
    std::string path;
    bool to_save;
  };
  // Once a frame, inside a window. A file of the folder with one of the endings (literals), or the folder
  // itself, where one is to be opened; once, when it was chosen.
  std::optional<Chosen> draw(const Screen& screen, std::span<const std::string_view> endings);

 private:
  void ask(const std::string& near);
  // The path that was chosen, empty for none yet.
  std::string draw_recent(const Screen& screen);
  std::string draw_open(const Screen& screen);
  std::string draw_save(const Screen& screen);
  // What the name would be saved as; empty while there is no name.
  std::string target() const;

  bool wanted_ = false, to_save_ = false;
  std::string folder_, name_;
  std::string_view ending_;
  FolderListing listing_;
  std::vector<std::string> recent_;
};

}  // namespace vitrine::widgets
