// Which instructions this build of the engine was compiled for. A package holds several builds and the loader
// takes the best that the processor can; results agree between them to rounding, not to the bit.
#pragma once

#include <string_view>

namespace vitrine::core {

// "AVX-512", "AVX2" or "SSE2".
std::string_view instruction_set();

}  // namespace vitrine::core
