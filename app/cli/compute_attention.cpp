// Attention's operations.
#include "app/cli/compute_ops.h"
#include "engine/sequence/attention.h"
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

Tensor<double> matrix_from(const Request& request, const char* name) {
  Tensor<double> matrix = request.numbers(name);
  if (matrix.rank() != 2)
    request.refuse(name, "shape " + core::to_string(matrix.shape()) + " is not [rows, columns]");
  return matrix;
}

}  // namespace

void compute_attention(const Request& request, Result& result) {
  const Tensor<double> query = matrix_from(request, "query"), key = matrix_from(request, "key"),
                       value = matrix_from(request, "value");
  const sequence::Attention attention = sequence::attention(
      query, key, value, scale_from(request, query.size(1)), mask_from(request, query.size(0), key.size(0)));
  result.set("scores", attention.scores);
  result.set("weights", attention.weights);
  result.set("output", attention.output);
  result.set("entropy", attention.entropy);
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
