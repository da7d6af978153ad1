#include "engine/nn/conv.h"

#include <algorithm>
#include <cmath>

#include "engine/core/product.h"
#include "engine/nn/linear.h"

namespace vitrine::nn {

using core::product;
using core::product_transposed;

template <class T>
Conv<T>::Conv(ParameterLayout& layout, const std::string& name, const Window& window, Index filters,
              Trains trains, InputGradient input_gradient)
    : window_(window),
      kernel_(add_kernel(layout, name, {filters, window.in.channels, window.kernel, window.kernel},
                         window.in.channels, trains, input_gradient)) {}

template <class T>
template <class Number>
MatrixView<Number> Conv<T>::seen_by(Index kernel_row, Number* unfolded) const {
  const Index phase = kernel_row % window_.stride, first = kernel_row / window_.stride;
  return {unfolded + (phase * phase_rows() + first) * row_count(), window_.out_places(), patch_row()};
}

template <class T>
template <class Visit>
void Conv<T>::each_run(const Visit& visit) const {
  const auto& [in, kernel, stride, padding] = window_;
  const Index channels = in.channels, width = window_.out_width();
  Index unfolded = 0;
  for (Index phase = 0; phase < phases(); ++phase)
    for (Index row = 0; row < phase_rows(); ++row) {
      const Index y = row * stride + phase - padding;
      if (y < 0 || y >= in.height) {
        visit(-1, unfolded, width * patch_row());
        unfolded += width * patch_row();
        continue;
      }
      for (Index j = 0; j < width; ++j, unfolded += patch_row()) {
        const Index left = j * stride - padding;
        const Index first = std::clamp<Index>(-left, 0, kernel),
                    last = std::clamp<Index>(in.width - left, first, kernel);
        if (first > 0) visit(-1, unfolded, first * channels);
        visit((y * in.width + left + first) * channels, unfolded + first * channels,
              (last - first) * channels);
        if (last < kernel) visit(-1, unfolded + last * channels, (kernel - last) * channels);
      }
    }
}

template <class T>
void Conv<T>::unfold(const T* x, T* unfolded) const {
  each_run([&](Index from, Index to, Index count) {
    if (from < 0)
      std::fill_n(unfolded + to, count, T{0});
    else
      std::copy_n(x + from, count, unfolded + to);
  });
}

template <class T>
void Conv<T>::fold(const T* unfolded, T* x) const {
  std::fill_n(x, window_.in.count(), T{0});
  each_run([&](Index to, Index from, Index count) {
    if (to < 0) return;
    for (Index i = 0; i < count; ++i) x[to + i] += unfolded[from + i];
  });
}

template <class T>
void Conv<T>::forward(const Pass<T>& pass, const T* x, T* unfolded, T* y) const {
  const Index places = window_.out_places();
  for (Index image = 0; image < pass.images; ++image) {
    unfold(x, unfolded);
    const MatrixView<T> out(y, places, kernel_.filters);
    MatrixView<const T> start(pass.values + kernel_.bias, 1, kernel_.filters, 0);
    for (Index u = 0; u < window_.kernel; ++u) {
      const MatrixView<const T> weight(pass.values + kernel_.weight + u * patch_row() * kernel_.filters,
                                       patch_row(), kernel_.filters);
      product<T>(seen_by(u, unfolded), weight, start, out);
      start = out;
    }
    x += window_.in.count();
    unfolded += unfolded_count();
    y += places * kernel_.filters;
  }
}

template <class T>
void Conv<T>::backward(const Pass<T>& pass, const T* unfolded, const T* dy, T* d_unfolded, T* dx) const {
  const Index places = window_.out_places();
  for (Index image = 0; image < pass.images; ++image) {
    const MatrixView<const T> d_out(dy, places, kernel_.filters);
    if (kernel_.trains) {
      add_column_sums(d_out, pass.gradient + kernel_.bias);
      for (Index u = 0; u < window_.kernel; ++u) {
        const MatrixView<T> d_weight(pass.gradient + kernel_.weight + u * patch_row() * kernel_.filters,
                                     patch_row(), kernel_.filters);
        product_transposed<T>(seen_by(u, unfolded), d_out, d_weight, d_weight);
      }
    }
    if (dx) {
      std::fill_n(d_unfolded, unfolded_count(), T{0});
      for (Index u = 0; u < window_.kernel; ++u) {
        const MatrixView<const T> weight(pass.transposed + kernel_.transposed + u * patch_row(),
                                         kernel_.filters, patch_row(), kernel_.inputs);
        const MatrixView<T> d_seen = seen_by(u, d_unfolded);
        product<T>(d_out, weight, d_seen, d_seen);
      }
      fold(d_unfolded, dx);
      dx += window_.in.count();
    }
    unfolded += unfolded_count();
    dy += places * kernel_.filters;
  }
}

template <class T>
void naive_conv(const Window& window, Index filters, const T* x, const T* weight, const T* bias, T* y) {
  const auto& [in, kernel, stride, padding] = window;
  for (Index f = 0; f < filters; ++f)
    for (Index i = 0; i < window.out_height(); ++i)
      for (Index j = 0; j < window.out_width(); ++j) {
        T sum = bias[f];
        for (Index c = 0; c < in.channels; ++c)
          for (Index u = 0; u < kernel; ++u)
            for (Index v = 0; v < kernel; ++v) {
              const Index row = i * stride + u - padding, column = j * stride + v - padding;
              if (row < 0 || row >= in.height || column < 0 || column >= in.width) continue;
              sum += weight[((f * in.channels + c) * kernel + u) * kernel + v] *
                     x[(c * in.height + row) * in.width + column];
            }
        y[(f * window.out_height() + i) * window.out_width() + j] = sum;
      }
}

#define VITRINE_INSTANTIATE(T) \
  template class Conv<T>;      \
  template void naive_conv(const Window&, Index, const T*, const T*, const T*, T*);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
