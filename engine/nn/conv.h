// Conv: a convolution layer as products with the matrix of the patches that its kernel sees (patches.h).
// y[i,j,f] = b[f] + sum_(u,v,c) W[f,c,u,v] x[i S + u - P, j S + v - P, c]: a cross-correlation, as in
// PyTorch.
#pragma once

#include <string>

#include "engine/nn/parameters.h"
#include "engine/nn/pass.h"
#include "engine/nn/sparse_gradient.h"
#include "engine/nn/window.h"

namespace vitrine::nn {

template <class T>
class Conv {
 public:
  // Parameters name.weight [F, C, K, K] and name.bias [F] (kernel.h).
  Conv(ParameterLayout& layout, const std::string& name, const Window& window, Index filters, Trains trains);

  // Numbers of one image: with its padding filled in, and what the passes need for a while.
  Index padded_count() const { return padded_count_; }
  Index scratch_count() const;

  // Channels lie innermost: x [images, H, W, C], y [images, H', W', F]. scratch [scratch_count()].
  // padded [images][padded_count()], kept for backward.
  void forward(const Pass<T>& pass, const T* x, T* padded, T* scratch, T* y) const;
  // dW[f,c,u,v] += sum dy[i,j,f] x[...];  db[f] += sum dy[i,j,f];  dx[y,x,c] = sum dy[i,j,f] W[f,c,u,v]
  // dx null: not asked for.
  void backward(const Pass<T>& pass, const T* padded, const T* dy, T* scratch, T* dx) const;

 private:
  // padded [H + 2 P, W + 2 P, C]
  void pad(const T* x, T* padded) const;
  void crop(const T* padded, T* x) const;

  // Of one image; the same sums, in an order of their own.
  void add_weight_gradient(const T* padded, const T* dy, T* scratch, T* d_weight) const;
  void add_input_gradient(const T* weight, const T* dy, T* scratch, T* d_padded) const;

  Window window_;
  Patches patches_;
  Index input_count_, padded_count_;  // of one image
  Index filters_, inputs_;            // inputs of a filter: (u, v, c)
  bool trains_;
  Index weight_;      // [F, inputs]
  Index transposed_;  // [inputs, F]
  Index bias_;        // [F]
};

// The same by its definition: the truth that tests compare with. x [C, H, W], weight [F, C, K, K], bias [F],
// y [F, H', W'].
template <class T>
void naive_conv(const Window& window, Index filters, const T* x, const T* weight, const T* bias, T* y);

}  // namespace vitrine::nn
