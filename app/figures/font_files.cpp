#include "app/figures/font_files.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/io/assets.h"

namespace vitrine::figures {
namespace {

struct Names {
  std::string_view letters, signs;
};
constexpr std::array<Names, kFaces> kNames = {{{"Inter-Regular", "DejaVuSans"},
                                               {"Inter-SemiBold", "DejaVuSans-Bold"},
                                               {"JetBrainsMono-Regular", "DejaVuSansMono"}}};  // by Face

bool is_wanted(const std::filesystem::path& file) {
  const std::string extension = file.extension().string(), name = file.stem().string();
  return (extension == ".otf" || extension == ".ttf") &&
         std::any_of(kNames.begin(), kNames.end(),
                     [&](const Names& face) { return face.letters == name || face.signs == name; });
}

}  // namespace

std::vector<std::filesystem::path> font_folders() {
  std::vector<std::filesystem::path> folders;
  for (const auto& folder : io::asset_folders()) folders.push_back(folder / "fonts");
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    folders.push_back(std::filesystem::path(home) / ".local/share/fonts");
  folders.insert(folders.end(), {"/usr/local/share/fonts", "/usr/share/fonts"});
  return folders;
}

std::array<FaceFiles, kFaces> find_fonts(const std::vector<std::filesystem::path>& folders) {
  using Walk = std::filesystem::recursive_directory_iterator;
  std::map<std::string, std::filesystem::path, std::less<>> found;
  for (const auto& folder : folders) {
    std::error_code unreadable;  // a folder that cannot be read has no fonts
    for (Walk file(folder, std::filesystem::directory_options::skip_permission_denied, unreadable), end;
         !unreadable && file != end && found.size() < 2 * kFaces; file.increment(unreadable))
      if (is_wanted(file->path())) found.emplace(file->path().stem().string(), file->path());
  }
  const auto path_of = [&](std::string_view name) {
    const auto at = found.find(name);
    return at == found.end() ? std::filesystem::path() : at->second;
  };
  std::array<FaceFiles, kFaces> faces;
  for (std::size_t i = 0; i < kFaces; ++i) faces[i] = {path_of(kNames[i].letters), path_of(kNames[i].signs)};
  return faces;
}

}  // namespace vitrine::figures
