// The products' micro-kernel: six rows by kTileVectors registers of c stay in registers while p runs over the
// inner size; each element of a is broadcast once, each row of b loaded once.
#include "engine/core/product.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/core/vector.h"

namespace vitrine::core {
namespace {

// Whether the first factor is read along its rows or, transposed, along its columns.
enum class First { kPlain, kTransposed };

template <class T>
struct Operands {
  MatrixView<const T> a, b, start;
  MatrixView<T> c;
  Index inner;
};

// Rows [row, row + kRows) by registers [column, column + kVectors * lanes) of c.
template <class T, First kFirst, int kRows, int kVectors>
inline void tile(const Operands<T>& o, Index row, Index column) {
  const auto each_sum = [](const auto& body) VITRINE_INLINE {
    unrolled<kRows>([&](auto i)
                        VITRINE_INLINE { unrolled<kVectors>([&](auto v) VITRINE_INLINE { body(i, v); }); });
  };
  Vector<T> sum[kRows][kVectors];
  const T* start = o.start.data ? &o.start(row, column) : nullptr;
  const Index start_stride = o.start.stride;
  if (start)
    each_sum([&](auto i, auto v)
                 VITRINE_INLINE { sum[i][v] = load(start + i * start_stride + v * kLanes<T>); });
  else
    each_sum([&](auto i, auto v) VITRINE_INLINE { sum[i][v] = Vector<T>{}; });

  const Index inner = o.inner, a_stride = o.a.stride, b_stride = o.b.stride;
  const T* a = kFirst == First::kPlain ? o.a.data + row * a_stride : o.a.data + row;
  const T* b = o.b.data + column;
  for (Index p = 0; p < inner; ++p) {
    Vector<T> b_row[kVectors];
    unrolled<kVectors>([&](auto v) VITRINE_INLINE { b_row[v] = load(b + v * kLanes<T>); });
    unrolled<kRows>([&](auto i) VITRINE_INLINE {
      const T factor = kFirst == First::kPlain ? a[i * a_stride + p] : a[i];
      unrolled<kVectors>([&](auto v) VITRINE_INLINE { sum[i][v] += factor * b_row[v]; });
    });
    b += b_stride;
    if (kFirst == First::kTransposed) a += a_stride;
  }
  T* c = &o.c(row, column);
  const Index c_stride = o.c.stride;
  each_sum([&](auto i, auto v) VITRINE_INLINE { store(c + i * c_stride + v * kLanes<T>, sum[i][v]); });
}

// All rows of c for one width of registers; the last rows, fewer than a tile has, by a smaller tile.
template <class T, First kFirst, int kVectors>
void column_block(const Operands<T>& o, Index column) {
  Index row = 0;
  for (; row + kTileRows <= o.c.rows; row += kTileRows) tile<T, kFirst, kTileRows, kVectors>(o, row, column);
  switch (o.c.rows - row) {
    case 5:
      return tile<T, kFirst, 5, kVectors>(o, row, column);
    case 4:
      return tile<T, kFirst, 4, kVectors>(o, row, column);
    case 3:
      return tile<T, kFirst, 3, kVectors>(o, row, column);
    case 2:
      return tile<T, kFirst, 2, kVectors>(o, row, column);
    case 1:
      return tile<T, kFirst, 1, kVectors>(o, row, column);
    default:
      return;
  }
}

// The first factor's columns [p, ...) of the product, that is, its part that meets b's rows from p on.
template <class T, First kFirst>
MatrixView<const T> from_inner(MatrixView<const T> a, Index p) {
  a.data += kFirst == First::kPlain ? p : p * a.stride;
  return a;
}

constexpr Index kPiece = 256;  // rows of b that are copied at a time

// A block of columns by way of a copy of b without gaps: for rows of b so far apart that they share cache
// lines.
template <class T, First kFirst>
void far_apart_block(const Operands<T>& o, Index column) {
  constexpr Index kWidth = kTileVectors * kLanes<T>;
  alignas(kVector_bytes) std::array<T, kPiece * kWidth> b_piece;
  const MatrixView<T> c(&o.c(0, column), o.c.rows, kWidth, o.c.stride);
  MatrixView<const T> start = o.start;
  if (start.data) start.data += column;
  for (Index p = 0; p < o.inner; p += kPiece) {
    const Index depth = std::min(kPiece, o.inner - p);
    for (Index q = 0; q < depth; ++q)
      std::memcpy(&b_piece[q * kWidth], &o.b(p + q, column), kWidth * sizeof(T));
    const MatrixView<const T> b(b_piece.data(), depth, kWidth);
    column_block<T, kFirst, kTileVectors>({from_inner<T, kFirst>(o.a, p), b, start, c, depth}, 0);
    start = c;
  }
}

// The last columns, fewer than a register holds: b's are copied beside zeros, c's go through a small tile.
template <class T, First kFirst>
void ragged_block(const Operands<T>& o, Index column) {
  constexpr Index kWidth = kLanes<T>;
  const Index valid = o.c.columns - column;
  alignas(kVector_bytes) std::array<T, kPiece * kWidth> b_piece{};
  alignas(kVector_bytes) std::array<T, kTileRows * kWidth> c_piece;
  MatrixView<const T> start = o.start;
  for (Index p = 0; p < o.inner; p += kPiece) {
    const Index depth = std::min(kPiece, o.inner - p);
    for (Index q = 0; q < depth; ++q) std::copy_n(&o.b(p + q, column), valid, &b_piece[q * kWidth]);
    MatrixView<const T> a = from_inner<T, kFirst>(o.a, p);
    const MatrixView<const T> b(b_piece.data(), depth, kWidth);
    for (Index row = 0; row < o.c.rows; row += kTileRows) {
      const MatrixView<T> c(c_piece.data(), std::min<Index>(kTileRows, o.c.rows - row), kWidth);
      c_piece.fill(T{0});
      if (start.data)
        for (Index i = 0; i < c.rows; ++i) std::copy_n(&start(row + i, column), valid, &c(i, 0));
      column_block<T, kFirst, 1>({a, b, c, c, depth}, 0);
      for (Index i = 0; i < c.rows; ++i) std::copy_n(&c(i, 0), valid, &o.c(row + i, column));
      a.data += kFirst == First::kPlain ? kTileRows * a.stride : kTileRows;
    }
    start = o.c;
  }
}

template <class T, First kFirst>
void multiply(const Operands<T>& o) {
  constexpr Index kWide = kTileVectors * kLanes<T>;
  constexpr Index kFarApart_bytes = 2048;
  const bool far_apart = o.b.stride * static_cast<Index>(sizeof(T)) >= kFarApart_bytes;
  Index column = 0;
  for (; column + kWide <= o.c.columns; column += kWide) {
    if (far_apart)
      far_apart_block<T, kFirst>(o, column);
    else
      column_block<T, kFirst, kTileVectors>(o, column);
  }
  const Index full = (o.c.columns - column) / kLanes<T>;
  if (full == 3) column_block<T, kFirst, 3>(o, column);
  if (full == 2) column_block<T, kFirst, 2>(o, column);
  if (full == 1) column_block<T, kFirst, 1>(o, column);
  column += full * kLanes<T>;
  if (column < o.c.columns) ragged_block<T, kFirst>(o, column);
}

template <class T>
std::string size_text(MatrixView<T> m) {
  return "[" + std::to_string(m.rows) + ", " + std::to_string(m.columns) + "]";
}

// Throws ShapeError unless inner sizes agree and c and start are [rows, b.columns].
template <class T>
void check(const Operands<T>& o, Index a_rows, Index a_inner) {
  const bool start_fits =
      !o.start.data || (o.start.columns == o.c.columns && (o.start.stride == 0 || o.start.rows == o.c.rows));
  if (a_inner == o.b.rows && a_rows == o.c.rows && o.b.columns == o.c.columns && start_fits) return;
  throw ShapeError("product of " + size_text(o.a) + " and " + size_text(o.b) + " does not fit into " +
                   size_text(o.c) + " from a start of " + size_text(o.start));
}

}  // namespace

template <class T>
void product(MatrixView<const T> a, MatrixView<const T> b, MatrixView<const T> start, MatrixView<T> c) {
  const Operands<T> o{a, b, start, c, a.columns};
  check(o, a.rows, a.columns);
  multiply<T, First::kPlain>(o);
}

template <class T>
void product_transposed(MatrixView<const T> a, MatrixView<const T> b, MatrixView<const T> start,
                        MatrixView<T> c) {
  const Operands<T> o{a, b, start, c, a.rows};
  check(o, a.columns, a.rows);
  multiply<T, First::kTransposed>(o);
}

template <class T>
void naive_product(MatrixView<const T> a, MatrixView<const T> b, MatrixView<const T> start, MatrixView<T> c) {
  for (Index i = 0; i < c.rows; ++i) {
    for (Index j = 0; j < c.columns; ++j) {
      T sum = start.data ? start(i, j) : T{0};
      for (Index p = 0; p < a.columns; ++p) sum += a(i, p) * b(p, j);
      c(i, j) = sum;
    }
  }
}

template <class T>
void naive_product_transposed(MatrixView<const T> a, MatrixView<const T> b, MatrixView<const T> start,
                              MatrixView<T> c) {
  for (Index i = 0; i < c.rows; ++i) {
    for (Index j = 0; j < c.columns; ++j) {
      T sum = start.data ? start(i, j) : T{0};
      for (Index p = 0; p < a.rows; ++p) sum += a(p, i) * b(p, j);
      c(i, j) = sum;
    }
  }
}

// Of rows [row, ...) and columns [column, ...), as many as a register has lanes.
template <class T>
static void transpose_square(MatrixView<const T> a, MatrixView<T> b, Index row, Index column) {
  Vector<T> square[kLanes<T>];
  unrolled<kLanes<T>>([&](auto i) VITRINE_INLINE { square[i] = load(&a(row + i, column)); });
  transpose_groups<T>(square);
  unrolled<kLanes<T>>([&](auto j) VITRINE_INLINE { store(&b(column + j, row), square[j]); });
}

template <class T>
void transpose(MatrixView<const T> a, MatrixView<T> b) {
  constexpr Index kBlock = kLanes<T>;
  for (Index row = 0; row < a.rows; row += kBlock) {
    for (Index column = 0; column < a.columns; column += kBlock) {
      const Index row_end = std::min(row + kBlock, a.rows), end = std::min(column + kBlock, a.columns);
      if (row_end - row == kBlock && end - column == kBlock) {
        transpose_square(a, b, row, column);
        continue;
      }
      for (Index i = row; i < row_end; ++i)
        for (Index j = column; j < end; ++j) b(j, i) = a(i, j);
    }
  }
}

#define VITRINE_INSTANTIATE(T)                                                                               \
  template void product(MatrixView<const T>, MatrixView<const T>, MatrixView<const T>, MatrixView<T>);       \
  template void product_transposed(MatrixView<const T>, MatrixView<const T>, MatrixView<const T>,            \
                                   MatrixView<T>);                                                           \
  template void naive_product(MatrixView<const T>, MatrixView<const T>, MatrixView<const T>, MatrixView<T>); \
  template void naive_product_transposed(MatrixView<const T>, MatrixView<const T>, MatrixView<const T>,      \
                                         MatrixView<T>);                                                     \
  template void transpose(MatrixView<const T>, MatrixView<T>);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::core
