// GELU, the exact one: y = u Phi(u), Phi the normal distribution function; Hendrycks, Gimpel 2016, section 2.
#pragma once

#include "engine/nn/dropout.h"

namespace vitrine::nn {

template <class T>
struct Gelu {
  // y[i] = u[i] Phi(u[i]);  slope[i] = Phi(u[i]) + u[i] phi(u[i]), phi the density. slope may be u itself.
  // In float Phi has a relative error below 1e-6.
  static void forward(const T* u, Index count, T* slope, T* y);
  // The same and then dropout: y[i] = keep[i] u[i] Phi(u[i]), and slope[i] = keep[i] (Phi + u phi) is the
  // slope of both, for every image's `per_image` numbers. A pass without a gradient leaves slope as it is.
  static void forward(const Pass<T>& pass, const Dropout<T>& dropout, Index per_image, const T* u, T* slope,
                      T* y);
  // du[i] = dy[i] slope[i]; du may be dy itself.
  static void backward(const T* slope, const T* dy, Index count, T* du);
};

}  // namespace vitrine::nn
