// Autosave: keeps the session on disk while the window is open, so that little is lost whatever ends the
// program. It writes on a thread of its own; the window never waits for it.
#pragma once

#include <functional>
#include <string>

#include "app/shell/app.h"
#include "engine/core/job.h"

namespace vitrine::shell {

class Autosave {
 public:
  static constexpr double kEvery_s = 25;  // with the time that writing takes, no 30 s of edits are lost

  // `write` puts a session's text on disk, called on another thread; what it throws is said.
  explicit Autosave(std::function<void(const std::string& text)> write);

  // Once a frame, with the time since the window opened: when it is time, what has changed is handed over to
  // be written. Returns one line for the user when that has failed, once; it is tried again all the same.
  std::string tick(double now_s, App& app);
  // Until the next time.
  double due_in_s(double now_s) const { return due_s_ - now_s; }

 private:
  struct Text {
    std::string text;
    int failures;  // before it: the same text is then written once more
    bool operator==(const Text&) const = default;
  };
  struct Written {};

  double due_s_ = kEvery_s;
  int failures_ = 0;
  std::string told_;
  core::Job<Text, Written> job_;
};

}  // namespace vitrine::shell
