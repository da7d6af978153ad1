// How long work ends early when a newer edit has made its answer useless.
#pragma once

#include <stdexcept>
#include <stop_token>

namespace vitrine::core {

// Nobody waits for the result any more; a Job drops it.
class Stopped : public std::runtime_error {
 public:
  Stopped() : std::runtime_error("stopped") {}
};

inline void throw_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Stopped();
}

}  // namespace vitrine::core
