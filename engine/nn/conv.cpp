#include "engine/nn/conv.h"

#include <algorithm>

#include "engine/core/product.h"
#include "engine/nn/kernel.h"
#include "engine/nn/linear.h"
#include "engine/nn/vector.h"

namespace vitrine::nn {

template <class T>
Conv<T>::Conv(ParameterLayout& layout, const std::string& name, const Window& window, Index filters,
              Trains trains)
    : window_(window),
      patches_(window),
      input_count_(window.in.count()),
      padded_count_(core::Shape{window.in.height + 2 * window.padding, patches_.to_next_row}.count()),
      filters_(filters),
      trains_(trains == Trains::kYes) {
  const core::Shape shape{filters, window.in.channels, window.kernel, window.kernel};
  inputs_ = shape.count() / filters;
  weight_ = layout.add(kernel_weight(name, shape, window.in.channels, Innermost::kInputs, trains));
  transposed_ = layout.add_transposed(weight_, filters, inputs_);
  bias_ = layout.add(kernel_bias(name, shape, trains));
}

template <class T>
Index Conv<T>::scratch_count() const {
  const Index forward = patches_.scratch_count<T>();
  const Index weights = core::checked_add(forward, core::checked_mul(2, filters_ * inputs_));
  const Index inputs =
      core::checked_add(padded_count_, core::checked_mul(patches_.places(), patches_.row_count));
  return std::max(weights, inputs);
}

template <class T>
void Conv<T>::pad(const T* x, T* padded) const {
  const auto& [in, kernel, stride, padding] = window_;
  const Index row_count = in.width * in.channels;
  std::fill_n(padded, padded_count_, T{0});
  for (Index row = 0; row < in.height; ++row)
    std::copy_n(x + row * row_count, row_count,
                padded + (row + padding) * patches_.to_next_row + padding * in.channels);
}

template <class T>
void Conv<T>::crop(const T* padded, T* x) const {
  const auto& [in, kernel, stride, padding] = window_;
  const Index row_count = in.width * in.channels;
  for (Index row = 0; row < in.height; ++row)
    std::copy_n(padded + (row + padding) * patches_.to_next_row + padding * in.channels, row_count,
                x + row * row_count);
}

template <class T>
void Conv<T>::forward(const Pass<T>& pass, const T* x, T* padded, T* scratch, T* y) const {
  const MatrixView<const T> weight(pass.transposed + transposed_, inputs_, filters_);
  for (Index image = 0; image < pass.images; ++image) {
    pad(x, padded);
    patches_times<T>(patches_, padded, weight, pass.values + bias_, scratch,
                     {y, patches_.places(), filters_});
    x += input_count_;
    padded += padded_count_;
    y += patches_.places() * filters_;
  }
}

template <class T>
void Conv<T>::backward(const Pass<T>& pass, const T* padded, const T* dy, T* scratch, T* dx) const {
  const Index places = patches_.places();
  const T* const weight = pass.values + weight_;
  T* const d_padded = scratch;
  for (Index image = 0; image < pass.images; ++image) {
    const bool sparse = is_sparse(patches_, filters_, dy);
    if (trains_) {
      add_column_sums<T>({dy, places, filters_}, pass.gradient + bias_);
      T* const d_weight = pass.gradient + weight_;
      if (sparse)
        add_sparse_weight_gradient(patches_, filters_, dy, padded, d_weight);
      else
        add_weight_gradient(padded, dy, scratch, d_weight);
    }
    if (dx) {
      std::fill_n(d_padded, padded_count_, T{0});
      if (sparse)
        add_sparse_input_gradient(patches_, filters_, dy, weight, d_padded);
      else
        add_input_gradient(weight, dy, scratch + padded_count_, d_padded);
      crop(d_padded, dx);
      dx += input_count_;
    }
    padded += padded_count_;
    dy += places * filters_;
  }
}

// By way of [inputs, F], where filters fill registers however narrow a kernel row is.
template <class T>
void Conv<T>::add_weight_gradient(const T* padded, const T* dy, T* scratch, T* d_weight) const {
  const Index count = filters_ * inputs_;
  const MatrixView<T> turned(scratch, inputs_, filters_), sum(scratch + count, filters_, inputs_);
  patches_transposed_times<T>(patches_, padded, {dy, patches_.places(), filters_}, scratch + 2 * count,
                              turned);
  core::transpose<T>(turned, sum);
  for (Index i = 0; i < count; ++i) d_weight[i] += sum.data[i];
}

// What one kernel row gives to all places, then the next.
template <class T>
void Conv<T>::add_input_gradient(const T* weight, const T* dy, T* scratch, T* d_padded) const {
  const Index row_count = patches_.row_count;
  const MatrixView<const T> d_out(dy, patches_.places(), filters_);
  for (Index u = 0; u < window_.kernel; ++u) {
    const MatrixView<T> d_rows(scratch, patches_.places(), row_count);
    core::product<T>(d_out, {weight + u * row_count, filters_, row_count, inputs_}, {nullptr, 0, row_count},
                     d_rows);
    const T* from = d_rows.data;
    for (Index i = 0; i < patches_.height; ++i)
      for (Index j = 0; j < patches_.width; ++j, from += row_count) {
        T* to =
            d_padded + u * patches_.to_next_row + i * patches_.to_place_below + j * patches_.to_place_right;
        each_in_row<T>(row_count,
                       [&](auto way, Index c) { way.put(to + c, way.get(to + c) + way.get(from + c)); });
      }
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
