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

// sum[c] += sum_i value[i] x[at[i] + c] for kVectors registers of c. Even and odd i have sums of their own,
// so that an addition need not wait for the one before.
template <class T, int kVectors>
void add_registers(const Listed<T>& list, const T* x, T* sum) {
  Vector<T> even[kVectors], odd[kVectors];
  unrolled<kVectors>([&](auto v) VITRINE_INLINE {
    even[v] = load(sum + v * kLanes<T>);
    odd[v] = Vector<T>{};
  });
  Index i = 0;
  for (; i + 2 <= list.count; i += 2) {
    const T *a = x + list.at[i], *b = x + list.at[i + 1];
    const T a_value = list.value[i], b_value = list.value[i + 1];
    unrolled<kVectors>([&](auto v) VITRINE_INLINE {
      even[v] += a_value * load(a + v * kLanes<T>);
      odd[v] += b_value * load(b + v * kLanes<T>);
    });
  }
  if (i < list.count)
    unrolled<kVectors>(
        [&](auto v) VITRINE_INLINE { even[v] += list.value[i] * load(x + list.at[i] + v * kLanes<T>); });
  unrolled<kVectors>([&](auto v) VITRINE_INLINE { store<T>(sum + v * kLanes<T>, even[v] + odd[v]); });
}

// The same for `count` numbers c.
template <class T>
void add_row(const Listed<T>& list, const T* x, Index count, T* sum) {
  constexpr int kMost = 5;
  Index c = 0;
  for (; c + kMost * kLanes<T> <= count; c += kMost * kLanes<T>)
    add_registers<T, kMost>(list, x + c, sum + c);
  const Index left = (count - c) / kLanes<T>;
  if (left == 4) add_registers<T, 4>(list, x + c, sum + c);
  if (left == 3) add_registers<T, 3>(list, x + c, sum + c);
  if (left == 2) add_registers<T, 2>(list, x + c, sum + c);
  if (left == 1) add_registers<T, 1>(list, x + c, sum + c);
  for (c += left * kLanes<T>; c < count; ++c)
    for (Index i = 0; i < list.count; ++i) sum[c] += list.value[i] * x[list.at[i] + c];
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
      for (Index u = 0; u < p.rows; ++u)
        add_row(list, x + u * p.to_next_row, p.row_count, d_weight + u * p.row_count);
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
        for (Index u = 0; u < p.rows; ++u)
          add_row(list, weight + u * p.row_count, p.row_count, patch + u * p.to_next_row);
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
