// What a run's config.json and its checkpoint say about it: the configuration, and what it ran on and with.
#pragma once

#include <filesystem>
#include <string>

#include "engine/train/trainer.h"

namespace vitrine::train {

// Found by the program, not asked for: a configuration file may have them, and they are then ignored.
struct RunFacts {
  std::string version;             // of the program
  std::string instruction_set;     // of its build: another's results agree to rounding only
  std::string dataset_checksum;    // Dataset::checksum
  double mean = 0, deviation = 1;  // the pixels' normalisation
  std::int64_t parameters = 0;
  std::int64_t first_step = 0;  // done before the run began: of the run that it was forked from

  void describe(core::Fields& f);
  bool operator==(const RunFacts&) const = default;
};

// The fields of the configuration, then those of RunFacts in a group "run".
struct RunRecord {
  TrainConfig config;
  RunFacts run;

  void describe(core::Fields& f);
  bool operator==(const RunRecord&) const = default;
};

// Of a run of this program.
RunRecord record_of(const Trainer& trainer);

// A run's config.json, or a configuration file: what it does not have keeps its default. Throws
// io::FileError.
RunRecord read_record(const std::filesystem::path& file);

}  // namespace vitrine::train
