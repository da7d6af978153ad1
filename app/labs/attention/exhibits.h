// What stands below the steps of "Attention by hand", one at a time: the values' plane and the lit query's
// mix; a nudged key; the softmax's Jacobian; the mask at the right place and at the wrong one; what attention
// costs.
#pragma once

#include "app/labs/attention/steps.h"

namespace vitrine::labs {

void draw_mix(widgets::Canvas& canvas, const widgets::Rect& box, const Attention::Result& result,
              const AttentionProgress& progress, const Attention::Focus& focus, Attention::View& view);
void draw_nudge(widgets::Canvas& canvas, const widgets::Rect& box, const Attention::Result& result,
                const Attention::Focus& focus);
void draw_jacobian(widgets::Canvas& canvas, const widgets::Rect& box, const Attention::Result& result,
                   const Attention::Focus& focus);
void draw_masks(widgets::Canvas& canvas, const widgets::Rect& box, const Attention::Result& result,
                const Attention::Focus& focus);
void draw_cost(widgets::Canvas& canvas, const widgets::Rect& box, const Attention::Result& result);

// Pointing at a value or an output in the plane is pointing at its row.
void touch_mix(widgets::Canvas& canvas, const widgets::Rect& box, const Attention::Result& result,
               Attention::View& view);
// Where the cells of the Jacobian are, to be pointed at.
AttentionBoard::Grid jacobian_grid(const widgets::Rect& box, const Attention::Result& result);

// A cell whose number is small enough for its digits; without a shade it is on the stage's ground.
void number_cell(widgets::Canvas& canvas, const widgets::Rect& rect, double value,
                 const widgets::Shade* shade, int digits);

}  // namespace vitrine::labs
