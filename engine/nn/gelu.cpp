#include "engine/nn/gelu.h"

#include <array>
#include <cmath>
#include <numbers>

#include "engine/core/vector_math.h"
#include "engine/nn/vector.h"

namespace vitrine::nn {

using core::broadcast;
using core::exp_of_nonpositive;
namespace {

constexpr double kInvSqrt2Pi = 0.39894228040143267794;

template <class V>
struct Value {
  V y, slope;
};

// Phi(-|u|) = erfc(|u|/sqrt 2)/2 = e^(-u^2/2) t Q(t) with t = 1/(1 + 0.4 |u|/sqrt 2); the form is Abramowitz,
// Stegun 7.1.26; Q's degree 8 was fitted to the complementary error function at Chebyshev nodes (relative
// error 2e-7).
inline Value<Vector<float>> gelu(Vector<float> u) {
  constexpr std::array kQ{0.1128380505f,   0.112828989f,  0.1040066315f,  0.083713188f, 0.072629209f,
                          -0.00649354845f, 0.0885672105f, -0.0937682175f, 0.0256785543f};
  constexpr int kDegree = kQ.size() - 1;
  const Vector<float> magnitude = u < 0 ? -u : u;
  const Vector<float> t = 1 / (1 + 0.28284271247f * magnitude);
  const Vector<float> bell = exp_of_nonpositive<float>(-0.5f * u * u);
  Vector<float> q = broadcast(kQ[kDegree]);
  unrolled<kDegree>([&](auto k) VITRINE_INLINE { q = q * t + kQ[kDegree - 1 - k]; });
  const Vector<float> tail = bell * t * q;
  const Vector<float> phi = u < 0 ? tail : 1 - tail;
  return {u * phi, phi + u * bell * static_cast<float>(kInvSqrt2Pi)};
}

inline Value<float> gelu(float u) {
  const auto value = gelu(broadcast(u));
  return {value.y[0], value.slope[0]};
}

inline Value<double> gelu(double u) {
  const double phi = std::erfc(-u / std::numbers::sqrt2) / 2;
  return {u * phi, phi + u * kInvSqrt2Pi * std::exp(-u * u / 2)};
}

inline Value<Vector<double>> gelu(Vector<double> u) {
  Value<Vector<double>> values;
  for (int i = 0; i < kLanes<double>; ++i) {
    const auto value = gelu(u[i]);
    values.y[i] = value.y;
    values.slope[i] = value.slope;
  }
  return values;
}

}  // namespace

template <class T>
void Gelu<T>::forward(const T* u, Index count, T* slope, T* y) {
  each_in_row<T>(count, [&](auto way, Index i) {
    const auto value = gelu(way.get(u + i));
    way.put(y + i, value.y);
    way.put(slope + i, value.slope);
  });
}

template <class T>
void Gelu<T>::forward(const Pass<T>& pass, const Dropout<T>& dropout, Index per_image, const T* u, T* slope,
                      T* y) {
  dropout.each(pass, per_image, [=](Index image) {
    const Index at = image * per_image;
    return [from = u + at, slopes = slope + at, to = y + at, keeps_slope = pass.gradient != nullptr](
               auto way, Index i, auto factor) {
      const auto value = gelu(way.get(from + i));
      way.put(to + i, factor * value.y);
      if (keeps_slope) way.put(slopes + i, factor * value.slope);
    };
  });
}

template <class T>
void Gelu<T>::backward(const T* slope, const T* dy, Index count, T* du) {
  for (Index i = 0; i < count; ++i) du[i] = dy[i] * slope[i];
}

template struct Gelu<float>;
template struct Gelu<double>;

}  // namespace vitrine::nn
