// The learning rate of each step: a linear warm-up, then constant, along half a cosine, or along a line.
// Cosine: Loshchilov, Hutter 2016, "SGDR", equation 5, without restarts.
#pragma once

#include <cstdint>

namespace vitrine::nn {

enum class ScheduleKind { kConstant, kCosine, kLinear };

struct Schedule {
  ScheduleKind kind = ScheduleKind::kConstant;
  std::int64_t warmup_steps = 0;
  std::int64_t total_steps = 1;  // the last step is total_steps - 1
  double smallest = 0;           // where cosine and linear end

  // The rate of step 0, 1, ...: peak (step + 1) / (warmup_steps + 1) while step < warmup_steps; then with
  // u = (step - warmup_steps) / (total_steps - warmup_steps), at most 1:
  // constant: peak; cosine: smallest + (peak - smallest) (1 + cos(pi u)) / 2; linear: peak + (smallest -
  // peak) u
  double rate(double peak, std::int64_t step) const;
};

}  // namespace vitrine::nn
