#include "engine/signal/perturb.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace vitrine::signal {

using core::Shape;
using core::ShapeError;
using core::Tensor;

namespace {

constexpr Index kOutside = -1;

// Where the number at `position` comes from along an axis of `size` cells.
Index source(Index position, Index shift, Index size, ShiftFill fill) {
  if (fill == ShiftFill::kWrap) {
    const Index rest = (position - shift % size) % size;
    return rest < 0 ? rest + size : rest;
  }
  if (shift >= size || shift <= -size) return kOutside;
  const Index at = position - shift;
  return at >= 0 && at < size ? at : kOutside;
}

void check_channels(const Shape& x) {
  if (x.rank() != 3) throw ShapeError("input " + to_string(x) + " does not have 3 axes");
}

}  // namespace

template <class T>
Tensor<T> shifted(const Tensor<T>& x, Index rows, Index columns, ShiftFill fill) {
  check_channels(x.shape());
  Tensor<T> y(x.shape());
  const Index height = x.size(1), width = x.size(2);
  for (Index c = 0; c < x.size(0); ++c)
    for (Index i = 0; i < height; ++i) {
      const Index from_row = source(i, rows, height, fill);
      if (from_row == kOutside) continue;
      for (Index j = 0; j < width; ++j)
        if (const Index from = source(j, columns, width, fill); from != kOutside)
          y(c, i, j) = x(c, from_row, from);
    }
  return y;
}

template Tensor<float> shifted(const Tensor<float>&, Index, Index, ShiftFill);
template Tensor<double> shifted(const Tensor<double>&, Index, Index, ShiftFill);
template Tensor<std::uint8_t> shifted(const Tensor<std::uint8_t>&, Index, Index, ShiftFill);

Tensor<double> with_value_at(Tensor<double> x, const Tensor<std::uint8_t>& mask, double value) {
  check_channels(x.shape());
  if (!(mask.shape() == Shape{x.size(1), x.size(2)}))
    throw ShapeError("mask " + to_string(mask.shape()) + " does not cover input " + to_string(x.shape()));
  for (Index c = 0; c < x.size(0); ++c)
    for (Index at = 0; at < mask.count(); ++at)
      if (mask[at] != 0) x[c * mask.count() + at] = value;
  return x;
}

Tensor<std::uint8_t> random_cells(const Shape& shape, Index count, const core::Rng& rng, std::uint64_t step) {
  if (count < 0) throw std::invalid_argument("the number of cells " + std::to_string(count) + " is negative");
  Tensor<std::uint8_t> mask(shape);
  const Index cells = shape.count();
  // The last `count` cells each propose a cell up to themselves, and stand in for one that is taken.
  for (Index last = std::max<Index>(cells - count, 0); last < cells; ++last) {
    const auto index = static_cast<std::uint64_t>(last);
    const auto proposed = static_cast<Index>(rng.below(index + 1, step, index));
    mask[mask[proposed] == 0 ? proposed : last] = 1;
  }
  return mask;
}

Tensor<double> with_noise(Tensor<double> x, double amplitude, const core::Rng& rng, std::uint64_t step) {
  if (amplitude == 0) return x;
  for (Index i = 0; i < x.count(); ++i) x[i] += amplitude * rng.normal(step, static_cast<std::uint64_t>(i));
  return x;
}

Difference difference(const Tensor<double>& a, const Tensor<double>& b) {
  if (!(a.shape() == b.shape()))
    throw ShapeError("tensors " + to_string(a.shape()) + " and " + to_string(b.shape()) +
                     " have no difference");
  Difference d{Tensor<double>(a.shape())};
  double squares = 0, size = 0;
  for (Index i = 0; i < a.count(); ++i) {
    const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
    const double change = same ? 0 : a[i] - b[i];
    d.values[i] = change;
    d.changed += same ? 0 : 1;
    if (!std::isnan(d.largest) && !(std::abs(change) <= d.largest)) d.largest = std::abs(change);
    squares += change * change;
    if (!std::isnan(b[i])) size += b[i] * b[i];
  }
  d.relative = d.changed == 0 ? 0 : std::sqrt(squares / size);
  return d;
}

}  // namespace vitrine::signal
