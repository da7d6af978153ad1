// Counter-based random numbers: a draw is a function of (seed, stream, step, index), never of how many were
// drawn before, so nothing depends on threads or order and any step can be replayed.
// Philox4x32-10; Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace vitrine::core {

// What a stream is for; two streams of one seed are independent.
enum class RngStream : std::uint32_t {
  kInit = 1,
  kShuffle,
  kDropout,
  kDigits,
  kShapes,
  kLab,
  kTest,
  kSplit,
  kSheet,
  kSweep,
  kLesson
};

class Rng {
 public:
  Rng(std::uint64_t seed, RngStream stream) : seed_(seed), stream_(static_cast<std::uint32_t>(stream)) {}

  // Four independent 32-bit words for this (step, index).
  std::array<std::uint32_t, 4> bits(std::uint64_t step, std::uint64_t index) const;
  // Uniform in [0, 1), 53 bits.
  double uniform(std::uint64_t step, std::uint64_t index) const;
  // Standard normal (Box-Muller).
  double normal(std::uint64_t step, std::uint64_t index) const;
  // Uniform integer in [0, n), n >= 1.
  std::uint64_t below(std::uint64_t n, std::uint64_t step, std::uint64_t index) const;
  // A uniformly random order of 0 .. n-1 (Fisher-Yates); n < 2^32.
  std::vector<std::uint32_t> permutation(std::uint32_t n, std::uint64_t step) const;

 private:
  std::uint64_t seed_;
  std::uint32_t stream_;
};

}  // namespace vitrine::core
