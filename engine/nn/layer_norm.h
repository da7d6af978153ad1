// LayerNorm: every row to mean 0 and variance 1, then scaled and shifted.
// y[r,c] = g[c] (x[r,c] - mean[r]) / sqrt(variance[r] + eps) + b[c]; Ba, Kiros, Hinton 2016, section 3.
#pragma once

#include <string>

#include "engine/core/matrix.h"
#include "engine/nn/parameters.h"
#include "engine/nn/pass.h"

namespace vitrine::nn {

template <class T>
class LayerNorm {
 public:
  struct Statistics {
    T mean, scale;  // scale = 1 / sqrt(variance + eps)
  };
  // Parameters name.weight (g) and name.bias (b), [dim].
  LayerNorm(ParameterLayout& layout, const std::string& name, Index dim, double epsilon = kEpsilon);

  // x, y [rows, dim]; statistics [rows], for backward. The variance divides by dim.
  void forward(const Pass<T>& pass, MatrixView<const T> x, Statistics* statistics, MatrixView<T> y) const;
  // With n = (x - mean) scale and e = dy g:  dx[r,c] += scale (e - mean_c(e) - n mean_c(e n));
  // dg[c] += sum_r dy n;  db[c] += sum_r dy
  void backward(const Pass<T>& pass, MatrixView<const T> x, const Statistics* statistics,
                MatrixView<const T> dy, MatrixView<T> dx) const;

  static constexpr double kEpsilon = 1e-5;  // PyTorch's default

 private:
  Index dim_;
  T epsilon_;
  Index weight_, bias_;
};

}  // namespace vitrine::nn
