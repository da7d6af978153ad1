#include "app/figures/figure.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "app/figures/drawing_canvas.h"
#include "app/widgets/equation.h"

namespace vitrine::figures {
namespace {

using widgets::Canvas;
using widgets::Face;
using widgets::Role;

constexpr float kHead = 64, kFoot = 112, kMargin = 22;
constexpr double kStands_s = 1;  // the last frame

void draw_head(Canvas& canvas, const labs::LabInfo& info) {
  const widgets::TextStyle title{widgets::kTitleSize_px, Face::kStrong},
      quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet};
  const float fits = canvas.area().w - 2 * kMargin;
  canvas.text({kMargin, 23}, widgets::elided(canvas, info.title, title, fits), title);
  canvas.text({kMargin, 47}, widgets::elided(canvas, info.sentence, quiet, fits), quiet);
}

void draw_foot(Canvas& canvas, const widgets::Equation& equation) {
  const Rect area = canvas.area();
  canvas.line({kMargin, 0.5f}, {area.w - kMargin, 0.5f}, Role::kHairline);
  widgets::typeset(canvas, Rect{kMargin, 6, area.w - 2 * kMargin, area.h - 12}, equation);
}

}  // namespace

Drawing draw_figure(labs::Lab& lab, const FigureOptions& options, const Typefaces& typefaces,
                    const widgets::Words& words) {
  const widgets::Theme& theme = options.light ? widgets::light_theme() : widgets::dark_theme();
  const float head = options.frame ? kHead : 0, foot = options.frame ? kFoot : 0;
  Drawing drawing{
      options.width, head + options.height + foot, std::nullopt, std::string(lab.info().title), {}};
  if (!options.transparent) drawing.ground = theme[Role::kStage];
  const auto draw = [&](float top, float height, const auto& what) {
    DrawingCanvas canvas(drawing, {0, top, options.width, height}, theme, typefaces, words);
    what(canvas);
  };
  draw(head, options.height, [&](Canvas& canvas) { lab.draw(canvas); });
  if (options.frame) {
    draw(0, head, [&](Canvas& canvas) { draw_head(canvas, lab.info()); });
    draw(head + options.height, foot, [&](Canvas& canvas) { draw_foot(canvas, lab.explain()); });
  }
  return drawing;
}

std::vector<double> frame_times(int last, double speed, double seconds, double frames_a_second) {
  if (last <= 0) return {0};
  const double lasts_s =
      seconds > 0 ? seconds : std::min(widgets::kStep_s * last / speed, widgets::kLongestSweep_s / speed);
  const double moving = std::max(1.0, std::round(lasts_s * frames_a_second)),
               standing = std::round(kStands_s * frames_a_second);
  if (!(moving + standing < kMostFrames))
    throw std::invalid_argument(
        "the animation would have " + std::to_string(std::llround(moving + standing)) + " frames; at most " +
        std::to_string(kMostFrames) + " are possible: choose fewer seconds or frames a second");
  std::vector<double> times;
  for (double i = 0; i <= moving; ++i) times.push_back(last * i / moving);
  times.insert(times.end(), static_cast<std::size_t>(standing), last);
  return times;
}

}  // namespace vitrine::figures
