// A sweep's folder: sweep.json, results.csv, results.json, and a run's folder for every trial in trials/0000,
// trials/0001, ..., each file replaced whole. What is in the trials' folders is all that the sweep goes on
// from, whenever its program was killed; the results are made anew from them.
#pragma once

#include <filesystem>
#include <string>

#include "engine/io/folder_lock.h"
#include "engine/train/run_folder.h"
#include "engine/train/sweep.h"

namespace vitrine::train {

// All its functions may throw io::FileError.
class SweepFolder final : public TrialStore {
 public:
  // Nobody else writes into the folder while it lives. Throws also when another program does, when it holds a
  // sweep already (kRefuse) or none (kResume).
  SweepFolder(std::filesystem::path path, Existing existing);
  // A folder made for a sweep that never began is gone again.
  ~SweepFolder() override;
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Of the sweep that the folder holds.
  SweepSpec spec() const;
  // A new sweep, before its first update; what the folder has of an earlier one goes.
  void begin(const SweepSpec& spec);
  // Brings a new sweep of spec() to where the trials' folders are.
  void restore(Sweep& sweep) const;
  void write_results(const Sweep& sweep) const;

  std::unique_ptr<RunSink> open(Index trial) override;
  std::shared_ptr<const TrainerState> state(Index trial) override;
  void release(Index) override {}

 private:
  class Sink;
  std::filesystem::path folder_of(Index trial) const;

  std::filesystem::path path_;
  bool made_;     // the folder, and no sweep is in it
  bool of_this_;  // what the folder holds is of the sweep that writes into it
  io::FolderLock lock_;
};

// "trials/0007", of the sweep's folder.
std::string trial_folder(Index trial);

}  // namespace vitrine::train
