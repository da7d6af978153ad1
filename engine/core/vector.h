// Vector<T>: as many T as one register of the instruction set holds, with +, *, and comparisons per lane
// (GCC's vector extensions). The width follows VITRINE_ARCH: a vector wider than the hardware's is many times
// slower.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "engine/core/shape.h"

namespace vitrine::core {

#if defined(__AVX512F__)
inline constexpr int kVector_bytes = 64;
inline constexpr int kRegisters = 32;
#elif defined(__AVX__)
inline constexpr int kVector_bytes = 32;
inline constexpr int kRegisters = 16;
#else
inline constexpr int kVector_bytes = 16;
inline constexpr int kRegisters = 16;
#endif

template <class T>
inline constexpr int kLanes = kVector_bytes / static_cast<int>(sizeof(T));

template <class T>
struct VectorOf {
  using Type [[gnu::vector_size(kVector_bytes)]] = T;
  using Unaligned [[gnu::vector_size(kVector_bytes), gnu::aligned(alignof(T)), gnu::may_alias]] = T;
};
template <class T>
using Vector = typename VectorOf<T>::Type;

// From and to any address.
template <class T>
inline Vector<T> load(const T* from) {
  return *reinterpret_cast<const typename VectorOf<T>::Unaligned*>(from);
}
template <class T>
inline void store(T* to, Vector<T> v) {
  *reinterpret_cast<typename VectorOf<T>::Unaligned*>(to) = v;
}

// The number in every lane. (Adding it to zero would not do: 0 + -0 is 0, so an addition would be left.)
template <class T>
inline Vector<T> broadcast(T value) {
  return value - Vector<T>{};
}

// The tile of sums that a product keeps in registers: rows by registers across, 6 x 4 of 32 or 6 x 2 of 16.
inline constexpr int kTileRows = 6;
inline constexpr int kTileVectors = kRegisters == 32 ? 4 : 2;

// body(0), body(1), ... body(kCount - 1) written out with constant indices, so that an array indexed by them
// stays in registers. The bodies are marked VITRINE_INLINE.
#define VITRINE_INLINE __attribute__((always_inline))
template <int kCount, class Body>
VITRINE_INLINE inline void unrolled(const Body& body) {
  [&]<int... i>(std::integer_sequence<int, i...>) VITRINE_INLINE {
    (body(std::integral_constant<int, i>{}), ...);
  }
  (std::make_integer_sequence<int, kCount>{});
}

// of(0), of(1), ... as __builtin_shuffle takes lanes: those of a second register count on from kLanes.
template <class T, class Of>
constexpr auto lane_order(const Of& of) {
  using Number = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  using Order [[gnu::vector_size(kVector_bytes)]] = Number;
  return [&]<int... i>(std::integer_sequence<int, i...>) { return Order{static_cast<Number>(of(i))...}; }
  (std::make_integer_sequence<int, kLanes<T>>{});
}

// The sum of the lanes, halves first: a fixed order.
template <class T, int kWidth = kLanes<T> / 2>
inline T lane_sum(Vector<T> v) {
  if constexpr (kWidth == 0) {
    return v[0];
  } else {
    constexpr auto kOther = [](int i) { return i ^ kWidth; };
    return lane_sum<T, kWidth / 2>(v + __builtin_shuffle(v, lane_order<T>(kOther)));
  }
}

// A square of kCount by kCount groups of lanes, a register a row of groups, turned about its diagonal: group
// j of v[i] and group i of v[j] change places. kCount = kLanes transposes a square of numbers.
template <class T, int kCount>
VITRINE_INLINE inline void transpose_groups(Vector<T> (&v)[kCount]) {
  constexpr int kGroup = kLanes<T> / kCount;
  const auto exchange = [&]<int kStep>(auto&& self, std::integral_constant<int, kStep>) VITRINE_INLINE {
    if constexpr (kStep < kCount) {
      constexpr int kWidth = kStep * kGroup;
      constexpr auto kLow = [](int i) { return i & kWidth ? kLanes<T> + i - kWidth : i; };
      constexpr auto kHigh = [](int i) { return i & kWidth ? kLanes<T> + i : i + kWidth; };
      unrolled<kCount>([&](auto i) VITRINE_INLINE {
        if constexpr ((i & kStep) == 0) {
          const Vector<T> low = v[i], high = v[i + kStep];
          v[i] = __builtin_shuffle(low, high, lane_order<T>(kLow));
          v[i + kStep] = __builtin_shuffle(low, high, lane_order<T>(kHigh));
        }
      });
      self(self, std::integral_constant<int, 2 * kStep>{});
    }
  };
  exchange(exchange, std::integral_constant<int, 1>{});
}

// How a loop over a row reads and writes: whole registers first, then what is left, number by number.
template <class T>
struct Register {
  using Value = Vector<T>;
  static Value get(const T* from) { return load(from); }
  static void put(T* to, Value value) { store(to, value); }
};
template <class T>
struct Single {
  using Value = T;
  static Value get(const T* from) { return *from; }
  static void put(T* to, Value value) { *to = value; }
};

// body(Register<T>(), c) for the whole registers of a row of `count`, then body(Single<T>(), c) for the rest.
template <class T, class Body>
inline void each_in_row(Index count, const Body& body) {
  Index c = 0;
  for (; c + kLanes<T> <= count; c += kLanes<T>) body(Register<T>(), c);
  for (; c < count; ++c) body(Single<T>(), c);
}

// sum_c term(way, c) over a row, in an order that depends on `count` only.
template <class T, class Term>
inline T sum_of_row(Index count, const Term& term) {
  Vector<T> registers{};
  Index c = 0;
  for (; c + kLanes<T> <= count; c += kLanes<T>) registers += term(Register<T>(), c);
  T sum = lane_sum<T>(registers);
  for (; c < count; ++c) sum += term(Single<T>(), c);
  return sum;
}

}  // namespace vitrine::core
