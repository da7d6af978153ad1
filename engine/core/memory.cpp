#include "engine/core/memory.h"

#include <sys/mman.h>

#include <new>

namespace vitrine::core {
namespace {

constexpr std::size_t kLargePage_bytes = std::size_t{2} << 20;
// Up to here the allocator keeps what is freed and gives it again without new page faults.
constexpr std::size_t kLargeFrom_bytes = 16 * kLargePage_bytes;

std::align_val_t alignment_of(std::size_t bytes) {
  return std::align_val_t{bytes >= kLargeFrom_bytes ? kLargePage_bytes : kAlignment_bytes};
}

}  // namespace

void* allocate_numbers(std::size_t bytes) {
  void* memory = ::operator new(bytes, alignment_of(bytes));
  // Advice only: where the system has no large pages to give, small ones serve.
  if (bytes >= kLargeFrom_bytes) madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

void free_numbers(void* memory, std::size_t bytes) { ::operator delete(memory, alignment_of(bytes)); }

}  // namespace vitrine::core
