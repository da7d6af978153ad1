// Plot: curves and histograms over a common x axis, with ticks, named reference lines and a crosshair. A long
// curve is drawn as the least and greatest value of each pixel column, so that no spike is lost.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/widgets/canvas.h"
#include "app/widgets/curve_pyramid.h"

namespace vitrine::widgets {

// What a curve is drawn from: one that grows and outlives the picture, or a few samples by ascending x.
class Samples {
 public:
  Samples(const CurvePyramid& lasting) : curve_(std::shared_ptr<void>(), &lasting) {}
  Samples(CurvePyramid&&) = delete;
  Samples(const std::vector<Sample>& few = {}) : curve_(std::make_shared<const CurvePyramid>(few)) {}

  const CurvePyramid* operator->() const { return curve_.get(); }

 private:
  std::shared_ptr<const CurvePyramid> curve_;
};

// Along x.
enum class Dash : std::uint8_t { kNone, kLong, kShort, kDots };

struct Curve {
  std::string name;
  Role role;
  Samples samples;
  float width = 1.5f;
  float alpha = 1;
  bool dots = false;    // a dot at each sample: few and far between
  bool silent = false;  // beside its name stands no value but the one pointed at
  Dash dash = Dash::kNone;
  // What is outside of it is not drawn.
  Interval part{-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  bool trouble = false;             // a y that is not finite is marked; otherwise it is a gap
  std::optional<Color> color = {};  // instead of the role's: of a number on a colormap

  Paint paint() const { return color ? Paint(*color, alpha) : Paint(role, alpha); }
};

// Bars side by side from `low` to `high`, standing on 0.
struct Histogram {
  std::string name;
  Role role;
  double low, high;
  std::span<const double> heights;
  float alpha = 0.45f;
};

// A horizontal line with a name: ln 10, chance. What the name means follows it where there is room.
struct Reference {
  std::string name;
  double y;
  std::string meaning = {};
};

// A vertical line with a name; of a change of what the name says, also from what to what. Close together,
// changes of one name are told as one.
struct Mark {
  std::string name;
  double x;
  std::string before = {}, after = {};
  Role role = Role::kFocus;
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
  bool mark_names = true;             // otherwise only those under the pointer
  std::vector<Mark> divisions{};      // thin lines across with short names under the axis, where they fit
  bool bare_x = false;                // no numbers under the x axis: another plot below has them
  std::string divisions_title{};      // what the names count: "epoch"
  std::optional<Interval> y_range{};  // otherwise from the data
  std::optional<Interval> x_range{};  // otherwise from the data; a curve is cut to it
  std::optional<Interval> zoom{};     // the part of the x axis that is shown; y is from the data there
  std::optional<double> read_at{};    // where the values beside the names are read; otherwise at the end
  std::optional<double> pointed{};    // the crosshair of another plot over the same x
  std::optional<double> looked_at{};  // a line with a handle
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
// A level line from x = left to right as `dash` has it.
void draw_dashed(Canvas& canvas, float left, float right, float y, Paint paint, float width, Dash dash);
// Where the plot has this point, and the rectangle within its axes.
Point point_of(const PlotPicture& picture, Sample sample);
Rect plot_area(const PlotPicture& picture);

// Round numbers from low to high, about `count` of them: 1, 2 or 5 times a power of ten apart.
std::vector<double> ticks(double low, double high, int count);

}  // namespace vitrine::widgets
