#include "app/widgets/smoothed_curve.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace vitrine::widgets {

void SmoothedCurve::Mean::take(const Sample& next) {
  const double before = curve.empty() || !std::isfinite(curve.back().y) ? next.y : curve.back().y;
  curve.append({next.x, factor * before + (1 - factor) * next.y});
}

void SmoothedCurve::append(const Sample& next) {
  if (raw_.size() == CurvePyramid::kMost) next_.reset();  // raw() is thinned now
  raw_.append(next);
  smooth_.take(next);
}

void SmoothedCurve::truncate(double x) {
  raw_.truncate(x);
  smooth_.curve.truncate(x);
  if (!next_) return;
  next_->curve.truncate(x);
  next_->taken = std::min(next_->taken, raw_.size());
}

SmoothedCurve::Successor SmoothedCurve::begin(double factor) const {
  Successor next{{factor}};
  if (raw_.thinned() == 0) return next;
  next.curve = smooth_.curve;
  if (raw_.thinned() < raw_.size()) next.curve.truncate(raw_[raw_.thinned()].x);
  next.taken = raw_.thinned();
  return next;
}

bool SmoothedCurve::smooth(double factor, std::size_t most) {
  if (!(factor >= 0 && factor < 1)) throw std::invalid_argument("a smoothing factor is from 0 to below 1");
  if (factor == smooth_.factor) return true;
  if (!next_ || next_->factor != factor) next_ = begin(factor);
  for (; next_->taken < raw_.size() && most > 0; --most) next_->take(raw_[next_->taken++]);
  if (next_->taken < raw_.size()) return false;
  smooth_ = std::move(*next_);
  next_.reset();
  return true;
}

}  // namespace vitrine::widgets
