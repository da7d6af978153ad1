#include "tests/fuzz/readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vitrine::fuzz::reads(vitrine::fuzz::read_idx, {reinterpret_cast<const char*>(data), size});
  return 0;
}
