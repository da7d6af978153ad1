#include "engine/sequence/layer_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/engine/sequence/numeric.h"

namespace vitrine::sequence {
namespace {

using core::Tensor;
using testing::ElementsAre;

TEST(LayerNorm, OneTwoThreeFourStepByStep) {
  const LayerNorm n = layer_norm(Tensor<double>({1, 4}, {1, 2, 3, 4}), Tensor<double>({4}, {1, 2, 3, 4}),
                                 Tensor<double>({4}, {10, 10, 0, 0}), 1e-15);
  EXPECT_THAT(n.mean.values(), ElementsAre(2.5));
  EXPECT_THAT(n.centred.values(), ElementsAre(-1.5, -0.5, 0.5, 1.5));
  EXPECT_THAT(n.variance.values(), ElementsAre(1.25));
  EXPECT_NEAR(std::sqrt(n.variance[0]), 1.118034, 5e-7);
  const double expected[] = {-1.341641, -0.447214, 0.447214, 1.341641};
  for (Index c = 0; c < 4; ++c) {
    EXPECT_NEAR(n.normalised(0, c), expected[c], 5e-7);
    EXPECT_EQ(n.scaled(0, c), static_cast<double>(c + 1) * n.normalised(0, c));
    EXPECT_EQ(n.output(0, c), n.scaled(0, c) + (c < 2 ? 10 : 0));
  }
}

TEST(LayerNorm, RowsAreIndependentAndAConstantRowIsZero) {
  const LayerNorm n = layer_norm(Tensor<double>({3, 2}, {5, 5, -1, 1, 1000, 1002}), {}, {});
  EXPECT_THAT(n.mean.values(), ElementsAre(5, 0, 1001));
  EXPECT_THAT(n.variance.values(), ElementsAre(0, 1, 1));
  EXPECT_EQ(n.output(0, 0), 0) << "eps keeps 0 / 0 away";
  EXPECT_EQ(n.output(1, 1), n.output(2, 1)) << "neither place nor size of a row is left";
  EXPECT_DOUBLE_EQ(n.output(1, 1), 1 / std::sqrt(1 + 1e-5));
  EXPECT_EQ(n.output, n.normalised);
}

TEST(LayerNorm, EveryGradientIsThatOfFiniteDifferences) {
  Tensor<double> x = normal({3, 5}, 1), weight = normal({5}, 2), bias = normal({5}, 3);
  const Tensor<double> g = normal({3, 5}, 4);
  constexpr double kEps = 0.1;
  LayerNorm n = layer_norm(x, weight, bias, kEps);
  const LayerNormGradients grad = layer_norm_backward(n, weight, kEps, g);
  const auto whole = [&] { return inner(layer_norm(x, weight, bias, kEps).output, g); };
  expect_gradient(x, grad.input, whole, "input");
  expect_gradient(weight, grad.weight, whole, "weight");
  expect_gradient(bias, grad.bias, whole, "bias");
  // From a step in the middle on.
  const auto after_scaled = [&] { return inner(shifted(n.scaled, bias), g); };
  const auto after_normalised = [&] { return inner(shifted(scaled(n.normalised, weight), bias), g); };
  const auto after_variance = [&] {
    return inner(shifted(scaled(normalised(n.centred, n.variance, kEps), weight), bias), g);
  };
  const auto after_centred = [&] {
    return inner(shifted(scaled(normalised(n.centred, row_variances(n.centred), kEps), weight), bias), g);
  };
  const auto after_mean = [&] {
    const Tensor<double> c = centred(x, n.mean);
    return inner(shifted(scaled(normalised(c, row_variances(c), kEps), weight), bias), g);
  };
  expect_gradient(n.scaled, grad.scaled, after_scaled, "scaled");
  expect_gradient(n.normalised, grad.normalised, after_normalised, "normalised");
  expect_gradient(n.variance, grad.variance, after_variance, "variance");
  expect_gradient(n.centred, grad.centred, after_centred, "centred");
  expect_gradient(n.mean, grad.mean, after_mean, "mean");
}

// A row's common shift and its size cannot be seen behind the norm.
TEST(LayerNorm, TheGradientIsOrthogonalToTheRowAndToOnes) {
  const Tensor<double> x = normal({2, 6}, 1);
  const LayerNorm n = layer_norm(x, {}, {}, 1e-12);
  const LayerNormGradients grad = layer_norm_backward(n, {}, 1e-12, normal({2, 6}, 2));
  for (Index t = 0; t < 2; ++t) {
    double ones = 0, row = 0;
    for (Index c = 0; c < 6; ++c) {
      ones += grad.input(t, c);
      row += grad.input(t, c) * n.centred(t, c);
    }
    EXPECT_NEAR(ones, 0, 1e-14);
    EXPECT_NEAR(row, 0, 1e-10);
  }
}

TEST(LayerNorm, CarriesNanIntoItsRowOnly) {
  const LayerNorm n = layer_norm(Tensor<double>({2, 2}, {std::nan(""), 1, 3, 5}), {}, {});
  EXPECT_TRUE(std::isnan(n.mean[0]) && std::isnan(n.output(0, 1)));
  EXPECT_EQ(n.mean[1], 4);
  EXPECT_FALSE(std::isnan(n.output(1, 0)));
}

template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(LayerNorm, RefusalsSayWhatIsWrong) {
  const Tensor<double> x({2, 3}, 1.0);
  const auto refusal = [&](const Tensor<double>& input, const Tensor<double>& weight,
                           const Tensor<double>& bias,
                           double eps) { return error_of([&] { layer_norm(input, weight, bias, eps); }); };
  EXPECT_EQ(refusal(x, Tensor<double>({2}), {}, 1), "weight [2] does not fit input [2, 3]");
  EXPECT_EQ(refusal(x, {}, Tensor<double>({1, 3}), 1), "bias [1, 3] does not fit input [2, 3]");
  EXPECT_EQ(refusal(Tensor<double>({3}), {}, {}, 1), "input [3] is not a matrix with rows and columns");
  EXPECT_EQ(refusal(x, {}, {}, 0), "eps 0 is not a finite number above 0");
  EXPECT_EQ(refusal(x, {}, {}, -1e-5), "eps -1e-05 is not a finite number above 0");
  EXPECT_EQ(refusal(x, {}, {}, std::nan("")), "eps nan is not a finite number above 0");
  EXPECT_EQ(refusal(Tensor<double>({2, 2}, {1, 2, 1e200, -1e200}), {}, {}, 1),
            "the variance of row 1 passes a double's range");
  const LayerNorm n = layer_norm(x, {}, {});
  EXPECT_EQ(error_of([&] {
              layer_norm_backward(n, {}, 1, Tensor<double>({3, 2}));
            }),
            "grad_output [3, 2] does not fit output [2, 3]");
}

}  // namespace
}  // namespace vitrine::sequence
