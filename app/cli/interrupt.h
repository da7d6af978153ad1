// Interrupt: a polite request to end, taken as a note.
#pragma once

#include <array>
#include <atomic>
#include <csignal>

namespace vitrine::cli {

// While it lives, Ctrl-C, a polite kill, a terminal that closes and a reader of the output that is gone are
// noted instead of ending the program. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  bool requested() const { return requested_; }

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGPIPE};
  static inline std::atomic<bool> requested_ = false;
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace vitrine::cli
