// SmoothedCurve: a curve that grows and its exponential mean, which is made anew in pieces when the factor
// changes:  s[0] = y[0],  s[i] = f s[i-1] + (1 - f) y[i].
#pragma once

#include <optional>

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
  // As long as raw(); behind a y that is not finite it begins anew. Where raw() is thinned it stays as it was
  // with an earlier factor, for a mean of extremes would be another one.
  const CurvePyramid& smooth() const { return smooth_.curve; }

 private:
  struct Mean {
    double factor = 0.95;  // about the last 20 samples
    CurvePyramid curve = {};
    void take(const Sample& next);
  };
  // One that is being made of raw(), of which it has taken so many samples.
  struct Successor : Mean {
    std::size_t taken = 0;
  };
  Successor begin(double factor) const;

  CurvePyramid raw_;
  Mean smooth_;
  std::optional<Successor> next_;
};

}  // namespace vitrine::widgets
