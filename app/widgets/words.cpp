#include "app/widgets/words.h"

#include <algorithm>
#include <cctype>

namespace vitrine::widgets {
namespace {

constexpr std::size_t kMostSaid = 8'192;
constexpr std::string_view kMinus = "−";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// The length of the number that begins at `at`: 0 for none. Digits behind a letter are part of a name, as in
// W2.
std::size_t number_length(std::string_view words, std::size_t at) {
  if (at > 0 && (is_letter(words[at - 1]) || is_digit(words[at - 1]))) return 0;
  std::size_t end = at;
  if (words.substr(end).starts_with(kMinus))
    end += kMinus.size();
  else if (words[end] == '-')
    ++end;
  if (end >= words.size() || !is_digit(words[end])) return 0;
  while (end < words.size() && (is_digit(words[end]) || ((words[end] == '.' || words[end] == ',') &&
                                                         end + 1 < words.size() && is_digit(words[end + 1]))))
    ++end;
  if (end + 1 < words.size() && words[end] == 'e') {  // 3e−5
    std::size_t digits = end + 1;
    if (words.substr(digits).starts_with(kMinus)) digits += kMinus.size();
    if (digits < words.size() && is_digit(words[digits]))
      while (digits < words.size() && is_digit(words[digits])) end = ++digits;
  }
  return end - at;
}

struct Split {
  std::string pattern;
  std::vector<std::string_view> numbers;
};
Split split(std::string_view words) {
  Split result;
  for (std::size_t at = 0; at < words.size();) {
    if (const std::size_t length = number_length(words, at); length > 0) {
      result.numbers.push_back(words.substr(at, length));
      result.pattern += '#';
      at += length;
    } else {
      result.pattern += words[at++];
    }
  }
  return result;
}

// Takes a translation apart: letter(c) for each of its letters, number(place) for each "#" and "#2".
template <class Letter, class Number>
void walk(std::string_view translation, const Letter& letter, const Number& number) {
  std::size_t next = 0;
  for (std::size_t at = 0; at < translation.size(); ++at) {
    if (translation[at] != '#') {
      letter(translation[at]);
      continue;
    }
    std::size_t place = next++;
    if (at + 1 < translation.size() && translation[at + 1] >= '1' && translation[at + 1] <= '9')
      place = static_cast<std::size_t>(translation[++at] - '1');
    number(place);
  }
}

// "Schritt # von #2" with its numbers.
std::string filled(std::string_view pattern, const std::vector<std::string_view>& numbers) {
  std::string words;
  walk(
      pattern, [&](char c) { words += c; },
      [&](std::size_t place) {
        if (place < numbers.size()) words += numbers[place];
      });
  return words;
}

// Something a language could say otherwise: no letter of a formula, no number.
bool is_speech(std::string_view words) {
  int letters = 0;
  for (const char c : words) {
    letters = is_letter(c) ? letters + 1 : 0;
    if (letters >= 3) return true;
  }
  return false;
}

}  // namespace

std::string without_numbers(std::string_view words) { return split(words).pattern; }

std::vector<std::size_t> number_places(std::string_view translation) {
  std::vector<std::size_t> places;
  walk(
      translation, [](char) {}, [&](std::size_t place) { places.push_back(place); });
  return places;
}

// The words are what of() has returned, or that cut with an ellipsis.
bool Words::is_said(std::string_view words) const {
  if (results_.contains(words)) return true;
  constexpr std::string_view kEllipsis = "…";
  if (!words.ends_with(kEllipsis)) return false;
  words.remove_suffix(kEllipsis.size());
  const auto longer = results_.lower_bound(words);
  return longer != results_.end() && longer->starts_with(words);
}

std::string Words::translated(std::string_view english) const {
  if (const auto exact = table_.find(english); exact != table_.end()) return exact->second;
  const Split parts = split(english);
  if (const auto at = table_.find(parts.pattern); at != table_.end())
    return filled(at->second, parts.numbers);
  if (collecting_ && is_speech(parts.pattern) && !is_said(english)) missing_.insert(parts.pattern);
  return std::string(english);
}

std::string_view Words::of(std::string_view english) const {
  if ((table_.empty() && !collecting_) || english.empty()) return english;
  auto at = said_.find(english);
  if (at == said_.end()) {
    at = said_.emplace(std::string(english), translated(english)).first;
    if (collecting_) results_.insert(at->second);
  }
  return at->second;
}

void Words::speak(Table table) {
  table_ = std::move(table);
  said_.clear();
}

void Words::begin_frame() {
  if (said_.size() > kMostSaid) said_.clear();
}

}  // namespace vitrine::widgets
