// Elsewhere: runs that another program made, out of a folder of tables, as the window sees them: read on a
// thread of their own, and every run's curves. There is no configuration and there are no weights.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/labs/workbench/curves.h"
#include "app/widgets/controls.h"
#include "engine/core/job.h"

namespace vitrine::labs::runs {

struct ElsewhereRun {
  std::string name;
  core::Index steps = 0;          // of its last point
  std::optional<double> seconds;  // of training; none: its table does not say
  Curves curves;
};

class Elsewhere {
 public:
  // `wake` is called from another thread when there is news; it may be empty.
  explicit Elsewhere(const std::function<void()>& wake);

  // A folder, as train::foreign_runs, or one table; empty: none. What was shown before is gone at once.
  void show(const std::string& place);
  const std::string& place() const { return place_; }
  // Takes what arrived.
  void poll();

  bool reading() const { return reading_; }
  // By their names; empty while they are read.
  const std::vector<ElsewhereRun>& runs() const;
  // What cannot be shown and why, each in one line; of many the first ones and how many more.
  std::vector<std::string> complaints() const;

 private:
  struct Question {
    std::string place;
    int number;  // asked once more it is another question
    bool operator==(const Question&) const = default;
  };
  struct Tables {
    std::vector<ElsewhereRun> runs;
    std::vector<std::string> refused;  // a line each
  };
  using Reader = core::Job<Question, Tables>;

  static Tables read(const std::filesystem::path& place, const std::stop_token& stop);

  std::string place_;
  bool reading_ = false;
  int asked_ = 0;
  std::shared_ptr<const Reader::Answer> answer_;  // to the newest question; null: none yet
  Reader reader_;
};

// Which place, what became of it, and a way to forget it.
void elsewhere_controls(widgets::Controls& c, const Elsewhere& elsewhere, std::string& place);

}  // namespace vitrine::labs::runs
