#include "engine/nn/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vitrine::nn {

double Schedule::rate(double peak, std::int64_t step) const {
  if (step < warmup_steps)
    return peak * static_cast<double>(step + 1) / static_cast<double>(warmup_steps + 1);
  const double length = static_cast<double>(std::max<std::int64_t>(1, total_steps - warmup_steps));
  const double u = std::min(1.0, static_cast<double>(step - warmup_steps) / length);
  switch (kind) {
    case ScheduleKind::kConstant:
      return peak;
    case ScheduleKind::kCosine:
      return smallest + (peak - smallest) * (1 + std::cos(std::numbers::pi * u)) / 2;
    case ScheduleKind::kLinear:
      return peak + (smallest - peak) * u;
  }
  return peak;
}

}  // namespace vitrine::nn
