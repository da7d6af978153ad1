// Plot: curves and histograms over a common x axis, with ticks, named reference lines and a crosshair. A long
// curve is drawn as the least and greatest value of each pixel column, so that no spike is lost.
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
  bool dots = false;    // a dot at each sample: few and far between
  bool silent = false;  // beside its name stands no value but the one pointed at
};

// Bars side by side from `low` to `high`, standing on 0.
struct Histogram {
  std::string name;
  Role role;
  double low, high;
  std::span<const double> heights;
  float alpha = 0.45f;
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

// What the x axis counts: whole things (there is no half a step), any numbers, sizes that double, or positive
// numbers by powers of ten.
enum class XAxis : std::uint8_t { kWhole, kReal, kDoubling, kDecades };

struct PlotPicture {
  std::string id;
  std::string title;  // with the unit
  std::string x_title;
  Rect box;
  std::vector<Curve> curves{};
  std::vector<Histogram> histograms{};
  std::vector<Reference> references{};
  std::vector<Mark> marks{};
  std::optional<Interval> y_range{};  // otherwise from the data
  std::optional<Interval> x_range{};  // otherwise from the data; a curve is cut to it
  std::optional<double> read_at{};    // where the values beside the names are read; otherwise at the end
  bool logarithmic = false;           // y
  XAxis x_axis = XAxis::kWhole;
};

void draw(Canvas& canvas, const PlotPicture& picture);

// What the pointer does to a plot, and at which x. May be asked before the plot is drawn: with an x_range the
// answer does not depend on what is in it.
struct PlotTouch {
  std::optional<double> x;
  bool clicked = false;
};
PlotTouch touch(Canvas& canvas, const PlotPicture& picture);
// The rectangle of a histogram's bar.
Rect bar_of(const PlotPicture& picture, const Histogram& histogram, std::size_t bar);
// Where the plot has this point, and the rectangle within its axes.
Point point_of(const PlotPicture& picture, Sample sample);
Rect plot_area(const PlotPicture& picture);

// Round numbers from low to high, about `count` of them: 1, 2 or 5 times a power of ten apart.
std::vector<double> ticks(double low, double high, int count);
// The samples reduced to at most two a pixel column of width px: each column's least and greatest, in order
// of x.
std::vector<Sample> decimated(std::span<const Sample> samples, double x_low, double x_high, int columns);

}  // namespace vitrine::widgets
