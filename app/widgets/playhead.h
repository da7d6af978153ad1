// Playhead: where an exhibit's animation stands. t counts steps: at t = r step r is done and lit; between r
// and r + 1 the values of step r + 1 are on their way. The shell hands time down; nothing here reads a clock.
#pragma once

#include "engine/core/fields.h"

namespace vitrine::widgets {

struct Playhead {
  double t = 0;      // steps, 0 .. last
  double speed = 1;  // 1 = one step in kStep_s
  bool playing = false;
  bool operator==(const Playhead&) const = default;
  // Keeps both finite; a t beyond the last step is brought back when there is a result.
  void describe(core::Fields& f);
};

inline constexpr double kStep_s = 0.8;         // one step at speed 1 ...
inline constexpr double kLongestSweep_s = 30;  // ... unless the whole sweep would take longer than this
inline constexpr int kLastStep = 1 << 30;      // no exhibit has more
inline constexpr double kSpeeds[] = {0.25, 0.5, 1, 2, 4, 8};

// Moves a playing playhead by dt_s seconds over steps 0 .. last and stops it at the end.
void advance(Playhead& playhead, double dt_s, int last);
// One whole step forwards or backwards; stops playing.
void step(Playhead& playhead, int direction, int last);
// The next or previous of kSpeeds.
void change_speed(Playhead& playhead, int direction);

// What the playhead lights: the step on its way or done, and how far it is (1 = done), eased, with reduced
// motion cut.
struct Lit {
  int step = 0;
  float progress = 1;
};
Lit lit_at(const Playhead& playhead, bool reduce_motion);

}  // namespace vitrine::widgets
