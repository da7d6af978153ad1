// IEEE 754 binary16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace vitrine::io {

// Exactly; every NaN becomes the quiet one.
inline float from_f16(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  float magnitude = std::ldexp(static_cast<float>(fraction), -24);  // below the smallest normal number
  if (exponent == 31)
    magnitude =
        fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  else if (exponent > 0)
    magnitude = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return std::copysign(magnitude, bits >> 15 ? -1.0F : 1.0F);
}

}  // namespace vitrine::io
