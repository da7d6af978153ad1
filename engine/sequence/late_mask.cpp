#include "engine/sequence/late_mask.h"

namespace vitrine::sequence {

using core::Tensor;

Tensor<double> row_sums(const Tensor<double>& weights) {
  Tensor<double> sums({weights.size(0)});
  for (Index t = 0; t < weights.size(0); ++t)
    for (Index s = 0; s < weights.size(1); ++s) sums[t] += weights(t, s);
  return sums;
}

LateMask mask_after_softmax(const Tensor<double>& query, const Tensor<double>& key,
                            const Tensor<double>& value, double scale, const Mask& mask,
                            std::stop_token stop) {
  LateMask late{.unmasked = attention(query, key, value, scale, no_mask(query.size(0), key.size(0)), stop),
                .weights = {},
                .sums = {},
                .output = {}};
  const Index queries = query.size(0), keys = key.size(0), dv = value.size(1);
  core::require_shape("mask", mask.shape(), "scores", late.unmasked.weights.shape());
  late.weights = late.unmasked.weights;
  late.output = Tensor<double>({queries, dv});
  for (Index t = 0; t < queries; ++t)
    for (Index s = 0; s < keys; ++s) {
      if (mask(t, s) == 0) {
        late.weights(t, s) = 0;
        continue;
      }
      for (Index i = 0; i < dv; ++i) late.output(t, i) += late.weights(t, s) * value(s, i);
    }
  late.sums = row_sums(late.weights);
  return late;
}

}  // namespace vitrine::sequence
