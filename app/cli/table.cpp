#include "app/cli/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/core/utf8.h"

namespace vitrine::cli {

std::string Table::text() const {
  const auto width = [](const std::string& cell) { return core::code_points(cell).size(); };
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  std::string text;
  for (const auto& row : rows_) {
    text += row.front() + std::string(widths.front() - width(row.front()), ' ');
    for (std::size_t i = 1; i < row.size(); ++i)
      text += std::string(2 + widths[i] - width(row[i]), ' ') + row[i];
    text += '\n';
  }
  return text;
}

std::string object_text(const nlohmann::ordered_json& object) {
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  std::string text;
  for (const auto& [name, value] : object.items())
    text += (text.empty() ? "{\n  \"" : ",\n  \"") + name + "\": " + value.dump(-1, ' ', false, kReplace);
  return text + "\n}\n";
}

}  // namespace vitrine::cli
