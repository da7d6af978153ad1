#include "app/widgets/folder_listing.h"

#include <algorithm>
#include <system_error>

#include "engine/io/files.h"

namespace vitrine::widgets {

namespace fs = std::filesystem;

const std::vector<FolderListing::Entry>& FolderListing::of(const fs::path& folder,
                                                           std::span<const std::string_view> endings) {
  std::error_code unreadable;
  const fs::file_time_type changed = fs::last_write_time(folder, unreadable);
  if (folder == folder_ && changed == changed_ && std::ranges::equal(endings, endings_)) return entries_;
  folder_ = folder;
  changed_ = changed;
  endings_.assign(endings.begin(), endings.end());
  entries_.clear();
  for (fs::directory_iterator at(folder, unreadable), end; !unreadable && at != end;
       at.increment(unreadable)) {
    const std::string name = at->path().filename().string();
    std::error_code none;
    const bool is_folder = at->is_directory(none);
    if (!name.starts_with('.') &&
        (is_folder || std::ranges::find(endings, io::ending_of(at->path())) != endings.end()))
      entries_.push_back({name, is_folder});
  }
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) {
    return a.folder != b.folder ? a.folder : a.name < b.name;
  });
  return entries_;
}

}  // namespace vitrine::widgets
