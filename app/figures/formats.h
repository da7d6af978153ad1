// Formats: what a lab can be taken out of the window as, by a file's extension: the one table.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace vitrine::figures {

enum class Kind : std::uint8_t {
  kPicture,  // of the moment
  kFilm,     // from the first step to the last
  kNumbers,  // tensors
  kModel,    // that was trained
  kText,
};

struct Format {
  std::string_view extension;  // ".svg"
  std::string_view words;      // what it is, for a menu and the command line's help
  Kind kind;
};

std::span<const Format> formats();
// By a file's extension, large or small letters. Throws std::invalid_argument that names those there are.
const Format& format_of(const std::filesystem::path& file);

}  // namespace vitrine::figures
