// Where files that come with the program lie: shaders, fonts.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace vitrine::io {

// The folders that are searched, in order: $VITRINE_ASSETS, the program's own folder, share/vitrine beside
// its bin, the source tree it was built from.
std::vector<std::filesystem::path> asset_folders();

// The first asset_folders() entry that has `relative` ("shaders", "fonts/Inter-Regular.otf"), as a path to
// it. Throws std::runtime_error that names the file and every folder searched.
std::filesystem::path asset(std::string_view relative);

}  // namespace vitrine::io
