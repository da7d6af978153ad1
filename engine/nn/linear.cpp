#include "engine/nn/linear.h"

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
    : in_(weight.shape.count() / weight.shape[0]), out_(weight.shape[0]), stride_(out_) {
  weight.written = true;
  weight_ = layout.add(std::move(weight));
  transposed_ = layout.add_transposed(weight_, out_, in_);
  if (bias) bias_ = layout.add(*std::move(bias));
}

template <class T>
void Linear<T>::forward(const Pass<T>& pass, MatrixView<const T> x, MatrixView<T> y) const {
  const MatrixView<const T> transposed(pass.transposed + transposed_, in_, out_, stride_);
  const MatrixView<const T> start(bias_ < 0 ? nullptr : pass.values + bias_, 1, out_, 0);
  product(x, transposed, start, y);
}

template <class T>
void Linear<T>::backward(const Pass<T>& pass, MatrixView<const T> x, MatrixView<const T> dy, MatrixView<T> dx,
                         Into into) const {
  const MatrixView<T> d_weight(pass.gradient + weight_, out_, in_);
  const MatrixView<const T> begin(pass.begins_gradient ? nullptr : d_weight.data, out_, in_);
  product_transposed<T>(dy, x, begin, d_weight);
  if (bias_ >= 0) add_column_sums(dy, pass.gradient + bias_);
  if (!dx.data) return;
  const MatrixView<const T> none(nullptr, 0, in_),
      start = into == Into::kAdd ? MatrixView<const T>(dx) : none;
  product(dy, {pass.values + weight_, out_, in_}, start, dx);
}

template <class T>
Linear<T> Linear<T>::outputs(Index first, Index count) const {
  Linear part = *this;
  part.out_ = count;
  part.weight_ += first * in_;
  part.transposed_ += first;
  if (bias_ >= 0) part.bias_ += first;
  return part;
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
