#include "engine/signal/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace vitrine::signal {
namespace {

using core::Rng;
using core::RngStream;

double sum(const core::Tensor<double>& kernel) {
  return std::accumulate(kernel.values().begin(), kernel.values().end(), 0.0);
}

TEST(Kernels, BlursSumToOneAndDerivativesToZero) {
  for (const core::Index size : {1, 2, 3, 5, 8}) {
    EXPECT_NEAR(sum(named_kernel(NamedKernel::kBox, size)), 1, 1e-12);
    EXPECT_NEAR(sum(named_kernel(NamedKernel::kGaussian, size)), 1, 1e-12);
    EXPECT_EQ(named_kernel(NamedKernel::kGaussian, size).size(0), size);
  }
  for (const auto kernel : {NamedKernel::kSobelX, NamedKernel::kSobelY, NamedKernel::kLaplacian})
    EXPECT_EQ(sum(named_kernel(kernel, 3)), 0);
  for (const auto kernel : {NamedKernel::kIdentity, NamedKernel::kSharpen, NamedKernel::kEmboss})
    EXPECT_EQ(sum(named_kernel(kernel, 3)), 1);
}

TEST(Kernels, SobelYIsSobelXOnItsSide) {
  const auto x = named_kernel(NamedKernel::kSobelX, 3), y = named_kernel(NamedKernel::kSobelY, 3);
  for (core::Index u = 0; u < 3; ++u)
    for (core::Index v = 0; v < 3; ++v) EXPECT_EQ(x(u, v), y(v, u));
}

TEST(Kernels, UntrainedWeightsHaveTheVarianceOfTheirGainAndRepeat) {
  const Rng rng(7, RngStream::kTest);
  for (const double gain : {1.0, 2.0}) {
    const auto weights = untrained_weights({64, 3, 5, 5}, gain, rng, 0);
    double squares = 0;
    for (const double w : weights.values()) squares += w * w;
    EXPECT_NEAR(squares / 64, gain, 5 * gain * std::sqrt(2.0 / 4800));
    EXPECT_NEAR(sum(weights) / 64, 0, 5 * std::sqrt(gain / 64));
  }
  EXPECT_EQ(untrained_weights({2, 9}, 1, rng, 3), untrained_weights({2, 9}, 1, rng, 3));
  EXPECT_FALSE(untrained_weights({2, 9}, 1, rng, 3) == untrained_weights({2, 9}, 1, rng, 4));
  EXPECT_THROW(untrained_weights({0, 3}, 1, rng, 0), core::ShapeError);
  EXPECT_THROW(untrained_weights({3, 0}, 1, rng, 0), core::ShapeError);
  EXPECT_THROW(untrained_weights({core::kResultLimit, 2}, 1, rng, 0), core::ShapeError);
}

TEST(Kernels, NormalisedSumsToOneOrHasMagnitudesThatDo) {
  EXPECT_EQ(normalised(core::Tensor<double>({3}, {1, 2, 1})), core::Tensor<double>({3}, {0.25, 0.5, 0.25}));
  EXPECT_EQ(normalised(core::Tensor<double>({3}, {-1, 0, 1})), core::Tensor<double>({3}, {-0.5, 0, 0.5}));
  EXPECT_EQ(normalised(core::Tensor<double>({2}, {0, 0})), core::Tensor<double>({2}, {0, 0}));
}

TEST(Kernels, RefusesSizeZero) { EXPECT_THROW(named_kernel(NamedKernel::kBox, 0), std::invalid_argument); }

}  // namespace
}  // namespace vitrine::signal
