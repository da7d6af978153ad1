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

// The numbers of a group that are not zero, in order: number i multiplies what begins at i * apart.
template <class T>
class Nonzero {
 public:
  Nonzero(const T* numbers, Index count, Index apart) : numbers_(numbers), apart_(apart) {
    if (count == kGroup)
      bits_ = nonzero_bits(numbers);
    else
      for (Index i = 0; i < count; ++i) bits_ |= std::uint32_t{numbers[i] != 0} << i;
  }
  template <class Body>
  void each(const Body& body) const {
    for (std::uint32_t bits = bits_; bits != 0; bits &= bits - 1) {
      const Index i = std::countr_zero(bits);
      body(numbers_[i], i * apart_);
    }
  }

 private:
  const T* numbers_;
  Index apart_;
  std::uint32_t bits_ = 0;
};

// The same as a list. Few, so that they stay near.
template <class T>
class Listed {
 public:
  void add(T number, Index at) {
    at_[count_] = at;
    number_[count_++] = number;
  }
  bool full() const { return count_ == kMost; }
  void clear() { count_ = 0; }
  template <class Body>
  void each(const Body& body) const {
    for (Index i = 0; i < count_; ++i) body(number_[i], at_[i]);
  }

 private:
  static constexpr Index kMost = 64;
  Index count_ = 0;
  Index at_[kMost];
  T number_[kMost];
};

// sum[u,c] += sum over (number, at) of number * x[at + u * x_stride + c] for kRows rows u and kVectors
// registers of c.
template <class T, int kRows, int kVectors, class Numbers>
void add_block(const Numbers& numbers, const T* x, Index x_stride, T* sum, Index sum_stride) {
  const auto each = [](const auto& body) VITRINE_INLINE {
    unrolled<kRows>([&](auto u)
                        VITRINE_INLINE { unrolled<kVectors>([&](auto v) VITRINE_INLINE { body(u, v); }); });
  };
  Vector<T> sums[kRows][kVectors];
  each([&](auto u, auto v) VITRINE_INLINE { sums[u][v] = load(sum + u * sum_stride + v * kLanes<T>); });
  numbers.each([&](T number, Index at) VITRINE_INLINE {
    const T* from = x + at;
    unrolled<kRows>([&](auto u) VITRINE_INLINE {
      unrolled<kVectors>([&](auto v) VITRINE_INLINE { sums[u][v] += number * load(from + v * kLanes<T>); });
      from += x_stride;
    });
  });
  each([&](auto u, auto v) VITRINE_INLINE { store(sum + u * sum_stride + v * kLanes<T>, sums[u][v]); });
}

// The same for `count` numbers c of kRows rows, kVectors registers at a time and then fewer.
template <class T, int kRows, int kVectors, class Numbers>
void add_columns(const Numbers& numbers, const T* x, Index x_stride, Index count, T* sum, Index sum_stride) {
  Index c = 0;
  for (; c + kVectors * kLanes<T> <= count; c += kVectors * kLanes<T>)
    add_block<T, kRows, kVectors>(numbers, x + c, x_stride, sum + c, sum_stride);
  if constexpr (kVectors > 1) {
    add_columns<T, kRows, kVectors - 1>(numbers, x + c, x_stride, count - c, sum + c, sum_stride);
  } else {
    for (; c < count; ++c)
      for (Index u = 0; u < kRows; ++u)
        numbers.each(
            [&](T number, Index at) { sum[u * sum_stride + c] += number * x[at + u * x_stride + c]; });
  }
}

// The same for all rows, kRows at a time and then fewer: as many sums as registers hold, so that an addition
// need not wait for the one before.
template <class T, int kRows = 5, class Numbers>
void add_rows(const Numbers& numbers, const T* x, Index x_stride, Index rows, Index count, T* sum,
              Index sum_stride) {
  constexpr int kVectors = core::kRegisters * 5 / 6 / kRows;
  Index u = 0;
  for (; u + kRows <= rows; u += kRows)
    add_columns<T, kRows, std::min(kVectors, 5)>(numbers, x + u * x_stride, x_stride, count,
                                                 sum + u * sum_stride, sum_stride);
  if constexpr (kRows > 1)
    add_rows<T, kRows - 2>(numbers, x + u * x_stride, x_stride, rows - u, count, sum + u * sum_stride,
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
      lists[f].clear();
    };
    const T* numbers = dy + first;
    for (Index i = 0; i < p.height; ++i)
      for (Index j = 0; j < p.width; ++j, numbers += filters) {
        const Index place = i * p.to_place_below + j * p.to_place_right;
        Nonzero<T>(numbers, group, 1).each([&](T number, Index f) {
          lists[f].add(number, place);
          if (lists[f].full()) flush(f);
        });
      }
    for (Index f = 0; f < group; ++f) flush(f);
  }
}

template <class T>
void add_sparse_input_gradient(const Patches& p, Index filters, const T* dy, const T* weight, T* dx) {
  for (Index i = 0; i < p.height; ++i)
    for (Index j = 0; j < p.width; ++j, dy += filters)
      for (Index first = 0; first < filters; first += kGroup)
        add_rows(Nonzero<T>(dy + first, std::min<Index>(kGroup, filters - first), p.inputs()),
                 weight + first * p.inputs(), p.row_count, p.rows, p.row_count,
                 dx + i * p.to_place_below + j * p.to_place_right, p.to_next_row);
}

#define VITRINE_INSTANTIATE(T)                                                             \
  template bool is_sparse(const Patches&, Index, const T*);                                \
  template void add_sparse_weight_gradient(const Patches&, Index, const T*, const T*, T*); \
  template void add_sparse_input_gradient(const Patches&, Index, const T*, const T*, T*);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
