// FolderListing: what a file browser shows of a folder, read anew only when the folder has changed: it is
// drawn every frame, and a folder may be large or far away.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::widgets {

class FolderListing {
 public:
  struct Entry {
    std::string name;
    bool folder;
  };
  // Folders first, then the files with one of the endings (lower case, with the dot), by name; hidden ones
  // and what cannot be read are left out.
  const std::vector<Entry>& of(const std::filesystem::path& folder,
                               std::span<const std::string_view> endings);

 private:
  std::filesystem::path folder_;
  std::vector<std::string_view> endings_;
  std::filesystem::file_time_type changed_;
  std::vector<Entry> entries_;
};

}  // namespace vitrine::widgets
