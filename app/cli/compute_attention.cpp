// Attention's operations.
#include <algorithm>

#include "app/cli/compute_ops.h"
#include "engine/sequence/fast_attention.h"
#include "engine/sequence/softmax.h"

namespace vitrine::cli {

namespace {

using core::Tensor;

// "rsqrt" (the default) or a number.
double scale_from(const Request& request, Index d) {
  if (request.is_number("scale")) return request.number("scale");
  constexpr std::string_view kNames[] = {"rsqrt"};
  request.choice("scale", kNames, "a number");
  return sequence::rsqrt_scale(d);
}

// "none" (the default), "causal", or [T][S] of true and false.
struct RequestedMask {
  bool causal = false;
  sequence::Mask pattern;  // empty unless it is given
};
RequestedMask mask_from(const Request& request) {
  if (request.is_list("mask")) return {.pattern = request.flags("mask")};
  constexpr std::string_view kNames[] = {"none", "causal"};
  return {.causal = request.choice("mask", kNames, "rows of true and false") == 1, .pattern = {}};
}

sequence::Mask cells_of(RequestedMask mask, Index queries, Index keys) {
  if (!mask.pattern.empty()) return std::move(mask.pattern);
  return mask.causal ? sequence::causal_mask(queries, keys) : sequence::no_mask(queries, keys);
}

}  // namespace

void compute_attention(const Request& request, Result& result) {
  const Tensor<double> query = request.matrix("query"), key = request.matrix("key"),
                       value = request.matrix("value");
  const sequence::Attention attention =
      sequence::attention(query, key, value, scale_from(request, query.size(1)),
                          cells_of(mask_from(request), query.size(0), key.size(0)));
  result.set_with_infinities("scores",
                             attention.scores);  // any finite scale works: softmax needs none of them
  result.set("weights", attention.weights);
  result.set("output", attention.output);
  result.set("entropy", attention.entropy);
}

void compute_multi_head_attention(const Request& request, Result& result) {
  const Tensor<double> input = request.matrix("input");
  const auto optional = [&](const char* name) { return request.numbers(name, Tensor<double>()); };
  const Tensor<double> given = request.has("context") ? request.matrix("context") : Tensor<double>();
  const Tensor<double>& context = given.empty() ? input : given;
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
  const RequestedMask mask = mask_from(request);
  core::Workers alone(1);
  const auto computed = sequence::multi_head_attention_fast<double>(
      input, context, weights, heads, scale,
      {.causal = mask.causal, .mask = mask.pattern.empty() ? nullptr : &mask.pattern},
      sequence::Keep::kWeights, alone);
  std::vector<Tensor<double>> outputs;
  for (Index head = 0; head < heads; ++head)
    outputs.push_back(sequence::head_columns(computed.concat, heads, head));
  result.set("weights", computed.weights);
  result.set("heads_output", outputs);
  result.set("output", computed.output);
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
