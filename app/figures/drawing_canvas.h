// DrawingCanvas: a Canvas that keeps what is drawn on it as a Drawing. Nobody touches it.
#pragma once

#include "app/figures/drawing.h"
#include "app/figures/typefaces.h"
#include "app/widgets/words.h"

namespace vitrine::figures {

class DrawingCanvas final : public widgets::Canvas {
 public:
  // Draws into the rectangle of `drawing`, at whose top left corner its area begins. All arguments are kept.
  DrawingCanvas(Drawing& drawing, const Rect& place, const widgets::Theme& theme, const Typefaces& typefaces,
                const widgets::Words& words);
  // Undoes the clips that an exception left, and its own: a canvas is gone before the drawing is used.
  ~DrawingCanvas() override;
  DrawingCanvas(const DrawingCanvas&) = delete;
  DrawingCanvas& operator=(const DrawingCanvas&) = delete;

  const widgets::Theme& theme() const override { return theme_; }
  Rect area() const override { return {0, 0, place_.w, place_.h}; }
  float zoom() const override { return 1; }
  Rect visible() const override { return area(); }
  void fill(const Rect& rect, widgets::Paint paint) override;
  void stroke(const Rect& rect, widgets::Paint paint, float width = 1) override;
  void line(Point from, Point to, widgets::Paint paint, float width = 1) override;
  void polyline(std::span<const Point> points, widgets::Paint paint, float width = 1.5f) override;
  void polygon(std::span<const Point> convex, widgets::Paint paint) override;
  void text(Point at, std::string_view words, const widgets::TextStyle& style) override;
  float text_width(std::string_view words, const widgets::TextStyle& style) const override;
  std::string_view translated(std::string_view words) const override { return words_.of(words); }
  void heatmap(const widgets::Heatmap& picture) override;
  bool answers() const override { return false; }
  widgets::Touch touch(std::string_view, const Rect&) override { return {}; }
  widgets::Touch grab(std::string_view, const Rect&) override { return {}; }
  widgets::Touch steer(std::string_view, const Rect&) override { return {}; }
  void push_clip(const Rect& rect) override;
  void pop_clip() override;
  bool reduce_motion() const override { return false; }

 private:
  Point placed(Point p) const { return {place_.x + p.x, place_.y + p.y}; }
  Rect placed(const Rect& r) const { return {place_.x + r.x, place_.y + r.y, r.w, r.h}; }
  void mark_trouble(const Cells& cells);
  std::vector<Point> placed(std::span<const Point> points) const;
  Color resolved(widgets::Paint paint) const { return paint.resolve(theme_); }

  Drawing& drawing_;
  const Rect place_;
  const widgets::Theme& theme_;
  const Typefaces& typefaces_;
  const widgets::Words& words_;
  int clips_ = 0;  // pushed and not yet popped
};

}  // namespace vitrine::figures
