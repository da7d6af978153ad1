// Memory for numbers: aligned for vector code, and in large pages where there is much of it, since a result
// of a hundred megabytes otherwise spends longer in page faults than in arithmetic.
#pragma once

#include <cstddef>

namespace vitrine::core {

inline constexpr std::size_t kAlignment_bytes = 64;

// Uninitialised memory, aligned to kAlignment_bytes at least. Throws std::bad_alloc.
void* allocate_numbers(std::size_t bytes);
// `bytes` as asked for.
void free_numbers(void* memory, std::size_t bytes);

}  // namespace vitrine::core
