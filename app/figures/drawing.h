// Drawing: a picture as a value: shapes in their order, colours resolved, words laid out. What a lab draws on
// a DrawingCanvas is kept in one, and SVG, PDF, PNG and animations are made of it, on any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/widgets/canvas.h"

namespace vitrine::figures {

using widgets::Color;
using widgets::Point;
using widgets::Rect;

struct Fill {
  Rect box;
  Color color;
};
struct Outline {
  Rect box;
  Color color;
  float width;
};
struct Path {
  std::vector<Point> points;
  Color color;
  float width;
};
struct Area {
  std::vector<Point> corners;
  Color color;
};
struct Words {
  Point left;  // of the baseline
  std::string text;
  widgets::Face face;
  float size, width;
  Color color;
};
// A heatmap; the numbers live as long as `source`.
struct Cells {
  std::string name;
  Rect box;
  const core::Tensor<float>* values;  // [rows, columns], or [3, rows, columns] as colours
  std::shared_ptr<const void> source;
  gpu::Colormap colormap;
  gpu::Range range;
  gpu::DivergingColors diverging;
  Color trouble;  // of what is not a number

  core::Index rows() const { return values->size(values->rank() - 2); }
  core::Index columns() const { return values->size(values->rank() - 1); }
};
struct Clip {
  Rect box;
};
struct EndClip {};

using Shape = std::variant<Fill, Outline, Path, Area, Words, Cells, Clip, EndClip>;

// Units are pixels at scale 1, y down from the top left corner.
struct Drawing {
  float width = 0, height = 0;
  std::optional<Color> ground;  // none: transparent
  std::string title;
  std::vector<Shape> shapes;
};

// The colours of a heatmap's cells, row by row; what is not a number in trouble's.
std::vector<Color> colors_of(const Cells& cells);

}  // namespace vitrine::figures
