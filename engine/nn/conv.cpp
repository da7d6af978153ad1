#include "engine/nn/conv.h"

#include <algorithm>
#include <cmath>

#include "engine/core/product.h"
#include "engine/nn/kernel.h"
#include "engine/nn/linear.h"

namespace vitrine::nn {

using core::product;
using core::product_transposed;

template <class T>
Conv<T>::Conv(ParameterLayout& layout, const std::string& name, const Window& window, Index filters,
              Trains trains)
    : window_(window),
      patches_(window),
      input_count_(window.in.count()),
      unfolded_count_(core::Shape{phases(), phase_rows(), row_count()}.count()),
      filters_(filters),
      trains_(trains == Trains::kYes) {
  const core::Shape shape{filters, window.in.channels, window.kernel, window.kernel};
  inputs_ = shape.count() / filters;
  weight_ = layout.add(kernel_weight(name, shape, window.in.channels, Innermost::kInputs, trains));
  transposed_ = layout.add_transposed(weight_, filters, inputs_);
  bias_ = layout.add(kernel_bias(name, shape, trains));
}

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
  std::fill_n(x, input_count_, T{0});
  each_run([&](Index to, Index from, Index count) {
    if (to < 0) return;
    for (Index i = 0; i < count; ++i) x[to + i] += unfolded[from + i];
  });
}

template <class T>
const T* Conv<T>::pad(const T* x, T* padded) const {
  const auto& [in, kernel, stride, padding] = window_;
  if (padding == 0) return x;
  std::fill_n(padded, padded_count(), T{0});
  for (Index row = 0; row < in.height; ++row)
    std::copy_n(x + row * in.width * in.channels, in.width * in.channels, padded + padded_offset(row));
  return padded;
}

template <class T>
void Conv<T>::crop(const T* padded, T* x) const {
  const Index row_count = window_.in.width * window_.in.channels;
  for (Index row = 0; row < window_.in.height; ++row)
    std::copy_n(padded + padded_offset(row), row_count, x + row * row_count);
}

template <class T>
void Conv<T>::forward(const Pass<T>& pass, const T* x, T* unfolded, T* y) const {
  const Index places = window_.out_places();
  for (Index image = 0; image < pass.images; ++image) {
    unfold(x, unfolded);
    const MatrixView<T> out(y, places, filters_);
    MatrixView<const T> start(pass.values + bias_, 1, filters_, 0);
    for (Index u = 0; u < window_.kernel; ++u) {
      const MatrixView<const T> weight(pass.transposed + transposed_ + u * patch_row() * filters_,
                                       patch_row(), filters_);
      product<T>(seen_by(u, unfolded), weight, start, out);
      start = out;
    }
    x += input_count_;
    unfolded += unfolded_count_;
    y += places * filters_;
  }
}

template <class T>
void Conv<T>::backward(const Pass<T>& pass, const T* x, const T* unfolded, const T* dy, T* scratch,
                       T* dx) const {
  const Index places = window_.out_places();
  for (Index image = 0; image < pass.images; ++image) {
    if (trains_) add_column_sums<T>({dy, places, filters_}, pass.gradient + bias_);
    if (is_sparse(patches_, filters_, dy))
      backward_sparse(pass, x, dy, scratch, dx);
    else
      backward_whole(pass, unfolded, dy, scratch, dx);
    x += input_count_;
    unfolded += unfolded_count_;
    dy += places * filters_;
    if (dx) dx += input_count_;
  }
}

template <class T>
void Conv<T>::backward_sparse(const Pass<T>& pass, const T* x, const T* dy, T* scratch, T* dx) const {
  if (trains_) add_sparse_weight_gradient(patches_, filters_, dy, pad(x, scratch), pass.gradient + weight_);
  if (!dx) return;
  std::fill_n(scratch, padded_count(), T{0});
  add_sparse_input_gradient(patches_, filters_, dy, pass.values + weight_, scratch);
  crop(scratch, dx);
}

template <class T>
void Conv<T>::backward_whole(const Pass<T>& pass, const T* unfolded, const T* dy, T* scratch, T* dx) const {
  const MatrixView<const T> d_out(dy, window_.out_places(), filters_);
  if (trains_) add_weight_gradient(unfolded, d_out, scratch, pass.gradient + weight_);
  if (!dx) return;
  T* const d_unfolded = scratch;
  std::fill_n(d_unfolded, unfolded_count_, T{0});
  for (Index u = 0; u < window_.kernel; ++u) {
    const MatrixView<const T> weight(pass.values + weight_ + u * patch_row(), filters_, patch_row(), inputs_);
    const MatrixView<T> d_seen = seen_by(u, d_unfolded);
    product<T>(d_out, weight, d_seen, d_seen);
  }
  fold(d_unfolded, dx);
}

// By way of [inputs, F], where filters fill registers however narrow a patch is.
template <class T>
void Conv<T>::add_weight_gradient(const T* unfolded, MatrixView<const T> d_out, T* scratch,
                                  T* d_weight) const {
  const MatrixView<T> turned(scratch, inputs_, filters_), sum(scratch + weight_count(), filters_, inputs_);
  for (Index u = 0; u < window_.kernel; ++u)
    product_transposed<T>(seen_by(u, unfolded), d_out, {nullptr, 0, filters_},
                          {&turned(u * patch_row(), 0), patch_row(), filters_});
  core::transpose<T>(turned, sum);
  for (Index i = 0; i < weight_count(); ++i) d_weight[i] += sum.data[i];
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
