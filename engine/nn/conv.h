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

  // Numbers of one image: the unfolded rows, and what backward needs beside them.
  Index unfolded_count() const { return unfolded_count_; }
  Index scratch_count() const { return std::max({unfolded_count_, padded_count(), 2 * weight_count()}); }

  // Channels lie innermost: x [images, H, W, C], y [images, H', W', F].
  // unfolded [images][unfolded_count()], kept for backward.
  void forward(const Pass<T>& pass, const T* x, T* unfolded, T* y) const;
  // dW[f,c,u,v] += sum dy[i,j,f] x[...];  db[f] += sum dy[i,j,f];  dx[y,x,c] = sum dy[i,j,f] W[f,c,u,v]
  // scratch [scratch_count()]. dx null: not asked for.
  void backward(const Pass<T>& pass, const T* x, const T* unfolded, const T* dy, T* scratch, T* dx) const;

 private:
  // Rows a stride apart lie one after another, so that for each kernel row u the unfolded rows of all places
  // (i, j) are one matrix: [phase = row mod S][row / S][j][v][c]. Phases that no kernel row reads are left
  // out.
  Index phases() const { return std::min(window_.stride, window_.kernel); }
  Index phase_rows() const { return window_.out_height() + (window_.kernel - 1) / window_.stride; }
  Index patch_row() const { return window_.kernel * window_.in.channels; }
  Index row_count() const {
    return core::Shape{window_.out_width(), window_.kernel, window_.in.channels}.count();
  }
  template <class Number>  // T or const T
  MatrixView<Number> seen_by(Index kernel_row, Number* unfolded) const;
  // visit(source, unfolded, count): `count` numbers of an image at offset `source`, side by side there and in
  // the unfolded rows; of every place in turn. Source -1: padding.
  template <class Visit>
  void each_run(const Visit& visit) const;
  void unfold(const T* x, T* unfolded) const;
  void fold(const T* unfolded, T* x) const;

  // An image [H + 2 P, W + 2 P, C]; where a row of the image itself begins in it.
  Index padded_count() const { return (window_.in.height + 2 * window_.padding) * patches_.to_next_row; }
  Index padded_offset(Index row) const {
    return (row + window_.padding) * patches_.to_next_row + window_.padding * window_.in.channels;
  }
  // Returns the image itself where there is no padding.
  const T* pad(const T* x, T* padded) const;
  void crop(const T* padded, T* x) const;

  // Of one image; the same sums, in an order of their own.
  void backward_whole(const Pass<T>& pass, const T* unfolded, const T* dy, T* scratch, T* dx) const;
  void backward_sparse(const Pass<T>& pass, const T* x, const T* dy, T* scratch, T* dx) const;

  void add_weight_gradient(const T* unfolded, MatrixView<const T> d_out, T* scratch, T* d_weight) const;
  Index weight_count() const { return filters_ * inputs_; }

  Window window_;
  Patches patches_;
  Index input_count_, unfolded_count_;  // of one image
  Index filters_, inputs_;              // inputs of a filter: (u, v, c)
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
