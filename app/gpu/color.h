// Rgba8: one colour, 8 bits a channel, not premultiplied.
#pragma once

#include <cmath>
#include <cstdint>

namespace vitrine::gpu {

struct Rgba8 {
  std::uint8_t r = 0, g = 0, b = 0, a = 255;
  bool operator==(const Rgba8&) const = default;
};

// 0xRRGGBB
constexpr Rgba8 rgb(std::uint32_t hex) {
  return {static_cast<std::uint8_t>(hex >> 16), static_cast<std::uint8_t>(hex >> 8),
          static_cast<std::uint8_t>(hex)};
}

// from + t (to - from) in each channel, t = 0 .. 1.
inline Rgba8 mixed(Rgba8 from, Rgba8 to, double t) {
  const auto channel = [t](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(a + t * (b - a)));
  };
  return {channel(from.r, to.r), channel(from.g, to.g), channel(from.b, to.b), channel(from.a, to.a)};
}

}  // namespace vitrine::gpu
