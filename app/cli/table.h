// What the subcommands print: tables of aligned columns, and JSON objects of one field a line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace vitrine::cli {

// The first column to the left, the others to the right, two blanks between.
class Table {
 public:
  explicit Table(std::vector<std::string> titles) : rows_{std::move(titles)} {}
  // As many cells as titles; each one line of text.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// Numbers read back exactly; what is not finite is null; bytes that are no UTF-8 become U+FFFD.
std::string object_text(const nlohmann::ordered_json& object);

}  // namespace vitrine::cli
