#include "engine/sequence/linear.h"

#include <string>

#include "engine/core/product.h"

namespace vitrine::sequence {

namespace {

using core::MatrixView;
using core::Shape;
using core::Tensor;

void check(const Tensor<double>& input, const Tensor<double>& weight) {
  core::require_matrix("input", input.shape());
  core::require_fit(weight.rank() == 2 && !weight.empty() && weight.size(1) == input.size(1), "weight",
                    weight.shape(), "input", input.shape());
}

MatrixView<const double> nothing(Index columns) { return {nullptr, 0, columns}; }

}  // namespace

Tensor<double> linear(const Tensor<double>& input, const Tensor<double>& weight, const Tensor<double>& bias) {
  check(input, weight);
  const Index in = weight.size(1), out = weight.size(0);
  core::require_fit(bias.empty() || bias.shape() == Shape{out}, "bias", bias.shape(), "weight",
                    weight.shape());
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
  core::require_shape("grad_output", grad_output.shape(), "output", {rows, out});
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
