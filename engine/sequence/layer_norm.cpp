#include "engine/sequence/layer_norm.h"

#include <cmath>
#include <stdexcept>

#include "engine/core/text.h"

namespace vitrine::sequence {

namespace {

using core::Shape;
using core::Tensor;

void check_vector(const char* name, const Tensor<double>& vector, const Shape& input) {
  core::require_fit(vector.empty() || vector.shape() == Shape{input[1]}, name, vector.shape(), "input",
                    input);
}

// The mean of f over a row. Throws if it leaves a double's range although the row does not.
template <class F>
Tensor<double> means(const Tensor<double>& rows, const char* what, const F& f) {
  const Index columns = rows.size(1);
  Tensor<double> out({rows.size(0)});
  for (Index t = 0; t < rows.size(0); ++t) {
    const std::span<const double> row(&rows(t, 0), static_cast<std::size_t>(columns));
    for (const double x : row) out[t] += f(x);
    out[t] /= static_cast<double>(columns);
    if (!std::isfinite(out[t]) && core::all_finite(row))
      throw std::invalid_argument("the " + std::string(what) + " of row " + std::to_string(t) +
                                  " passes a double's range");
  }
  return out;
}

// out[t,c] = f(in[t,c], t, c)
template <class F>
Tensor<double> mapped(const Tensor<double>& in, const F& f) {
  Tensor<double> out(in.shape());
  for (Index t = 0; t < in.size(0); ++t)
    for (Index c = 0; c < in.size(1); ++c) out(t, c) = f(in(t, c), t, c);
  return out;
}

}  // namespace

Tensor<double> row_means(const Tensor<double>& input) {
  return means(input, "mean", [](double x) { return x; });
}

Tensor<double> centred(const Tensor<double>& input, const Tensor<double>& mean) {
  return mapped(input, [&](double x, Index t, Index) { return x - mean[t]; });
}

Tensor<double> row_variances(const Tensor<double>& centred) {
  return means(centred, "variance", [](double x) { return x * x; });
}

Tensor<double> normalised(const Tensor<double>& centred, const Tensor<double>& variance, double eps) {
  return mapped(centred, [&](double x, Index t, Index) { return x / std::sqrt(variance[t] + eps); });
}

Tensor<double> scaled(const Tensor<double>& normalised, const Tensor<double>& weight) {
  if (weight.empty()) return normalised;
  return mapped(normalised, [&](double x, Index, Index c) { return weight[c] * x; });
}

Tensor<double> shifted(const Tensor<double>& scaled, const Tensor<double>& bias) {
  if (bias.empty()) return scaled;
  return mapped(scaled, [&](double x, Index, Index c) { return x + bias[c]; });
}

LayerNorm layer_norm(const Tensor<double>& input, const Tensor<double>& weight, const Tensor<double>& bias,
                     double eps) {
  core::require_matrix("input", input.shape());
  check_vector("weight", weight, input.shape());
  check_vector("bias", bias, input.shape());
  if (!(eps > 0) || !std::isfinite(eps))
    throw std::invalid_argument("eps " + core::exact(eps) + " is not a finite number above 0");
  LayerNorm n;
  n.mean = row_means(input);
  n.centred = centred(input, n.mean);
  n.variance = row_variances(n.centred);
  n.normalised = normalised(n.centred, n.variance, eps);
  n.scaled = scaled(n.normalised, weight);
  n.output = shifted(n.scaled, bias);
  return n;
}

LayerNormGradients layer_norm_backward(const LayerNorm& kept, const Tensor<double>& weight, double eps,
                                       const Tensor<double>& grad_output) {
  const Shape& shape = kept.normalised.shape();
  core::require_shape("grad_output", grad_output.shape(), "output", shape);
  const Index rows = shape[0], columns = shape[1];
  const auto size = static_cast<double>(columns);
  LayerNormGradients g{.mean = Tensor<double>({rows}),
                       .centred = Tensor<double>(shape),
                       .variance = Tensor<double>({rows}),
                       .normalised = scaled(grad_output, weight),
                       .scaled = grad_output,
                       .input = Tensor<double>(shape),
                       .weight = Tensor<double>({columns}),
                       .bias = Tensor<double>({columns})};
  for (Index t = 0; t < rows; ++t) {
    const double r = 1 / std::sqrt(kept.variance[t] + eps);
    for (Index c = 0; c < columns; ++c)
      g.variance[t] -= r * r * r / 2 * g.normalised(t, c) * kept.centred(t, c);
    for (Index c = 0; c < columns; ++c) {
      g.centred(t, c) = r * g.normalised(t, c) + 2 / size * kept.centred(t, c) * g.variance[t];
      g.mean[t] -= g.centred(t, c);
    }
    for (Index c = 0; c < columns; ++c) {
      g.input(t, c) = g.centred(t, c) + g.mean[t] / size;
      g.weight[c] += kept.normalised(t, c) * grad_output(t, c);
      g.bias[c] += grad_output(t, c);
    }
  }
  return g;
}

}  // namespace vitrine::sequence
