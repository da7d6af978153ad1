// Font files: where the faces of the house lie on this machine. The window and figures write with the same.
#pragma once

#include <array>
#include <filesystem>
#include <vector>

namespace vitrine::figures {

inline constexpr std::size_t kFaces = 3;

// The files of a face: its letters are the first, and the other's glyphs fill its gaps. Empty: not found.
struct FaceFiles {
  std::filesystem::path letters, signs;
};

// Assets' fonts, the user's, the system's.
std::vector<std::filesystem::path> font_folders();
// By widgets::Face: the first of each in the folders or below them.
std::array<FaceFiles, kFaces> find_fonts(const std::vector<std::filesystem::path>& folders = font_folders());

}  // namespace vitrine::figures
