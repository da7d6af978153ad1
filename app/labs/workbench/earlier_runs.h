// EarlierRuns: the runs that folders keep, found and read on threads of their own.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "engine/core/job.h"
#include "engine/train/kept_runs.h"

namespace vitrine::labs {

class EarlierRuns {
  struct Question {
    std::filesystem::path folder;
    int number;  // asked once more it is another question
    bool operator==(const Question&) const = default;
  };
  struct Shelf {
    std::filesystem::path sessions, except;
    bool operator==(const Shelf&) const = default;
  };

 public:
  using Answer = core::Outcome<Question, train::WayBack>;

  // `wake` is called from other threads when there is news; it may be empty.
  explicit EarlierRuns(const std::function<void()>& wake);

  // Reads a run to go on with, instead of what is being read.
  void read(std::filesystem::path folder);
  void forget() { reading_ = false; }  // what is being read
  bool reading() const { return reading_; }
  // What was read, or why it cannot be; once, else null.
  std::shared_ptr<const Answer> take();

  // As train::kept_runs, of which equal questions are asked once; null until the first answer.
  std::shared_ptr<const std::vector<train::KeptRun>> find(const std::filesystem::path& sessions,
                                                          const std::filesystem::path& except);

 private:
  bool reading_ = false;
  int asked_ = 0;
  std::shared_ptr<const std::vector<train::KeptRun>> found_;
  core::Job<Question, train::WayBack> reader_;
  core::Job<Shelf, std::vector<train::KeptRun>> finder_;
};

}  // namespace vitrine::labs
