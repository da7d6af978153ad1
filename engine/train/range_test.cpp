#include "engine/train/range_test.h"

#include <algorithm>
#include <cmath>

#include "engine/core/stop.h"
#include "engine/core/text.h"

namespace vitrine::train {
namespace {

// Long enough for the steps, at a rate that set() alone decides.
TrainConfig config_for(const RangeTestSpec& spec, const Dataset& dataset) {
  refuse(validate(spec));
  TrainConfig config = spec.config;
  config.schedule = {};
  config.optimizer.learning_rate = spec.low;
  const Index of_epoch = core::divide_up(dataset.train.count(), config.batch_size);
  config.epochs = core::divide_up(spec.steps, of_epoch) + 1;
  return config;
}

// A fortieth of the test to either side.
Index reach_of(const RangeTestSpec& spec) {
  constexpr Index kParts = 40;
  return std::max<Index>(1, spec.steps / kParts);
}

double mean_loss(const std::vector<RangePoint>& points, Index first, Index last) {
  double sum = 0;
  for (Index i = first; i <= last; ++i) sum += points[static_cast<std::size_t>(i)].loss;
  return sum / static_cast<double>(last - first + 1);
}

// Least squares: sum (x - mean x) (y - mean y) / sum (x - mean x)^2 with x = log10 rate, y = smoothed loss.
double slope_of(const std::vector<RangePoint>& points, Index first, Index last) {
  double x_mean = 0, y_mean = 0, xy = 0, xx = 0;
  const auto at = [&](Index i) -> const RangePoint& { return points[static_cast<std::size_t>(i)]; };
  const auto count = static_cast<double>(last - first + 1);
  for (Index i = first; i <= last; ++i) {
    x_mean += std::log10(at(i).learning_rate) / count;
    y_mean += at(i).smoothed / count;
  }
  for (Index i = first; i <= last; ++i) {
    const double x = std::log10(at(i).learning_rate) - x_mean;
    xy += x * (at(i).smoothed - y_mean);
    xx += x * x;
  }
  return xy / xx;
}

}  // namespace

void RangeTestSpec::describe(core::Fields& f) {
  f.group("config", config);
  f.field("low", low);
  f.field("high", high);
  f.field("steps", steps);
}

std::vector<std::string> validate(const RangeTestSpec& spec) {
  std::vector<std::string> problems = validate(spec.config);
  constexpr std::int64_t kFewest = 10, kMost = 100'000;
  if (!(spec.low > 0) || !(spec.high > spec.low) || !std::isfinite(spec.high))
    problems.push_back("learning rates " + core::exact(spec.low) + " to " + core::exact(spec.high) +
                       ": must rise, from above 0");
  if (spec.steps < kFewest || spec.steps > kMost)
    problems.push_back("steps " + std::to_string(spec.steps) + ": must lie between " +
                       std::to_string(kFewest) + " and " + std::to_string(kMost));
  return problems;
}

RangeTest::RangeTest(const RangeTestSpec& spec, std::shared_ptr<const Dataset> dataset,
                     core::Workers& workers)
    : spec_(spec), trainer_(config_for(spec, *dataset), dataset, workers) {}

std::optional<RangePoint> RangeTest::advance() {
  if (done_) return std::nullopt;
  const auto done = static_cast<double>(points_.size());
  const double u = done / static_cast<double>(spec_.steps - 1);
  HyperParams hyper = trainer_.config().hyper();
  hyper.learning_rate = spec_.low * std::pow(spec_.high / spec_.low, u);
  trainer_.set(hyper);
  trainer_.skip_validation();
  std::optional<RangePoint> point;
  try {
    point = RangePoint{hyper.learning_rate, trainer_.advance()->loss, 0};
    points_.push_back(*point);
    if (explodes()) exploded_ = hyper.learning_rate;
  } catch (const Divergence&) {
    exploded_ = hyper.learning_rate;
  }
  done_ = exploded_ || std::ssize(points_) == spec_.steps;
  return point;
}

bool RangeTest::explodes() {
  const Index reach = reach_of(spec_), last = std::ssize(points_) - 1;
  if (last < reach) return false;
  const double mean = mean_loss(points_, last - reach, last);
  lowest_mean_ = std::min(lowest_mean_.value_or(mean), mean);
  return mean > kExplosion * *lowest_mean_;
}

RangeTestResult RangeTest::result() const {
  RangeTestResult result;
  result.points = points_;
  result.reach = reach_of(spec_);
  result.exploded = exploded_;
  const Index count = std::ssize(points_), reach = result.reach;
  for (Index i = 0; i < count; ++i)
    result.points[static_cast<std::size_t>(i)].smoothed =
        mean_loss(points_, std::max<Index>(0, i - reach), std::min(count - 1, i + reach));
  if (count == 0) return result;
  const auto lowest = std::min_element(result.points.begin(), result.points.end(),
                                       [](const auto& a, const auto& b) { return a.smoothed < b.smoothed; });
  result.lowest = lowest->learning_rate;
  const Index before = lowest - result.points.begin();
  double squares = 0;
  for (Index i = 0; i <= before; ++i) {
    const RangePoint& point = result.points[static_cast<std::size_t>(i)];
    squares += (point.loss - point.smoothed) * (point.loss - point.smoothed);
  }
  result.noise = std::sqrt(squares / static_cast<double>((before + 1) * (2 * reach + 1)));
  result.fall =
      result.points[static_cast<std::size_t>(std::min(reach, count - 1))].smoothed - lowest->smoothed;
  if (result.fall < kLeastFall * result.noise) return result;
  for (Index i = reach; i < before && i + reach < count; ++i) {
    const double slope = slope_of(result.points, i - reach, i + reach);
    if (!(slope < result.slope)) continue;
    result.slope = slope;
    result.suggested = result.points[static_cast<std::size_t>(i)].learning_rate;
  }
  return result;
}

RangeTestResult range_test(const RangeTestSpec& spec, core::Workers& workers, std::stop_token stop,
                           core::Progress* progress) {
  refuse(validate(spec));
  constexpr double kLoading = 0.2;
  if (progress) progress->stage_until(kLoading);
  RangeTest test(spec, load_dataset(spec.config.dataset, spec.config.seed, workers, stop, progress), workers);
  if (progress) progress->begin(spec.steps);
  while (!test.done()) {
    core::throw_if_stopped(stop);
    test.advance();
    if (progress) progress->advance();
  }
  return test.result();
}

}  // namespace vitrine::train
