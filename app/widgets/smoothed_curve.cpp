#include "app/widgets/smoothed_curve.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace vitrine::widgets {

void SmoothedCurve::Mean::follow(const CurvePyramid& raw, std::size_t most) {
  const std::size_t end = std::min(raw.size(), curve.size() + most);
  for (std::size_t i = curve.size(); i < end; ++i) {
    const Sample next = raw[i];
    const double before = curve.empty() || !std::isfinite(curve.back().y) ? next.y : curve.back().y;
    curve.append({next.x, factor * before + (1 - factor) * next.y});
  }
}

void SmoothedCurve::append(const Sample& next) {
  raw_.append(next);
  smooth_.follow(raw_, 1);
}

void SmoothedCurve::truncate(double x) {
  raw_.truncate(x);
  smooth_.curve.truncate(x);
  next_.curve.truncate(x);
}

bool SmoothedCurve::smooth(double factor, std::size_t most) {
  if (!(factor >= 0 && factor < 1)) throw std::invalid_argument("a smoothing factor is from 0 to below 1");
  if (factor == smooth_.factor) return true;
  if (factor != next_.factor) next_ = {factor};
  next_.follow(raw_, most);
  if (next_.curve.size() < raw_.size()) return false;
  smooth_ = std::exchange(next_, {});
  return true;
}

}  // namespace vitrine::widgets
