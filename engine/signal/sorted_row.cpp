#include "engine/signal/sorted_row.h"

#include <algorithm>

#include "engine/core/vector.h"

namespace vitrine::signal {
namespace {

using core::divide_up;
using core::round_up;

constexpr Index kLine = 16;  // numbers in a cache line
constexpr Index kLanes = core::kLanes<float>;

template <Index kStride>
void copy_every(const float* from, Index count, float* to) {
  for (Index k = 0; k < count; ++k) to[k] = from[k * kStride];
}
// to[k] = from[k*stride]
void copy_strided(const float* from, Index stride, Index count, float* to) {
  switch (stride) {
    case 1:
      std::copy_n(from, count, to);
      return;
    case 2:
      return copy_every<2>(from, count, to);
    case 3:
      return copy_every<3>(from, count, to);
    case 4:
      return copy_every<4>(from, count, to);
    default:
      for (Index k = 0; k < count; ++k) to[k] = from[k * stride];
  }
}

}  // namespace

SortedRow::SortedRow(const WindowAxis& columns, float padding) : columns_(columns), padding_(padding) {
  const Index stride = columns.stride();
  for (Index v = 0; v < columns.kernel(); ++v) {
    Phase& phase = phases_[phase_of(v)];
    phase.length = std::max(phase.length, distance(v) / stride + columns.outputs());
  }
  for (Phase& phase : phases_) place(phase);
  size_ = round_up(size_, kLine);
  if (size_ / kLine % 2 == 0) size_ += kLine;
  for (Index v = 0; v < columns.kernel(); ++v)
    tap_at_.push_back(phases_[phase_of(v)].at + distance(v) / stride);
}

std::size_t SortedRow::phase_of(Index v) {
  const Index start = columns_.position(0, 0) + distance(v) % columns_.stride();
  std::size_t index = 0;
  while (index < phases_.size() && phases_[index].start != start) ++index;
  if (index == phases_.size()) phases_.push_back({start});
  return index;
}

void SortedRow::place(Phase& phase) {
  phase.at = size_;
  size_ += round_up(phase.length, kLanes) + kLanes;
  const auto first_from = [&](Index column) {
    return std::min(divide_up(std::max<Index>(column - phase.start, 0), columns_.stride()), phase.length);
  };
  phase.first_inside = first_from(0);
  phase.last_inside = first_from(columns_.input());
}

void SortedRow::copy(const float* from, float* to) const {
  for (const Phase& phase : phases_) {
    float* phase_to = to + phase.at;
    copy_border(phase, from, 0, phase.first_inside, phase_to);
    copy_strided(from + phase.start + phase.first_inside * columns_.stride(), columns_.stride(),
                 phase.last_inside - phase.first_inside, phase_to + phase.first_inside);
    copy_border(phase, from, phase.last_inside, phase.length, phase_to);
  }
}

void SortedRow::copy_border(const Phase& phase, const float* from, Index k, Index end, float* to) const {
  for (; k < end; ++k) {
    const Index source = columns_.source_at(phase.start + k * columns_.stride());
    to[k] = source == WindowAxis::kNone ? padding_ : from[source];
  }
}

bool mostly_padding(const WindowAxis& rows, const WindowAxis& columns) {
  // From the first output's first tap to the last output's last.
  const auto span = [](const WindowAxis& axis) {
    return static_cast<double>(axis.position(axis.outputs() - 1, axis.kernel() - 1) - axis.position(0, 0) +
                               1);
  };
  const double input = static_cast<double>(rows.input()) * static_cast<double>(columns.input());
  return span(rows) * span(columns) > 8 * input + 65536;
}

}  // namespace vitrine::signal
