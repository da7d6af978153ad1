// Parallel coordinates: a vertical axis a quantity, and a line through all of them for every item, coloured
// by the last. A range brushed on an axis keeps the items that pass through it.
// Inselberg 1985, "The plane with parallel coordinates".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/widgets/plot.h"

namespace vitrine::widgets {

struct ParallelAxis {
  std::string name;
  std::vector<std::string> choices{};  // named values 0, 1, ...; empty: numbers from low to high
  double low = 0, high = 1;
  bool logarithmic = false;
  double shown_as = 1;  // numbers are written times this
  std::string unit{};   // behind them

  // Where a value stands: 0 at the axis' lower end, 1 at its upper.
  double place(double value) const;
};

struct ParallelLine {
  std::string name;
  std::vector<double> values;  // one an axis; NaN: it has none, and the line ends before it
  bool trouble = false;        // it will never have the last one
};

// What is brushed, and the drag that goes on. A fitting value for any number of axes is the empty one.
struct Brushes {
  std::vector<std::optional<Interval>> ranges;  // by axis, of places; none: all of it
  struct Drag {
    std::size_t axis;
    double from;                    // the place at which it began
    std::optional<Interval> moved;  // the range that it moves, as it was; none: it makes a new one
  };
  std::optional<Drag> drag;

  bool any() const;
};

struct ParallelPicture {
  std::string id;
  std::string title;
  Rect box;
  std::vector<ParallelAxis> axes;  // the last one colours
  std::vector<ParallelLine> lines;
  std::optional<std::size_t> lit{};  // a line that is lit elsewhere
};

// The line goes through every brushed range.
bool kept(const ParallelPicture& picture, const Brushes& brushes, std::size_t line);

struct ParallelTouch {
  std::optional<std::size_t> hovered;  // a line
  bool clicked = false;
};

// A drag along an axis brushes it, a drag within a range moves that, a click on the axis clears it. An axis
// answers to the pointer as "ID NAME", the lines as "ID lines".
ParallelTouch draw(Canvas& canvas, const ParallelPicture& picture, Brushes& brushes);

// What a line is coloured with.
Paint paint_of(const Theme& theme, const ParallelPicture& picture, std::size_t line);

// Where an axis stands, from its upper end down.
Rect axis_of(const ParallelPicture& picture, std::size_t axis);

}  // namespace vitrine::widgets
