// Canvas: what a lab draws on. Positions are in stage coordinates: one unit is one pixel at scale 1, x right,
// y down; the widths of lines are in pixels at scale 1 however far the stage is enlarged. One canvas draws
// into the window; another only records, for tests. A shape can carry an id to be touched.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/gpu/colormap.h"
#include "app/widgets/theme.h"
#include "engine/core/tensor.h"

namespace vitrine::widgets {

struct Point {
  float x, y;
};

struct Rect {
  float x, y, w, h;
  float right() const { return x + w; }
  float bottom() const { return y + h; }
  Point center() const { return {x + w / 2, y + h / 2}; }
  Rect inset(float d) const { return {x + d, y + d, w - 2 * d, h - 2 * d}; }
  bool contains(Point p) const { return p.x >= x && p.y >= y && p.x < right() && p.y < bottom(); }
};

// a + f (b - a): positions between two places, f = 0 .. 1.
Point mix(Point a, Point b, float f);
Rect mix(const Rect& a, const Rect& b, float f);
// Where the i-th of `count` is that start one after the other, the last one when `spread` of f = 0 .. 1 is
// over, and take the rest each.
float staggered(float f, std::size_t i, std::size_t count, float spread);
// Slow, fast, slow: the only easing of the house (3 f^2 - 2 f^3).
float ease(float f);

enum class Face : std::uint8_t { kWords, kStrong, kNumbers };
enum class Align : std::uint8_t { kLeft, kCenter, kRight };

// Sizes in pixels at scale 1; the point given with a text is its left, centre or right end, vertically
// centred.
struct TextStyle {
  float size = 15;
  Face face = Face::kWords;
  Paint paint = Role::kText;
  Align align = Align::kLeft;
  bool translated = false;  // the words are in the user's language already
};

inline constexpr float kQuietSize_px = 13, kTextSize_px = 15, kExplainSize_px = 18, kTitleSize_px = 22;
inline const TextStyle kQuietWords{kQuietSize_px, Face::kWords, Role::kQuiet};

// A number of cells as a factor of lengths.
inline float as_float(core::Index n) { return static_cast<float>(n); }

// A float texture through a colormap. The texture is uploaded again only when `source` is another object than
// at the last call with this id, so `values` must belong to an immutable result that `source` keeps alive.
struct Heatmap {
  std::string_view id;
  Rect box;
  const core::Tensor<float>* values;  // [rows, columns], or [3, rows, columns] shown as a colour picture
  gpu::Colormap colormap = gpu::Colormap::kViridis;
  gpu::Range range;
  std::shared_ptr<const void> source;
};

// Numbers that a part of the picture shows, for who wants to take them along: copied at once or not at all.
struct Numbers {
  std::string name;
  Rect box;
  std::variant<const core::Tensor<double>*, const core::Tensor<float>*> values;
};

// What the pointer does to a shape.
struct Touch {
  bool hovered = false;
  bool clicked = false;
  bool held = false;  // the button went down on the shape and is down still, wherever the pointer is
  Point at{0, 0};     // the pointer, in stage coordinates
  // Of a shape that is steered:
  bool pressed = false;         // the button went down on it in this frame
  bool double_clicked = false;  // for the second time
  Point moved{0, 0};            // while it is held: how far since the last frame, in stage coordinates
  float wheel = 0;              // notches, away from the user
};

class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual const Theme& theme() const = 0;
  // The stage's whole area.
  virtual Rect area() const = 0;
  // How much the user has enlarged the stage, and the part of it that is on the screen. A picture with more
  // detail than fits at once chooses by them what to draw.
  virtual float zoom() const = 0;
  virtual Rect visible() const = 0;

  virtual void fill(const Rect& rect, Paint paint) = 0;
  virtual void stroke(const Rect& rect, Paint paint, float width = 1) = 0;
  virtual void line(Point from, Point to, Paint paint, float width = 1) = 0;
  virtual void polyline(std::span<const Point> points, Paint paint, float width = 1.5f) = 0;
  virtual void polygon(std::span<const Point> convex, Paint paint) = 0;
  virtual void text(Point at, std::string_view words, const TextStyle& style) = 0;
  virtual float text_width(std::string_view words, const TextStyle& style) const = 0;
  // The words as text() sets them: in the user's language.
  virtual std::string_view translated(std::string_view words) const { return words; }
  virtual void heatmap(const Heatmap& picture) = 0;
  // Says what numbers stand in a rectangle; a heatmap's are known already.
  virtual void numbers(const Numbers&) {}

  // Somebody sees it who can click on it; a figure has no such reader.
  virtual bool answers() const { return true; }
  // Makes the rectangle answer to the pointer under this id.
  virtual Touch touch(std::string_view id, const Rect& rect) = 0;
  // The same for a shape that is drawn or painted on: a drag that begins on it does not move the stage.
  virtual Touch grab(std::string_view id, const Rect& rect) = 0;
  // The same for a shape that is moved and enlarged by itself: neither drag nor wheel on it is the stage's.
  virtual Touch steer(std::string_view id, const Rect& rect) = 0;
  // Shapes drawn between the two are cut to the rectangle.
  virtual void push_clip(const Rect& rect) = 0;
  virtual void pop_clip() = 0;
  // With reduced motion steps are cuts.
  virtual bool reduce_motion() const = 0;
};

// An arrow whose head touches `to`.
void arrow(Canvas& canvas, Point from, Point to, Paint paint, float width = 1.5f);
// A rectangle's outline in dashes: padding, what is not really there.
void dashed(Canvas& canvas, const Rect& rect, Paint paint, float dash = 4, float width = 1);
// The words cut with an ellipsis to fit the width.
std::string elided(const Canvas& canvas, std::string_view words, const TextStyle& style, float width);
// The words in lines that fit the width; a word that alone does not is cut.
std::vector<std::string> broken(const Canvas& canvas, std::string_view words, const TextStyle& style,
                                float width);
inline constexpr float kLineHeight = 1.4f;  // of a paragraph, in its text's sizes
// Those lines, drawn downwards from the top left; returns the height used.
float paragraph(Canvas& canvas, Point top_left, float width, std::string_view words, const TextStyle& style);
// The number with as many significant digits (at most `digits`) as fit the width; empty if not even one does.
std::string fitted(const Canvas& canvas, double value, const TextStyle& style, float width, int digits = 6);

}  // namespace vitrine::widgets
