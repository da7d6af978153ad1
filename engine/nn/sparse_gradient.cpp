#include "engine/nn/sparse_gradient.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "engine/nn/vector.h"

namespace vitrine::nn {
namespace {

constexpr int kGroup = 32;  // numbers whose zeros are looked for at a time

// Bit i: numbers[i] is not zero.
template <class T>
std::uint32_t nonzero_bits(const T* numbers) {
  auto bits = Vector<T>{} != Vector<T>{};  // none; of lane i, numbers[i], numbers[i + kLanes], ...
  unrolled<kGroup / kLanes<T>>([&](auto v) VITRINE_INLINE {
    constexpr int kFirst = v * kLanes<T>;
    constexpr auto kBit = [](int i) { return std::uint32_t{1} << (kFirst + i); };
    bits |= (load(numbers + kFirst) != Vector<T>{}) & core::lane_order<T>(kBit);
  });
  unrolled<std::bit_width(unsigned{kLanes<T>}) - 1>([&](auto halving) VITRINE_INLINE {
    constexpr int kStep = 1 << halving;
    constexpr auto kOther = [](int i) { return i ^ kStep; };
    bits |= __builtin_shuffle(bits, core::lane_order<T>(kOther));
  });
  return static_cast<std::uint32_t>(bits[0]);
}

// body(i): every i < count with numbers[i] != 0, in order.
template <class T, class Body>
void each_nonzero(const T* numbers, Index count, const Body& body) {
  for (Index first = 0; first < count; first += kGroup) {
    std::uint32_t bits = 0;
    if (first + kGroup <= count)
      bits = nonzero_bits(numbers + first);
    else
      for (Index i = first; i < count; ++i) bits |= std::uint32_t{numbers[i] != 0} << (i - first);
    for (; bits != 0; bits &= bits - 1) body(first + std::countr_zero(bits));
  }
}

// Numbers that are not zero, and where what they multiply begins. Few, so that they stay near.
template <class T>
struct Listed {
  static constexpr Index kMost = 64;
  Index count = 0;
  Index at[kMost];
  T value[kMost];

  void add(T number, Index place) {
    at[count] = place;
    value[count++] = number;
  }
  bool full() const { return count == kMost; }
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
  Listed<T> lists[kGroup];  // of a filter each
  for (Index first = 0; first < filters; first += kGroup) {
    const Index group = std::min<Index>(kGroup, filters - first);
    const auto flush = [&](Index f) {
      add_rows(lists[f], x, p.to_next_row, p.rows, p.row_count, d_weight + (first + f) * p.inputs(),
               p.row_count);
      lists[f].count = 0;
    };
    const T* numbers = dy + first;
    for (Index i = 0; i < p.height; ++i)
      for (Index j = 0; j < p.width; ++j, numbers += filters)
        each_nonzero(numbers, group, [&](Index f) {
          lists[f].add(numbers[f], i * p.to_place_below + j * p.to_place_right);
          if (lists[f].full()) flush(f);
        });
    for (Index f = 0; f < group; ++f) flush(f);
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
      each_nonzero(dy, filters, [&](Index f) {
        list.add(dy[f], f * p.inputs());
        if (list.full()) flush();
      });
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
