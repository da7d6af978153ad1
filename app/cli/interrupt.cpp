#include "app/cli/interrupt.h"

namespace vitrine::cli {

Interrupt::Interrupt() {
  requested_ = false;
  struct sigaction note {};
  note.sa_handler = [](int) { requested_ = true; };
  note.sa_flags = SA_RESTART;  // what is being saved is not disturbed
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &note, &before_[i]);
}

Interrupt::~Interrupt() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
}

}  // namespace vitrine::cli
