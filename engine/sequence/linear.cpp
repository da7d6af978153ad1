#include "engine/sequence/linear.h"

#include <string>

#include "engine/core/product.h"

namespace vitrine::sequence {

namespace {

using core::MatrixView;
using core::Shape;
using core::ShapeError;
using core::Tensor;

[[noreturn]] void refuse(const char* name, const Shape& shape, const char* other, const Shape& other_shape) {
  throw ShapeError(std::string(name) + " " + to_string(shape) + " does not fit " + other + " " +
                   to_string(other_shape));
}

void check(const Tensor<double>& input, const Tensor<double>& weight) {
  if (input.rank() != 2 || input.empty())
    throw ShapeError("input " + to_string(input.shape()) + " is not a matrix with rows and columns");
  if (weight.rank() != 2 || weight.empty() || weight.size(1) != input.size(1))
    refuse("weight", weight.shape(), "input", input.shape());
}

MatrixView<const double> nothing(Index columns) { return {nullptr, 0, columns}; }

}  // namespace

Tensor<double> linear(const Tensor<double>& input, const Tensor<double>& weight, const Tensor<double>& bias) {
  check(input, weight);
  const Index in = weight.size(1), out = weight.size(0);
  if (!bias.empty() && !(bias.shape() == Shape{out})) refuse("bias", bias.shape(), "weight", weight.shape());
  Tensor<double> transposed({in, out});
  core::transpose<double>(view(weight), view(transposed));
  auto output = Tensor<double>::uninitialized(core::within_limit({input.size(0), out}));
  core::product<double>(view(input), view(transposed),
                        bias.empty() ? nothing(out) : MatrixView<const double>(bias.data(), 1, out, 0),
                        view(output));
  return output;
}

LinearGradients linear_backward(const Tensor<double>& input, const Tensor<double>& weight,
                                const Tensor<double>& grad_output) {
  check(input, weight);
  const Index rows = input.size(0), in = weight.size(1), out = weight.size(0);
  const Shape expected{rows, out};
  if (!(grad_output.shape() == expected)) refuse("grad_output", grad_output.shape(), "output", expected);
  LinearGradients grad{.input = Tensor<double>(input.shape()),
                       .weight = Tensor<double>(weight.shape()),
                       .bias = Tensor<double>({out})};
  core::product<double>(view(grad_output), view(weight), nothing(in), view(grad.input));
  core::product_transposed<double>(view(grad_output), view(input), nothing(in), view(grad.weight));
  for (Index t = 0; t < rows; ++t)
    for (Index o = 0; o < out; ++o) grad.bias[o] += grad_output(t, o);
  return grad;
}

}  // namespace vitrine::sequence
