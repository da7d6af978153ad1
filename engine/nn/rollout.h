// Attention rollout: how much each token of the last layer draws from each token of the first, along all
// paths. A~[l] = (mean over heads of A[l] + I) / 2, since half of a token passes by on the residual path;
// rollout = A~[L-1] ... A~[1] A~[0]. Abnar, Zuidema 2020, "Quantifying attention flow in transformers",
// section 3.
#pragma once

#include "engine/core/tensor.h"

namespace vitrine::nn {

// A~[layer] [tokens, tokens] of attention [depth, heads, tokens, tokens], every row a distribution. Throws
// ShapeError for another shape.
template <class T>
core::Tensor<T> mixed_with_residual(const core::Tensor<T>& attention, core::Index layer);

// attention [depth, heads, tokens, tokens], every row a distribution -> [depth, tokens, tokens]: the rollout
// of the first layer, of the first two, ..., of all; every row again a distribution. Throws ShapeError for
// another shape. Cost depth * tokens^3.
template <class T>
core::Tensor<T> attention_rollouts(const core::Tensor<T>& attention);

// The last of them [tokens, tokens]; of no layers the identity.
template <class T>
core::Tensor<T> attention_rollout(const core::Tensor<T>& attention);

}  // namespace vitrine::nn
