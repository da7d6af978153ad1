// Paint: a soft brush over the pixels of a picture. A stroke covers a pixel as much as the nearest point of
// its path does, however many points the path has, so fast and slow strokes along one line are one picture:
//   y = x + m (ink - x),  m = 1 - smooth((d - a) / (b - a)),  smooth(t) = 3 t^2 - 2 t^3, t kept in 0..1
// d: from the pixel's centre to the path; a = hardness * radius; b = radius, but at least a + 1.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "app/widgets/canvas.h"

namespace vitrine::widgets {

struct Brush {
  double radius = 1.5;                // in pixels of the picture
  double hardness = 0.3;              // 0 to 1: the share of the radius that takes all of the ink
  std::array<float, 3> ink{1, 1, 1};  // 0 to 1; a grey picture takes the first

  // m at a distance d in pixels.
  double coverage(double distance) const;
};

// pixels [C, H, W], C = 1 or 3, 0..1, after a stroke along the path, in pixels from the picture's top left
// corner (x = column, y = row); a path of one point is a dab. Points beyond the picture count.
core::Tensor<float> stroke(const core::Tensor<float>& pixels, std::span<const Point> path,
                           const Brush& brush);

// The hand that holds the brush. A View has one; draw() tells it every frame what the pointer does.
class PaintingHand {
 public:
  struct Painted {
    core::Tensor<float> pixels;  // with all of the stroke so far
    bool goes_on;                // it had begun in an earlier frame: no edit of its own to undo
  };
  // pixels: the picture as it is now, in `box` of the canvas; touch: of Canvas::grab there. Nothing while no
  // button is down on it or the pointer stays.
  std::optional<Painted> follow(const Touch& touch, const Rect& box, const core::Tensor<float>& pixels,
                                const Brush& brush);
  bool painting() const { return !path_.empty(); }

 private:
  core::Tensor<float> before_;  // the picture without this stroke
  std::vector<Point> path_;     // of this stroke; empty: no button is down
};

// The brush's outline around a point of the canvas, over a picture of so many columns in `box`.
void draw_outline(Canvas& canvas, const Rect& box, core::Index columns, Point at, const Brush& brush);

}  // namespace vitrine::widgets
