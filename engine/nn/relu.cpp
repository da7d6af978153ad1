#include "engine/nn/relu.h"

namespace vitrine::nn {

template <class T>
void Relu<T>::forward(const T* x, Index count, T* y) {
  for (Index i = 0; i < count; ++i) y[i] = x[i] < 0 ? 0 : x[i];
}

template <class T>
void Relu<T>::backward(const T* y, const T* dy, Index count, T* dx) {
  for (Index i = 0; i < count; ++i) dx[i] = y[i] > 0 ? dy[i] : 0;
}

template struct Relu<float>;
template struct Relu<double>;

}  // namespace vitrine::nn
