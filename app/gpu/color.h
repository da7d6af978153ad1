// Rgba8: one colour, 8 bits a channel, not premultiplied.
#pragma once

#include <cstdint>

namespace vitrine::gpu {

struct Rgba8 {
  std::uint8_t r = 0, g = 0, b = 0, a = 255;
  bool operator==(const Rgba8&) const = default;
};

}  // namespace vitrine::gpu
