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
  static constexpr int kDegree = 7, kMantissaBits = 23;
};
template <>
struct ExpConstants<double> {
  using Bits = std::int64_t;
  static constexpr double kRound = 0x1.8p52;
  static constexpr double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;
  static constexpr double kSmallest = -708.0;
  static constexpr int kDegree = 13, kMantissaBits = 52;
};

// e^x for x <= 0; below kSmallest it stays at the smallest normal number's size. NaN stays NaN.
template <class T>
inline Vector<T> exp_of_nonpositive(Vector<T> x) {
  using C = ExpConstants<T>;
  using Bits [[gnu::vector_size(kVector_bytes)]] = typename C::Bits;
  constexpr T kLog2e = T(1.44269504088896340736);
  x = x < C::kSmallest ? Vector<T>{} + C::kSmallest : x;
  const Vector<T> shifted = x * kLog2e + C::kRound;
  const Vector<T> n = shifted - C::kRound;
  const Vector<T> r = (x - n * C::kLn2High) - n * C::kLn2Low;
  T factor = 1;
  for (int k = 2; k <= C::kDegree; ++k) factor *= k;
  Vector<T> sum = Vector<T>{} + 1 / factor;
  for (int k = C::kDegree; k > 0; --k) {
    factor /= k;
    sum = sum * r + 1 / factor;
  }
  const Bits power =
      (reinterpret_cast<Bits>(shifted) << C::kMantissaBits) + std::bit_cast<typename C::Bits>(T{1});
  return sum * reinterpret_cast<Vector<T>>(power);
}

}  // namespace vitrine::core
