// Conv: a convolution layer as products of matrices. An image's rows are unfolded, every place beside the
// kernel's columns that it sees; one product for each of the kernel's rows then reads them without a copy.
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

  // Rows a stride apart lie one after another, so that for each kernel row u the unfolded rows of all places
  // (i, j) are one matrix: [phase = row mod S][row / S][j][v][c]. Phases that no kernel row reads are left
  // out.
  Index phases() const { return std::min(window_.stride, window_.kernel); }
  Index phase_rows() const { return patches_.height + (window_.kernel - 1) / window_.stride; }
  template <class Number>  // T or const T
  MatrixView<Number> seen_by(Index kernel_row, Number* unfolded) const;
  // visit(padded, unfolded): where one kernel row at one place begins in both.
  template <class Visit>
  void each_kernel_row(const Visit& visit) const;
  void unfold(const T* padded, T* unfolded) const;
  void add_folded(const T* unfolded, T* padded) const;

  // Of one image; the same sums, in an order of their own.
  void add_weight_gradient(const T* padded, const T* dy, T* scratch, T* d_weight) const;
  void add_input_gradient(const T* weight, const T* dy, T* scratch, T* d_padded) const;

  Window window_;
  Patches patches_;
  Index input_count_, padded_count_, unfolded_count_;  // of one image
  Index filters_, inputs_;                             // inputs of a filter: (u, v, c)
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
