// Filming: an animation taken frame by frame, so that a window can go on between them.
#pragma once

#include <utility>
#include <vector>

#include "app/figures/figure.h"
#include "app/figures/film.h"

namespace vitrine::figures {

struct FilmOptions {
  double seconds = 0;  // that it moves; 0: as the play button does
  double frames_a_second = 20;
  double scale = 1;  // pixels a unit
};

class Filming {
 public:
  // From the lab's first step to its last, all frames alike. Throws what frame_times() throws.
  Filming(labs::Lab& lab, const FilmOptions& options, const FigureOptions& figure);

  bool done() const { return film_.frames.size() == times_.size(); }
  double fraction() const {
    return static_cast<double>(film_.frames.size()) / static_cast<double>(times_.size());
  }
  // One frame more: settles the lab there. Throws std::invalid_argument where the film grows too large.
  void take(labs::Lab& lab, const Typefaces& typefaces, const widgets::Words& words);
  // Puts the playhead back to where it was, or to what is left of that.
  void leave(labs::Lab& lab) const;
  Film film() && { return std::move(film_); }

 private:
  widgets::Playhead before_;
  FigureOptions figure_;
  std::vector<double> times_;  // steps
  Film film_;
  std::size_t points_ = 0;
};

}  // namespace vitrine::figures
