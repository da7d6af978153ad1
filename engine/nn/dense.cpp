#include "engine/nn/dense.h"

#include "engine/core/product.h"
#include "engine/nn/linear.h"

namespace vitrine::nn {

template <class T>
void Dense<T>::forward(const Pass<T>& pass, const T* x, T* y) const {
  const auto& k = kernel_;
  core::product<T>({x, pass.images, k.inputs}, {pass.values + k.weight, k.inputs, k.filters},
                   {pass.values + k.bias, 1, k.filters, 0}, {y, pass.images, k.filters});
}

template <class T>
void Dense<T>::backward(const Pass<T>& pass, const T* x, const T* dy, T* dx) const {
  const auto& k = kernel_;
  const MatrixView<const T> d_out(dy, pass.images, k.filters);
  if (k.trains) {
    const MatrixView<T> d_weight(pass.gradient + k.weight, k.inputs, k.filters);
    core::product_transposed<T>({x, pass.images, k.inputs}, d_out, d_weight, d_weight);
    add_column_sums(d_out, pass.gradient + k.bias);
  }
  if (dx)
    core::product<T>(d_out, {pass.transposed + k.transposed, k.filters, k.inputs}, {nullptr, 0, k.inputs},
                     {dx, pass.images, k.inputs});
}

template class Dense<float>;
template class Dense<double>;

}  // namespace vitrine::nn
