#include "app/shell/language.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <system_error>

#include "engine/core/text.h"
#include "engine/io/assets.h"
#include "engine/io/files.h"
#include "engine/io/json_text.h"

namespace vitrine::shell {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShown_bytes = 60;  // of an entry in a message

// A code is part of a path and may come from a session's file.
bool is_code(std::string_view code) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !code.empty() && code.size() <= 32 && code.find_first_not_of(kAllowed) == code.npos;
}

std::string in_quotes(std::string_view words) { return "\"" + core::printable(words, kShown_bytes) + "\""; }

void check_numbers(std::string_view english, std::string_view translation) {
  const auto count = static_cast<std::size_t>(std::ranges::count(english, '#'));
  std::set<std::size_t> taken;
  for (const std::size_t place : widgets::number_places(translation)) {
    if (place >= count)
      throw io::FormatError(in_quotes(english) + " has " + std::to_string(count) + " numbers, " +
                            in_quotes(translation) + " asks for number " + std::to_string(place + 1));
    taken.insert(place);
  }
  if (taken.size() != count)
    throw io::FormatError(in_quotes(translation) + " leaves out a number of " + in_quotes(english));
}

Language language_from(const nlohmann::json& document) {
  if (!document.is_object()) throw io::FormatError("a language is an object, not " + io::described(document));
  for (const auto& [key, value] : document.items())
    if (key != "language" && key != "words") throw io::FormatError("unknown field " + in_quotes(key));
  if (!document.contains("language")) throw io::FormatError("there is no \"language\"");
  if (!document.contains("words")) throw io::FormatError("there are no \"words\"");
  Language language;
  language.name = io::text_from(document["language"]);
  if (language.name.empty() || language.name.size() > kLongestName_bytes)
    throw io::FormatError("language: a name has 1 to " + std::to_string(kLongestName_bytes) + " bytes");
  const nlohmann::json& words = document["words"];
  if (!words.is_object()) throw io::FormatError("words: an object is expected, not " + io::described(words));
  for (const auto& [english, translation] : words.items()) {
    if (!translation.is_string())
      throw io::FormatError("words: " + in_quotes(english) + " is " + io::described(translation) +
                            ", words are expected");
    const std::string& own = translation.get_ref<const std::string&>();
    if (english.empty() || own.empty()) continue;
    check_numbers(english, own);
    language.words.emplace(english, own);
  }
  return language;
}

}  // namespace

fs::path language_folder() {
  try {
    return io::asset("assets/words");
  } catch (const std::runtime_error&) {
    return {};
  }
}

std::vector<Language> read_languages(const fs::path& folder) {
  std::vector<Language> languages;
  std::error_code unreadable;  // then there is only English
  for (fs::directory_iterator at(folder, unreadable), end; !unreadable && at != end;
       at.increment(unreadable)) {
    const std::string code = at->path().stem().string();
    if (at->path().extension() != ".json" || !is_code(code) || code == kEnglish) continue;
    try {
      languages.push_back({code, read_language(code, folder).name, {}});
    } catch (const io::FileError&) {
      languages.push_back({code, code, {}});
    }
  }
  std::ranges::sort(languages, {}, &Language::code);
  languages.insert(languages.begin(), {std::string(kEnglish), "English", {}});
  return languages;
}

Language read_language(std::string_view code, const fs::path& folder) {
  if (code == kEnglish) return {std::string(kEnglish), "English", {}};
  if (!is_code(code)) throw io::FileError(core::printable(code, kShown_bytes), "is no language's code");
  const fs::path file = folder / (std::string(code) + ".json");
  try {
    Language language = language_from(io::parse_json(io::read_file(file, kLanguageLimit_bytes)));
    language.code = code;
    return language;
  } catch (const io::FormatError& wrong) {
    throw io::FileError(file, wrong.what());
  }
}

}  // namespace vitrine::shell
