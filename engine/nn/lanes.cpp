#include "engine/nn/lanes.h"

#include "engine/core/vector_math.h"

namespace vitrine::nn {

using core::exp_of_nonpositive;
namespace {

// Rows [row, row + kRows) by columns [column, column + kColumns) of c, in registers while p runs.
template <class T, int kRows, int kColumns>
void tile(const LaneMatrix<T>& a, const LaneMatrix<T>& b, const LaneMatrix<T>& c, Index row, Index column) {
  Vector<T> sum[kRows][kColumns];
  const auto each_sum = [](const auto& body) VITRINE_INLINE {
    unrolled<kRows>([&](auto i)
                        VITRINE_INLINE { unrolled<kColumns>([&](auto j) VITRINE_INLINE { body(i, j); }); });
  };
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
  each_sum([&](auto i, auto j) VITRINE_INLINE { store(c.at(row + i, column + j), sum[i][j]); });
}

template <class T, int kColumns>
void column_block(const LaneMatrix<T>& a, const LaneMatrix<T>& b, const LaneMatrix<T>& c, Index column) {
  Index row = 0;
  for (; row + kTileRows <= c.rows; row += kTileRows) tile<T, kTileRows, kColumns>(a, b, c, row, column);
  switch (c.rows - row) {
    case 5:
      return tile<T, 5, kColumns>(a, b, c, row, column);
    case 4:
      return tile<T, 4, kColumns>(a, b, c, row, column);
    case 3:
      return tile<T, 3, kColumns>(a, b, c, row, column);
    case 2:
      return tile<T, 2, kColumns>(a, b, c, row, column);
    case 1:
      return tile<T, 1, kColumns>(a, b, c, row, column);
    default:
      return;
  }
}

}  // namespace

template <class T>
void lane_product(const LaneMatrix<T>& a, const LaneMatrix<T>& b, const LaneMatrix<T>& c) {
  Index column = 0;
  for (; column + kTileVectors <= c.columns; column += kTileVectors)
    column_block<T, kTileVectors>(a, b, c, column);
  for (; column < c.columns; ++column) column_block<T, 1>(a, b, c, column);
}

template <class T>
void lane_softmax(const LaneMatrix<T>& s) {
  for (Index i = 0; i < s.rows; ++i) {
    Vector<T> largest = load(s.at(i, 0));
    for (Index j = 1; j < s.columns; ++j) {
      const Vector<T> value = load(s.at(i, j));
      largest = value > largest ? value : largest;
    }
    Vector<T> sum{};
    for (Index j = 0; j < s.columns; ++j) {
      const Vector<T> power = exp_of_nonpositive<T>(load(s.at(i, j)) - largest);
      store(s.at(i, j), power);
      sum += power;
    }
    const Vector<T> inverse = 1 / sum;
    for (Index j = 0; j < s.columns; ++j) store<T>(s.at(i, j), load(s.at(i, j)) * inverse);
  }
}

template <class T>
void lane_softmax_backward(const LaneMatrix<T>& p, const LaneMatrix<T>& dp) {
  for (Index i = 0; i < p.rows; ++i) {
    Vector<T> dot{};
    for (Index j = 0; j < p.columns; ++j) dot += load(p.at(i, j)) * load(dp.at(i, j));
    for (Index j = 0; j < p.columns; ++j) store<T>(dp.at(i, j), load(p.at(i, j)) * (load(dp.at(i, j)) - dot));
  }
}

#define VITRINE_INSTANTIATE(T)                                                                  \
  template void lane_product(const LaneMatrix<T>&, const LaneMatrix<T>&, const LaneMatrix<T>&); \
  template void lane_softmax(const LaneMatrix<T>&);                                             \
  template void lane_softmax_backward(const LaneMatrix<T>&, const LaneMatrix<T>&);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
