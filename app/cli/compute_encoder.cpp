// The operations of an encoder block.
#include "app/cli/compute_ops.h"
#include "engine/sequence/encoder_block.h"

namespace vitrine::cli {

namespace {

using core::Tensor;
using sequence::EncoderWeight;

// Only qkv's bias may be missing: some models have none.
sequence::EncoderWeights weights_from(const Request& request) {
  sequence::EncoderWeights weights;
  for (std::size_t i = 0; i < sequence::kEncoderWeights; ++i) {
    const std::string_view name = sequence::kEncoderWeightNames[i];
    if (static_cast<EncoderWeight>(i) != EncoderWeight::kQkvBias || request.has(name))
      weights.all[i] = request.numbers(name);
  }
  return weights;
}

}  // namespace

void compute_layer_norm(const Request& request, Result& result) {
  const Tensor<double> none;
  const sequence::LayerNorm norm =
      sequence::layer_norm(request.matrix("input"), request.numbers("weight", none),
                           request.numbers("bias", none), request.number("eps", sequence::kLayerNormEpsilon));
  result.set("output", norm.output);
  result.set("mean", norm.mean);
  result.set("variance", norm.variance);
}

void compute_encoder_layer(const Request& request, Result& result) {
  const Tensor<double> input = request.matrix("input");
  const sequence::EncoderSpec spec{.heads = request.whole("heads"),
                                   .activation = static_cast<sequence::Activation>(
                                       request.choice("activation", sequence::kActivationNames))};
  const sequence::EncoderBlock block = sequence::encoder_block(input, weights_from(request), spec);
  result.set("output", block.nodes[sequence::EncoderNode::kOutput]);
  result.set("weights", block.nodes[sequence::EncoderNode::kWeights]);
}

}  // namespace vitrine::cli
