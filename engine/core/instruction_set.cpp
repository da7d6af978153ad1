#include "engine/core/instruction_set.h"

namespace vitrine::core {

std::string_view instruction_set() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__)
  return "AVX2";
#else
  return "SSE2";
#endif
}

}  // namespace vitrine::core
