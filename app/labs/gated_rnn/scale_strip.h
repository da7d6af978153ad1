// The strip under the weights of "Gated RNN": every scale of Wh from left to right, coloured by whether what
// is left of h[0] at the end vanishes or explodes there. A drag along it changes the scale.
#pragma once

#include "app/labs/gated_rnn/lab.h"

namespace vitrine::labs {

inline constexpr float kScaleStripHeight = 58;

// Within the first kScaleStripHeight of the box.
void draw_scale_strip(widgets::Canvas& canvas, const widgets::Rect& box, const GatedRnn::Result& result,
                      GatedRnn::View& view);

}  // namespace vitrine::labs
