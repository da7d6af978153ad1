#include <limits>

#include "tests/fuzz/readers.h"

namespace vitrine::train {
// Only for files, which are not read here; the true one stands among code that clang does not compile.
Index free_memory_bytes() { return std::numeric_limits<Index>::max(); }
}  // namespace vitrine::train

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vitrine::fuzz::reads(vitrine::fuzz::read_metrics, {reinterpret_cast<const char*>(data), size});
  return 0;
}
