// The encoder block's passes from the inside: how a node is computed from those before it. Shared by
// encoder_block.cpp and encoder_gradients.cpp.
#pragma once

#include "engine/sequence/encoder_block.h"
#include "engine/sequence/multi_head.h"

namespace vitrine::sequence {

// The projections' weights out of qkv's rows.
MultiHeadWeights projections_of(const EncoderWeights& weights, Index inner);

// a + b and a * b, number by number.
core::Tensor<double> sum(const core::Tensor<double>& a, const core::Tensor<double>& b);
core::Tensor<double> elementwise_product(const core::Tensor<double>& a, const core::Tensor<double>& b);

// A pass over the nodes: each is computed from those before it.
class ForwardPass {
 public:
  ForwardPass(EncoderBlock block, const EncoderWeights& weights, const EncoderSpec& spec)
      : b_(std::move(block)),
        w_(weights),
        spec_(spec),
        projections_(projections_of(weights, b_.sizes.inner())) {}

  EncoderBlock take() { return std::move(b_); }
  EncoderNodes& nodes() { return b_.nodes; }
  void compute(EncoderNode node) { b_.nodes[node] = computed(node); }
  // `first` and all that follow.
  void run_from(EncoderNode first) {
    for (auto i = static_cast<std::size_t>(first); i < kEncoderNodes; ++i)
      compute(static_cast<EncoderNode>(i));
  }
  core::Tensor<double> computed(EncoderNode node) const;
  // After the weights have changed.
  void take_projections() { projections_ = projections_of(w_, b_.sizes.inner()); }

 private:
  const core::Tensor<double>& at(EncoderNode node) const { return b_.nodes[node]; }
  core::Tensor<double> scores() const;
  core::Tensor<double> softmax_of_scores() const;
  core::Tensor<double> mixed() const;

  EncoderBlock b_;
  const EncoderWeights& w_;
  const EncoderSpec& spec_;
  MultiHeadWeights projections_;
};

}  // namespace vitrine::sequence
