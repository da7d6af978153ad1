// exp on every lane of a register.
// e^x = 2^n e^r, n = round(x / ln 2), |r| <= ln 2 / 2: Cody, Waite 1980, "Software manual for the elementary
// functions", chapter 6; e^r by its Taylor series.
#pragma once

#include <bit>
#include <limits>

#include "engine/core/vector.h"

namespace vitrine::core {

template <class T>
struct ExpConstants;
template <>
struct ExpConstants<float> {
  using Bits = std::int32_t;
  static constexpr float kRound = 0x1.8p23f;  // adding it leaves the nearest integer in the low bits
  static constexpr float kLn2High = 0x1.63p-1f, kLn2Low = -0x1.bd0106p-13f;
  static constexpr float kSmallest = -87.0f;
  static constexpr int kDegree = 6, kMantissaBits = 23;
};
template <>
struct ExpConstants<double> {
  using Bits = std::int64_t;
  static constexpr double kRound = 0x1.8p52;
  static constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;
  static constexpr double kSmallest = -709.1;  // times log2(e), rounded: -1023, the exponent of 0
  static constexpr int kDegree = 13, kMantissaBits = 52;
};

// e^x for x <= 0 in several registers, step by step in all of them, so that none waits for its own last step.
// Below kSmallest a double becomes 0 and a float stays at the smallest normal number's size. NaN stays NaN.
template <class T, int kCount>
inline void exp_of_nonpositive(Vector<T> (&x)[kCount]) {
  using C = ExpConstants<T>;
  using Bits [[gnu::vector_size(kVector_bytes)]] = typename C::Bits;
  constexpr T kLog2e = T(1.44269504088896340736);
  const Vector<T> smallest = broadcast(C::kSmallest);
  Vector<T> shifted[kCount], rest[kCount], sum[kCount];
  unrolled<kCount>([&](auto i) VITRINE_INLINE {
    const Vector<T> bounded = smallest > x[i] ? smallest : x[i];
    shifted[i] = bounded * kLog2e + C::kRound;
    const Vector<T> n = shifted[i] - C::kRound;
    rest[i] = (bounded - n * C::kLn2High) - n * C::kLn2Low;
  });
  T factor = 1;
  for (int k = 2; k <= C::kDegree; ++k) factor *= k;
  unrolled<kCount>([&](auto i) VITRINE_INLINE { sum[i] = Vector<T>{} + 1 / factor; });
  for (int k = C::kDegree; k > 0; --k) {
    factor /= k;
    unrolled<kCount>([&](auto i) VITRINE_INLINE { sum[i] = sum[i] * rest[i] + 1 / factor; });
  }
  unrolled<kCount>([&](auto i) VITRINE_INLINE {
    const Bits power =
        (reinterpret_cast<Bits>(shifted[i]) << C::kMantissaBits) + std::bit_cast<typename C::Bits>(T{1});
    x[i] = sum[i] * reinterpret_cast<Vector<T>>(power);
  });
}

template <class T>
inline Vector<T> exp_of_nonpositive(Vector<T> x) {
  Vector<T> one[1] = {x};
  exp_of_nonpositive<T, 1>(one);
  return one[0];
}

}  // namespace vitrine::core
