// ReLU: y = max(x, 0); Nair, Hinton 2010, section 4. A NaN stays one, so that a run which diverges is seen
// to.
#pragma once

#include "engine/nn/pass.h"

namespace vitrine::nn {

template <class T>
struct Relu {
  // y[i] = max(x[i], 0); y may be x.
  static void forward(const T* x, Index count, T* y);
  // dx[i] = dy[i] where y[i] > 0, else 0; dx may be dy.
  static void backward(const T* y, const T* dy, Index count, T* dx);
};

}  // namespace vitrine::nn
