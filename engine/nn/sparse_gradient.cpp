#include "engine/nn/sparse_gradient.h"

#include <algorithm>

#include "engine/nn/vector.h"

namespace vitrine::nn {
namespace {

// Numbers that are not zero, and where what they multiply begins. Few at a time, so that they stay near.
template <class T>
struct Listed {
  static constexpr Index kMost = 256, kPiece = 64;
  Index count = 0;
  Index at[kMost];
  T value[kMost];

  // Of `many` numbers, `apart` from one to the next; what the i-th multiplies begins at first + i * step.
  // Calls flush(), which empties the list, before it overflows.
  template <class Flush>
  void add(const T* numbers, Index many, Index apart, Index first, Index step, const Flush& flush) {
    for (Index done = 0; done < many; done += kPiece) {
      if (count + kPiece > kMost) flush();
      const Index end = std::min(done + kPiece, many);
      Index next = count;
      for (Index i = done; i < end; ++i) {  // without a branch, which would often be guessed wrong
        const T number = numbers[i * apart];
        at[next] = first + i * step;
        value[next] = number;
        next += number != 0;
      }
      count = next;
    }
  }
};

// sum[u,c] += sum_i value[i] x[at[i] + u * x_stride + c] for kRows rows u and kVectors registers of c.
template <class T, int kRows, int kVectors>
void add_block(const Listed<T>& list, const T* x, Index x_stride, T* sum, Index sum_stride) {
  const auto each = [](const auto& body) VITRINE_INLINE {
    unrolled<kRows>([&](auto u)
                        VITRINE_INLINE { unrolled<kVectors>([&](auto v) VITRINE_INLINE { body(u, v); }); });
  };
  Vector<T> sums[kRows][kVectors];
  each([&](auto u, auto v) VITRINE_INLINE { sums[u][v] = load(sum + u * sum_stride + v * kLanes<T>); });
  for (Index i = 0; i < list.count; ++i) {
    const T* from = x + list.at[i];
    const T value = list.value[i];
    unrolled<kRows>([&](auto u) VITRINE_INLINE {
      unrolled<kVectors>([&](auto v) VITRINE_INLINE { sums[u][v] += value * load(from + v * kLanes<T>); });
      from += x_stride;
    });
  }
  each([&](auto u, auto v) VITRINE_INLINE { store(sum + u * sum_stride + v * kLanes<T>, sums[u][v]); });
}

// The same for `count` numbers c of kRows rows, kVectors registers at a time and then fewer.
template <class T, int kRows, int kVectors>
void add_columns(const Listed<T>& list, const T* x, Index x_stride, Index count, T* sum, Index sum_stride) {
  Index c = 0;
  for (; c + kVectors * kLanes<T> <= count; c += kVectors * kLanes<T>)
    add_block<T, kRows, kVectors>(list, x + c, x_stride, sum + c, sum_stride);
  if constexpr (kVectors > 1) {
    add_columns<T, kRows, kVectors - 1>(list, x + c, x_stride, count - c, sum + c, sum_stride);
  } else {
    for (; c < count; ++c)
      for (Index u = 0; u < kRows; ++u)
        for (Index i = 0; i < list.count; ++i)
          sum[u * sum_stride + c] += list.value[i] * x[list.at[i] + u * x_stride + c];
  }
}

// The same for all rows, kRows at a time and then fewer: as many sums as registers hold, so that an addition
// need not wait for the one before.
template <class T, int kRows = 5>
void add_rows(const Listed<T>& list, const T* x, Index x_stride, Index rows, Index count, T* sum,
              Index sum_stride) {
  constexpr int kVectors = core::kRegisters * 5 / 6 / kRows;
  Index u = 0;
  for (; u + kRows <= rows; u += kRows)
    add_columns<T, kRows, std::min(kVectors, 5)>(list, x + u * x_stride, x_stride, count,
                                                 sum + u * sum_stride, sum_stride);
  if constexpr (kRows > 1)
    add_rows<T, kRows - 2>(list, x + u * x_stride, x_stride, rows - u, count, sum + u * sum_stride,
                           sum_stride);
}

}  // namespace

template <class T>
bool is_sparse(const Patches& p, Index filters, const T* dy) {
  constexpr Index kShare = 3;  // one number of so many may be other than zero
  if (p.row_count < kLanes<T>) return false;
  const Index count = p.height * p.width * filters;
  Index nonzero = 0;
  for (Index i = 0; i < count; ++i) nonzero += dy[i] != 0;
  return nonzero * kShare <= count;
}

template <class T>
void add_sparse_weight_gradient(const Patches& p, Index filters, const T* dy, const T* x, T* d_weight) {
  Listed<T> list;
  for (Index f = 0; f < filters; ++f, d_weight += p.rows * p.row_count) {
    const auto flush = [&] {
      add_rows(list, x, p.to_next_row, p.rows, p.row_count, d_weight, p.row_count);
      list.count = 0;
    };
    for (Index i = 0; i < p.height; ++i)
      list.add(dy + i * p.width * filters + f, p.width, filters, i * p.to_place_below, p.to_place_right,
               flush);
    flush();
  }
}

template <class T>
void add_sparse_input_gradient(const Patches& p, Index filters, const T* dy, const T* weight, T* dx) {
  Listed<T> list;
  for (Index i = 0; i < p.height; ++i)
    for (Index j = 0; j < p.width; ++j, dy += filters) {
      T* const patch = dx + i * p.to_place_below + j * p.to_place_right;
      const auto flush = [&] {
        add_rows(list, weight, p.row_count, p.rows, p.row_count, patch, p.to_next_row);
        list.count = 0;
      };
      list.add(dy, filters, 1, 0, p.rows * p.row_count, flush);
      flush();
    }
}

#define VITRINE_INSTANTIATE(T)                                                             \
  template bool is_sparse(const Patches&, Index, const T*);                                \
  template void add_sparse_weight_gradient(const Patches&, Index, const T*, const T*, T*); \
  template void add_sparse_input_gradient(const Patches&, Index, const T*, const T*, T*);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
