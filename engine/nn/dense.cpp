#include "engine/nn/dense.h"

#include "engine/core/product.h"
#include "engine/nn/kernel.h"
#include "engine/nn/linear.h"

namespace vitrine::nn {

template <class T>
Dense<T>::Dense(ParameterLayout& layout, const std::string& name, const ImageSizes& in, Index units,
                Trains trains, InputGradient input_gradient)
    : inputs_(in.count()), units_(units), trains_(trains == Trains::kYes) {
  const core::Shape shape{units, inputs_};
  ParameterInfo weight = kernel_weight(name, shape, in.channels, Innermost::kFilters, trains);
  weight.written = trains_;
  weight_ = layout.add(std::move(weight));
  if (input_gradient == InputGradient::kYes) transposed_ = layout.add_transposed(weight_, inputs_, units);
  bias_ = layout.add(kernel_bias(name, shape, trains));
}

template <class T>
void Dense<T>::forward(const Pass<T>& pass, const T* x, T* y) const {
  core::product<T>({x, pass.images, inputs_}, {pass.values + weight_, inputs_, units_},
                   {pass.values + bias_, 1, units_, 0}, {y, pass.images, units_});
}

template <class T>
void Dense<T>::backward(const Pass<T>& pass, const T* x, const T* dy, T* dx) const {
  const MatrixView<const T> d_out(dy, pass.images, units_);
  if (trains_) {
    const MatrixView<T> d_weight(pass.gradient + weight_, inputs_, units_);
    const MatrixView<const T> start(pass.begins_gradient ? nullptr : d_weight.data, inputs_, units_);
    core::product_transposed<T>({x, pass.images, inputs_}, d_out, start, d_weight);
    add_column_sums(d_out, pass.gradient + bias_);
  }
  if (dx)
    core::product<T>(d_out, {pass.transposed + transposed_, units_, inputs_}, {nullptr, 0, inputs_},
                     {dx, pass.images, inputs_});
}

template class Dense<float>;
template class Dense<double>;

}  // namespace vitrine::nn
