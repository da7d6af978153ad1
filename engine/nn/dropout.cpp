#include "engine/nn/dropout.h"

namespace vitrine::nn {

template <class T>
void Dropout<T>::forward(const Pass<T>& pass, MatrixView<const T> x, MatrixView<T> y) const {
  each(pass, x.columns, [&](Index b) {
    return [from = &x(b, 0), to = &y(b, 0)](auto way, Index i, auto factor) {
      way.put(to + i, factor * way.get(from + i));
    };
  });
}

template <class T>
void Dropout<T>::forward_add(const Pass<T>& pass, MatrixView<const T> x, MatrixView<const T> residual,
                             MatrixView<T> y) const {
  each(pass, x.columns, [&](Index b) {
    return [from = &x(b, 0), kept = &residual(b, 0), to = &y(b, 0)](auto way, Index i, auto factor) {
      way.put(to + i, way.get(kept + i) + factor * way.get(from + i));
    };
  });
}

template class Dropout<float>;
template class Dropout<double>;

}  // namespace vitrine::nn
