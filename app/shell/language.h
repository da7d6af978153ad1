// Languages of the window: a language is a file assets/words/CODE.json with its name and a table from the
// English words to its own (docs/translating.md). English is built in and has no file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/widgets/words.h"
#include "engine/core/shape.h"

namespace vitrine::shell {

struct Language {
  std::string code;  // "de"
  std::string name;  // in its own words: "Deutsch"
  widgets::Words::Table words;
};

inline constexpr std::string_view kEnglish = "en";
inline constexpr core::Index kLanguageLimit_bytes = core::Index{1} << 22;
inline constexpr std::size_t kLongestName_bytes = 60;  // of a language

// Where the files lie; empty if there is no such folder.
std::filesystem::path language_folder();

// English, then those of the folder by their codes, all without their tables. A file that cannot be read has
// its code for its name: who chooses it is told what is wrong.
std::vector<Language> read_languages(const std::filesystem::path& folder = language_folder());

// The language with its table. An entry whose translation is empty is not translated yet and left out. Throws
// io::FileError for any fault of the file, also for a translation that does not take every number of its
// English words.
Language read_language(std::string_view code, const std::filesystem::path& folder = language_folder());

}  // namespace vitrine::shell
