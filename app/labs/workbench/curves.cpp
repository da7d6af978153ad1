#include "app/labs/workbench/curves.h"

#include <algorithm>

namespace vitrine::labs {
namespace {

constexpr auto kSmoothed = {&Curves::loss, &Curves::accuracy, &Curves::grad_norm, &Curves::images_per_second};
constexpr auto kPlain = {&Curves::learning_rate, &Curves::quick_loss, &Curves::quick_accuracy,
                         &Curves::validation_loss, &Curves::validation_accuracy};

}  // namespace

using widgets::CurvePyramid;

void Curves::add(const train::MetricPoint& p) {
  const auto x = static_cast<double>(p.step);
  const auto put = [x](CurvePyramid& curve, double y) {
    curve.truncate(x);
    curve.append({x, y});
  };
  switch (p.split) {
    case train::MetricSplit::kTrain:
      truncate_after(p.step - 1);
      if (epoch_ != 0 && p.epoch != epoch_) epochs.push_back({std::to_string(epoch_), x - 1});
      epoch_ = p.epoch;
      loss.append({x, p.loss});
      accuracy.append({x, p.accuracy});
      learning_rate.append({x, p.learning_rate});
      grad_norm.append({x, p.grad_norm});
      images_per_second.append({x, p.images_per_second});
      return;
    case train::MetricSplit::kQuick:
      put(quick_loss, p.loss);
      put(quick_accuracy, p.accuracy);
      return;
    case train::MetricSplit::kValidation:
      put(validation_loss, p.loss);
      put(validation_accuracy, p.accuracy);
      return;
  }
}

void Curves::truncate_after(core::Index step) {
  const auto x = static_cast<double>(step) + 1;
  for (const auto curve : kSmoothed) (this->*curve).truncate(x);
  for (const auto curve : kPlain) (this->*curve).truncate(x);
  while (!epochs.empty() && epochs.back().x >= x) {
    --epoch_;
    epochs.pop_back();
  }
  if (loss.raw().empty()) epoch_ = 0;
}

bool Curves::smooth(double factor) {
  bool whole = true;
  for (const auto curve : kSmoothed) whole = (this->*curve).smooth(factor) && whole;
  return whole;
}

std::vector<train::MetricPoint> Curves::points(core::Index after, core::Index until) const {
  std::vector<train::MetricPoint> points;
  const auto take = [&](train::MetricSplit split, const CurvePyramid& losses,
                        const CurvePyramid& accuracies) {
    const std::size_t end = losses.count_before(static_cast<double>(until) + 1);
    const std::size_t first = losses.count_before(static_cast<double>(after) + 1);
    for (std::size_t i = std::max(first, losses.thinned()); i < end; ++i) {
      const double x = losses[i].x;
      train::MetricPoint& p = points.emplace_back();
      p.step = static_cast<core::Index>(x);
      p.split = split;
      p.loss = losses[i].y;
      p.accuracy = accuracies.nearest(x)->y;
      const auto ended_later =
          std::ranges::count_if(epochs, [&](const widgets::Mark& mark) { return mark.x >= x; });
      p.epoch = epoch_ - ended_later;
      if (split != train::MetricSplit::kTrain) continue;
      p.learning_rate = learning_rate.nearest(x)->y;
      p.grad_norm = grad_norm.raw().nearest(x)->y;
      p.images_per_second = images_per_second.raw().nearest(x)->y;
    }
  };
  take(train::MetricSplit::kTrain, loss.raw(), accuracy.raw());
  take(train::MetricSplit::kQuick, quick_loss, quick_accuracy);
  take(train::MetricSplit::kValidation, validation_loss, validation_accuracy);
  std::ranges::stable_sort(points, {}, &train::MetricPoint::step);
  return points;
}

Curves Curves::fork(core::Index step) const {
  constexpr std::size_t kLeadIn = 1000;  // samples: a mean has forgotten all but 0.99^1000 of what was before
  const auto tail = [&](const CurvePyramid& from, auto& to) {
    const std::size_t end = from.count_before(static_cast<double>(step) + 1);
    for (std::size_t i = end - std::min(end, kLeadIn); i < end; ++i) to.append(from[i]);
  };
  Curves next;
  for (const auto curve : kSmoothed) tail((this->*curve).raw(), next.*curve);
  for (const auto curve : kPlain) tail(this->*curve, next.*curve);
  next.epochs = epochs;
  next.epoch_ = epoch_;
  next.truncate_after(step);
  return next;
}

}  // namespace vitrine::labs
