// The recurrent nets' operations.
#include "app/cli/compute_ops.h"
#include "engine/sequence/attention_rnn.h"
#include "engine/sequence/gated_rnn.h"
#include "engine/sequence/jacobian.h"

namespace vitrine::cli {

namespace {

using core::Tensor;

// JSON has no infinities: a number that passes a double's range is refused with the step that it is in.
void set_steps(Result& result, std::string_view name, const Tensor<double>& values) {
  if (const auto step = sequence::first_not_finite(values))
    throw std::invalid_argument(std::string(name) + " of step " + std::to_string(*step + 1) +
                                " passes a double's range (steps count from 1)");
  result.set(name, values);
}

void set_sum(Result& result, std::string_view name, const Tensor<double>& values) {
  if (sequence::first_not_finite(values))
    throw std::invalid_argument(std::string(name) + " passes a double's range");
  result.set(name, values);
}

// A number k, or "all" for an empty one.
std::optional<Index> memory_from(const Request& request) {
  if (!request.is_text("memory")) return request.whole("memory");
  constexpr std::string_view kNames[] = {"all"};
  request.choice("memory", kNames);
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
  set_steps(result, "h", states.h);
  set_steps(result, "c", states.gate);
  set_steps(result, "jacobian", states.jacobian);
  if (!request.has("grad_h")) return;
  const sequence::GatedGradients gradients =
      sequence::gated_rnn_backward(weights, input, h0, states, request.numbers("grad_h"));
  set_sum(result, "grad_w_c", gradients.w_c);
  set_sum(result, "grad_w_h", gradients.w_h);
  set_sum(result, "grad_w_x", gradients.w_x);
  set_steps(result, "grad_input", gradients.input);
  set_steps(result, "total_grad_h", gradients.total);
}

void compute_attention_rnn(const Request& request, Result& result) {
  const sequence::AttentionRnnWeights weights{memory_from(request), request.numbers("w_query"),
                                              request.numbers("w_key"), request.numbers("w_value")};
  const Tensor<double> input = request.numbers("input");
  const sequence::AttentionRnnStates states = sequence::attention_rnn(weights, input);
  set_steps(result, "h", states.h);
  result.set("weights", weight_rows(weights, states.weights));
  set_steps(result, "jacobian_previous", states.jacobian_previous);
  if (request.has("grad_h"))
    set_steps(result, "total_grad_h",
              sequence::attention_rnn_backward(weights, input, states, request.numbers("grad_h")).total);
}

}  // namespace vitrine::cli
