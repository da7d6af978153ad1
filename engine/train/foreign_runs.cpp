#include "engine/train/foreign_runs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>

#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/train/memory_needs.h"
#include "engine/train/run_folder.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// The cells of a line; one in quotes may hold commas, and quotes by two.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
      cells.back() += line[++i];
    else if (line[i] == '"')
      quoted = !quoted;
    else if (line[i] == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += line[i];
  }
  if (quoted) throw io::FormatError("a quote does not end");
  for (std::string& cell : cells) cell = trimmed(cell);
  return cells;
}

std::string quoted(const std::string& cell) { return "\"" + core::printable(cell, 40) + "\""; }

// The first line: which column holds what.
class Columns {
 public:
  explicit Columns(std::vector<std::string> names) : names_(std::move(names)) {
    for (const char* needed : {"step", "loss"})
      if (!place_of(needed)) throw io::FormatError("no column " + std::string(needed));
  }
  MetricPoint point_of(const std::vector<std::string>& cells) const {
    if (cells.size() != names_.size())
      throw io::FormatError(std::to_string(cells.size()) + " cells under " + std::to_string(names_.size()) +
                            " columns");
    MetricPoint point;
    point.step = whole(cells, "step").value();
    point.loss = number(cells, "loss").value();
    point.epoch = whole(cells, "epoch").value_or(0);
    point.split = split(cells);
    point.accuracy = number(cells, "accuracy").value_or(kNone);
    point.learning_rate = number(cells, "learning_rate").value_or(kNone);
    point.grad_norm = number(cells, "grad_norm").value_or(kNone);
    point.images_per_second = number(cells, "images_per_second").value_or(kNone);
    point.seconds = number(cells, "seconds").value_or(0);
    return point;
  }

 private:
  std::optional<std::size_t> place_of(const char* name) const {
    const auto found = std::ranges::find(names_, name);
    if (found == names_.end()) return std::nullopt;
    if (std::ranges::count(names_, name) > 1)
      throw io::FormatError("the column " + std::string(name) + " twice");
    return static_cast<std::size_t>(found - names_.begin());
  }
  // Empty where the column is missing.
  std::string cell(const std::vector<std::string>& cells, const char* name) const {
    const auto place = place_of(name);
    return place ? cells[*place] : "";
  }
  // Nothing of an empty cell that is not needed.
  std::optional<double> number(const std::vector<std::string>& cells, std::string_view name) const {
    const std::string text = cell(cells, name.data());
    if (text.empty() && name != "step" && name != "loss") return std::nullopt;
    const auto value = core::parse_number(text);
    if (!value) throw io::FormatError(std::string(name) + " " + quoted(text) + " is no number");
    return value;
  }
  std::optional<Index> whole(const std::vector<std::string>& cells, const char* name) const {
    constexpr double kMost = 9007199254740992;  // 2^53: up to there a double holds every whole number
    const auto value = number(cells, name);
    if (value && !(*value >= 0 && *value <= kMost && *value == std::floor(*value)))
      throw io::FormatError(std::string(name) + " " + quoted(cell(cells, name)) + " is no count");
    return value ? std::optional(static_cast<Index>(*value)) : std::nullopt;
  }
  MetricSplit split(const std::vector<std::string>& cells) const {
    const std::string name = cell(cells, "split");
    if (name.empty() || name == "train") return MetricSplit::kTrain;
    constexpr std::array<std::string_view, 4> kValidation{"validation", "val", "valid", "test"};
    if (std::ranges::count(kValidation, name) == 0)
      throw io::FormatError("split " + quoted(name) + " is neither train nor validation");
    return MetricSplit::kValidation;
  }

  std::vector<std::string> names_;
};

std::vector<MetricPoint> points_of(std::string_view text, Index& line_number, const std::stop_token& stop) {
  constexpr Index kLook_lines = 1024;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::optional<Columns> columns;
  std::vector<MetricPoint> points;
  for (line_number = 1; !text.empty(); ++line_number) {
    if (line_number % kLook_lines == 0) core::throw_if_stopped(stop);
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trimmed(line).empty()) continue;
    if (columns)
      points.push_back(columns->point_of(cells_of(line)));
    else
      columns.emplace(cells_of(line));
  }
  line_number = std::max<Index>(1, line_number - 1);
  if (points.empty()) throw io::FormatError("holds no points");
  return points;
}

// The name of every run and the file of its points.
std::vector<std::pair<std::string, fs::path>> files_in(const fs::path& folder) {
  std::vector<std::pair<std::string, fs::path>> files;
  std::error_code error, none;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    if (fs::is_regular_file(path / kMetricsFile, none))
      files.emplace_back(path.filename().string(), path / kMetricsFile);
    else if (path.extension() == ".csv" && fs::is_regular_file(path, none))
      files.emplace_back(path.filename() == kMetricsFile ? folder.filename().string() : path.stem().string(),
                         path);
  }
  if (error) throw io::FileError(folder, error.message());
  std::ranges::sort(files);
  return files;
}

bool names_step_and_loss(std::string_view line) {
  constexpr std::string_view kAround = " \t\r\"\xEF\xBB\xBF";  // also the mark before the first name
  bool step = false, loss = false;
  while (true) {
    const std::size_t comma = line.find(',');
    std::string_view name = line.substr(0, comma);
    name.remove_prefix(std::min(name.find_first_not_of(kAround), name.size()));
    name = name.substr(0, name.find_last_not_of(kAround) + 1);
    step |= name == "step";
    loss |= name == "loss";
    if (comma == line.npos) return step && loss;
    line.remove_prefix(comma + 1);
  }
}

bool is_table(const fs::path& path) {
  constexpr std::size_t kMost_bytes = 4096;  // of a first line
  std::error_code none;
  if (path.extension() != ".csv" || !fs::is_regular_file(path, none)) return false;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMost_bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return names_step_and_loss(std::string_view(text).substr(0, text.find('\n')));
}

}  // namespace

std::vector<MetricPoint> read_foreign_metrics(const fs::path& file, const std::stop_token& stop) {
  constexpr Index kShortestLine_bytes = 4;
  const Index limit_bytes =
      free_memory_bytes() / 2 / static_cast<Index>(sizeof(MetricPoint)) * kShortestLine_bytes;
  const std::string text = io::read_file(file, limit_bytes);
  Index line = 1;
  try {
    return points_of(text, line, stop);
  } catch (const io::FormatError& wrong) {
    throw io::FileError(file, "line " + std::to_string(line) + ": " + wrong.what());
  }
}

ForeignRuns foreign_runs(const fs::path& folder, std::stop_token stop) {
  ForeignRuns found;
  for (const auto& [name, file] : files_in(folder)) {
    core::throw_if_stopped(stop);
    try {
      found.runs.push_back({name, read_foreign_metrics(file, stop)});
    } catch (const io::FileError& error) {
      found.refused.emplace_back(error.what());
    }
  }
  return found;
}

bool seem_foreign(const fs::path& path) {
  constexpr int kMostEntries = 1000;  // that are looked at
  std::error_code none;
  if (!fs::is_directory(path, none)) return is_table(path);
  if (fs::exists(path / kConfigFile, none)) return false;
  int seen = 0;
  for (fs::directory_iterator at(path, none), end; !none && at != end && seen < kMostEntries;
       at.increment(none), ++seen) {
    std::error_code missing;
    const bool is_run = at->is_directory(missing) && fs::is_regular_file(at->path() / kMetricsFile, missing);
    if (is_run || is_table(at->path())) return true;
  }
  return false;
}

}  // namespace vitrine::train
