#include "engine/sequence/softmax.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/core/text.h"

namespace vitrine::sequence {

namespace {

using core::Tensor;

// beta*(x - reference); the difference of two finite numbers may pass a double's range where its halves do
// not. Equals are 0 apart even at an infinite beta.
double exponent(double beta, double x, double reference) {
  const double difference = x - reference;
  if (difference == 0) return 0;
  return std::isfinite(difference) ? beta * difference : 2 * (beta * (x / 2 - reference / 2));
}

Index last_axis(const Tensor<double>& input) {
  if ((input.rank() != 1 && input.rank() != 2) || input.empty())
    throw core::ShapeError("input " + to_string(input.shape()) + " is not [n] or [T, n]");
  return input.size(input.rank() - 1);
}

}  // namespace

double softmax_row(std::span<const double> x, double beta, std::span<const std::uint8_t> allowed,
                   std::span<double> exps, std::span<double> weights) {
  const auto may = [&](std::size_t i) { return allowed.empty() || allowed[i] != 0; };
  std::size_t top = x.size();
  for (std::size_t i = 0; i < x.size(); ++i)
    if (may(i) && (top == x.size() || (beta < 0 ? x[i] < x[top] : x[i] > x[top]))) top = i;
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    exps[i] = may(i) ? std::exp(exponent(beta, x[i], x[top])) : 0;
    sum += exps[i];
  }
  for (std::size_t i = 0; i < x.size(); ++i) weights[i] = may(i) ? exps[i] / sum : 0;
  return sum;
}

Tensor<double> softmax(const Tensor<double>& input, double beta) {
  const Index n = last_axis(input);
  if (std::isnan(beta)) throw std::invalid_argument("scale nan is not a number");
  for (const double value : input.values())
    if (!std::isfinite(value)) throw std::invalid_argument("input " + core::exact(value) + " is not finite");
  Tensor<double> output(input.shape());
  const auto row = static_cast<std::size_t>(n);
  for (std::size_t at = 0; at < input.values().size(); at += row) {
    const auto out = output.values().subspan(at, row);
    softmax_row(input.values().subspan(at, row), beta, {}, out, out);
  }
  return output;
}

Tensor<double> softmax_backward(const Tensor<double>& output, const Tensor<double>& grad_output,
                                double beta) {
  const Index n = last_axis(output);
  core::require_shape("grad_output", grad_output.shape(), "output", output.shape());
  Tensor<double> grad_input(output.shape());
  for (Index first = 0; first < output.count(); first += n) {
    double mean = 0;  // of the gradient under the weights
    for (Index i = first; i < first + n; ++i) mean += grad_output[i] * output[i];
    for (Index i = first; i < first + n; ++i) grad_input[i] = beta * (output[i] * (grad_output[i] - mean));
  }
  return grad_input;
}

}  // namespace vitrine::sequence
