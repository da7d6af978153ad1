// Pooling: every window of a channel becomes its largest number or its mean. As in PyTorch: padding never
// wins a maximum, and counts as zeros in a mean. LeCun et al. 1998, section II; Scherer et al. 2010.
// Channels lie innermost: x [images, H, W, C], y [images, H', W', C].
#pragma once

#include "engine/nn/pass.h"
#include "engine/nn/window.h"

namespace vitrine::nn {

// y[i,j,c] = max over u, v of x[i S + u - P, j S + v - P, c]; NaN if one of them is.
template <class T>
class MaxPool {
 public:
  // padding is at most half the kernel, so that every window holds a number.
  explicit MaxPool(const Window& window) : window_(window) {}
  void forward(Index images, const T* x, T* y) const;
  // dy of a window goes to the first of its numbers, row by row, that equals the maximum.
  void backward(Index images, const T* x, const T* y, const T* dy, T* dx) const;

 private:
  Window window_;
};

// y[i,j,c] = sum over u, v of x[i S + u - P, j S + v - P, c] / K^2
template <class T>
class AveragePool {
 public:
  explicit AveragePool(const Window& window) : window_(window) {}
  void forward(Index images, const T* x, T* y) const;
  // dx[y,x,c] = sum over the windows that hold it of dy[i,j,c] / K^2
  void backward(Index images, const T* dy, T* dx) const;

 private:
  Window window_;
};

}  // namespace vitrine::nn
