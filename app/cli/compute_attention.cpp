// Attention's operations.
#include <algorithm>

#include "app/cli/compute_ops.h"
#include "engine/sequence/multi_head.h"
#include "engine/sequence/softmax.h"

namespace vitrine::cli {

namespace {

using core::Tensor;

// "rsqrt" (the default) or a number.
double scale_from(const Request& request, Index d) {
  constexpr std::string_view kNames[] = {"rsqrt"};
  if (request.has("scale") && !request.is_text("scale")) return request.number("scale");
  request.choice("scale", kNames);
  return sequence::rsqrt_scale(d);
}

// "none" (the default), "causal", or [T][S] of true and false.
sequence::Mask mask_from(const Request& request, Index queries, Index keys) {
  if (request.is_list("mask")) return request.flags("mask");
  constexpr std::string_view kNames[] = {"none", "causal"};
  return request.choice("mask", kNames) == 0 ? sequence::no_mask(queries, keys)
                                             : sequence::causal_mask(queries, keys);
}

// One tensor of each head [heads, rows, columns].
Tensor<double> stacked(const std::vector<sequence::Attention>& heads,
                       Tensor<double> sequence::Attention::*tensor) {
  const core::Shape& shape = (heads[0].*tensor).shape();
  auto all = Tensor<double>::uninitialized(
      core::within_limit({static_cast<Index>(heads.size()), shape[0], shape[1]}));
  double* to = all.data();
  for (const sequence::Attention& head : heads) to = std::ranges::copy((head.*tensor).values(), to).out;
  return all;
}

}  // namespace

void compute_attention(const Request& request, Result& result) {
  const Tensor<double> query = request.matrix("query"), key = request.matrix("key"),
                       value = request.matrix("value");
  const sequence::Attention attention = sequence::attention(
      query, key, value, scale_from(request, query.size(1)), mask_from(request, query.size(0), key.size(0)));
  result.set("scores", attention.scores);
  result.set("weights", attention.weights);
  result.set("output", attention.output);
  result.set("entropy", attention.entropy);
}

void compute_multi_head_attention(const Request& request, Result& result) {
  const Tensor<double> input = request.matrix("input");
  const Tensor<double> context = request.has("context") ? request.matrix("context") : input;
  const auto optional = [&](const char* name) { return request.numbers(name, Tensor<double>()); };
  const sequence::MultiHeadWeights weights{.query = request.matrix("w_query"),
                                           .key = request.matrix("w_key"),
                                           .value = request.matrix("w_value"),
                                           .out = optional("w_out"),
                                           .query_bias = optional("b_query"),
                                           .key_bias = optional("b_key"),
                                           .value_bias = optional("b_value"),
                                           .out_bias = optional("b_out")};
  if (request.has("b_out") && !request.has("w_out")) request.refuse("b_out", "needs w_out");
  const Index heads = request.whole("heads");
  const double scale =
      scale_from(request, std::max<Index>(1, weights.query.size(0) / std::max<Index>(1, heads)));
  const sequence::MultiHead result_of = sequence::multi_head_attention(
      input, context, weights, heads, scale, mask_from(request, input.size(0), context.size(0)));
  result.set("weights", stacked(result_of.heads, &sequence::Attention::weights));
  result.set("heads_output", stacked(result_of.heads, &sequence::Attention::output));
  result.set("output", result_of.output);
}

void compute_softmax(const Request& request, Result& result) {
  const Tensor<double> input = request.numbers("input");
  const double scale = request.number("scale", 1);
  const Tensor<double> output = sequence::softmax(input, scale);
  result.set("output", output);
  if (request.has("grad_output"))
    result.set("grad_input", sequence::softmax_backward(output, request.numbers("grad_output"), scale));
}

}  // namespace vitrine::cli
