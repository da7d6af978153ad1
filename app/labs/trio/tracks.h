// Tracks: every point of a race as it is drawn, against the images that a contestant has learnt from and
// against the seconds that it has worked; and what the race says in words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/widgets/plot.h"
#include "app/widgets/smoothed_curve.h"
#include "engine/train/race.h"

namespace vitrine::labs {

struct Track {
  struct Curves {
    widgets::SmoothedCurve loss, accuracy;  // over the training batches
    widgets::CurvePyramid validation;       // accuracy at each epoch's end
  };
  Curves by_images, by_seconds;
  std::optional<train::MetricPoint> validated;  // the newest

  void add(const train::RacePoint& point);
};

// Where a contestant stands.
struct Standing {
  std::string name;
  std::optional<train::MetricPoint> validated;
  std::vector<double> by_distance;  // accuracy of shifted images, [reach + 1]; empty: not measured
};

// Of those that have ended an epoch, the best first; empty where there are none.
// "After 2 epochs: CNN 95.1 %, MLP 80.2 % and ViT 79 % right in validation."
std::string accuracy_words(std::vector<Standing> standings);
// "After 2 epochs a shift of 3 px costs CNN 12, MLP 51 and ViT 25 points of accuracy."; empty where one has
// not been measured so far.
std::string shift_words(std::vector<Standing> standings, core::Index distance);

}  // namespace vitrine::labs
