// Learner: what has been answered and walked, kept in a file of the learner's. Written on a thread of its
// own; the window never waits for it.
#pragma once

#include <filesystem>
#include <string>

#include "engine/core/job.h"
#include "engine/lessons/progress.h"

namespace vitrine::learn {

// $XDG_DATA_HOME/vitrine, or ~/.local/share/vitrine: progress.json, and a folder "lessons" of the user's own;
// empty when there is no home folder.
std::filesystem::path data_folder();

class Learner {
 public:
  // Reads the file if there is one; an empty path keeps nothing. What cannot be read is said and never
  // written over.
  explicit Learner(std::filesystem::path file);
  ~Learner();  // what is known is on the disk then
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  const lessons::Progress& progress() const { return progress_; }
  void note(const lessons::Progress& progress);
  // One line for the user: what went wrong with the file; once.
  std::string take_words();
  // Replaces `file` by the table of docs/teaching.md. Throws io::FileError.
  void write_table(const std::filesystem::path& file, const std::vector<lessons::Card>& cards) const;

 private:
  struct Written {};

  std::filesystem::path file_;
  lessons::Progress progress_;
  std::string words_;
  core::Job<lessons::Progress, Written> job_;
};

}  // namespace vitrine::learn
