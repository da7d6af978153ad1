#include "engine/nn/linear.h"

#include <algorithm>

#include "engine/core/product.h"

namespace vitrine::nn {

using core::product;
using core::product_transposed;

namespace {

constexpr double kInitialDeviation = 0.02;

std::optional<ParameterInfo> bias_info(const std::string& name, Index out, Bias bias, HeadOrder heads) {
  if (bias == Bias::kNo) return std::nullopt;
  const core::Shape shape{out};
  return ParameterInfo{
      name + ".bias", shape, Initial::kZero, 0, false, heads.axis == 0 ? heads.of(shape) : std::nullopt};
}

}  // namespace

template <class T>
Linear<T>::Linear(ParameterLayout& layout, const std::string& name, Index in, Index out, Bias bias,
                  HeadOrder heads)
    : Linear(layout,
             {name + ".weight", {out, in}, Initial::kNormal, kInitialDeviation, true, heads.of({out, in})},
             bias_info(name, out, bias, heads)) {}

template <class T>
Linear<T>::Linear(ParameterLayout& layout, ParameterInfo weight, std::optional<ParameterInfo> bias)
    : in_(weight.shape.count() / weight.shape[0]), out_(weight.shape[0]) {
  weight.written = true;
  weight_ = layout.add(std::move(weight));
  transposed_ = layout.add_transposed(weight_, out_, in_);
  if (bias) bias_ = layout.add(*std::move(bias));
}

template <class T>
void Linear<T>::forward(const Pass<T>& pass, MatrixView<const T> x, MatrixView<T> y) const {
  forward_part(pass, x, 0, y);
}

template <class T>
void Linear<T>::forward_part(const Pass<T>& pass, MatrixView<const T> x, Index first, MatrixView<T> y) const {
  const MatrixView<const T> transposed(pass.transposed + transposed_ + first, in_, y.columns, out_);
  const MatrixView<const T> start(bias_ < 0 ? nullptr : pass.values + bias_ + first, 1, y.columns, 0);
  product(x, transposed, start, y);
}

template <class T>
void Linear<T>::forward_turned(const Pass<T>& pass, MatrixView<const T> x, Index first,
                               MatrixView<T> y) const {
  for (Index o = 0; o < y.rows; ++o)
    std::fill_n(&y(o, 0), y.columns, bias_ < 0 ? T{0} : pass.values[bias_ + first + o]);
  product<T>({pass.values + weight_ + first * in_, y.rows, in_}, x, y, y);
}

template <class T>
void Linear<T>::backward(const Pass<T>& pass, MatrixView<const T> x, MatrixView<const T> dy,
                         MatrixView<T> dx) const {
  const MatrixView<T> d_weight(pass.gradient + weight_, out_, in_);
  const MatrixView<const T> start(pass.begins_gradient ? nullptr : d_weight.data, out_, in_);
  product_transposed<T>(dy, x, start, d_weight);
  if (bias_ >= 0) add_column_sums(dy, pass.gradient + bias_);
  if (dx.data) product(dy, {pass.values + weight_, out_, in_}, {nullptr, 0, in_}, dx);
}

template <class T>
void add_column_sums(MatrixView<const T> x, T* sum) {
  Index row = 0;
  for (; row + 4 <= x.rows; row += 4) {
    const T *a = &x(row, 0), *b = &x(row + 1, 0), *c = &x(row + 2, 0), *d = &x(row + 3, 0);
    for (Index j = 0; j < x.columns; ++j) sum[j] += (a[j] + b[j]) + (c[j] + d[j]);
  }
  for (; row < x.rows; ++row)
    for (Index j = 0; j < x.columns; ++j) sum[j] += x(row, j);
}

#define VITRINE_INSTANTIATE(T) \
  template class Linear<T>;    \
  template void add_column_sums(MatrixView<const T>, T*);
VITRINE_INSTANTIATE(float)
VITRINE_INSTANTIATE(double)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::nn
