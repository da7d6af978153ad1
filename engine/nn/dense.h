// Dense: every unit sees the whole image, y[u] = b[u] + sum_i W[u,i] x[i]. A Linear layer whose weight lies
// input by input, so that a first layer, which passes no gradient on, needs no transpose of it.
#pragma once

#include <string>

#include "engine/core/matrix.h"
#include "engine/nn/model.h"
#include "engine/nn/pass.h"

namespace vitrine::nn {

// Whether backward is asked for the gradient of a layer's input.
enum class InputGradient { kNo, kYes };

template <class T>
class Dense {
 public:
  // Parameters name.weight [units, C H W] and name.bias [units] (kernel.h).
  Dense(ParameterLayout& layout, const std::string& name, const ImageSizes& in, Index units, Trains trains,
        InputGradient input_gradient);

  // x [images, H W C], y [images, units]
  void forward(const Pass<T>& pass, const T* x, T* y) const;
  // dW[u,i] += sum_images dy[u] x[i];  db[u] += sum_images dy[u];  dx[i] = sum_u dy[u] W[u,i]
  // dx null: not asked for.
  void backward(const Pass<T>& pass, const T* x, const T* dy, T* dx) const;

 private:
  Index inputs_, units_;
  bool trains_;
  Index weight_;           // [inputs, units]
  Index transposed_ = -1;  // [units, inputs]; -1: no input gradient
  Index bias_;             // [units]
};

}  // namespace vitrine::nn
