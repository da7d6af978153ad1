// FlushDenormals: while it lives, numbers too small to be normal count as zero on this thread. A diverging or
// dying model is full of them (attention weights, Adam's moments), and each costs a hundred times a product.
#pragma once

#include <xmmintrin.h>

namespace vitrine::nn {

class FlushDenormals {
 public:
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kResultsToZero | kOperandsAreZero); }
  ~FlushDenormals() { _mm_setcsr(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  static constexpr unsigned kResultsToZero = 0x8000, kOperandsAreZero = 0x0040;  // MXCSR's FTZ and DAZ
  unsigned before_;
};

}  // namespace vitrine::nn
