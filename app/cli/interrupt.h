// Interrupt: a polite request to end, taken as a note.
#pragma once

#include <array>
#include <atomic>
#include <csignal>

namespace vitrine::cli {

// While it lives, Ctrl-C, a polite kill and a terminal that closes are noted instead of ending the program.
// One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  bool requested() const { return requested_; }

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
  static inline std::atomic<bool> requested_ = false;
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace vitrine::cli
