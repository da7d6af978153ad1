// Figure: what a lab shows at a time, as a Drawing: its stage, and with the frame also its title above and
// the formula of what is lit below.
#pragma once

#include <vector>

#include "app/figures/drawing.h"
#include "app/figures/typefaces.h"
#include "app/labs/lab.h"
#include "app/widgets/words.h"

namespace vitrine::figures {

struct FigureOptions {
  float width = 960, height = 600;  // of the stage
  bool light = false;
  bool frame = false;
  bool transparent = false;
};

// As the lab stands: settled, its playhead where it should be. The pointer is nowhere.
Drawing draw_figure(labs::Lab& lab, const FigureOptions& options, const Typefaces& typefaces,
                    const widgets::Words& words);

// Times of an animation's frames, in steps of the playhead: from the start to `last` as the play button goes,
// or in `seconds` where they are not 0, and then it stands for a second. One frame where nothing moves.
// Throws std::invalid_argument where there would be more than kMostFrames.
inline constexpr int kMostFrames = 2000;
std::vector<double> frame_times(int last, double speed, double seconds, double frames_a_second);

}  // namespace vitrine::figures
