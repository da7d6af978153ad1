// Whole files in and out. Reading is bounded; writing is all or nothing: written beside, flushed, renamed, so
// that a reader sees the old file or the new one, whole, whatever stops the writer.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/core/shape.h"

namespace vitrine::io {

// A file cannot be read, written or understood: one line, "path: reason".
class FileError : public std::runtime_error {
 public:
  FileError(const std::filesystem::path& path, std::string_view reason);
};

// A text or a block of bytes does not say what its format demands: one line, without the file's name.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "a/B.PNG" -> ".png"; empty: it has none.
std::string ending_of(const std::filesystem::path& path);

inline constexpr core::Index kFileLimit_bytes = core::Index{1} << 31;

// All bytes of a file (or pipe). Throws FileError, also when there are more than `limit_bytes`.
std::string read_file(const std::filesystem::path& path, core::Index limit_bytes = kFileLimit_bytes);

// Replaces the file as a whole (a symbolic link stays, its target is replaced). Throws FileError; the old
// file is then as it was and nothing is left beside it.
void write_file(const std::filesystem::path& path, std::string_view bytes);
// The same of bytes that lie in several places.
void write_file(const std::filesystem::path& path, std::initializer_list<std::string_view> pieces);
// Replaces the file as a whole by its first `keep_bytes` (or all, where it has no more; no file is an empty
// one) followed by `bytes`: how a file grows or is cut. Throws as write_file.
void replace_end(const std::filesystem::path& path, core::Index keep_bytes, std::string_view bytes);
// A file that somebody else writes, under a name of its own beside the file that it will be.
class FileAside {
 public:
  // Throws FileError: `target` is no regular file.
  explicit FileAside(const std::filesystem::path& target);
  ~FileAside();  // removes what was not put in its place
  FileAside(const FileAside&) = delete;
  FileAside& operator=(const FileAside&) = delete;
  const std::filesystem::path& path() const { return path_; }
  // Flushed, it becomes the file. Throws FileError; the old file is then as it was.
  void replace();

 private:
  std::filesystem::path target_, path_;
};
// Makes a folder, and those above it, where there is none: true when it was made. Throws FileError.
bool make_folder(const std::filesystem::path& folder);
// Removes what writers that were killed left in a folder. Only for one that nobody else writes into.
void remove_leftovers(const std::filesystem::path& folder);

}  // namespace vitrine::io
