// Dropout: every number is set to zero with probability `rate`, the others grow by 1/(1 - rate).
// Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014. Nothing is kept for backward: a bit is a
// function of (seed, step, layer, image, index) and is drawn again.
#pragma once

#include "engine/nn/pass.h"

namespace vitrine::nn {

template <class T>
class Dropout {
 public:
  // `layer`: a number of its own within the model.
  explicit Dropout(std::uint64_t layer) : layer_(layer) {}

  // y[i] = keep[i] x[i] / (1 - rate), for every image's `per_image` numbers; y may be x. The same function is
  // its own backward: dx[i] = keep[i] dy[i] / (1 - rate).
  void forward(const Pass<T>& pass, Index per_image, const T* x, T* y) const;
  void backward(const Pass<T>& pass, Index per_image, const T* dy, T* dx) const {
    forward(pass, per_image, dy, dx);
  }
  // y[i] = residual[i] + keep[i] x[i] / (1 - rate); y may be x or residual.
  void forward_add(const Pass<T>& pass, Index per_image, const T* x, const T* residual, T* y) const;

 private:
  std::uint64_t layer_;
};

}  // namespace vitrine::nn
