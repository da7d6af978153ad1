#include "engine/core/rng.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace vitrine::core {

std::array<std::uint32_t, 4> Rng::bits(std::uint64_t step, std::uint64_t index) const {
  // Counter: index (64 bits), step (32 low bits), stream with the step's high bits. Key: the seed.
  std::uint32_t c0 = static_cast<std::uint32_t>(index), c1 = static_cast<std::uint32_t>(index >> 32);
  std::uint32_t c2 = static_cast<std::uint32_t>(step);
  std::uint32_t c3 = stream_ ^ (static_cast<std::uint32_t>(step >> 32) << 8);
  std::uint32_t k0 = static_cast<std::uint32_t>(seed_), k1 = static_cast<std::uint32_t>(seed_ >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<std::uint32_t>(p1);
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<std::uint32_t>(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

namespace {

double unit(std::uint32_t high, std::uint32_t low) {
  return static_cast<double>(((std::uint64_t{high} << 32) | low) >> 11) * 0x1p-53;
}

}  // namespace

double Rng::uniform(std::uint64_t step, std::uint64_t index) const {
  const auto b = bits(step, index);
  return unit(b[0], b[1]);
}

double Rng::normal(std::uint64_t step, std::uint64_t index) const {
  const auto b = bits(step, index);
  const double radius = std::sqrt(-2.0 * std::log(1.0 - unit(b[0], b[1])));
  return radius * std::cos(2.0 * std::numbers::pi * unit(b[2], b[3]));
}

std::uint64_t Rng::below(std::uint64_t n, std::uint64_t step, std::uint64_t index) const {
  const auto b = bits(step, index);
  const std::uint64_t word = (std::uint64_t{b[0]} << 32) | b[1];
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(word) * n) >> 64);
}

std::vector<std::uint32_t> Rng::permutation(std::uint32_t n, std::uint64_t step) const {
  std::vector<std::uint32_t> order(n);
  for (std::uint32_t i = 0; i < n; ++i) order[i] = i;
  for (std::uint32_t i = n; i > 1; --i) std::swap(order[i - 1], order[below(i, step, i)]);
  return order;
}

}  // namespace vitrine::core
