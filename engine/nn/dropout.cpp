#include "engine/nn/dropout.h"

namespace vitrine::nn {

template <class T>
void Dropout<T>::forward(const Pass<T>& pass, Index per_image, const T* x, T* y) const {
  each(pass, per_image, [&](auto way, Index i, auto factor) { way.put(y + i, factor * way.get(x + i)); });
}

template <class T>
void Dropout<T>::forward_add(const Pass<T>& pass, Index per_image, const T* x, const T* residual,
                             T* y) const {
  each(pass, per_image, [&](auto way, Index i, auto factor) {
    way.put(y + i, way.get(residual + i) + factor * way.get(x + i));
  });
}

template class Dropout<float>;
template class Dropout<double>;

}  // namespace vitrine::nn
