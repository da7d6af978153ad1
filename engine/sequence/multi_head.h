// Multi-head attention: several attentions side by side, each on its own projections of the same rows.
//   q = x W_q^T, k = c W_k^T, v = c W_v^T; head h takes their columns h*Dh to (h+1)*Dh;
//   y = concat_h(attention(q_h, k_h, v_h)) W_o^T
// Source: Vaswani et al. 2017, "Attention is all you need", section 3.2.2.
#pragma once

#include <stop_token>
#include <vector>

#include "engine/sequence/attention.h"

namespace vitrine::sequence {

// inner = heads * head_dim. The value's head_dim may differ from the query's and key's.
struct MultiHeadWeights {
  core::Tensor<double> query, key, value;  // [inner, D], [inner, Dc], [value inner, Dc]
  core::Tensor<double> out{};              // [D, value inner]; empty: y is the concatenation
  core::Tensor<double> query_bias{}, key_bias{}, value_bias{};  // [inner] or [value inner]; empty: none
  core::Tensor<double> out_bias{};                              // [D]; empty: none
};

struct MultiHead {
  core::Tensor<double> query, key, value;  // [T, inner], [S, inner], [S, value inner]
  std::vector<Attention> heads;
  core::Tensor<double> concat;  // [T, value inner] the heads' outputs side by side
  core::Tensor<double> output;  // [T, D]
};

// Columns [head*n/heads, (head+1)*n/heads) of projected [rows, n].
core::Tensor<double> head_columns(const core::Tensor<double>& projected, Index heads, Index head);

// Throws ShapeError naming the weight or bias (w_query, b_query, ...) that does not fit what it is applied
// to; std::invalid_argument if `heads` < 1 or does not divide the projections' rows.
void check_multi_head(const core::Tensor<double>& input, const core::Tensor<double>& context,
                      const MultiHeadWeights& weights, Index heads);

// input [T, D], context [S, Dc] (self-attention: the input itself), mask [T, S] for all heads.
// Throws as check_multi_head() and attention(); core::Stopped.
MultiHead multi_head_attention(const core::Tensor<double>& input, const core::Tensor<double>& context,
                               const MultiHeadWeights& weights, Index heads, double scale, const Mask& mask,
                               std::stop_token stop = {});

struct MultiHeadGradients {
  // [T, D] by way of the queries, [S, Dc] by way of keys and values: in self-attention dL/dx is their sum.
  core::Tensor<double> input, context;
  core::Tensor<double> query, key, value;  // of the projections
  std::vector<AttentionGradients> heads;
  core::Tensor<double> concat;  // [T, value inner]
  MultiHeadWeights weights;     // empty where there is no weight
};

// `forward` is what multi_head_attention() gave for the same arguments; grad_output = dL/dy [T, D].
// Throws ShapeError.
MultiHeadGradients multi_head_attention_backward(const core::Tensor<double>& input,
                                                 const core::Tensor<double>& context,
                                                 const MultiHeadWeights& weights, double scale,
                                                 const MultiHead& forward,
                                                 const core::Tensor<double>& grad_output);

}  // namespace vitrine::sequence
