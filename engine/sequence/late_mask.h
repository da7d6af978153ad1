// The mask at the wrong place: zeroing weights after the softmax instead of hiding scores before it.
//   a[t,s] = mask[t,s] exp(beta e[t,s]) / sum_j exp(beta e[t,j])
// The hidden keys keep their share of the sum, so a row sums to less than 1 and the output shrinks towards 0.
#pragma once

#include "engine/sequence/attention.h"

namespace vitrine::sequence {

// [T] sum_s weights[t,s]: 1 for what a softmax gives.
core::Tensor<double> row_sums(const core::Tensor<double>& weights);

struct LateMask {
  Attention unmasked;            // what the softmax sees: every key
  core::Tensor<double> weights;  // [T, S] its weights, exactly 0 where the mask forbids
  core::Tensor<double> sums;     // [T] of these weights: 1 only where nothing with a weight was hidden
  core::Tensor<double> output;   // [T, dv] sum_s weights[t,s] value[s]
};

// Shapes, scale and errors as attention()'s, but a row that masks every key is all 0.
LateMask mask_after_softmax(const core::Tensor<double>& query, const core::Tensor<double>& key,
                            const core::Tensor<double>& value, double scale, const Mask& mask,
                            std::stop_token stop = {});

}  // namespace vitrine::sequence
