// The few signs on buttons, drawn, so that they are there whatever font is found. Each fits the box it is
// given.
#pragma once

#include "app/widgets/canvas.h"

namespace vitrine::shell {

void draw_mark(widgets::Canvas& canvas, const widgets::Rect& box,
               widgets::Paint paint);  // Vitrine's own: a glass case
void draw_undo_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_redo_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_theme_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_screen_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_panel_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_first_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_back_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_play_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_pause_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_forward_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);
void draw_last_icon(widgets::Canvas& canvas, const widgets::Rect& box, widgets::Paint paint);

}  // namespace vitrine::shell
