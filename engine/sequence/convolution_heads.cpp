#include "engine/sequence/convolution_heads.h"

namespace vitrine::sequence {

using core::Tensor;

ConvolutionHeads convolution_heads(const Tensor<double>& signal, const Tensor<double>& kernel) {
  for (const Tensor<double>* t : {&signal, &kernel})
    if (t->rank() != 1 || t->empty())
      throw core::ShapeError("signal " + to_string(signal.shape()) + " and kernel " +
                             to_string(kernel.shape()) + " are not both vectors with numbers");
  const Index length = signal.count(), taps = kernel.count(), places = length + 1, dim = places + 1;
  ConvolutionHeads c{.tokens = Tensor<double>(core::within_limit({places, dim})), .weights = {}};
  for (Index t = 0; t < places; ++t) {
    c.tokens(t, 0) = t < length ? signal[t] : 0;
    c.tokens(t, 1 + t) = 1;
  }
  c.weights.query = c.weights.key = Tensor<double>(core::within_limit({taps * places, dim}));
  c.weights.value = Tensor<double>({taps, dim});
  c.weights.out = kernel.reshaped({1, taps});
  for (Index j = 0; j < taps; ++j) {
    for (Index t = 0; t < places; ++t) {
      const Index wanted = t + j - (taps - 1) / 2;
      const bool inside = t < length && wanted >= 0 && wanted < length;
      c.weights.query(j * places + (inside ? wanted : length), 1 + t) = 1;
      c.weights.key(j * places + t, 1 + t) = 1;
    }
    c.weights.value(j, 0) = 1;
  }
  return c;
}

}  // namespace vitrine::sequence
