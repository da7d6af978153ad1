#include "app/widgets/curve_pyramid.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>

namespace vitrine::widgets {
namespace {

constexpr std::size_t kFactor = 8;  // samples, or extremes of the level below, under one

}  // namespace

CurvePyramid::CurvePyramid(std::span<const Sample> samples) {
  ys_.reserve(samples.size());
  for (const Sample& s : samples) append(s);
}

void CurvePyramid::append(const Sample& next) {
  if (size() == kMost) thin();
  append_x(next.x);
  ys_.push_back(next.y);
  std::size_t complete = size();
  for (std::size_t level = 0; complete % kFactor == 0; ++level) {
    complete /= kFactor;
    if (level == levels_.size()) levels_.emplace_back();
    Extremes whole;
    for (std::size_t i = (complete - 1) * kFactor; i < complete * kFactor; ++i)
      whole = merged(whole, level == 0 ? of_sample(i) : levels_[level - 1][i]);
    levels_[level].push_back(whole);
  }
}

void CurvePyramid::thin() {
  CurvePyramid kept;
  // Of each `block` samples from `first` on two, of a rest fewer than a block all.
  const auto keep = [&](std::size_t first, std::size_t end, std::size_t block) {
    for (; end - first >= block; first += block) {
      const Extremes e = extremes(first, first + block);
      std::size_t one = e.broken != Extremes::kNone ? e.broken : e.least, other = e.greatest;
      if (other == Extremes::kNone || other == one) other = one == first ? first + block - 1 : first;
      kept.append((*this)[std::min(one, other)]);
      kept.append((*this)[std::max(one, other)]);
    }
    return first;
  };
  const bool coarser = thinned_ + 2 * (size() - kNewest - thinned_) / block_ > kMost / 2;
  const std::size_t pairs = coarser ? 4 : 2;  // two of them into one, or each as it is
  std::size_t next = keep(0, thinned_, pairs);
  if (coarser) block_ *= 2;
  next = keep(next, size() - kNewest, block_);
  kept.thinned_ = kept.size();
  kept.block_ = block_;
  for (; next < size(); ++next) kept.append((*this)[next]);
  *this = std::move(kept);
}

void CurvePyramid::append_x(double x) {
  if (!std::isfinite(x) || (!empty() && x < back().x))
    throw std::invalid_argument("a curve's x must be finite and not fall");
  if (!empty()) {
    Stretch& last = stretches_.back();
    const std::size_t count = size() - last.first;
    const double stride = count == 1 ? x - last.x : last.stride;
    if (last.x + static_cast<double>(count) * stride == x) {
      last.stride = stride;
      return;
    }
  }
  stretches_.push_back({size(), x, 0});
}

void CurvePyramid::truncate(double x) {
  ys_.resize(count_before(x));
  while (!stretches_.empty() && stretches_.back().first >= size()) stretches_.pop_back();
  std::size_t complete = size();
  for (auto& level : levels_) level.resize(complete /= kFactor);
  thinned_ = std::min(thinned_, size());
}

Sample CurvePyramid::operator[](std::size_t i) const {
  const auto after = std::upper_bound(stretches_.begin(), stretches_.end(), i,
                                      [](std::size_t at, const Stretch& s) { return at < s.first; });
  const Stretch& s = *(after - 1);
  return {s.x + static_cast<double>(i - s.first) * s.stride, ys_[i]};
}

std::size_t CurvePyramid::count_before(double x) const {
  const auto next = std::lower_bound(stretches_.begin(), stretches_.end(), x,
                                     [](const Stretch& s, double at) { return s.x < at; });
  if (next == stretches_.begin()) return 0;
  const Stretch& s = *(next - 1);  // the last that begins before x
  const std::size_t count = (next == stretches_.end() ? size() : next->first) - s.first;
  const auto before = [&](std::size_t i) { return s.x + static_cast<double>(i) * s.stride < x; };
  if (before(count - 1)) return s.first + count;
  auto i = static_cast<std::size_t>((x - s.x) / s.stride);  // within one of it, by rounding
  i = std::min(i, count - 1);
  while (before(i)) ++i;
  while (i > 0 && !before(i - 1)) --i;
  return s.first + i;
}

std::optional<Sample> CurvePyramid::nearest(double x) const {
  if (empty()) return std::nullopt;
  const std::size_t after = count_before(x);
  if (after == 0) return front();
  if (after == size()) return back();
  const Sample left = (*this)[after - 1], right = (*this)[after];
  return x - left.x < right.x - x ? left : right;
}

CurvePyramid::Extremes CurvePyramid::of_sample(std::size_t i) const {
  const auto at = static_cast<std::uint32_t>(i);
  constexpr std::uint32_t kNone = Extremes::kNone;
  if (!std::isfinite(ys_[i])) return {kNone, kNone, kNone, at};
  return {at, at, ys_[i] > 0 ? at : kNone, kNone};
}

CurvePyramid::Extremes CurvePyramid::merged(const Extremes& a, const Extremes& b) const {
  // The one whose y is before the other's; of equal ones the earlier.
  const auto chosen = [&](std::uint32_t i, std::uint32_t j, auto before) {
    return j == Extremes::kNone || (i != Extremes::kNone && !before(ys_[j], ys_[i])) ? i : j;
  };
  return {chosen(a.least, b.least, std::less<>{}), chosen(a.greatest, b.greatest, std::greater<>{}),
          chosen(a.least_positive, b.least_positive, std::less<>{}), std::min(a.broken, b.broken)};
}

CurvePyramid::Extremes CurvePyramid::extremes(std::size_t first, std::size_t end) const {
  Extremes all;
  while (first < end) {
    // The largest block that begins here and is in.
    std::size_t level = 0, length = 1;
    while (first % (length * kFactor) == 0 && first + length * kFactor <= end) length *= kFactor, ++level;
    all = merged(all, level == 0 ? of_sample(first) : levels_[level - 1][first / length]);
    first += length;
  }
  return all;
}

std::optional<Interval> CurvePyramid::y_range(Interval x, bool positive) const {
  const double beyond = std::nextafter(x.high, std::numeric_limits<double>::infinity());
  const Extremes all = extremes(count_before(x.low), count_before(beyond));
  const std::uint32_t least = positive ? all.least_positive : all.least;
  if (least == Extremes::kNone) return std::nullopt;
  return Interval{ys_[least], ys_[all.greatest]};
}

std::vector<Sample> CurvePyramid::decimated(Interval x, int columns) const {
  std::vector<Sample> out;
  std::size_t i = count_before(x.low),
              end = count_before(std::nextafter(x.high, std::numeric_limits<double>::infinity()));
  const bool one_before = i > 0, one_after = end < size();
  columns = std::max(columns, 1);
  if (end - i <= 2 * static_cast<std::size_t>(columns)) {
    for (std::size_t at = i - one_before; at < end + one_after; ++at) out.push_back((*this)[at]);
    return out;
  }
  if (one_before) out.push_back((*this)[i - 1]);
  const double per_column = (x.high - x.low) / columns;
  while (i < end) {
    std::size_t next = end;  // an interval of one x is one column
    if (per_column > 0) {
      const double column = std::floor(((*this)[i].x - x.low) / per_column);
      next = std::clamp(count_before(x.low + per_column * (column + 1)), i + 1, end);
    }
    const Extremes e = extremes(i, next);
    std::uint32_t shown[] = {e.least, e.greatest, e.broken};
    std::sort(std::begin(shown), std::end(shown));
    for (auto at = std::begin(shown); at != std::end(shown) && *at != Extremes::kNone; ++at)
      if (at == std::begin(shown) || *at != *(at - 1)) out.push_back((*this)[*at]);
    i = next;
  }
  if (one_after) out.push_back((*this)[end]);
  return out;
}

}  // namespace vitrine::widgets
