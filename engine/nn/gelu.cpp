#include "engine/nn/gelu.h"

#include <array>
#include <cmath>
#include <numbers>
#include <type_traits>

#include "engine/core/vector_math.h"
#include "engine/nn/vector.h"

namespace vitrine::nn {

using core::exp_of_nonpositive;
namespace {

constexpr double kInvSqrt2Pi = 0.39894228040143267794;

struct Value {
  Vector<float> y, slope;
};

// Phi(-|u|) = erfc(|u|/sqrt 2)/2 = e^(-u^2/2) t Q(t) with t = 1/(1 + 0.4 |u|/sqrt 2); the form is Abramowitz,
// Stegun 7.1.26; Q's degree 8 was fitted to the complementary error function at Chebyshev nodes (relative
// error 2e-7).
Value gelu(Vector<float> u) {
  constexpr std::array kQ{0.1128380505f,   0.112828989f,  0.1040066315f,  0.083713188f, 0.072629209f,
                          -0.00649354845f, 0.0885672105f, -0.0937682175f, 0.0256785543f};
  const Vector<float> magnitude = u < 0 ? -u : u;
  const Vector<float> t = 1 / (1 + 0.28284271247f * magnitude);
  const Vector<float> bell = exp_of_nonpositive<float>(-0.5f * u * u);
  Vector<float> q = Vector<float>{} + kQ.back();
  for (std::size_t k = kQ.size() - 1; k-- > 0;) q = q * t + kQ[k];
  const Vector<float> tail = bell * t * q;
  const Vector<float> phi = u < 0 ? tail : 1 - tail;
  return {u * phi, phi + u * bell * static_cast<float>(kInvSqrt2Pi)};
}

}  // namespace

template <class T>
void Gelu<T>::forward(const T* u, Index count, T* slope, T* y) {
  if constexpr (std::is_same_v<T, float>) {
    Index i = 0;
    for (; i + kLanes<T> <= count; i += kLanes<T>) {
      const Value value = gelu(load(u + i));
      store(y + i, value.y);
      store(slope + i, value.slope);
    }
    for (; i < count; ++i) {  // the last, fewer than a register holds
      const Value value = gelu(Vector<T>{} + u[i]);
      y[i] = value.y[0];
      slope[i] = value.slope[0];
    }
  } else {
    for (Index i = 0; i < count; ++i) {
      const T x = u[i];
      const T phi = std::erfc(-x / std::numbers::sqrt2) / 2;
      y[i] = x * phi;
      slope[i] = phi + x * kInvSqrt2Pi * std::exp(-x * x / 2);
    }
  }
}

template <class T>
void Gelu<T>::backward(const T* slope, const T* dy, Index count, T* du) {
  for (Index i = 0; i < count; ++i) du[i] = dy[i] * slope[i];
}

template struct Gelu<float>;
template struct Gelu<double>;

}  // namespace vitrine::nn
