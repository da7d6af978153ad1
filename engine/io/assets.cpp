#include "engine/io/assets.h"

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

namespace vitrine::io {

std::vector<std::filesystem::path> asset_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* named = std::getenv("VITRINE_ASSETS"); named != nullptr && *named != '\0')
    folders.emplace_back(named);
  std::error_code unknown;  // no /proc: the folders that depend on it are left out
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
  if (!program.empty()) {
    folders.push_back(program);
    folders.push_back(program.parent_path() / "share" / "vitrine");
  }
  folders.emplace_back(VITRINE_SOURCE_DIR);
  return folders;
}

std::filesystem::path asset(std::string_view relative) {
  std::string searched;
  for (const auto& folder : asset_folders()) {
    std::error_code unreadable;
    if (std::filesystem::exists(folder / relative, unreadable)) return folder / relative;
    searched += (searched.empty() ? "" : ", ") + folder.string();
  }
  throw std::runtime_error(std::string(relative) + " was not found in " + searched +
                           "; VITRINE_ASSETS names the folder that holds it");
}

}  // namespace vitrine::io
