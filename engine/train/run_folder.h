// A run's folder: config.json, metrics.csv, events.jsonl, weights.safetensors and checkpoint.bin, each
// replaced whole and in such an order that the run goes on from it, whenever its program was killed.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "engine/io/folder_lock.h"
#include "engine/train/checkpoint.h"
#include "engine/train/events.h"

namespace vitrine::train {

enum class Existing { kRefuse, kReplace, kResume };

// Nobody else writes into the folder while it lives.
class RunFolder {
 public:
  // kRefuse and kReplace make the folder where there is none. Throws io::FileError when it cannot be made or
  // opened, when another program writes into it, when it holds a run already (kRefuse) or none (kResume).
  RunFolder(std::filesystem::path path, Existing existing);
  // A folder made for a run that never began is gone again.
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  // Of kResume.
  Checkpoint checkpoint() const;

  // One of the two, once, before what follows; they write every file. All may throw io::FileError; the files
  // are then as they were or as they should be, each whole.
  // A new run's: what an earlier one left is gone.
  void begin(const Trainer& trainer);
  // Goes on after the checkpoint that the trainer was brought to; `before` is the configuration there.
  // metrics.csv is cut back to its step; events.jsonl keeps what happened after it and says "resume".
  void resume(const TrainConfig& before, const Trainer& trainer);

  // For the next save(). Of the points, quick ones are left out.
  void add(const MetricPoint& point);
  void add(const Event& event);
  // Writes what was added, the weights and a checkpoint; nothing of a trainer whose weights are not finite,
  // since its next step will say so and return to those that were.
  void save(const Trainer& trainer);
  // The last save is so long ago that it is time for one.
  bool due() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  void write_config(const Trainer& trainer) const;
  void write_logs();
  void write_weights(const Trainer& trainer) const;

  std::filesystem::path path_;
  bool made_;  // the folder, and nothing is in it yet
  io::FolderLock lock_;
  std::string metrics_, events_;  // what save() will add to metrics.csv and events.jsonl
  std::chrono::steady_clock::time_point saved_;
};

}  // namespace vitrine::train
