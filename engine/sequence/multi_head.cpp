#include "engine/sequence/multi_head.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "engine/sequence/linear.h"

namespace vitrine::sequence {

namespace {

using core::Tensor;

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

void check_multi_head(const Tensor<double>& input, const Tensor<double>& context, const MultiHeadWeights& w,
                      Index heads) {
  if (heads < 1) throw std::invalid_argument("heads is " + std::to_string(heads) + ", not at least 1");
  const char* const context_name = &context == &input ? "input" : "context";
  core::require_matrix("input", input.shape());
  core::require_matrix(context_name, context.shape());
  const auto check = [](const char* name, const Tensor<double>& weight, const char* bias_name,
                        const Tensor<double>& bias, Index in, const char* source, const Tensor<double>& of) {
    core::require_matrix(name, weight.shape());
    core::require_fit(weight.size(1) == in, name, weight.shape(), source, of.shape());
    core::require_fit(bias.empty() || bias.shape() == core::Shape{weight.size(0)}, bias_name, bias.shape(),
                      name, weight.shape());
  };
  check("w_query", w.query, "b_query", w.query_bias, input.size(1), "input", input);
  check("w_key", w.key, "b_key", w.key_bias, context.size(1), context_name, context);
  check("w_value", w.value, "b_value", w.value_bias, context.size(1), context_name, context);
  if (!w.out.empty()) check("w_out", w.out, "b_out", w.out_bias, w.value.size(0), "w_value", w.value);
  const auto check_heads = [&](const char* name, const Tensor<double>& weight) {
    if (weight.size(0) % heads != 0)
      throw std::invalid_argument(std::string(name) + " has " + std::to_string(weight.size(0)) +
                                  " rows, which " + std::to_string(heads) + " heads do not divide");
  };
  check_heads("w_query", w.query);
  check_heads("w_key", w.key);
  check_heads("w_value", w.value);
  core::require_fit(w.query.size(0) == w.key.size(0), "w_key", w.key.shape(), "w_query", w.query.shape());
}

MultiHead multi_head_attention(const Tensor<double>& input, const Tensor<double>& context,
                               const MultiHeadWeights& weights, Index heads, double scale, const Mask& mask,
                               std::stop_token stop) {
  check_multi_head(input, context, weights, heads);
  MultiHead m;
  m.query = linear(input, weights.query, weights.query_bias);
  m.key = linear(context, weights.key, weights.key_bias);
  m.value = linear(context, weights.value, weights.value_bias);
  m.concat = Tensor<double>({input.size(0), m.value.size(1)});
  for (Index h = 0; h < heads; ++h) {
    m.heads.push_back(attention(head_columns(m.query, heads, h), head_columns(m.key, heads, h),
                                head_columns(m.value, heads, h), scale, mask, stop));
    put_head_columns(m.heads.back().output, h, m.concat);
  }
  m.output = weights.out.empty() ? m.concat : linear(m.concat, weights.out, weights.out_bias);
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
