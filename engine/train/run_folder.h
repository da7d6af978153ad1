// A run's folder: config.json, metrics.csv and weights.safetensors, each replaced whole.
#pragma once

#include <filesystem>
#include <string>

#include "engine/train/trainer.h"

namespace vitrine::train {

// What the folder's config.json says beyond the configuration; a configuration file may have it and it is
// then ignored.
struct RunFacts {
  std::string version;
  std::string dataset_checksum;
  double mean = 0, deviation = 1;  // the pixels' normalisation
  std::int64_t parameters = 0;

  void describe(core::Fields& f);
};

struct RunRecord {
  TrainConfig config;
  RunFacts run;

  void describe(core::Fields& f);
};

class RunFolder {
 public:
  // Makes the folder. Throws io::FileError when it cannot be made, or holds a run already and `replace` is
  // false.
  RunFolder(std::filesystem::path path, bool replace);

  // Begins the run: config.json, and what an earlier run left is gone.
  void begin(const Trainer& trainer, std::string version) const;
  // Collects training and validation points; quick ones are left out.
  void add(const MetricPoint& point);
  void write_metrics() const;
  void write_weights(const Trainer& trainer) const;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::string metrics_;  // the text of metrics.csv
};

}  // namespace vitrine::train
