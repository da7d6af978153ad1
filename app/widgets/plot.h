// Plot: curves over a common x axis, linear or logarithmic in y, with ticks, named reference lines and a
// crosshair. A long curve is drawn as the least and greatest value of each pixel column, so that no spike is
// lost.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/widgets/canvas.h"

namespace vitrine::widgets {

struct Sample {
  double x, y;
};

struct Curve {
  std::string name;
  Role role;
  std::span<const Sample> samples;  // x ascending
  float width = 1.5f;
  float alpha = 1;
  bool dots = false;  // a dot at each sample: few and far between
};

// A horizontal line with a name: ln 10, chance.
struct Reference {
  std::string name;
  double y;
};

// A vertical line with a name: a change made while it ran.
struct Mark {
  std::string name;
  double x;
};

struct Interval {
  double low, high;
};

struct PlotPicture {
  std::string id;
  std::string title;  // with the unit
  std::string x_title;
  Rect box;
  std::vector<Curve> curves{};
  std::vector<Reference> references{};
  std::vector<Mark> marks{};
  std::optional<Interval> y_range{};  // otherwise from the data
  bool logarithmic = false;
};

void draw(Canvas& canvas, const PlotPicture& picture);

// Round numbers from low to high, about `count` of them: 1, 2 or 5 times a power of ten apart.
std::vector<double> ticks(double low, double high, int count);
// The samples reduced to at most two a pixel column of width px: each column's least and greatest, in order
// of x.
std::vector<Sample> decimated(std::span<const Sample> samples, double x_low, double x_high, int columns);

}  // namespace vitrine::widgets
