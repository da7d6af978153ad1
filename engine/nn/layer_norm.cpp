#include "engine/nn/layer_norm.h"

#include <cmath>

#include "engine/nn/vector.h"

namespace vitrine::nn {
template <class T>
LayerNorm<T>::LayerNorm(ParameterLayout& layout, const std::string& name, Index dim, double epsilon)
    : dim_(dim), epsilon_(static_cast<T>(epsilon)) {
  weight_ = layout.add({name + ".weight", {dim}, Initial::kOne});
  bias_ = layout.add({name + ".bias", {dim}, Initial::kZero});
}

template <class T>
void LayerNorm<T>::forward(const Pass<T>& pass, MatrixView<const T> x, Statistics* statistics,
                           MatrixView<T> y) const {
  const T *g = pass.values + weight_, *b = pass.values + bias_;
  const T share = 1 / static_cast<T>(dim_);  // of a number in its row's mean
  for (Index r = 0; r < x.rows; ++r) {
    const T* in = &x(r, 0);
    T* out = &y(r, 0);
    const T mean = sum_of_row<T>(dim_, [&](auto way, Index c) { return way.get(in + c); }) * share;
    const T variance = sum_of_row<T>(dim_,
                                     [&](auto way, Index c) {
                                       const auto centred = way.get(in + c) - mean;
                                       return centred * centred;
                                     }) *
                       share;
    const T scale = 1 / std::sqrt(variance + epsilon_);
    each_in_row<T>(dim_, [&](auto way, Index c) {
      way.put(out + c, (way.get(in + c) - mean) * scale * way.get(g + c) + way.get(b + c));
    });
    statistics[r] = {mean, scale};
  }
}

template <class T>
void LayerNorm<T>::backward(const Pass<T>& pass, MatrixView<const T> x, const Statistics* statistics,
                            MatrixView<const T> dy, MatrixView<T> dx) const {
  const T* g = pass.values + weight_;
  T *d_weight = pass.gradient + weight_, *d_bias = pass.gradient + bias_;
  const T share = 1 / static_cast<T>(dim_);  // of a number in its row's mean
  for (Index r = 0; r < x.rows; ++r) {
    const T *in = &x(r, 0), *above = &dy(r, 0);
    T* out = &dx(r, 0);
    const T mean = statistics[r].mean, scale = statistics[r].scale;
    const auto n = [&](auto way, Index c) { return (way.get(in + c) - mean) * scale; };
    const auto e = [&](auto way, Index c) { return way.get(above + c) * way.get(g + c); };
    const T mean_e = sum_of_row<T>(dim_, e) * share;
    const T mean_en = sum_of_row<T>(dim_, [&](auto way, Index c) { return e(way, c) * n(way, c); }) * share;
    each_in_row<T>(dim_, [&](auto way, Index c) {
      const auto normal = n(way, c), upstream = way.get(above + c);
      way.put(d_weight + c, way.get(d_weight + c) + upstream * normal);
      way.put(d_bias + c, way.get(d_bias + c) + upstream);
      way.put(out + c, way.get(out + c) + scale * (e(way, c) - mean_e - normal * mean_en));
    });
  }
}

template class LayerNorm<float>;
template class LayerNorm<double>;

}  // namespace vitrine::nn
