// Linear: y = x W^T + b, one product for all rows.
#pragma once

#include <optional>
#include <string>

#include "engine/core/matrix.h"
#include "engine/nn/parameters.h"
#include "engine/nn/pass.h"

namespace vitrine::nn {

enum class Bias { kNo, kYes };

template <class T>
class Linear {
 public:
  // Parameters name.weight [out, in] and, with a bias, name.bias [out]. `heads` names the axis of the weight
  // along which heads lie (see HeadOrder).
  Linear(ParameterLayout& layout, const std::string& name, Index in, Index out, Bias bias,
         HeadOrder heads = {});
  // The weight's first axis is `out`, its others together `in`, as in a convolution read as a product.
  Linear(ParameterLayout& layout, ParameterInfo weight, std::optional<ParameterInfo> bias);

  // y[r,o] = b[o] + sum_i W[o,i] x[r,i]    x [rows, in], y [rows, out]
  void forward(const Pass<T>& pass, MatrixView<const T> x, MatrixView<T> y) const;
  // dW[o,i] += sum_r dy[r,o] x[r,i];  db[o] += sum_r dy[r,o];  dx[r,i] = sum_o dy[r,o] W[o,i]
  // dx without data: not asked for. Once a chunk: see Pass::begins_gradient.
  void backward(const Pass<T>& pass, MatrixView<const T> x, MatrixView<const T> dy, MatrixView<T> dx) const;

  // The same for outputs [first, first + y.columns) only.
  void forward_part(const Pass<T>& pass, MatrixView<const T> x, Index first, MatrixView<T> y) const;
  // The same for outputs [first, first + y.rows), of x [in, columns] to y [outputs, columns].
  void forward_turned(const Pass<T>& pass, MatrixView<const T> x, Index first, MatrixView<T> y) const;

 private:
  Index in_, out_;
  Index weight_;      // [out, in]
  Index transposed_;  // [in, out]
  Index bias_ = -1;   // [out]; -1: none
};

// sum[c] += sum_r x[r,c]
template <class T>
void add_column_sums(MatrixView<const T> x, T* sum);

}  // namespace vitrine::nn
