#include "engine/sequence/multi_head.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "engine/sequence/linear.h"

namespace vitrine::sequence {

namespace {

using core::Tensor;

// Throws ShapeError or std::invalid_argument saying which projection it is.
template <class Project>
auto named(const char* name, const Project& project) {
  try {
    return project();
  } catch (const core::ShapeError& error) {
    throw core::ShapeError(std::string(name) + ": " + error.what());
  }
}

void check_heads(Index heads, const char* name, const Tensor<double>& weight) {
  if (heads < 1) throw std::invalid_argument("heads is " + std::to_string(heads) + ", not at least 1");
  if (weight.rank() == 2 && weight.size(0) % heads != 0)
    throw std::invalid_argument(std::string(name) + " has " + std::to_string(weight.size(0)) +
                                " rows, which " + std::to_string(heads) + " heads do not divide");
}

void put_head_columns(const Tensor<double>& head_columns, Index head, Tensor<double>& all) {
  const Index width = head_columns.size(1);
  for (Index t = 0; t < all.size(0); ++t) std::copy_n(&head_columns(t, 0), width, &all(t, head * width));
}

Tensor<double> bias_gradient(const Tensor<double>& bias, Tensor<double> gradient) {
  return bias.empty() ? Tensor<double>() : std::move(gradient);
}

}  // namespace

Tensor<double> head_columns(const Tensor<double>& projected, Index heads, Index head) {
  const Index width = projected.size(1) / heads;
  auto columns = Tensor<double>::uninitialized({projected.size(0), width});
  for (Index t = 0; t < projected.size(0); ++t)
    std::copy_n(&projected(t, head * width), width, &columns(t, 0));
  return columns;
}

MultiHead multi_head_attention(const Tensor<double>& input, const Tensor<double>& context,
                               const MultiHeadWeights& weights, Index heads, double scale, const Mask& mask,
                               std::stop_token stop) {
  check_heads(heads, "w_query", weights.query);
  check_heads(heads, "w_key", weights.key);
  check_heads(heads, "w_value", weights.value);
  MultiHead m;
  m.query = named("w_query", [&] { return linear(input, weights.query, weights.query_bias); });
  m.key = named("w_key", [&] { return linear(context, weights.key, weights.key_bias); });
  m.value = named("w_value", [&] { return linear(context, weights.value, weights.value_bias); });
  m.concat = Tensor<double>({input.size(0), m.value.size(1)});
  for (Index h = 0; h < heads; ++h) {
    m.heads.push_back(attention(head_columns(m.query, heads, h), head_columns(m.key, heads, h),
                                head_columns(m.value, heads, h), scale, mask, stop));
    put_head_columns(m.heads.back().output, h, m.concat);
  }
  m.output = weights.out.empty()
                 ? m.concat
                 : named("w_out", [&] { return linear(m.concat, weights.out, weights.out_bias); });
  return m;
}

MultiHeadGradients multi_head_attention_backward(const Tensor<double>& input, const Tensor<double>& context,
                                                 const MultiHeadWeights& weights, double scale,
                                                 const MultiHead& forward,
                                                 const Tensor<double>& grad_output) {
  MultiHeadGradients grad;
  grad.concat = grad_output;
  if (!weights.out.empty()) {
    LinearGradients out = linear_backward(forward.concat, weights.out, grad_output);
    grad.concat = std::move(out.input);
    grad.weights.out = std::move(out.weight);
    grad.weights.out_bias = bias_gradient(weights.out_bias, std::move(out.bias));
  }
  grad.query = Tensor<double>(forward.query.shape());
  grad.key = Tensor<double>(forward.key.shape());
  grad.value = Tensor<double>(forward.value.shape());
  const auto heads = static_cast<Index>(forward.heads.size());
  for (Index h = 0; h < heads; ++h) {
    grad.heads.push_back(
        attention_backward(head_columns(forward.query, heads, h), head_columns(forward.key, heads, h),
                           head_columns(forward.value, heads, h), scale,
                           forward.heads[static_cast<std::size_t>(h)], head_columns(grad.concat, heads, h)));
    put_head_columns(grad.heads.back().query, h, grad.query);
    put_head_columns(grad.heads.back().key, h, grad.key);
    put_head_columns(grad.heads.back().value, h, grad.value);
  }
  LinearGradients query = linear_backward(input, weights.query, grad.query),
                  key = linear_backward(context, weights.key, grad.key),
                  value = linear_backward(context, weights.value, grad.value);
  grad.input = std::move(query.input);
  grad.context = std::move(key.input);
  for (Index i = 0; i < grad.context.count(); ++i) grad.context[i] += value.input[i];
  grad.weights.query = std::move(query.weight);
  grad.weights.key = std::move(key.weight);
  grad.weights.value = std::move(value.weight);
  grad.weights.query_bias = bias_gradient(weights.query_bias, std::move(query.bias));
  grad.weights.key_bias = bias_gradient(weights.key_bias, std::move(key.bias));
  grad.weights.value_bias = bias_gradient(weights.value_bias, std::move(value.bias));
  return grad;
}

}  // namespace vitrine::sequence
