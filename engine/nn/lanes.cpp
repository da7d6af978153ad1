#include "engine/nn/lanes.h"

#include "engine/core/vector_math.h"

namespace vitrine::nn {

using core::exp_of_nonpositive;
namespace {

template <class T>
struct Factors {
  LaneMatrix<T> a, b, c;
  Sum sum;
};

// Rows [row, row + kRows) by columns [column, column + kColumns) of c, in registers while p runs.
template <class T, int kRows, int kColumns>
void tile(const Factors<T>& f, Index row, Index column) {
  const auto [a, b, c, start] = f;
  Vector<T> sum[kRows][kColumns];
  const auto each_sum = [](const auto& body) VITRINE_INLINE {
    unrolled<kRows>([&](auto i)
                        VITRINE_INLINE { unrolled<kColumns>([&](auto j) VITRINE_INLINE { body(i, j); }); });
  };
  T* out = c.at(row, column);
  const Index c_row = c.row_stride * kLanes<T>, c_column = c.column_stride * kLanes<T>;
  if (start == Sum::kMore)
    each_sum([&](auto i, auto j) VITRINE_INLINE { sum[i][j] = load(out + i * c_row + j * c_column); });
  else
    each_sum([&](auto i, auto j) VITRINE_INLINE { sum[i][j] = Vector<T>{}; });
  const T *a_at = a.at(row, 0), *b_at = b.at(0, column);
  const Index a_row = a.row_stride * kLanes<T>, a_next = a.column_stride * kLanes<T>;
  const Index b_column = b.column_stride * kLanes<T>, b_next = b.row_stride * kLanes<T>;
  for (Index p = 0; p < a.columns; ++p, a_at += a_next, b_at += b_next) {
    Vector<T> b_row[kColumns];
    unrolled<kColumns>([&](auto j) VITRINE_INLINE { b_row[j] = load(b_at + j * b_column); });
    unrolled<kRows>([&](auto i) VITRINE_INLINE {
      const Vector<T> factor = load(a_at + i * a_row);
      unrolled<kColumns>([&](auto j) VITRINE_INLINE { sum[i][j] += factor * b_row[j]; });
    });
  }
  each_sum([&](auto i, auto j) VITRINE_INLINE { store(out + i * c_row + j * c_column, sum[i][j]); });
}

// body(first, size) for parts of [0, count) of at most kMost, as equal as they can be (17 by 4: 3 3 4 3 4),
// so that none is a rest too small to keep the processor busy. `size` is a constant.
template <int kMost, class Body>
void each_part(Index count, const Body& body) {
  const Index parts = (count + kMost - 1) / kMost;
  for (Index i = 0, first = 0; i < parts; ++i) {
    const Index end = count * (i + 1) / parts;
    unrolled<kMost>([&](auto n) VITRINE_INLINE {
      if (end - first == n + 1) body(first, std::integral_constant<int, n + 1>());
    });
    first = end;
  }
}

enum class Way { kRowsToLanes, kLanesToRows };

// A register holds `kImages` images with kLanes / kImages heads each (or a part of one image's): whole
// registers of rows, kImages dims of each image at a time, become as many dims of all of them.
template <Way kWay, int kImages, class T>
void copy_registers(HeadRows<T> rows, Index image, Index head, T* lane) {
  for (Index t = 0; t < rows.tokens; ++t) {
    T* row[kImages];
    unrolled<kImages>([&](auto i) VITRINE_INLINE { row[i] = rows.at(image + i, t, 0, head); });
    for (Index d = 0; d < rows.dims; d += kImages, lane += kImages * kLanes<T>) {
      const auto in_row = [&](Index i) VITRINE_INLINE { return row[i] + d * rows.heads; };
      const auto in_lanes = [&](Index i) VITRINE_INLINE { return lane + i * kLanes<T>; };
      Vector<T> v[kImages];
      unrolled<kImages>(
          [&](auto i) VITRINE_INLINE { v[i] = load(kWay == Way::kRowsToLanes ? in_row(i) : in_lanes(i)); });
      transpose_groups<T>(v);
      unrolled<kImages>(
          [&](auto i) VITRINE_INLINE { store(kWay == Way::kRowsToLanes ? in_lanes(i) : in_row(i), v[i]); });
    }
  }
}

template <Way kWay, class T>
void copy_numbers(HeadRows<T> rows, Index first, Index count, T* lanes) {
  for (Index t = 0; t < rows.tokens; ++t) {
    for (Index d = 0; d < rows.dims; ++d, lanes += kLanes<T>) {
      for (Index i = 0; i < count; ++i) {
        T* in_row = rows.at((first + i) / rows.heads, t, d, (first + i) % rows.heads);
        if constexpr (kWay == Way::kRowsToLanes)
          lanes[i] = *in_row;
        else
          *in_row = lanes[i];
      }
    }
  }
}

template <Way kWay, class T>
void copy(HeadRows<T> rows, Index first, Index count, T* lanes) {
  const Index image = first / rows.heads, head = first % rows.heads;
  const bool full = count == kLanes<T>;
  if (full && rows.heads % kLanes<T> == 0)
    copy_registers<kWay, 1>(rows, image, head, lanes);
  else if (full && rows.heads * 2 == kLanes<T> && rows.dims % 2 == 0)
    copy_registers<kWay, 2>(rows, image, head, lanes);
  else if (full && rows.heads * 4 == kLanes<T> && rows.dims % 4 == 0)
    copy_registers<kWay, 4>(rows, image, head, lanes);
  else
    copy_numbers<kWay>(rows, first, count, lanes);
}

}  // namespace

template <class T>
void rows_to_lanes(HeadRows<T> rows, Index first, Index count, T* lanes) {
  copy<Way::kRowsToLanes>(rows, first, count, lanes);
}

template <class T>
void lanes_to_rows(const T* lanes, Index first, Index count, HeadRows<T> rows) {
  copy<Way::kLanesToRows>(rows, first, count, const_cast<T*>(lanes));
}

template <class T>
void lane_product(LaneMatrix<T> a, LaneMatrix<T> b, LaneMatrix<T> c, Sum sum) {
  const Factors<T> f{a, b, c, sum};
  each_part<kTileVectors>(c.columns, [&](Index column, auto columns) {
    each_part<kTileRows>(c.rows, [&](Index row, auto rows) { tile<T, rows, columns>(f, row, column); });
  });
}

template <class T>
void lane_softmax(T scale, LaneMatrix<T> s) {
  for (Index i = 0; i < s.rows; ++i) {
    Vector<T> largest = load(s.at(i, 0));
    for (Index j = 1; j < s.columns; ++j) {
      const Vector<T> value = load(s.at(i, j));
      largest = value > largest ? value : largest;
    }
    Vector<T> sum{};
    for (Index j = 0; j < s.columns; ++j) {
      const Vector<T> power = exp_of_nonpositive<T>(scale * (load(s.at(i, j)) - largest));
      store(s.at(i, j), power);
      sum += power;
    }
    const Vector<T> inverse = 1 / sum;
    for (Index j = 0; j < s.columns; ++j) store<T>(s.at(i, j), load(s.at(i, j)) * inverse);
  }
}

template <class T>
void lane_softmax_backward(T scale, LaneMatrix<T> p, LaneMatrix<T> dp) {
  for (Index i = 0; i < p.rows; ++i) {
    Vector<T> dot{};
    for (Index j = 0; j < p.columns; ++j) dot += load(p.at(i, j)) * load(dp.at(i, j));
    for (Index j = 0; j < p.columns; ++j)
      store<T>(dp.at(i, j), scale * load(p.at(i, j)) * (load(dp.at(i, j)) - dot));
  }
}

#define VITRINE_INSTANTIATE(T)                                                  \
  template void rows_to_lanes(HeadRows<T>, Index, Index, T*);                   \
  template void lanes_to_rows(const T*, Index, Index, HeadRows<T>);             \
  template void lane_product(LaneMatrix<T>, LaneMatrix<T>, LaneMatrix<T>, Sum); \
  template void lane_softmax(T, LaneMatrix<T>);                                 \
  template void lane_softmax_backward(T, LaneMatrix<T>, LaneMatrix<T>);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
