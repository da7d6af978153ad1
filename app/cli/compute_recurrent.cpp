// The recurrent nets' operations.
#include "app/cli/compute_ops.h"
#include "engine/sequence/attention_rnn.h"
#include "engine/sequence/gated_rnn.h"

namespace vitrine::cli {

namespace {

using core::Tensor;

// A number k, or "all" for an empty one.
std::optional<Index> memory_from(const Request& request) {
  if (!request.has("memory") || request.is_number("memory")) return request.whole("memory");
  constexpr std::string_view kNames[] = {"all"};
  request.choice("memory", kNames, "a whole number");
  return std::nullopt;
}

// The weights of the sources that each step has: of all the past one more a step.
std::vector<Tensor<double>> weight_rows(const sequence::AttentionRnnWeights& w,
                                        const Tensor<double>& weights) {
  std::vector<Tensor<double>> rows;
  for (Index t = 0; t < weights.size(0); ++t) {
    const auto sources = static_cast<std::size_t>(w.sources(t));
    rows.emplace_back(core::Shape{w.sources(t)}, std::span<const double>(&weights(t, 0), sources));
  }
  return rows;
}

}  // namespace

void compute_gated_rnn(const Request& request, Result& result) {
  const sequence::GatedWeights weights{request.numbers("w_c"), request.numbers("w_h"),
                                       request.numbers("w_x")};
  const Tensor<double> input = request.numbers("input"),
                       h0 = request.numbers("h0", Tensor<double>({weights.w_h.size(0)}));
  const sequence::GatedStates states = sequence::gated_rnn(weights, input, h0);
  result.set("h", states.h);
  result.set("c", states.gate);
  result.set("jacobian", states.jacobian);
  if (!request.has("grad_h")) return;
  const sequence::GatedGradients gradients =
      sequence::gated_rnn_backward(weights, input, h0, states, request.numbers("grad_h"));
  result.set("grad_w_c", gradients.w_c);
  result.set("grad_w_h", gradients.w_h);
  result.set("grad_w_x", gradients.w_x);
  result.set("grad_input", gradients.input);
  result.set("total_grad_h", gradients.total);
}

void compute_attention_rnn(const Request& request, Result& result) {
  const sequence::AttentionRnnWeights weights{memory_from(request), request.numbers("w_query"),
                                              request.numbers("w_key"), request.numbers("w_value")};
  const Tensor<double> input = request.numbers("input");
  const sequence::AttentionRnnStates states = sequence::attention_rnn(weights, input);
  result.set("h", states.h);
  result.set("weights", weight_rows(weights, states.weights));
  result.set("jacobian_previous", states.jacobian_previous);
  if (request.has("grad_h"))
    result.set("total_grad_h",
               sequence::attention_rnn_backward(weights, input, states, request.numbers("grad_h")).total);
}

}  // namespace vitrine::cli
