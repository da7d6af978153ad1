#include "engine/nn/patches.h"

#include <algorithm>

#include "engine/nn/vector.h"

namespace vitrine::nn {
namespace {

// One of the matrix's two axes: where in the image each of its numbers begins.
struct Axis {
  Index outer, inner, to_outer, to_inner;

  // From one number to the next; the last has itself for a next one.
  class Place {
   public:
    Place(const Axis& axis, Index number)
        : axis_(axis), outer_(number / axis.inner), inner_(number % axis.inner) {}
    Index at() const { return outer_ * axis_.to_outer + inner_ * axis_.to_inner; }
    void move_on() {
      const bool wraps = inner_ + 1 == axis_.inner;
      if (wraps && outer_ + 1 == axis_.outer) return;
      outer_ += wraps;
      inner_ = wraps ? 0 : inner_ + 1;
    }

   private:
    const Axis& axis_;
    Index outer_, inner_;
  };
};
Axis places_of(const Patches& p) { return {p.height, p.width, p.to_place_below, p.to_place_right}; }
Axis inputs_of(const Patches& p) { return {p.rows, p.row_count, p.to_next_row, 1}; }

// c[r,f] = start[f] + sum_s x[rows.at(r) + sums.at(s)] b[s,f]    start null: zero
template <class T>
struct Operands {
  Axis rows, sums;
  const T* x;
  MatrixView<const T> b;
  const T* start;
  MatrixView<T> c;
};

// Rows [row, row + kRows) by registers [column, column + kVectors * lanes) of c. The last row stands in for
// those beyond it.
template <class T, int kRows, int kVectors>
void patch_tile(const Operands<T>& o, Index row, Index column) {
  const auto each_sum = [](const auto& body) VITRINE_INLINE {
    unrolled<kRows>([&](auto i)
                        VITRINE_INLINE { unrolled<kVectors>([&](auto v) VITRINE_INLINE { body(i, v); }); });
  };
  const T* x[kRows];
  Axis::Place place(o.rows, row);
  unrolled<kRows>([&](auto i) VITRINE_INLINE {
    x[i] = o.x + place.at();
    place.move_on();
  });
  Vector<T> sum[kRows][kVectors];
  each_sum([&](auto i, auto v) VITRINE_INLINE {
    sum[i][v] = o.start ? load(o.start + column + v * kLanes<T>) : Vector<T>{};
  });
  const Index inner = o.sums.inner, to_inner = o.sums.to_inner, b_stride = o.b.stride;
  const T* b = o.b.data + column;
  for (Index outer = 0; outer < o.sums.outer; ++outer) {
    const Index begin = outer * o.sums.to_outer, end = begin + inner * to_inner;
    for (Index at = begin; at < end; at += to_inner, b += b_stride) {
      Vector<T> b_row[kVectors];
      unrolled<kVectors>([&](auto v) VITRINE_INLINE { b_row[v] = load(b + v * kLanes<T>); });
      unrolled<kRows>([&](auto i) VITRINE_INLINE {
        const T factor = x[i][at];
        unrolled<kVectors>([&](auto v) VITRINE_INLINE { sum[i][v] += factor * b_row[v]; });
      });
    }
  }
  T* c = &o.c(row, column);
  unrolled<kRows>([&](auto i) VITRINE_INLINE {
    unrolled<kVectors>([&](auto v) VITRINE_INLINE { store(c + v * kLanes<T>, sum[i][v]); });
    if (row + i + 1 < o.c.rows) c += o.c.stride;
  });
}

// Rows of a tile. The narrower it is, the taller: sums enough that none waits for another. Two tiles of
// 13 rows hold the 25 inputs of a 5 x 5 kernel on one channel.
template <int kVectors>
constexpr int kTall = kVectors == 1                            ? 13
                      : kVectors == 2 && core::kRegisters > 16 ? 8
                                                               : core::kTileRows;

// Columns of c from `column` on, kVectors registers at a time and then fewer; returns the first that fill no
// register.
template <class T, int kVectors = core::kTileVectors>
Index whole_registers(const Operands<T>& o, Index column) {
  constexpr Index kWidth = kVectors * kLanes<T>;
  constexpr int kRows = kTall<kVectors>;
  for (; column + kWidth <= o.c.columns; column += kWidth)
    for (Index row = 0; row < o.c.rows; row += kRows) patch_tile<T, kRows, kVectors>(o, row, column);
  if constexpr (kVectors > 1)
    return whole_registers<T, kVectors - 1>(o, column);
  else
    return column;
}

template <class T>
void multiply(const Operands<T>& o, T* scratch) {
  const Index column = whole_registers(o, 0), left = o.c.columns - column;
  if (left == 0) return;
  constexpr Index kWidth = kLanes<T>;  // the last columns, beside zeros
  const MatrixView<T> b(scratch, o.b.rows, kWidth), c(b.data + b.rows * kWidth, o.c.rows, kWidth);
  T start[kWidth] = {};
  std::fill_n(b.data, b.rows * kWidth, T{0});
  for (Index s = 0; s < b.rows; ++s) std::copy_n(&o.b(s, column), left, &b(s, 0));
  if (o.start) std::copy_n(o.start + column, left, start);
  whole_registers<T>({o.rows, o.sums, o.x, b, start, c}, 0);
  for (Index row = 0; row < c.rows; ++row) std::copy_n(&c(row, 0), left, &o.c(row, column));
}

}  // namespace

Patches::Patches(const Window& w)
    : height(w.out_height()),
      width(w.out_width()),
      rows(w.kernel),
      row_count(w.kernel * w.in.channels),
      to_next_row((w.in.width + 2 * w.padding) * w.in.channels),
      to_place_below(w.stride * to_next_row),
      to_place_right(w.stride * w.in.channels) {}

template <class T>
Index Patches::scratch_count() const {
  return core::checked_mul(core::checked_add(places(), inputs()), kLanes<T>);
}

template <class T>
void patches_times(const Patches& patches, const T* x, MatrixView<const T> w, const T* start, T* scratch,
                   MatrixView<T> y) {
  multiply<T>({places_of(patches), inputs_of(patches), x, w, start, y}, scratch);
}

template <class T>
void patches_transposed_times(const Patches& patches, const T* x, MatrixView<const T> dy, T* scratch,
                              MatrixView<T> d_w) {
  multiply<T>({inputs_of(patches), places_of(patches), x, dy, nullptr, d_w}, scratch);
}

#define VITRINE_INSTANTIATE(T)                                                                             \
  template Index Patches::scratch_count<T>() const;                                                        \
  template void patches_times(const Patches&, const T*, MatrixView<const T>, const T*, T*, MatrixView<T>); \
  template void patches_transposed_times(const Patches&, const T*, MatrixView<const T>, T*, MatrixView<T>);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
