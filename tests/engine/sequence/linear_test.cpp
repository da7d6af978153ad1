#include "engine/sequence/linear.h"

#include <gtest/gtest.h>

#include "tests/engine/sequence/numeric.h"

namespace vitrine::sequence {
namespace {

using core::Tensor;

TEST(Linear, IsWTimesEveryRowPlusTheBias) {
  const Tensor<double> x({2, 3}, {1, 2, 3, -1, 0, 4}), w({2, 3}, {1, 0, -1, 2, 5, 0.5}), b({2}, {10, 20});
  EXPECT_EQ(linear(x, w), Tensor<double>({2, 2}, {-2, 13.5, -5, 0}));
  EXPECT_EQ(linear(x, w, b), Tensor<double>({2, 2}, {8, 33.5, 5, 20}));
}

TEST(Linear, GradientsAreThoseOfFiniteDifferences) {
  Tensor<double> x = normal({5, 3}, 1), w = normal({4, 3}, 2), b = normal({4}, 3);
  const Tensor<double> g = normal({5, 4}, 4);
  const auto loss = [&] { return inner(linear(x, w, b), g); };
  const LinearGradients grad = linear_backward(x, w, g);
  expect_gradient(x, grad.input, loss, "input");
  expect_gradient(w, grad.weight, loss, "weight");
  expect_gradient(b, grad.bias, loss, "bias");
}

TEST(Linear, SaysWhichShapesDoNotFit) {
  const auto message = [](const Tensor<double>& x, const Tensor<double>& w, const Tensor<double>& b) {
    try {
      linear(x, w, b);
    } catch (const core::ShapeError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(normal({2, 3}, 1), normal({4, 2}, 2), {}), "weight [4, 2] does not fit input [2, 3]");
  EXPECT_EQ(message(normal({2, 3}, 1), normal({4, 3}, 2), normal({3}, 3)),
            "bias [3] does not fit weight [4, 3]");
  EXPECT_EQ(message(normal({3}, 1), normal({4, 3}, 2), {}),
            "input [3] is not a matrix with rows and columns");
}

}  // namespace
}  // namespace vitrine::sequence
