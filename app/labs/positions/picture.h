// The pictures of "Positions", one or two for each scene, and what they share.
#pragma once

#include "app/labs/positions/lab.h"

namespace vitrine::labs::positions_picture {

void draw_code(const std::shared_ptr<const Positions::Result>& result, Positions::View& view,
               widgets::Canvas& canvas);
// Of positions that are only counted: two sequences, one short and one long.
void draw_counted(const Positions::Result& result, Positions::View& view, widgets::Canvas& canvas);
void draw_products(const std::shared_ptr<const Positions::Result>& result, Positions::View& view,
                   widgets::Canvas& canvas);
// Of a learned table, as maps over the picture of its patches.
void draw_maps(const std::shared_ptr<const Positions::Result>& result, const widgets::Rect& area,
               Positions::View& view, widgets::Canvas& canvas);
void draw_phrase(const Positions::Result& result, Positions::View& view, widgets::Canvas& canvas);

// The words broken to the box's width; nothing where its height does not hold them all.
void draw_words_within(widgets::Canvas& canvas, const widgets::Rect& box, std::string_view words,
                       const widgets::TextStyle& style);

constexpr float kMargin = 22;
inline float px(core::Index n) { return static_cast<float>(n); }

// A light that shows on pale cells too.
inline void outline(widgets::Canvas& c, const widgets::Rect& r, bool strong = true) {
  if (strong) c.stroke(r.inset(-1), widgets::Role::kStage, 4);
  c.stroke(r.inset(strong ? -1 : 0), {widgets::Role::kFocus, strong ? 1.0f : 0.7f}, strong ? 2.0f : 1.5f);
}

}  // namespace vitrine::labs::positions_picture
