// SmoothedCurve: a curve that grows and its exponential mean, which is made anew in pieces when the factor
// changes:  s[0] = y[0],  s[i] = f s[i-1] + (1 - f) y[i].
#pragma once

#include "app/widgets/curve_pyramid.h"

namespace vitrine::widgets {

class SmoothedCurve {
 public:
  // As CurvePyramid's, of both.
  void append(const Sample& next);
  void truncate(double x);

  // Asks for the mean with this factor, 0 to 1, and works through at most `most` samples for it; until it is
  // whole smooth() stays the one before. True when it is. Throws std::invalid_argument for another factor.
  bool smooth(double factor, std::size_t most = 40'000);

  const CurvePyramid& raw() const { return raw_; }
  // As long as raw(); behind a y that is not finite it begins anew.
  const CurvePyramid& smooth() const { return smooth_.curve; }

 private:
  struct Mean {
    double factor = 0.95;  // about the last 20 samples
    CurvePyramid curve = {};
    void follow(const CurvePyramid& raw, std::size_t most);
  };
  CurvePyramid raw_;
  Mean smooth_, next_;
};

}  // namespace vitrine::widgets
