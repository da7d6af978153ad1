// StageDrag: numbers of the picture that a hand drags, as the inspector's are: a step every 8 pixels. A View
// has one, draw() tells it what the pointer holds, and edit_on_stage() takes from it what shall become.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "app/labs/compute_lab.h"

namespace vitrine::labs {

// Spot says which number.
template <class Spot>
class StageDrag {
 public:
  // Before anything is asked in a frame.
  void begin_frame() {
    if (!std::exchange(seen_, false)) held_.reset();
  }
  // A shape that can be dragged: what the pointer does to it, the number under the pointer, and its value.
  void pull(const widgets::Touch& touch, const std::optional<Spot>& under, double value) {
    if (!touch.held) return;
    seen_ = true;
    if (!held_) {
      if (under) take(*under, value, touch.at.x);
      return;
    }
    const double steps = std::trunc((touch.at.x - start_x_) / kUnitsPerStep);
    // Lands on whole steps, so that 0.1 three times is 0.3.
    ask(steps == 0 ? start_ : std::round((start_ + steps * kStep) / kStep) * kStep);
  }
  // A slider: the number becomes what the place under the pointer stands for.
  void put(const widgets::Touch& touch, const Spot& spot, double value, double wanted) {
    if (!touch.held) return;
    seen_ = true;
    if (!held_) take(spot, value, touch.at.x);
    ask(wanted);
  }
  // What the hand holds.
  const std::optional<Spot>& held() const { return held_; }
  // Gives what is wanted to `set(spot, value)`, which says whether there is such a number.
  template <class Set>
  StageEdit apply(const Set& set) {
    const auto wanted = std::exchange(wanted_, std::nullopt);
    if (!wanted || !held_ || !set(*held_, *wanted)) return StageEdit::kNone;
    return std::exchange(goes_on_, true) ? StageEdit::kMore : StageEdit::kNew;
  }

 private:
  static constexpr double kStep = 0.1, kUnitsPerStep = 8;

  void take(const Spot& spot, double value, float x) {
    held_ = spot;
    start_ = value_ = std::isfinite(value) ? value : 0;
    start_x_ = x;
    goes_on_ = false;
  }
  void ask(double value) {
    if (std::exchange(value_, value) != value) wanted_ = value;
  }

  std::optional<Spot> held_;
  std::optional<double> wanted_;
  double start_ = 0, value_ = 0;  // when it was taken, and now
  float start_x_ = 0;
  bool seen_ = false, goes_on_ = false;
};

// The light around a number that becomes; thin where the number is small, so that its colour is still seen.
inline void draw_light(widgets::Canvas& c, const widgets::Rect& cell) {
  constexpr float kSmall = 14;
  const bool small = std::min(cell.w, cell.h) < kSmall;
  c.stroke(cell.inset(small ? 0.5f : 1.0f), widgets::Role::kFocus, small ? 1.0f : 2.0f);
}

// The line under a number that can be dragged, as in the inspector.
inline void draw_handle(widgets::Canvas& c, const widgets::Rect& cell, widgets::Role role) {
  constexpr float kSmallest = 12;
  if (cell.h >= kSmallest) c.fill({cell.x + 1, cell.bottom() - 2.5f, cell.w - 2, 2}, role);
}

}  // namespace vitrine::labs
