// Runs from elsewhere: the curves of a folder whose runs another program wrote, as tables of comma-separated
// values with metrics.csv's columns in any order. There is no configuration and there are no weights.
// Source of the table's form: RFC 4180.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/train/trainer.h"

namespace vitrine::train {

struct ForeignRun {
  std::string name;                 // of its folder or, without the ending, of its file
  std::vector<MetricPoint> points;  // in the file's order
};

struct ForeignRuns {
  std::vector<ForeignRun> runs;      // by their names
  std::vector<std::string> refused;  // a line for each file that cannot be read: which, where and why
};

// Every metrics.csv in a sub-folder, and every .csv in the folder itself. Throws io::FileError when the
// folder cannot be read, core::Stopped soon after a stop is requested.
ForeignRuns foreign_runs(const std::filesystem::path& folder, std::stop_token stop = {});

// Whether a folder or a file seems to hold such runs, by names and the first lines of tables alone. A run
// that has a configuration of this program is none.
bool seem_foreign(const std::filesystem::path& path);

// One table. The first line names the columns: step and loss must be among them, of the others those that are
// a run's are read. A line without a split (train; validation, val, valid or test) is of the training.
// Accuracy, learning_rate, grad_norm and images_per_second are NaN where they are missing or their cell is
// empty, epoch and seconds 0. Empty lines are skipped. Throws io::FileError with the number of the line that
// is wrong, core::Stopped soon after a stop is requested.
std::vector<MetricPoint> read_foreign_metrics(const std::filesystem::path& file,
                                              const std::stop_token& stop = {});

}  // namespace vitrine::train
