// The way of the numbers in "Many heads": X -> q, k, v of the large head -> the heads side by side -> W_O ->
// Y.
#pragma once

#include "app/labs/heads/board.h"

namespace vitrine::labs {

// Under which a sheet can be touched.
const char* sheet_id(ManyHeads::Panel sheet);
void draw_flow(widgets::Canvas& canvas, const HeadsBoard& board,
               const std::shared_ptr<const ManyHeads::Result>& result, const ManyHeads::Focus& focus);
// Covers what is there only in part, 0 .. 1; what is not there at all is an outline.
void veil(widgets::Canvas& canvas, const widgets::Rect& rect, float there);
// Lights what becomes, strongly, or what it is made of.
void outline(widgets::Canvas& canvas, const widgets::Rect& rect, bool target);

}  // namespace vitrine::labs
