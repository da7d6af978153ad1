// LastSession: how a window begins and ends with the session's file. A marker beside the file says that a
// window is open; one that is found there at the start, while nobody holds the folder, is left by a window
// that did not close properly, and then it is asked before anything is restored or written over.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/io/folder_lock.h"

namespace vitrine::shell {

class App;

class LastSession {
 public:
  // `session`: the session's file; empty keeps nothing.
  explicit LastSession(std::filesystem::path session) : session_(std::move(session)) {}

  // At the start: restores the session, or asks whether it is to be. Returns one line for the user, mostly
  // empty.
  std::string begin(App& app);
  // Once a frame: does what was answered. The same line.
  std::string frame(App& app);
  // Whether it is to be restored is still asked; what is opened now would be replaced by it.
  bool asks() const { return state_ == State::kAsks; }
  // The session may be written: nothing is asked, and no other window keeps it.
  bool keeps() const { return state_ == State::kKeeps; }
  // The window closes properly: saves, and takes the marker away. The same line.
  std::string end(App& app);

 private:
  enum class State { kNothing, kAsks, kKeeps };

  std::filesystem::path beside(const char* ending) const;
  void mark() const;

  std::filesystem::path session_;
  State state_ = State::kNothing;
  std::optional<io::FolderLock> folder_;
};

}  // namespace vitrine::shell
