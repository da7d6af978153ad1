// Faults: the system calls by which a program changes files, made to fail one after the other: open for
// writing, write, fsync, linkat, rename, unlink, remove, mkdir. A test program that is built with faults.cpp
// has them in the place of the C library's, so none is overlooked; and its fsync does not wait for the disk.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>

namespace vitrine::io {

enum class Fault {
  kError,       // the call fails: no space left on device
  kShortWrite,  // a write takes a part only; other calls succeed
  kKill,        // the process is killed before the call
};

// While it lives, the call of this number, from 1, has the fault. One at a time.
class FaultAt {
 public:
  FaultAt(Fault fault, int call);
  ~FaultAt();
  FaultAt(const FaultAt&) = delete;
  FaultAt& operator=(const FaultAt&) = delete;
  bool happened() const;
};

// Does the work in a process of its own, killed after `patience` if it is given. True when it was killed.
inline bool killed(const std::function<void()>& work,
                   std::optional<std::chrono::microseconds> patience = {}) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  if (patience) {
    ::usleep(static_cast<useconds_t>(patience->count()));
    ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace vitrine::io
