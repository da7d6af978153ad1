#include "engine/sequence/activation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/sequence/statistics.h"

namespace vitrine::sequence {

namespace {

using core::Tensor;

double normal_distribution(double u) { return std::erfc(-u / std::numbers::sqrt2) / 2; }

template <class F>
Tensor<double> mapped(const Tensor<double>& in, const F& f) {
  Tensor<double> out(in.shape());
  std::transform(in.values().begin(), in.values().end(), out.data(), f);
  return out;
}

}  // namespace

double activated(Activation activation, double u) {
  if (activation == Activation::kGelu) return u * normal_distribution(u);
  return u > 0 || std::isnan(u) ? u : 0;
}

double slope(Activation activation, double u) {
  if (activation == Activation::kGelu) return normal_distribution(u) + u * normal_density(u, 0, 1);
  return std::isnan(u) ? u : u > 0 ? 1 : 0;
}

Tensor<double> activated(Activation activation, const Tensor<double>& u) {
  return mapped(u, [=](double x) { return activated(activation, x); });
}

Tensor<double> slopes(Activation activation, const Tensor<double>& u) {
  return mapped(u, [=](double x) { return slope(activation, x); });
}

}  // namespace vitrine::sequence
