// Words: the language of the user interface. The English words stand where they are said; a translation is a
// table from them to another language, so that a new language needs no compiler. A number in what is said is
// "#" in the table: "step 3 / 7" is looked for as "step # / #", and its translation takes the numbers in
// their order, or by their place: "#2".
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitrine::widgets {

class Words {
 public:
  using Table = std::map<std::string, std::string, std::less<>>;

  Words() = default;  // English
  explicit Words(Table table) : table_(std::move(table)) {}

  // The words in the language; as they are where the table has none. What it returns lives until
  // begin_frame() at least.
  std::string_view of(std::string_view english) const;
  // From now on in this language.
  void speak(Table table);
  // Once a frame: forgets what was said when that has become much.
  void begin_frame();

  // Whether of() keeps what it was asked for and has no entry; with "#" for its numbers.
  void collect_missing(bool on) {
    collecting_ = on;
    said_.clear();
  }
  const std::set<std::string, std::less<>>& missing() const { return missing_; }

 private:
  std::string translated(std::string_view english) const;
  bool is_said(std::string_view words) const;

  Table table_;
  mutable Table said_;  // what was asked for, and what became of it
  mutable std::set<std::string, std::less<>> missing_, results_;
  bool collecting_ = false;
};

// "step 3 / 7" -> "step # / #".
std::string without_numbers(std::string_view words);
// Which numbers a translation takes, in its order, from 0: "# von #1" -> 0, 0.
std::vector<std::size_t> number_places(std::string_view translation);

}  // namespace vitrine::widgets
