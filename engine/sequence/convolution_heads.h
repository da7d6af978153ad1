// A convolution as attention: one head a tap. Keys are one-hot positions, head j asks at position t for
// position t + j - (K-1)/2, and W_O carries the taps: y[t] = sum_j k[j] x[t + j - (K-1)/2], zeros outside.
// Source of the construction: Cordonnier, Loukas, Jaggi 2020, "On the relationship between self-attention and
// convolutional layers", section 3.
#pragma once

#include "engine/sequence/multi_head.h"

namespace vitrine::sequence {

struct ConvolutionHeads {
  core::Tensor<double>
      tokens;                // [L + 1, L + 2]: the number, then its position; the last token is the padding
  MultiHeadWeights weights;  // q and k [K (L+1), L+2], v [K, L+2], out [1, K]
};

// The softmax scale that leaves of every weight exactly 0 or 1.
inline constexpr double kChoosingScale = 1000;

// signal [L], kernel [K]. Throws ShapeError if one is empty or no vector.
ConvolutionHeads convolution_heads(const core::Tensor<double>& signal, const core::Tensor<double>& kernel);

}  // namespace vitrine::sequence
