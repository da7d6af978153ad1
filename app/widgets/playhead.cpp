#include "app/widgets/playhead.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "app/widgets/canvas.h"

namespace vitrine::widgets {

void Playhead::describe(core::Fields& f) {
  f.field("t", t);
  f.field("speed", speed);
  t = std::isfinite(t) ? std::clamp(t, 0.0, static_cast<double>(kLastStep)) : 0;
  speed = std::isfinite(speed) ? std::clamp(speed, kSpeeds[0], kSpeeds[std::size(kSpeeds) - 1]) : 1;
}

void advance(Playhead& playhead, double dt_s, int last) {
  if (!playhead.playing) return;
  const double steps_per_s = std::max(1 / kStep_s, last / kLongestSweep_s);
  playhead.t = std::min(playhead.t + dt_s * playhead.speed * steps_per_s, static_cast<double>(last));
  if (playhead.t >= last) playhead.playing = false;
}

void step(Playhead& playhead, int direction, int last) {
  const double from = direction > 0 ? std::floor(playhead.t) : std::ceil(playhead.t);
  playhead.t = std::clamp(from + direction, 0.0, static_cast<double>(last));
  playhead.playing = false;
}

void change_speed(Playhead& playhead, int direction) {
  const auto* at = std::lower_bound(std::begin(kSpeeds), std::end(kSpeeds), playhead.speed);
  const auto index =
      std::clamp<std::ptrdiff_t>(at - std::begin(kSpeeds) + direction, 0, std::ssize(kSpeeds) - 1);
  playhead.speed = kSpeeds[index];
}

Lit lit_at(const Playhead& playhead, bool reduce_motion) {
  const double whole = std::floor(playhead.t);
  const float fraction = static_cast<float>(playhead.t - whole);
  if (fraction == 0) return {static_cast<int>(whole), 1};
  // Half of each step moves (400 ms at speed 1), the rest is there to read.
  const float moved = reduce_motion ? 1 : ease(std::min(1.0f, fraction * 2));
  return {static_cast<int>(whole) + 1, moved};
}

}  // namespace vitrine::widgets
