// Rows: the Workbench's runs, a sweep's trials and runs from elsewhere as one table: what differs, what was
// reached, what it took.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/labs/runs/elsewhere.h"
#include "app/labs/runs/trials.h"
#include "app/labs/workbench/workbench.h"

namespace vitrine::labs::runs {

enum class RowKind { kRun, kTrial, kElsewhere };  // of the Workbench, of the sweep, of another program

struct RowKey {
  RowKind kind = RowKind::kRun;
  std::int64_t number = 0;

  auto operator<=>(const RowKey&) const = default;
  std::string name() const;  // "Run 2", "Trial 7", "Elsewhere 1"
};

struct Row {
  RowKey key;
  std::string name;                // the key's, or its own
  std::string differs;             // from the first row, in words
  std::optional<double> accuracy;  // the best on all validation images, 0 to 1
  core::Index steps = 0;
  std::optional<double> seconds;   // of training; none: not known
  std::string status;              // of a trial that has come to an end before the others
  const Curves* curves = nullptr;  // null: it has no point yet
};

// What a row's words were made for, so that they are not made each frame.
using RowWords = std::map<RowKey, std::pair<std::array<train::TrainConfig, 2>, std::string>>;

// The runs by their number, then the trials by theirs, then the others by their names.
std::vector<Row> rows_of(const std::vector<Workbench::Run>& runs, const Trials& trials,
                         const std::vector<ElsewhereRun>& others, RowWords& words);

enum class Column { kName, kDiffers, kAccuracy, kSteps, kTime };
inline constexpr std::array<std::string_view, 5> kColumns{"Name", "Differs by", "Best validation", "Steps",
                                                          "Time"};

// A row without an accuracy stands last, whichever way.
void sort_rows(std::vector<Row>& rows, Column column, bool descending);

// Its greatest value; nothing where it is empty.
std::optional<double> greatest(const widgets::CurvePyramid& curve);

}  // namespace vitrine::labs::runs
