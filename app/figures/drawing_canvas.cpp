#include "app/figures/drawing_canvas.h"

#include <algorithm>
#include <cmath>

#include "engine/core/utf8.h"

namespace vitrine::figures {

DrawingCanvas::DrawingCanvas(Drawing& drawing, const Rect& place, const widgets::Theme& theme,
                             const Typefaces& typefaces, const widgets::Words& words)
    : drawing_(drawing), place_(place), theme_(theme), typefaces_(typefaces), words_(words) {
  push_clip(area());
}

DrawingCanvas::~DrawingCanvas() {
  while (clips_ > 0) pop_clip();
}

std::vector<Point> DrawingCanvas::placed(std::span<const Point> points) const {
  std::vector<Point> all;
  for (const Point p : points) all.push_back(placed(p));
  return all;
}

void DrawingCanvas::fill(const Rect& rect, widgets::Paint paint) {
  drawing_.shapes.push_back(Fill{placed(rect), resolved(paint)});
}

void DrawingCanvas::stroke(const Rect& rect, widgets::Paint paint, float width) {
  drawing_.shapes.push_back(Outline{placed(rect), resolved(paint), width});
}

void DrawingCanvas::line(Point from, Point to, widgets::Paint paint, float width) {
  drawing_.shapes.push_back(Path{{placed(from), placed(to)}, resolved(paint), width});
}

void DrawingCanvas::polyline(std::span<const Point> points, widgets::Paint paint, float width) {
  if (points.size() > 1) drawing_.shapes.push_back(Path{placed(points), resolved(paint), width});
}

void DrawingCanvas::polygon(std::span<const Point> convex, widgets::Paint paint) {
  if (convex.size() > 2) drawing_.shapes.push_back(Area{placed(convex), resolved(paint)});
}

void DrawingCanvas::text(Point at, std::string_view words, const widgets::TextStyle& style) {
  if (!style.translated) words = words_.of(words);
  if (words.empty()) return;
  const std::string sound = core::utf8(core::code_points(words));
  const float width = typefaces_.width(sound, style.face, style.size);
  const float shift = style.align == widgets::Align::kLeft     ? 0
                      : style.align == widgets::Align::kCenter ? width / 2
                                                               : width;
  const auto down = static_cast<float>(style.size * typefaces_.baseline(style.face));
  drawing_.shapes.push_back(Words{placed(Point{at.x - shift, at.y + down}), sound, style.face, style.size,
                                  width, resolved(style.paint)});
}

float DrawingCanvas::text_width(std::string_view words, const widgets::TextStyle& style) const {
  return typefaces_.width(style.translated ? words : words_.of(words), style.face, style.size);
}

void DrawingCanvas::heatmap(const widgets::Heatmap& picture) {
  if (picture.values->empty()) return;
  drawing_.shapes.push_back(Cells{std::string(picture.id), placed(picture.box), picture.values,
                                  picture.source, picture.colormap, picture.range,
                                  widgets::diverging_colors(theme_), theme_[widgets::Role::kTrouble]});
  mark_trouble(Cells(std::get<Cells>(drawing_.shapes.back())));
}

// As the window marks them (gpu/heatmap.h): what is not a number is hatched, what is infinite a triangle.
void DrawingCanvas::mark_trouble(const Cells& cells) {
  constexpr float kLeast_px = 6;
  constexpr int kMost = 1000;
  const Color ground = theme_[widgets::Role::kStage];
  const float w = cells.box.w / static_cast<float>(cells.columns()),
              h = cells.box.h / static_cast<float>(cells.rows());
  if (cells.values->rank() != 2 || std::min(w, h) < kLeast_px) return;
  int marks = 0;
  for (core::Index i = 0; i < cells.values->count() && marks < kMost; ++i) {
    const float value = (*cells.values)[i];
    if (std::isfinite(value)) continue;
    ++marks;
    const Rect cell{cells.box.x + w * static_cast<float>(i % cells.columns()),
                    cells.box.y + h * static_cast<float>(i / cells.columns()), w, h};
    const float side = std::min(w, h);
    if (std::isnan(value)) {
      for (float at = side / 3; at < 2 * side; at += side / 3) {
        const float cut = std::max(0.0f, at - side);
        drawing_.shapes.push_back(
            Path{{{cell.x + cut, cell.y + at - cut}, {cell.x + at - cut, cell.y + cut}}, ground, side / 8});
      }
      continue;
    }
    const float tip = cell.y + h * (value > 0 ? 0.15f : 0.85f),
                foot = cell.y + h * (value > 0 ? 0.85f : 0.15f);
    drawing_.shapes.push_back(Fill{cell, ground});
    drawing_.shapes.push_back(
        Area{{{cell.x + w / 2, tip}, {cell.x + 0.85f * w, foot}, {cell.x + 0.15f * w, foot}}, cells.trouble});
  }
}

void DrawingCanvas::push_clip(const Rect& rect) {
  drawing_.shapes.push_back(Clip{placed(rect)});
  ++clips_;
}

void DrawingCanvas::pop_clip() {
  drawing_.shapes.push_back(EndClip{});
  --clips_;
}

}  // namespace vitrine::figures
