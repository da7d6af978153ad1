#include "engine/nn/optimizer.h"

#include <algorithm>
#include <cmath>

#include "engine/nn/flush_denormals.h"

namespace vitrine::nn {
namespace {

constexpr Index kSlice = 8192;  // numbers of one piece of work

// One step's factors, the same for every parameter of a slice.
template <class T>
struct Factors {
  T scale, rate, momentum, beta1, beta2, eps;
  T step, correction;  // rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t)
  T coupled;           // decay added to the gradient
  T kept;              // what decoupled decay leaves of a weight
};

template <class T>
void sgd(Factors<T> f, Index count, const T* __restrict g, T* __restrict m, T* __restrict w) {
  for (Index i = 0; i < count; ++i) {
    m[i] = f.momentum * m[i] + (f.scale * g[i] + f.coupled * w[i]);
    w[i] -= f.rate * m[i];
  }
}

template <class T>
void adam(Factors<T> f, Index count, const T* __restrict g, T* __restrict m, T* __restrict v,
          T* __restrict w) {
  for (Index i = 0; i < count; ++i) {
    const T slope = f.scale * g[i] + f.coupled * w[i];
    m[i] = f.beta1 * m[i] + (1 - f.beta1) * slope;
    v[i] = f.beta2 * v[i] + (1 - f.beta2) * slope * slope;
    w[i] = f.kept * w[i] - f.step * m[i] / (std::sqrt(v[i]) * f.correction + f.eps);
  }
}

}  // namespace

template <class T>
Optimizer<T>::Optimizer(const ParameterLayout& layout)
    : layout_(layout),
      moments_{core::AlignedVector<T>(static_cast<std::size_t>(layout.size())),
               core::AlignedVector<T>(static_cast<std::size_t>(layout.size()))} {
  for (const auto& info : layout.infos()) {
    if (!info.trains) continue;
    for (Index at = 0; at < info.shape.count(); at += kSlice)
      slices_.push_back({info.offset + at, std::min(kSlice, info.shape.count() - at), info.decays});
  }
}

template <class T>
void Optimizer<T>::update(const UpdateRule& rule, const T* gradient, double factor, core::Workers& workers,
                          Weights<T>& weights) {
  const auto t = static_cast<double>(++moments_.updates);
  Factors<T> factors{static_cast<T>(factor),
                     static_cast<T>(rule.learning_rate),
                     static_cast<T>(rule.momentum),
                     static_cast<T>(rule.beta1),
                     static_cast<T>(rule.beta2),
                     static_cast<T>(rule.eps),
                     static_cast<T>(rule.learning_rate / (1 - std::pow(rule.beta1, t))),
                     static_cast<T>(1 / std::sqrt(1 - std::pow(rule.beta2, t))),
                     0,
                     1};
  workers.run(static_cast<int>(slices_.size()), [&, factors](int piece) {
    const FlushDenormals flush;
    const auto [first, count, decays] = slices_[static_cast<std::size_t>(piece)];
    Factors<T> f = factors;
    if (decays && rule.kind == OptimizerKind::kAdamW)
      f.kept = static_cast<T>(1 - rule.learning_rate * rule.weight_decay);
    else if (decays)
      f.coupled = static_cast<T>(rule.weight_decay);
    T *m = moments_.first.data() + first, *v = moments_.second.data() + first,
      *w = weights.values.data() + first;
    if (rule.kind == OptimizerKind::kSgd)
      sgd(f, count, gradient + first, m, w);
    else
      adam(f, count, gradient + first, m, v, w);
  });
  const auto& transposed = layout_.transposed();
  workers.run(static_cast<int>(transposed.size()),
              [&](int piece) { weights.refresh(transposed[static_cast<std::size_t>(piece)]); });
}

template <class T>
void Optimizer<T>::restore(const Moments<T>& moments) {
  if (moments.first.size() != moments_.first.size() || moments.second.size() != moments_.second.size())
    throw core::ShapeError("moments of " + std::to_string(moments.first.size()) + " and " +
                           std::to_string(moments.second.size()) + " numbers for a model of " +
                           std::to_string(moments_.first.size()));
  moments_ = moments;
}

double clip_factor(double norm, double limit) {
  constexpr double kEpsilon = 1e-6;  // PyTorch's
  return limit > 0 ? std::min(1.0, limit / (norm + kEpsilon)) : 1;
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace vitrine::nn
