#include "app/shell/icons.h"

#include <array>
#include <cmath>
#include <numbers>

namespace vitrine::shell {

using widgets::Canvas;
using widgets::Paint;
using widgets::Point;
using widgets::Rect;

namespace {

void triangle(Canvas& c, Point center, float side, float direction, Paint paint) {
  const float d = direction * side;
  const std::array<Point, 3> corners{{{center.x + d * 0.6f, center.y},
                                      {center.x - d * 0.5f, center.y - side * 0.65f},
                                      {center.x - d * 0.5f, center.y + side * 0.65f}}};
  c.polygon(corners, paint);
}

// An arc from the top with an arrow head there; side -1 points left, +1 right.
void turn(Canvas& c, const Rect& b, Paint paint, float side) {
  const Point m = b.center();
  const float radius = b.w * 0.22f;
  std::array<Point, 16> arc;
  for (std::size_t i = 0; i < arc.size(); ++i) {
    const float angle = 1.4f * std::numbers::pi_v<float> * static_cast<float>(i) / 15;
    arc[i] = {m.x - side * radius * std::sin(angle), m.y + 1 - radius * std::cos(angle)};
  }
  c.polyline(arc, paint, 1.6f);
  triangle(c, {arc[0].x + side * 2, arc[0].y}, 5, side, paint);
}

}  // namespace

void draw_mark(Canvas& c, const Rect& b, Paint paint) {
  c.stroke(b, paint, 1.5f);
  c.line({b.x, b.bottom() - 5}, {b.right(), b.bottom() - 5}, paint, 1.5f);
  const float u = (b.w - 8) / 3;
  const std::array<widgets::Role, 3> roles{widgets::Role::kInput, widgets::Role::kKernel,
                                           widgets::Role::kOutput};
  for (std::size_t i = 0; i < 3; ++i) {
    const float height = 4 + 3 * static_cast<float>(i);
    c.fill({b.x + 4 + u * static_cast<float>(i), b.bottom() - 6 - height, u - 1, height}, roles[i]);
  }
}

void draw_undo_icon(Canvas& c, const Rect& b, Paint paint) { turn(c, b, paint, -1); }
void draw_redo_icon(Canvas& c, const Rect& b, Paint paint) { turn(c, b, paint, 1); }

void draw_theme_icon(Canvas& c, const Rect& b, Paint paint) {
  const Point m = b.center();
  std::array<Point, 25> circle, half;
  for (std::size_t i = 0; i < circle.size(); ++i) {
    const float angle = 2 * std::numbers::pi_v<float> * static_cast<float>(i) / 24;
    circle[i] = {m.x + 7 * std::sin(angle), m.y - 7 * std::cos(angle)};
    half[i] = {m.x + 7 * std::sin(angle / 2), m.y - 7 * std::cos(angle / 2)};
  }
  c.polyline(circle, paint, 1.5f);
  c.polygon(half, paint);
}

void draw_screen_icon(Canvas& c, const Rect& b, Paint paint) {
  const Point m = b.center();
  c.stroke({m.x - 8, m.y - 7, 16, 11}, paint, 1.5f);
  c.line({m.x - 4, m.y + 7}, {m.x + 4, m.y + 7}, paint, 1.5f);
}

void draw_panel_icon(Canvas& c, const Rect& b, Paint paint) {
  const Point m = b.center();
  c.stroke({m.x - 8, m.y - 7, 16, 14}, paint, 1.5f);
  c.fill({m.x + 2, m.y - 7, 6, 14}, paint);
}

void draw_first_icon(Canvas& c, const Rect& b, Paint paint) {
  c.fill({b.center().x - 7, b.center().y - 6, 2, 12}, paint);
  triangle(c, {b.center().x + 2, b.center().y}, 9, -1, paint);
}
void draw_back_icon(Canvas& c, const Rect& b, Paint paint) { triangle(c, b.center(), 9, -1, paint); }
void draw_play_icon(Canvas& c, const Rect& b, Paint paint) { triangle(c, b.center(), 13, 1, paint); }
void draw_pause_icon(Canvas& c, const Rect& b, Paint paint) {
  c.fill({b.center().x - 6, b.center().y - 7, 4, 14}, paint);
  c.fill({b.center().x + 2, b.center().y - 7, 4, 14}, paint);
}
void draw_forward_icon(Canvas& c, const Rect& b, Paint paint) { triangle(c, b.center(), 9, 1, paint); }
void draw_last_icon(Canvas& c, const Rect& b, Paint paint) {
  c.fill({b.center().x + 5, b.center().y - 6, 2, 12}, paint);
  triangle(c, {b.center().x - 2, b.center().y}, 9, 1, paint);
}

}  // namespace vitrine::shell
