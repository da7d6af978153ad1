// Attention by hand: every number between a query and its answer.
// a[t,s] = exp(beta q[t].k[s]) / sum_j exp(beta q[t].k[j]) over the keys j that t may see; y[t] = sum_s
// a[t,s] v[s]. Source: Vaswani et al. 2017, "Attention is all you need", section 3.2.1 (there beta =
// 1/sqrt(d)).
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>

#include "engine/core/tensor.h"

namespace vitrine::sequence {

using core::Index;

// [T, S], row t: which keys query t may see (not 0).
using Mask = core::Tensor<std::uint8_t>;
Mask no_mask(Index queries, Index keys);
// Query t sees the keys 0 to t.
Mask causal_mask(Index queries, Index keys);

// [T] ln of how many keys each query may see: the largest entropy that its weights can have.
core::Tensor<double> entropy_limits(const Mask& mask);

// -sum_s a[s] ln a[s] in nats, where 0 ln 0 is 0.
double entropy_of(std::span<const double> weights);

// q.k of query number t and key number s, rows of the same size. Throws std::invalid_argument, naming both,
// if it passes a double's range although both rows are finite.
double query_times_key(std::span<const double> query, std::span<const double> key, Index t, Index s);

// 1/sqrt(d): keeps the variance of a product of two random vectors at 1, whatever their length d >= 1.
double rsqrt_scale(Index d);

struct Attention {
  core::Tensor<double> dots;     // [T, S] q[t].k[s]
  core::Tensor<double> scores;   // [T, S] beta times that (see below at infinity); not masked yet
  core::Tensor<double> masked;   // [T, S] the scores, minus infinity where the mask forbids
  core::Tensor<double> exps;     // [T, S] exp(beta*(dot - the row's greatest)), so that the largest is 1
  core::Tensor<double> sums;     // [T] of exps
  core::Tensor<double> weights;  // [T, S] exps / sums; exactly 0 where the mask forbids
  core::Tensor<double> output;   // [T, dv]
  core::Tensor<double> entropy;  // [T] -sum_s a ln a, in nats
};

// query [T, d], key [S, d], value [S, dv], mask [T, S]. Any finite scale works: 0, negative, 1e308. At
// infinity everything is the limit: the greatest visible products share the weight equally, and the scores
// are those of beta*(dot - the row's greatest visible): 0, minus infinity, or plus infinity for a hidden key.
// A NaN or an infinity is carried into every row that may see it; what the mask hides takes no part. Throws
// ShapeError; std::invalid_argument if a row masks every key ("row 2"), the scale is NaN or minus infinity or
// a product passes a double's range; core::Stopped. Cost T*S*(d + dv).
Attention attention(const core::Tensor<double>& query, const core::Tensor<double>& key,
                    const core::Tensor<double>& value, double scale, const Mask& mask,
                    std::stop_token stop = {});

// With g = dL/dy [T, dv] and a the weights.
struct AttentionGradients {
  core::Tensor<double> weights;  // [T, S] dL/da[t,s] = g[t].v[s]
  core::Tensor<double> scores;   // [T, S] dL/de[t,s] = a[t,s] (dL/da[t,s] - sum_j a[t,j] dL/da[t,j])
  core::Tensor<double> dots;     // [T, S] beta dL/de
  core::Tensor<double> query;    // [T, d] dL/dq[t] = sum_s dL/ddot[t,s] k[s]
  core::Tensor<double> key;      // [S, d] dL/dk[s] = sum_t dL/ddot[t,s] q[t]
  core::Tensor<double> value;    // [S, dv] dL/dv[s] = sum_t a[t,s] g[t]
};

// `forward` is what attention() gave for the same query, key, value and scale. Where a weight is 0 nothing
// flows, so what the mask hides takes no part here either. Throws ShapeError.
AttentionGradients attention_backward(const core::Tensor<double>& query, const core::Tensor<double>& key,
                                      const core::Tensor<double>& value, double scale,
                                      const Attention& forward, const core::Tensor<double>& grad_output);

}  // namespace vitrine::sequence
