// Curves: a run's metric points as curves that grow.
#pragma once

#include <string>
#include <vector>

#include "app/widgets/plot.h"
#include "app/widgets/smoothed_curve.h"
#include "engine/train/trainer.h"

namespace vitrine::labs {

// Over steps (updates done).
struct Curves {
  widgets::SmoothedCurve loss, accuracy;                       // of each update's batch; nats, 0 to 1
  widgets::SmoothedCurve grad_norm, images_per_second;         // likewise
  widgets::CurvePyramid learning_rate;                         // likewise
  widgets::CurvePyramid quick_loss, quick_accuracy;            // over a few validation images
  widgets::CurvePyramid validation_loss, validation_accuracy;  // over all of them
  std::vector<widgets::Mark> epochs;                           // their ends, by number

  bool empty() const { return loss.raw().empty(); }
  // An update at or before the last one replaces all points from its step on.
  void add(const train::MetricPoint& point);
  // Drops the points of later steps.
  void truncate_after(core::Index step);
  // Asks for the means with this factor, 0 to below 1; call it again while it says false: some of a long
  // run's is left to do.
  bool smooth(double factor);
  // The points of the steps behind `after` until `until` that no curve has thinned, in their order, without
  // their run and its time.
  std::vector<train::MetricPoint> points(core::Index after, core::Index until) const;
  // What a run that leaves this one at `step` begins with: the last points up to there, from which its means
  // go on.
  Curves fork(core::Index step) const;

 private:
  core::Index epoch_ = 0;  // of the last update; 0: there is none
};

}  // namespace vitrine::labs
