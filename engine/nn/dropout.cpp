#include "engine/nn/dropout.h"

namespace vitrine::nn {

template <class T>
void Dropout<T>::forward(const Pass<T>& pass, MatrixView<const T> x, MatrixView<T> y) const {
  each(pass, x.columns,
       [&](auto way, Index b, Index i, auto factor) { way.put(&y(b, i), factor * way.get(&x(b, i))); });
}

template <class T>
void Dropout<T>::forward_add(const Pass<T>& pass, MatrixView<const T> x, MatrixView<const T> residual,
                             MatrixView<T> y) const {
  each(pass, x.columns, [&](auto way, Index b, Index i, auto factor) {
    way.put(&y(b, i), way.get(&residual(b, i)) + factor * way.get(&x(b, i)));
  });
}

template class Dropout<float>;
template class Dropout<double>;

}  // namespace vitrine::nn
