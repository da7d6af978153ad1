#include "app/figures/filming.h"

#include <stdexcept>

namespace vitrine::figures {
namespace {

constexpr std::size_t kMostPoints = 5'000'000;  // of a film's shapes: about 1 GB of them

std::size_t points_of(const Drawing& drawing) {
  std::size_t points = drawing.shapes.size();
  for (const Shape& shape : drawing.shapes)
    if (const auto* path = std::get_if<Path>(&shape)) points += path->points.size() / 8;
  return points;
}

}  // namespace

Filming::Filming(labs::Lab& lab, const FilmOptions& options, const FigureOptions& figure)
    : before_(lab.playhead()),
      figure_(figure),
      times_(frame_times(lab.last_step(), before_.speed, options.seconds, options.frames_a_second)),
      film_{{}, options.frames_a_second, options.scale} {}

void Filming::take(labs::Lab& lab, const Typefaces& typefaces, const widgets::Words& words) {
  lab.settle(times_[film_.frames.size()]);
  film_.frames.push_back(draw_figure(lab, figure_, typefaces, words));
  points_ += points_of(film_.frames.back());
  if (points_ > kMostPoints)
    throw std::invalid_argument(
        "the animation has too many shapes to be kept: choose fewer seconds or frames a second");
}

void Filming::leave(labs::Lab& lab) const {
  lab.settle(before_.t);
  lab.playhead().speed = before_.speed;
}

}  // namespace vitrine::figures
