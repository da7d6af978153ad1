// A run's folder: config.json, metrics.csv, events.jsonl, weights.safetensors and checkpoint.bin, each
// replaced whole and in such an order that the run goes on from it, whenever its program was killed.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/io/folder_lock.h"
#include "engine/train/checkpoint.h"
#include "engine/train/run_sink.h"

namespace vitrine::train {

inline constexpr const char *kConfigFile = "config.json", *kMetricsFile = "metrics.csv",
                            *kEventsFile = "events.jsonl", *kWeightsFile = "weights.safetensors",
                            *kCheckpointFile = "checkpoint.bin";

enum class Existing { kRefuse, kReplace, kResume };

// Nobody else writes into the folder while it lives. All its functions that write may throw io::FileError;
// each file is then as it was or as it should be, whole, and what was added waits for the next save().
class RunFolder final : public RunSink {
 public:
  // kRefuse and kReplace make the folder where there is none. Throws io::FileError when it cannot be made or
  // opened, when another program writes into it, when it holds a run already (kRefuse) or none (kResume).
  RunFolder(std::filesystem::path path, Existing existing,
            std::chrono::seconds save_every = std::chrono::seconds(30));
  // A folder made for a run that never began is gone again.
  ~RunFolder() override;
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Throws io::FileError.
  Checkpoint checkpoint() const;

  // One of the two comes first. A new run, all files of it; those of an earlier one are gone:
  void begin(const Trainer& trainer) override;
  // or on from the checkpoint that the trainer was brought to and `before` is the record of. metrics.csv is
  // cut back to it, events.jsonl says so.
  void resume(const RunRecord& before, const Trainer& trainer);

  void add(const MetricPoint& point) override;  // quick ones are left out
  void add(const Event& event) override;
  // Also the weights. A folder that is gone is made again, with what came since the last save. Nothing of a
  // trainer whose weights are not finite: its next step will say so and return to those that were.
  void save(const Trainer& trainer) override;
  bool due() const override;

 private:
  // Of a line in metrics.csv: a step's validation comes after its update.
  struct Place {
    Index step = 0;
    bool validation = false;
    auto operator<=>(const Place&) const = default;
  };
  static Place place_of(std::string_view line);
  static std::size_t length_before(std::string_view lines, const Place& place);
  Index metrics_before(const Place& place) const;
  RunRecord record(const Trainer& trainer) const;
  void write_config(const Trainer& trainer) const;
  void write_logs();
  void write_weights(const Trainer& trainer) const;

  std::filesystem::path path_;
  bool made_;  // the folder, and no run is in it
  io::FolderLock lock_;
  Index first_step_ = 0;
  std::string metrics_, events_;  // lines that metrics.csv and events.jsonl still lack
  Place newest_;                  // of the points added
  std::optional<Place> cut_;      // metrics.csv has lines from there on that are void
  const std::chrono::seconds save_every_;
  std::chrono::steady_clock::time_point saved_;
};

}  // namespace vitrine::train
