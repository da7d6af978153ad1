#include "engine/signal/kernels.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace vitrine::signal {

using core::Index;
using core::Tensor;

namespace {

Tensor<double> gaussian(Index size) {
  const double sigma = static_cast<double>(size) / 5, middle = static_cast<double>(size - 1) / 2;
  Tensor<double> kernel(core::Shape{size, size});
  double sum = 0;
  for (Index u = 0; u < size; ++u)
    for (Index v = 0; v < size; ++v) {
      const double dy = static_cast<double>(u) - middle, dx = static_cast<double>(v) - middle;
      sum += kernel(u, v) = std::exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
    }
  for (double& weight : kernel.values()) weight /= sum;
  return kernel;
}

}  // namespace

Tensor<double> named_kernel(NamedKernel kernel, Index size) {
  if (size < 1) throw std::invalid_argument("a kernel of size " + std::to_string(size) + " has no cell");
  const core::Shape square{size, size}, three{3, 3};
  switch (kernel) {
    case NamedKernel::kIdentity: {
      Tensor<double> one(square);
      one((size - 1) / 2, (size - 1) / 2) = 1;
      return one;
    }
    case NamedKernel::kBox:
      return Tensor<double>(square, 1 / static_cast<double>(size * size));
    case NamedKernel::kGaussian:
      return gaussian(size);
    case NamedKernel::kSobelX:
      return {three, {-1, 0, 1, -2, 0, 2, -1, 0, 1}};
    case NamedKernel::kSobelY:
      return {three, {-1, -2, -1, 0, 0, 0, 1, 2, 1}};
    case NamedKernel::kLaplacian:
      return {three, {0, 1, 0, 1, -4, 1, 0, 1, 0}};
    case NamedKernel::kSharpen:
      return {three, {0, -1, 0, -1, 5, -1, 0, -1, 0}};
    case NamedKernel::kEmboss:
      return {three, {-2, -1, 0, -1, 1, 1, 0, 1, 2}};
  }
  throw std::invalid_argument("no such kernel");
}

Tensor<double> untrained_weights(const core::Shape& shape, double gain, const core::Rng& rng,
                                 std::uint64_t step) {
  if (shape.rank() == 0 || shape.count() == 0)
    throw core::ShapeError("weights " + to_string(shape) + " are none");
  Tensor<double> weights(core::within_limit(shape));
  const double deviation = std::sqrt(gain / static_cast<double>(shape.count() / shape[0]));
  for (Index i = 0; i < weights.count(); ++i)
    weights[i] = deviation * rng.normal(step, static_cast<std::uint64_t>(i));
  return weights;
}

Tensor<double> normalised(const Tensor<double>& kernel) {
  double sum = 0, magnitude = 0;
  for (const double k : kernel.values()) sum += k, magnitude += std::abs(k);
  const double divisor = std::abs(sum) > 1e-9 * magnitude ? sum : magnitude;
  Tensor<double> out = kernel;
  if (divisor != 0)
    for (double& k : out.values()) k /= divisor;
  return out;
}

}  // namespace vitrine::signal
