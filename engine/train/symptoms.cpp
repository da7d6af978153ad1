#include "engine/train/symptoms.h"

#include <algorithm>
#include <cmath>

namespace vitrine::train {
namespace {

constexpr double kNormal = 1.4826;  // deviation of a normal distribution by its median absolute one
constexpr double kErrors = 3;       // standard errors that are no chance
constexpr double kCertain = 10;     // nats: -ln of how little is left of the label's probability

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Guess guess_of(const Split& split, Index classes) {
  std::vector<double> counts(static_cast<std::size_t>(classes));
  for (const std::uint8_t label : split.labels.values()) ++counts[label];
  Guess guess;
  for (const double count : counts) {
    const double share = count / static_cast<double>(split.count());
    if (share > 0) guess.loss -= share * std::log(share);
    guess.accuracy = std::max(guess.accuracy, share);
  }
  return guess;
}

bool RecentPoints::Mean::guesses(const Guess& guess) const {
  const double deviation = std::sqrt(guess.accuracy * (1 - guess.accuracy) / images);
  return loss + kErrors * error > guess.loss && accuracy < guess.accuracy + kErrors * deviation;
}

void RecentPoints::add(const MetricPoint& point, Index batch_size) {
  most_ = std::max(kPoints, core::divide_up(kImages, batch_size));
  points_.push_back(point);
  while (std::ssize(points_) > most_) points_.pop_front();
  const auto count = static_cast<double>(points_.size());
  mean_ = {std::ssize(points_), points_.front().step, point.step};
  mean_.images = count * static_cast<double>(batch_size);
  for (const MetricPoint& p : points_) {
    mean_.loss += p.loss / count;
    mean_.accuracy += p.accuracy / count;
  }
  double squares = 0;
  for (const MetricPoint& p : points_) squares += (p.loss - mean_.loss) * (p.loss - mean_.loss);
  mean_.error = count > 1 ? std::sqrt(squares / (count - 1) / count) : 0;
}

RecentPoints::Typical RecentPoints::typical() const {
  std::vector<double> losses, grad_norms;
  for (const MetricPoint& point : points_) {
    losses.push_back(point.loss);
    grad_norms.push_back(point.grad_norm);
  }
  const double loss = median(losses);
  for (double& value : losses) value = std::abs(value - loss);
  return {loss, kNormal * median(losses), median(grad_norms)};
}

bool SpikeWatch::begins(const MetricPoint& point, Index batch_size, const RecentPoints& recent) {
  const double floor = std::max(guess_loss_ / 2, kHardImages * kCertain / static_cast<double>(batch_size));
  // The median costs a sort: only for a loss that can be a spike at all.
  if (!recent.full() || point.loss <= recent.mean().loss || point.loss <= floor) return false;
  const auto typical = recent.typical();
  limit_ = typical.loss + std::max(kSpreads * typical.spread, floor);
  if (point.loss <= limit_) return false;
  open_ = {point, recent.newest(), typical.loss, typical.spread, typical.grad_norm, 0};
  ++count_;
  return true;
}

void SpikeWatch::add(const MetricPoint& point, Index batch_size, const RecentPoints& recent) {
  if (!open_ && !begins(point, batch_size, recent)) return;
  if (point.loss > open_->point.loss) open_->point = point;
  const bool back = point.loss <= limit_, same = worst_ && worst_->before.step == open_->before.step;
  if (back) open_->over = point.step;
  if (!worst_ || same || open_->height() > worst_->height()) worst_ = open_;
  if (back || point.step - open_->before.step > recent.mean().points) open_.reset();
}

void StrideWatch::add(const Health& health) {
  std::vector<double> ratios;
  for (const TensorHealth& tensor : health.tensors)
    if (tensor.units > 0 && tensor.weight_norm > 0) ratios.push_back(tensor.update_norm / tensor.weight_norm);
  if (ratios.empty()) return;
  const Stride stride{median(std::move(ratios)), health.step};
  if (!std::isfinite(stride.ratio)) return;
  newest_ = stride;
  if (!longest_ || stride.ratio > longest_->ratio) longest_ = stride;
}

void UnitWatch::add(const Health& health) {
  // Where the loss is exactly 0 nobody is taught, and what is not finite says nothing.
  double sum = 0;
  for (const TensorHealth& tensor : health.tensors) sum += tensor.gradient_norm;
  if (sum == 0 || !std::isfinite(sum)) return;
  step_ = health.step;
  for (const TensorHealth& tensor : health.tensors) {
    if (tensor.units == 0) continue;
    auto& streaks = streaks_[tensor.name];
    streaks.resize(static_cast<std::size_t>(tensor.units));
    auto silent = tensor.silent.begin();
    for (std::size_t unit = 0; unit < streaks.size(); ++unit) {
      Streak& streak = streaks[unit];
      if (silent == tensor.silent.end() || *silent != unit) {
        streak = {};
        continue;
      }
      ++silent;
      if (streak.samples++ == 0) streak.since = health.step;
      streak.images += health.images;
    }
  }
}

std::vector<UnitWatch::Dead> UnitWatch::dead() const {
  std::vector<Dead> all;
  for (const auto& [name, streaks] : streaks_) {
    Dead dead{name, 0, std::ssize(streaks), 0, step_};
    for (const Streak& streak : streaks) {
      if (streak.samples < kSamples) continue;
      if (dead.dead++ == 0 || streak.since > dead.since) {
        dead.since = streak.since;
        dead.samples = streak.samples;
        dead.images = streak.images;
      }
    }
    if (dead.dead > 0) all.push_back(dead);
  }
  std::ranges::stable_sort(all, std::greater(), &Dead::dead);
  return all;
}

void TurnWatch::add(const MetricPoint& point, const RecentPoints::Mean& train) {
  train_now_ = train;
  if (!best_ || point.loss < best_->loss) {
    best_ = point;
    train_then_ = train;
    after_.clear();
    return;
  }
  after_.push_back(point);
  if (after_.size() > kPointsAfter) after_.erase(after_.begin());
}

std::optional<TurnWatch::Turn> TurnWatch::turn() const {
  if (after_.size() < kPointsAfter) return std::nullopt;
  const double wrong = (1 - best_->accuracy) * static_cast<double>(images_);
  const double error = best_->loss * std::sqrt(2 / (wrong + 1));
  const bool higher = std::ranges::all_of(
      after_, [&](const MetricPoint& point) { return point.loss > best_->loss + kErrors * error; });
  const double fall = train_then_.loss - train_now_.loss;
  if (!higher || fall <= kErrors * std::hypot(train_then_.error, train_now_.error)) return std::nullopt;
  return Turn{*best_, after_.back(), train_then_.loss, train_now_.loss};
}

}  // namespace vitrine::train
