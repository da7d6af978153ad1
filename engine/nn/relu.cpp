#include "engine/nn/relu.h"

#include "engine/nn/vector.h"

namespace vitrine::nn {

template <class T>
void Relu<T>::forward(const T* x, Index count, T* y) {
  for (Index i = 0; i < count; ++i) y[i] = x[i] < 0 ? 0 : x[i];
}

template <class T>
void Relu<T>::backward(const T* y, const T* dy, Index count, T* dx) {
  each_in_row<T>(count, [&](auto way, Index i) {
    constexpr typename decltype(way)::Value kZero{};
    way.put(dx + i, way.get(y + i) > kZero ? way.get(dy + i) : kZero);
  });
}

template struct Relu<float>;
template struct Relu<double>;

}  // namespace vitrine::nn
